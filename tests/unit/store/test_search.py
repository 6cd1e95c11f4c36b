"""The index of words: many volumes are searched as one, and what is filtered stays filtered."""

from __future__ import annotations

import random
from typing import Any

import pytest

from p2pdm.conversation.entries import Entry
from p2pdm.conversation.words import asked_for, stands_in, words_of
from p2pdm.store import search
from p2pdm.store.search import Scope
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, CAROL
from tests.unit.store.said import CHAT, Chain, new_store, put

OTHER_CHAT = bytes(range(32))
VOCABULARY = [
    "message",
    "messages",
    "mess",
    "heron",
    "herons",
    "duck",
    "don't",
    "東京",
    "🦆",
    *(f"m{n}" for n in range(30)),
]


@pytest.fixture(autouse=True)
def small_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few hundred messages are as a million."""
    monkeypatch.setattr(search, "VOLUME", 32)
    monkeypatch.setattr(search, "BLOCK", 8)
    monkeypatch.setattr(search, "FEW", 3)
    monkeypatch.setattr(search, "MANY", 4)


class Talk:
    """Three hundred messages of two people in two chats, and how each is to be found: the long way."""

    def __init__(self) -> None:
        self.store = new_store()
        with self.store.database.transaction():
            self.store.conversations.ensure_direct(OTHER_CHAT, BOB.id)
        dice = random.Random(7)
        chains = [Chain(person, chat) for person in (ALICE, BOB) for chat in (CHAT, OTHER_CHAT)]
        put(self.store, *(chain.open() for chain in chains))
        self.said: list[tuple[int, Entry, Chain, str]] = []
        for _ in range(300):
            chain = dice.choice(chains)
            text = " ".join(dice.choices(VOCABULARY, k=dice.randint(1, 5)))
            (entry,) = chain.texts(text)
            self.said.append((put(self.store, entry)[0], entry, chain, text))

    def found(self, words: str, scope: Scope, limit: int = 1_000) -> list[int]:
        return [one for some in self.store.words.newest(asked_for(words), scope, limit) for one in some]

    def expected(self, words: str, scope: Scope) -> list[int]:
        return [
            arrival
            for arrival, entry, chain, text in reversed(self.said)
            if all(stands_in(words_of(text), phrase) for phrase in asked_for(words))
            and scope.conversation in (None, chain.conversation)
            and scope.person in (None, chain.person.id)
            and (scope.since is None or entry.header.time >= scope.since)
            and (scope.until is None or entry.header.time < scope.until)
            and (scope.below is None or arrival < scope.below)
        ]


@pytest.fixture(scope="module")
def talk() -> Talk:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "VOLUME", 32)
        patch.setattr(search, "BLOCK", 8)
        return Talk()


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(CHAT),
        Scope(person=BOB.id),
        Scope(OTHER_CHAT, ALICE.id),
        Scope(since=30_000),
        Scope(until=20_000),
        Scope(CHAT, BOB.id, since=20_000, until=50_000),
        Scope(below=150),
        Scope(below=64, until=10_000),
        Scope(person=CAROL.id),
        Scope(bytes(32)),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        "message",
        "mess",
        "m",
        "heron duck",
        "messages m1",
        "m m",
        '"message heron"',
        "don't",
        "don",
        "東",
        "🦆 heron",
        "m29",
        "absent",
        "absent m",
    ],
)
def test_what_is_found_is_what_the_long_way_finds(talk: Talk, words: str, scope: Scope) -> None:
    assert talk.found(words, scope) == talk.expected(words, scope)


@pytest.mark.parametrize("words", ["message", "heron m", "don't"])
def test_the_newest_are_found_however_few_are_wanted(talk: Talk, words: str) -> None:
    everything = talk.expected(words, Scope())
    for limit in (1, 2, 7):
        assert talk.found(words, Scope(), limit) == everything[:limit]


def test_a_word_that_only_one_has_is_looked_up_before_those_that_all_have(talk: Talk) -> None:
    plans: list[str] = []
    execute = talk.store.database.execute

    def noted(sql: str, bindings: Any = ()) -> Any:
        plans.append(sql)
        return execute(sql, bindings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(talk.store.database, "execute", noted)
        talk.found("absently m", Scope())
    assert not [sql for sql in plans if "words_there" in sql]


def test_a_profile_of_before_gets_its_words_again() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open(), *alice.texts("one", "two"))
    with store.database.transaction():
        store.database.execute("DELETE FROM words; DELETE FROM blocks; DELETE FROM settings WHERE name LIKE 'words%'")
    again = Store(store.database)
    assert again.lines.unindexed()
    with again.database.transaction():
        again.lines.index_more(10)
    assert [one for some in again.words.newest(asked_for("two"), Scope(), 5) for one in some]


def test_long_messages_are_indexed_in_pieces_and_none_is_left_out() -> None:
    store, alice = new_store(), Chain(ALICE)
    entries = [alice.open(), *alice.texts(*(f"number{n} " + "long " * 5_000 for n in range(12)))]
    store.begin()
    for entry in entries:
        store.entries.add(entry, shown=entry.header.seq > 0)
    pieces = 0
    while store.lines.unindexed():
        store.lines.index_more(50)
        pieces += 1
    store.commit()
    assert pieces > 1
    for n in range(12):
        assert [one for some in store.words.newest(asked_for(f"number{n} long"), Scope(), 5) for one in some]
