"""What was said in a room and is erased at whoever tells of it first comes from others, if anybody has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from p2pdm.conversation.entries import room_conversation
from p2pdm.node import room_bodies, room_keeping
from p2pdm.sync.ledger import Head
from p2pdm.wire.frames import Frame, Lacking
from p2pdm.wire.session import Session
from tests.fakes.world import Someone, World


@pytest.fixture
async def crowd() -> AsyncIterator[World]:
    """A network on which people are in the lobby."""
    async with World(lobby=True) as world:
        yield world


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often anybody asked for words, and for how many."""
    counted: Counter[str] = Counter()
    send = Session.send

    def counting(self: Session, frame: Frame, now: float, *, answered: bool = False) -> None:
        if isinstance(frame, Lacking):
            counted["times"] += 1
            counted["words"] += len(frame.entries)
        send(self, frame, now, answered=answered)

    monkeypatch.setattr(Session, "send", counting)
    return counted


def texts(one: Someone) -> list[str]:
    """What somebody reads in the lobby."""
    return [message.text for message in one.node.view.history("Lobby", 1_000, None)]


def unread(one: Someone) -> int:
    """The badge of the lobby."""
    return sum(chat.unread for chat in one.node.view.chats() if chat.name == "Lobby")


async def says(world: World, one: Someone, other: Someone, *said: str) -> None:
    """Say something in the lobby that somebody else reads."""
    for text in said:
        await one.node.send("Lobby", text)
    await world.until(lambda: texts(other)[-len(said) :] == list(said))


async def test_a_newcomer_gets_the_words_that_whoever_they_met_first_has_erased(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await says(crowd, alice, bob, "Good mourning", "Is there coffee?", "oops")
    first, _, last = alice.node.view.history("Lobby", 10, None)
    await alice.node.edit(first.id, "Good morning")
    await alice.node.unsend(last.id)
    await crowd.until(lambda: texts(bob) == ["Good morning", "Is there coffee?", ""])
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    await bob.node.send("Lobby", "Anybody there?")
    await crowd.passes(60)
    carol = await crowd.person("Carol")
    await crowd.passes(30)
    assert (texts(carol), unread(carol)) == (["Anybody there?"], 0)
    await alice.starts()
    await crowd.until(lambda: texts(carol) == ["Good morning", "Is there coffee?", "", "Anybody there?"])
    assert unread(carol) == 0
    await crowd.passes(30)
    assert texts(bob) == ["Anybody there?"]


async def test_words_that_nobody_has_are_asked_for_once_of_each(crowd: World, asked: Counter[str]) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await says(crowd, alice, bob, "one", "two")
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    carol = await crowd.person("Carol")
    dave = await crowd.person("Dave")
    await crowd.passes(60)
    assert asked["words"] == 2 * 2 * 2  # Carol of Bob and Dave, Dave of Bob and Carol, for two messages
    times = asked["times"]
    assert times <= 8
    await bob.node.send("Lobby", "Still nobody?")
    await crowd.passes(600)
    assert asked["times"] == times
    assert texts(carol) == texts(dave) == ["Still nobody?"]
    assert unread(carol) == unread(dave) == 1
    assert carol.node.view.history("Lobby", 1, None)[0].text == "Still nobody?"
    sent = await carol.node.send("Lobby", "Me")
    await crowd.until(lambda: carol.state(sent) == "delivered")


async def test_many_words_come_piece_by_piece_and_what_nobody_has_stands_in_nobodys_way(
    crowd: World, asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_bodies, "MAX_LACKING", 4)
    alice, bob = await crowd.people("Alice", "Bob")
    said = [f"alice {number}" for number in range(15)]
    await says(crowd, alice, bob, *said)
    await crowd.until(lambda: all(m.state == "delivered" for m in alice.node.view.history("Lobby", 15, None)))
    for message in alice.node.view.history("Lobby", 5, None):
        await alice.node.delete(message.id)
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    carol = await crowd.person("Carol")
    await crowd.passes(30)
    await alice.starts()
    await crowd.until(lambda: texts(carol) == said[:10])
    await crowd.passes(60)
    assert asked["words"] <= 2 * 15
    assert asked["times"] <= 2 * 5 + 2


async def test_what_a_room_does_not_keep_is_not_asked_for(
    crowd: World, asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_keeping, "KEPT_OF_ONE", 3)
    alice, bob = await crowd.people("Alice", "Bob")
    await says(crowd, alice, bob, *(f"alice {number}" for number in range(5)))
    bob.clock_off_by = -(room_keeping.DAYS * 86_400_000) - 60_000
    await says(crowd, bob, alice, "a week ago")
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    await crowd.person("Carol")
    await crowd.passes(60)
    assert asked["words"] == 3


async def test_a_long_history_that_comes_bare_is_asked_for_when_it_is_here(crowd: World, asked: Counter[str]) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    said = [f"alice {number}" for number in range(150)]
    await says(crowd, alice, bob, *said)
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    carol = await crowd.person("Carol")
    await crowd.passes(2)
    assert asked["times"] == 0
    await crowd.passes(20)
    assert (asked["words"], asked["times"]) == (150, 3)
    await alice.starts()
    await crowd.until(lambda: texts(carol) == said)
    await crowd.passes(20)
    assert asked["words"] == 300


async def test_what_came_without_words_is_not_counted_as_unread(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await says(crowd, alice, bob, "one", "two")
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    await bob.leaves()
    await crowd.passes(60)
    carol, dave = await crowd.people("Carol", "Dave")
    await says(crowd, dave, carol, "Hello")
    await bob.starts()
    await crowd.passes(30)
    await says(crowd, dave, carol, "Anybody else?")
    assert (texts(carol), unread(carol)) == (["Hello", "Anybody else?"], 2)


async def test_words_come_from_whoever_got_them_after_they_were_asked(crowd: World, asked: Counter[str]) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    said = ["one", "two", "three"]
    await says(crowd, alice, bob, *said)
    await alice.leaves()
    await bob.node.delete_chat("Lobby")
    await crowd.passes(60)
    carol = await crowd.person("Carol")
    dave = await crowd.person("Dave")
    await crowd.passes(60)
    assert texts(carol) == texts(dave) == []
    before = asked["words"]
    crowd.cut(alice, carol)
    await alice.starts()
    await crowd.until(lambda: texts(dave) == said)
    await crowd.until(lambda: texts(carol) == said)
    await crowd.passes(600)
    assert unread(carol) == 0
    assert asked["words"] <= before + 3 * 3  # Dave of Alice and perhaps Bob, Carol of Dave


async def test_nobody_is_asked_over_and_over_for_what_they_only_seem_to_have(crowd: World, asked: Counter[str]) -> None:
    """Mallory says again and again what she had said, and never hands anything over."""
    alice, mallory = await crowd.people("Alice", "Mallory")
    await says(crowd, alice, mallory, "one", "two")
    await alice.leaves()
    await mallory.node.delete_chat("Lobby")
    carol = await crowd.person("Carol")
    await crowd.passes(60)
    asked.clear()
    lobby = room_conversation("Lobby")
    (peer,) = mallory.node.sessions.of(carol.key)
    for _ in range(1_000):
        peer.exchange.tell(lobby, [Head(*head[:4]) for head in mallory.node.store.entries.heads.all(lobby)])
        peer.turn()
        await crowd.passes(1)
    assert 1 <= asked["words"] / 2 <= 8
    assert texts(carol) == []
