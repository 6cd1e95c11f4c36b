"""To how many people sessions stay open, who rests, and how they come back: nothing is lost or late by it."""

from __future__ import annotations

import pytest

from p2pdm.identity import decode_id
from p2pdm.node import sessions
from p2pdm.node.inbox import Inbox
from p2pdm.node.peer import Peer
from p2pdm.node.sessions import Sessions
from p2pdm.wire.frames import RESTING
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, texts


def connected(one: Someone) -> set[bytes]:
    return {peer.identity for peer in one.node.sessions}


async def arrives(world: World, *there: Someone, name: str) -> Someone:
    """A friend of some arrives."""
    one = await world.person(name)
    for other in there:
        await world.until(lambda other=other: one.key in connected(other))  # type: ignore[misc]
        await one.node.accept(other.id)
        await other.node.accept(one.id)
        await world.until(lambda other=other: one.person(other).accepted_by_them)  # type: ignore[misc]
    return one


async def rests(world: World, one: Someone, host: Someone, other: Someone) -> None:
    """The session of one with a host who has talked with another since ends: a newcomer needs its place."""
    await host.says(other, "hello")
    await world.passes(20)
    host.node.sessions.most = 2
    await arrives(world, host, name="Dave")
    await world.passes(20)
    assert one.key not in connected(host)


async def test_whoever_was_talked_with_longest_ago_rests_until_there_is_something_to_say(
    world: World,
) -> None:
    alice, bob, carol, dave = await world.friends("Alice", "Bob", "Carol", "Dave")
    for one in (bob, carol, dave):
        await alice.says(one, "hello")
        await world.passes(20)
    alice.node.sessions.most = 3
    erin = await arrives(world, alice, name="Erin")
    assert connected(alice) == {carol.key, dave.key, erin.key}
    assert alice.key not in connected(bob)
    assert not alice.online(bob)
    assert not bob.online(alice)
    await world.passes(3_600)
    assert connected(alice) == {carol.key, dave.key, erin.key}, "nobody dials for company's sake"
    sent = await bob.says(alice, "Still there?")
    await world.until(lambda: bob.state(sent) == "delivered", within=2)
    assert connected(alice) == {dave.key, erin.key, bob.key}
    await world.passes(20)
    sent = await alice.says(carol, "And you?")
    await world.until(lambda: alice.state(sent) == "delivered", within=2)
    await world.passes(20)
    assert len(connected(alice)) == 3
    await carol.node.read(alice.id)
    await world.until(lambda: alice.state(sent) == "read")


async def test_who_is_read_while_they_rest_is_told(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    sent = await bob.says(alice, "Have you read it?")
    await rests(world, bob, alice, carol)
    await alice.node.read(bob.id)
    await world.until(lambda: bob.state(sent) == "read")


async def test_nobody_rests_to_whom_something_is_on_its_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    monkeypatch.setattr(bob.node.inbox, "received", lambda *_: None)  # it is long under way
    sent = await alice.says(bob, "This takes time")
    await world.passes(20)
    await carol.says(alice, "I said something later than Bob")
    await world.passes(20)
    alice.node.sessions.most = 2
    dave = await arrives(world, alice, name="Dave")
    assert connected(alice) == {bob.key, dave.key}
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "delivered")


async def test_a_group_larger_than_the_sessions_hears_all_of_everybody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")
    chat = await group_of(world, people[0], *people[1:])
    monkeypatch.setattr(sessions, "MAX_OPEN", 2)
    for one in people:
        await one.leaves()
        await one.starts()
    await world.passes(30)
    said = []
    for turn in range(3):
        for one in (*people,):
            said.append(f"{one.name} {turn}")
            await one.node.send(chat, said[-1])
        await world.passes(30)
    await world.until(lambda: all(sorted(texts(one, chat)) == sorted(said) for one in people), within=300)
    for one in people:
        own = [line for line in one.node.view.history(chat, 100, None) if line.mine]
        await world.until(lambda one=one, own=own: {one.state(line) for line in own} <= {"delivered", "read"})  # type: ignore[misc]
    await world.passes(60)
    assert all(len(connected(one)) <= 2 for one in people)


async def test_one_who_restarts_meets_everybody_once_and_gets_what_was_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, carol, dave, erin = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin")
    await alice.leaves()
    for one in (bob, carol, dave, erin):
        await one.says(alice, f"from {one.name}")
    monkeypatch.setattr(sessions, "MAX_OPEN", 2)
    await alice.starts()
    await world.until(lambda: all(alice.texts(one) for one in (bob, carol, dave, erin)), within=60)
    await world.passes(30)
    assert len(connected(alice)) == 2


async def test_a_stranger_rests_before_friends_and_still_says_something_in_a_room(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    dave = await world.person("Dave")
    await world.until(lambda: {alice.key, bob.key, carol.key} <= connected(dave))
    for one in (bob, carol):
        world.cut(one, dave)
    room = (await dave.node.open_room("Chess")).id
    await world.until(lambda: decode_id(room) in alice.node.rooms_here.known())
    await alice.node.enter_room("Chess")
    await dave.node.send("Chess", "e4")
    await world.until(lambda: texts(alice, "Chess") == ["e4"])
    await world.passes(60)
    alice.node.sessions.most = 3
    erin = await world.person("Erin")
    world.cut(erin, dave)
    await world.until(lambda: connected(alice) == {bob.key, carol.key, erin.key})
    await world.passes(100)
    assert connected(dave) == set()
    await dave.node.send("Chess", "Your move")
    await world.until(lambda: texts(alice, "Chess") == ["e4", "Your move"], within=5)
    assert connected(alice) == {bob.key, carol.key, dave.key}


async def test_friends_who_rest_hear_what_one_says_of_oneself(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await rests(world, bob, alice, carol)
    await alice.node.set_profile(role="Head of the canteen")
    await world.until(lambda: bob.person(alice).role == "Head of the canteen")


async def test_what_is_said_in_a_room_reaches_those_in_it_who_rest(world: World) -> None:
    """Nobody else to whom sessions are open is in that room."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    room = (await bob.node.open_room("Chess")).id
    await world.until(lambda: decode_id(room) in alice.node.rooms_here.known())
    await alice.node.enter_room("Chess")
    await rests(world, bob, alice, carol)
    await alice.node.send(room, "e4")
    await world.until(lambda: texts(bob, room) == ["e4"], within=5)


async def test_who_finds_no_room_does_not_take_turns_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice's disk takes nothing for a while, and everybody has something for her."""
    alice, bob, carol, dave = await world.friends("Alice", "Bob", "Carol", "Dave")
    alice.node.sessions.most = 2
    admitted: list[bytes] = []
    admit = Sessions.admit

    def counted(sessions: Sessions, peer: Peer, lane_index: int, dialled: bool) -> bool:
        if sessions is alice.node.sessions:
            admitted.append(peer.identity)
        return admit(sessions, peer, lane_index, dialled)

    monkeypatch.setattr(Sessions, "admit", counted)
    with monkeypatch.context() as full:
        full.setattr(Inbox, "received", lambda *_: None)
        sent = [await one.says(alice, f"from {one.name}") for one in (bob, carol, dave)]
        await world.passes(20)
        await world.person("Erin")
        await world.passes(60)
        assert len(admitted) < 50
    await alice.leaves()
    await alice.starts()
    for one, message in zip((bob, carol, dave), sent, strict=True):
        await world.until(lambda one=one, message=message: one.state(message) == "delivered", within=60)  # type: ignore[misc]


async def test_who_rests_before_a_word_was_said_is_dialled_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bob has no room even for as long as it takes to greet him."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await rests(world, bob, alice, carol)
    admit = Sessions.admit
    crowded = [bob.node.sessions]

    def admitted(sessions: Sessions, peer: Peer, lane_index: int, dialled: bool) -> bool:
        is_admitted = admit(sessions, peer, lane_index, dialled)
        if sessions in crowded:
            crowded.remove(sessions)
            sessions.rests(peer)
            peer.close(RESTING)
        return is_admitted

    monkeypatch.setattr(Sessions, "admit", admitted)
    sent = await alice.says(bob, "Have you got a moment?")
    await world.until(lambda: alice.state(sent) == "delivered")
