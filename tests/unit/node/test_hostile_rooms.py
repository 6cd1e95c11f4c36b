"""Rooms, where anybody may be, and one plays foul: nobody fills them, hides others in them or holds them up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from p2pdm.conversation.encoding import seal, without_body
from p2pdm.conversation.entries import (
    Text,
    room_conversation,
)
from p2pdm.node import room_keeping
from p2pdm.node.peer import Peer
from p2pdm.node.quota import BURST
from p2pdm.node.rooms import LOBBY
from p2pdm.sync.exchange import Exchange
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import World
from tests.unit.node.groups import texts


@pytest.fixture
async def crowd() -> AsyncIterator[World]:
    """A network on which people are in the lobby."""
    async with World(lobby=True) as world:
        yield world


async def test_nobody_uses_up_somebody_elses_share_of_a_room(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    lobby = room_conversation(LOBBY)
    await bob.node.send("Lobby", "Good morning")
    await crowd.until(lambda: texts(alice, "Lobby") == ["Good morning"])
    mallory = Puppet(crowd, "Mallory")
    for _ in range(3):
        await mallory.dials(alice)
        opening = mallory.opens(lobby)
        said = mallory.writes(lobby, Text("x"), mallory.writes(lobby, Text("nowhere"), opening))
        forged = msgspec.structs.replace(said.header, device=bob.node.myself.device.public)
        junk = [
            seal(msgspec.structs.replace(forged, time=number), b"\x91\xa1x", bytes(16), mallory.device)
            for number in range(BURST)
        ]
        for start in range(0, BURST, 100):
            mallory.hands_over(lobby, *junk[start : start + 100])
        await crowd.passes(0.1)
    await bob.node.send("Lobby", "Still here")
    await crowd.until(lambda: texts(alice, "Lobby") == ["Good morning", "Still here"], within=1)


async def test_a_room_does_not_fill_up_with_what_says_nothing(crowd: World) -> None:
    alice = await crowd.person("Alice")
    lobby = room_conversation(LOBBY)
    mallory = await Puppet(crowd, "Mallory").dials(alice)
    last = mallory.opens(lobby)
    mallory.hands_over(lobby, last)
    for _ in range(12 * BURST // 100):
        flood = []
        for _ in range(100):
            last = mallory.writes(lobby, Text("x"), last)
            flood.append(without_body(last))
        mallory.hands_over(lobby, *flood)
    await crowd.passes(1)
    (head,) = alice.node.store.entries.heads.all(lobby)
    assert head.seq <= 11 * BURST


async def test_made_up_people_leave_room_for_real_ones(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pdm.node.admission.MAX_HEADS", 50)
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    await alice.node.send("Lobby", "Good morning")
    mallory = await Puppet(crowd, "Mallory").dials(alice)
    lobby = room_conversation(LOBBY)
    mallory.hands_over(lobby, *[Puppet(crowd, f"Nobody {n}").opens(lobby) for n in range(60)])
    await crowd.passes(5)
    for one in (bob, carol, alice):
        await one.node.send("Lobby", f"Here is {one.name}")
    said = {"Good morning", "Here is Bob", "Here is Carol", "Here is Alice"}
    for one in (alice, bob, carol):
        await crowd.until(lambda one=one: set(texts(one, "Lobby")) == said)  # type: ignore[misc]
    await carol.leaves()
    await carol.starts()
    await carol.node.send("Lobby", "I am back")
    for one in (alice, bob):
        await crowd.until(lambda one=one: texts(one, "Lobby")[-1] == "I am back")  # type: ignore[misc]
        assert len(one.node.store.entries.heads.all(lobby)) <= 50 + 1  # and the own


async def test_asking_for_everything_over_and_over_does_not_hold_up_the_loop(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await crowd.person("Alice")
    mallory = await Puppet(crowd, "Mallory").dials(alice)
    lobby = room_conversation(LOBBY)
    for start in range(0, 400, 100):
        mallory.hands_over(lobby, *[Puppet(crowd, f"Nobody {n}").opens(lobby) for n in range(start, start + 100)])
    await crowd.passes(5)
    told: list[int] = []
    work, tell_whole = Peer._work, Exchange.tell_whole

    def working(peer: Peer, *room: int) -> None:
        told.append(0)
        work(peer, *room)

    def telling(exchange: Exchange, conversation: bytes) -> None:
        told[-1] += 1
        tell_whole(exchange, conversation)

    monkeypatch.setattr(Peer, "_work", working)
    monkeypatch.setattr(Exchange, "tell_whole", telling)
    mallory.says(*[frames.Tell(lobby)] * 100)
    await crowd.passes(1)
    first = sum(told)
    assert 1 <= first <= 4
    assert max(told) <= 2
    await crowd.passes(20)
    assert sum(told) == first + 1, "the last question is answered as well"


async def test_what_says_nothing_hides_nothing(crowd: World) -> None:
    alice = await crowd.person("Alice")
    lobby = room_conversation(LOBBY)
    for number in range(3):
        await alice.node.send("Lobby", f"morning {number}")
    mallory = await Puppet(crowd, "Mallory").dials(alice)
    top = max(alice.node.store.entries.heads.all(lobby), key=lambda head: head.lamport)
    place = alice.node.store.entries.place(top.id)
    assert place is not None
    opening = mallory.opens(lobby)
    last = mallory.writes(lobby, Text("x"), opening, dependencies=(place,))
    mallory.hands_over(lobby, opening, without_body(last))
    flood = []
    for _ in range(60):
        last = mallory.writes(lobby, Text("x"), last)
        flood.append(without_body(last))
    mallory.hands_over(lobby, *flood)
    await crowd.passes(2)
    assert [m.text for m in alice.node.view.history("Lobby", 2, None)] == ["morning 1", "morning 2"]
    assert texts(alice, "Lobby") == ["morning 0", "morning 1", "morning 2"]


async def test_a_room_is_tidy_some_time(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_keeping, "KEPT_OF_ONE", 20)
    alice = await crowd.person("Alice")
    lobby = room_conversation(LOBBY)
    mallory = await Puppet(crowd, "Mallory").dials(alice)
    chain = [mallory.opens(lobby)]
    for number in range(50):
        chain.append(mallory.writes(lobby, Text(f"spam {number}"), chain[-1]))
    mallory.hands_over(lobby, chain[0], *map(without_body, chain[1:40]), *chain[40:])
    await crowd.passes(30)
    before = alice.disk.commits
    await crowd.passes(30)
    assert alice.disk.commits - before < 20
    assert texts(alice, "Lobby") == [f"spam {number}" for number in range(39, 50)]
