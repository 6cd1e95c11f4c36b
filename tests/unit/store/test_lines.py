"""What readers ask of the disk: pages, words, what waits; and that what is purged is nowhere any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from p2pdm.conversation.encoding import without_body
from p2pdm.conversation.entries import Edit, Mark, Text, Unsend
from p2pdm.conversation.log import place_of
from p2pdm.conversation.words import asked_for
from p2pdm.store.lines import PURGED_AT_ONCE
from p2pdm.store.search import Scope
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB
from tests.unit.store.said import CHAT, Chain, new_store, put

WORDS = ("marzipan", "krokant", "nougat")


def texts(store: Store, limit: int = 100) -> list[str]:
    return [line.line.text for line in store.lines.page(CHAT, limit, None)]


def found(store: Store, words: str, limit: int = 100, chat: bytes = CHAT) -> list[str]:
    arrivals = [a for some in store.words.newest(asked_for(words), Scope(chat), limit) for a in some]
    return [line.line.text for line in store.lines.at(arrivals[::-1])]


def pages(store: Store) -> bytes:
    """All pages of the database, decrypted, those that are free included."""
    return store.database._connection.serialize("main")


def purge(store: Store) -> None:
    for span in store.lines.spans(CHAT):
        with store.database.transaction():
            store.lines.purge(span)


def test_lines_stand_in_the_order_of_their_lamports_not_of_their_arrival() -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    question, late = alice.texts("question", "and another thing")
    bob.open()
    answer = bob.says(Text("answer"), place_of(late))
    put(store, *alice.entries[:2], *bob.entries)
    assert texts(store) == ["question", "answer"]
    put(store, late)
    assert texts(store) == ["question", "and another thing", "answer"]
    assert [line.entry.id for line in store.lines.page(CHAT, 2, answer)] == [question.id, late.id]
    assert [line.entry.id for line in store.lines.page(CHAT, 1, answer)] == [late.id]
    assert store.lines.page(CHAT, 5, question) == []


def test_pages_join_without_gap_and_without_overlap() -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    put(store, *(chain.open() for chain in (alice, bob)))
    put(store, *(entry for n in range(30) for entry in (*alice.texts(f"a{n}"), *bob.texts(f"b{n}"))))
    collected: list[str] = []
    before = None
    while page := store.lines.page(CHAT, 7, before):
        collected = [line.line.text for line in page] + collected
        before = page[0].entry
    assert collected == texts(store)
    assert len(collected) == 60


def test_words_are_found_by_their_beginning_without_regard_to_case_and_accents() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open(), *alice.texts("Marzipan aus Lübeck", "kein Krokant", "MARZIPÁN otra vez"))
    assert found(store, "marzi") == ["Marzipan aus Lübeck", "MARZIPÁN otra vez"]
    assert found(store, "lubeck marzipan") == ["Marzipan aus Lübeck"]
    assert found(store, "zipan") == []
    assert found(store, "marzipan", limit=1) == ["MARZIPÁN otra vez"]
    assert found(store, "  ") == found(store, '"') == found(store, "\0") == []


def test_only_own_lines_above_the_others_word_wait() -> None:
    store, alice = new_store(), Chain(ALICE)
    entries = alice.texts("one", "two", "three")
    put(store, *alice.entries)
    device = ALICE.device.public
    assert [store.lines.waiting_count(CHAT, device, above) for above in (-1, 1, 3)] == [3, 2, 0]
    assert store.lines.lines_between(CHAT, device, 0, 2, 10) == [entry.id for entry in entries[:2]]
    assert store.lines.lines_between(CHAT, device, 0, 3, 2) == [entry.id for entry in entries[1:]]
    request = store.lines.request_of(CHAT, device, 1)
    assert request is not None
    assert [entry.id for entry in request] == [alice.entries[0].id, entries[1].id]
    assert store.lines.request_of(CHAT, device, 3) is None


def test_what_waits_is_counted_exactly_whatever_became_of_it() -> None:
    store, alice = new_store(), Chain(ALICE)
    one, _, three = alice.texts("one", "two", "three")
    put(store, *alice.entries)
    put(store, alice.says(Edit(three.id, "3")), alice.says(Text("four")))
    device = ALICE.device.public
    assert [store.lines.waiting_count(CHAT, device, above) for above in (-1, 2, 4, 5, 9)] == [4, 2, 1, 0, 0]
    line = store.lines.line(three.id)
    assert line is not None
    with store.database.transaction():
        store.lines.erase([line])
    assert store.lines.waiting_count(CHAT, device, 2) == 1
    put(store, alice.says(Text("the other two"), after=one), alice.says(Text("the other three")))
    assert [store.lines.waiting_count(CHAT, device, above) for above in (-1, 1)] == [5, 4]  # two branches


def test_what_waits_of_a_chain_that_begins_above_a_floor_is_counted() -> None:
    store, alice = new_store(), Chain(ALICE)
    *before, floor = alice.texts("one", "two", "three")
    with store.database.transaction():
        store.entries.floors.add(without_body(floor))
        store.entries.heads.begin_above(place_of(floor))
        store.entries.heads.flush()
    put(store, *alice.texts("four", "five"))
    assert before
    assert store.lines.waiting_count(CHAT, ALICE.device.public, -1) == 2


def test_nothing_is_read_of_the_many_messages_that_wait() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open(), *alice.texts(*(f"text {n}" for n in range(20))))
    store.lines.waiting_count(CHAT, ALICE.device.public, -1)
    taken = steps(store, lambda: store.lines.waiting_count(CHAT, ALICE.device.public, -1))
    assert not [step for step in taken if "entries_by_chain" in step or "SCAN" in step], taken


def test_how_far_one_has_read_is_the_last_line_of_each_other() -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    put(store, alice.open(), bob.open(), *alice.texts("mine"))
    arrivals = put(store, *bob.texts("one", "two"))
    assert [branch.id for branch in store.lines.last_read(CHAT, ALICE.id, arrivals[0])] == [bob.entries[1].id]
    assert [branch.id for branch in store.lines.last_read(CHAT, ALICE.id, arrivals[1])] == [bob.entries[2].id]
    assert store.lines.last_read(CHAT, ALICE.id, 0) == []


def test_what_is_edited_is_found_by_its_new_words_only() -> None:
    store, alice = new_store(), Chain(ALICE)
    (entry,) = alice.texts("a typpo")
    put(store, *alice.entries)
    put(store, alice.says(Edit(entry.id, "a typo")))
    line = store.lines.line(entry.id)
    assert line is not None
    store.lines.index(line)
    assert found(store, "typo") == ["a typo"]
    assert found(store, "typpo") == []


def test_what_is_about_a_message_of_another_conversation_changes_nothing() -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    (entry,) = alice.texts("mine")
    put(store, *alice.entries, bob.open(), bob.says(Mark(entry.id, "reaction", "👍")))
    elsewhere = bytes(32)
    with store.database.transaction():
        store.conversations.ensure_direct(elsewhere, BOB.id)
    other = Chain(ALICE, elsewhere)
    put(store, other.open(), other.says(Edit(entry.id, "not mine")), other.says(Unsend(entry.id)))
    line = store.lines.line(entry.id)
    assert line is not None
    assert (line.line.text, line.line.reactions) == ("mine", ((BOB.id, "👍"),))


def test_what_is_taken_back_leaves_every_page() -> None:
    store, alice = new_store(), Chain(ALICE)
    kept, entry = alice.texts("stays here", f"secret {WORDS[0]}")
    put(store, *alice.entries, alice.says(Edit(entry.id, f"secret {WORDS[1]}")))
    line = store.lines.line(entry.id)
    assert line is not None
    store.lines.index(line)
    assert all(word.encode() in pages(store) for word in WORDS[:2])
    put(store, alice.says(Unsend(entry.id)))
    with store.database.transaction():
        store.lines.take_back(line)
    assert [word for word in WORDS if word.encode() in pages(store)] == []
    assert found(store, "stays") == ["stays here"]
    assert [line.line.unsent for line in store.lines.page(CHAT, 10, None)] == [False, True]
    assert store.lines.line(kept.id) is not None


@pytest.mark.parametrize("count", [1, PURGED_AT_ONCE - 1, PURGED_AT_ONCE, 3 * PURGED_AT_ONCE + 7])
def test_a_purged_conversation_leaves_every_page_and_its_chains_stay(count: int) -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    put(store, alice.open(), bob.open())
    put(store, *alice.texts(*(f"{WORDS[0]}{n} said here {WORDS[1]}" for n in range(count))), *bob.texts(WORDS[2]))
    before = store.entries.heads.all(CHAT)
    assert all(word.encode() in pages(store) for word in WORDS)

    purge(store)
    assert [word for word in WORDS if word.encode() in pages(store)] == []
    assert texts(store) == found(store, WORDS[0]) == []
    assert store.lines.line(bob.entries[1].id) is None
    assert Store(store.database).entries.heads.all(CHAT) == before
    handed = store.entries.after(CHAT, ALICE.device.public, 0, -1, 10_000_000)
    assert [entry.id for entry in handed] == [entry.id for entry in alice.entries]
    assert handed[0].encoded == alice.entries[0].encode()  # the opening stays: it says whose the chain is

    put(store, *bob.texts("a new beginning"))
    assert texts(store) == ["a new beginning"]
    assert found(store, "new begin") == ["a new beginning"]


def test_purging_one_conversation_leaves_the_words_of_others() -> None:
    store, alice = new_store(), Chain(ALICE)
    other_chat = bytes(range(32))
    with store.database.transaction():
        store.conversations.ensure_direct(other_chat, BOB.id)
    other = Chain(ALICE, other_chat)
    put(store, alice.open(), *alice.texts(f"{WORDS[0]} and {WORDS[1]}"))
    put(store, other.open(), *other.texts(f"{WORDS[0]} again"))
    purge(store)
    assert found(store, WORDS[0], chat=other_chat) == [f"{WORDS[0]} again"]
    assert WORDS[1].encode() not in pages(store)


def test_the_index_of_words_is_whole_after_many_purges() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open())
    for round_ in range(5):
        put(store, *alice.texts(*(f"round {round_} word{n} {WORDS[n % 3]}" for n in range(60))))
        if round_ % 2:
            purge(store)
        store.database.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    assert len(found(store, "round", 1_000)) == 60


def steps(store: Store, ask: Callable[[], object]) -> list[str]:
    """How SQLite goes about all that `ask` asks of it."""
    found: list[str] = []
    execute = store.database.execute

    def explained(sql: str, bindings: Any = ()) -> Any:
        found.extend(row[3] for row in execute(f"EXPLAIN QUERY PLAN {sql}", bindings))
        return execute(sql, bindings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.database, "execute", explained)
        ask()
    assert found
    return found


def test_nothing_of_a_long_chat_is_found_by_reading_the_chat() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open(), *alice.texts("first", "second"))
    last = alice.entries[-1]
    for ask in (
        lambda: store.lines.line(last.id),
        lambda: store.lines.line_at(3),
        lambda: store.lines.at([2, 3]),
        lambda: store.lines.between_ids(last.id, last.id, 2),
        lambda: store.lines.page(CHAT, 50, None),
        lambda: store.lines.page(CHAT, 50, last),
        lambda: store.lines.onward(CHAT, 50, alice.entries[1]),
        lambda: store.lines.unindexed(),
    ):
        taken = steps(store, ask)
        slow = [step for step in taken if "SCAN" in step or "TEMP B-TREE" in step or "entries_by_chain" in step]
        assert slow == [], taken


def test_a_long_chat_is_marked_as_read_without_reading_it() -> None:
    store, alice = new_store(), Chain(ALICE)
    put(store, alice.open(), *alice.texts("first", "second"))
    with store.database.transaction():
        taken = steps(store, lambda: store.conversations.mark_read(CHAT))
    assert not [step for step in taken if "entries_by_chain" in step or "entries_shown" in step]


def test_a_chat_can_be_read_onward_past_what_shows_nothing() -> None:
    store, alice = new_store(), Chain(ALICE)
    entries = [alice.open(), *alice.texts(*(f"text {n}" for n in range(9)))]
    store.begin()
    for number, entry in enumerate(entries):
        store.entries.add(without_body(entry) if 2 < number < 8 else entry, shown=number > 0)
    store.commit()
    collected, after = [], None
    while lines := store.lines.onward(CHAT, 2, after):
        collected += [line.line.text for line in lines]
        after = lines[-1].entry
    assert collected == ["text 0", "text 1", "text 7", "text 8"]


@pytest.mark.parametrize("erased", ["one message", "the whole chat"])
def test_what_was_erased_here_has_no_place_again_when_its_author_counts_again(erased: str) -> None:
    store, alice = new_store(), Chain(ALICE)
    alice.open()
    put(store, alice.entries[0], *alice.texts(*WORDS))
    if erased == "one message":
        with store.database.transaction():
            store.lines.erase([line for line in store.lines.page(CHAT, 9, None) if line.line.text == WORDS[0]])
    else:
        purge(store)
    before = texts(store)
    with store.database.transaction():  # as when an admin puts alice out, and then never was an admin
        store.lines.judge(CHAT, ALICE.device.public, 0, lambda _: False)
        store.lines.judge(CHAT, ALICE.device.public, 0, lambda _: True)
    assert texts(store) == before
    assert store.lines.was_purged(alice.entries[1].id)


def test_what_was_erased_here_is_erased_also_while_its_author_does_not_count() -> None:
    store, alice = new_store(), Chain(ALICE)
    alice.open()
    put(store, alice.entries[0], *alice.texts(*WORDS))
    said = alice.entries[1].id
    with store.database.transaction():
        store.lines.erase([line for line in store.lines.page(CHAT, 9, None) if line.entry.id == said])
        store.lines.judge(CHAT, ALICE.device.public, 0, lambda _: False)
    assert store.entries.bodies.is_erased(said), "an edit that comes now says nothing of it"
