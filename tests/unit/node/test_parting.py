"""Who has left a group, and who stays: what each still gives the other, and what not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pytest

from p2pdm.api.types import Sent
from p2pdm.identity import decode_id
from p2pdm.node.inbox import Inbox
from p2pdm.node.peer import Peer
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.ledger import Head
from p2pdm.sync.wanting import WANT_SPAN
from tests.fakes.world import Disk, Someone, World
from tests.unit.node.groups import group_of, is_invited, joins, members, messages, texts


def is_delivered(one: Someone, sent: Sent) -> bool:
    """Whether somebody's message is shown as on everybody's disk."""
    return one.state(sent) == "delivered"


def heads_told(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All entries that anybody says to hold, from now on."""
    told: list[bytes] = []
    hear = Exchange.have_received

    def heard(exchange: Exchange, conversation: bytes, heads: Iterable[Head], whole: bool, now: float) -> None:
        heads = list(heads)
        told.extend(head.id for head in heads)
        hear(exchange, conversation, heads, whole, now)

    monkeypatch.setattr(Exchange, "have_received", heard)
    return told


async def test_who_has_left_gives_back_to_a_restored_profile_what_was_said(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.node.send(chat, "forgotten by the backup")
    await world.until(lambda: texts(bob, chat) != [])
    await bob.node.send(chat, "goodbye")
    await world.until(lambda: len(texts(alice, chat)) == 2)
    await bob.node.leave(chat)
    await world.until(lambda: members(alice, chat) == [alice.id])
    await alice.leaves()
    alice.disk = backup
    await alice.starts()
    await world.until(lambda: texts(alice, chat) == ["forgotten by the backup", "goodbye"])
    await world.until(lambda: members(alice, chat) == [alice.id])


async def test_who_has_left_hands_nothing_over_again_and_learns_nothing_of_what_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    for one, text in ((alice, "hello"), (bob, "goodbye")):
        sent = await one.node.send(chat, text)
        await world.until(partial(is_delivered, one, sent))
    await bob.node.leave(chat)
    await world.until(lambda: members(alice, chat) == [alice.id])
    later = await alice.node.send(chat, "I am alone")
    handed: list[bytes] = []
    monkeypatch.setattr(Inbox, "received", lambda *_: handed.append(b""))
    told = heads_told(monkeypatch)
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: alice.online(bob) and bob.online(alice))
    await world.passes(5)
    assert handed == []
    assert told
    assert decode_id(later.id) not in told


async def says(world: World, one: Someone, to: Someone, chat: str, text: str, *, reply_to: str = "") -> None:
    """Somebody says something, and it is read."""
    await one.node.send(chat, text, reply_to=reply_to)
    await world.until(lambda: texts(to, chat)[-1:] == [text])


async def goes_back(world: World, one: Someone, backup: Disk) -> None:
    """Somebody's profile is as it was, and what it has said since is forgotten."""
    await one.leaves()
    one.disk, one.mark = backup, type(one.mark)(b"no file")
    await one.starts()


async def test_a_creator_who_lost_what_only_they_had_said_still_reads_what_came_after(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.node.send(chat, "Said to nobody yet")
    await alice.node.invite(chat, bob.id)
    await joins(world, bob, chat)
    await world.until(lambda: len(members(alice, chat)) == 2)
    await says(world, alice, bob, chat, "Welcome")
    await says(world, bob, alice, chat, "Hello")
    await goes_back(world, alice, backup)
    await world.until(lambda: texts(alice, chat) == ["Welcome", "Hello"], within=60)
    sent = await alice.node.send(chat, "Back again")
    await world.until(lambda: texts(bob, chat)[-1:] == ["Back again"])
    await world.until(lambda: alice.state(sent) == "delivered")


async def test_who_has_left_a_room_gives_back_to_a_restored_profile_what_was_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alice's words answer Carol's, who is away: those come with them."""
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    room = (await alice.node.open_room("Chess")).id
    for one in (bob, carol):
        await world.until(lambda one=one: decode_id(room) in one.node.rooms_here.known())  # type: ignore[misc]
        await one.node.enter_room("Chess")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    for one, text in ((carol, "e4"), (alice, "e5"), (bob, "Nf3")):
        await one.node.send(room, text)
        await world.until(lambda text=text: all(texts(who, room)[-1:] == [text] for who in (alice, bob)))  # type: ignore[misc]
    await carol.leaves()
    await bob.node.leave(room)
    await alice.node.send(room, "Nobody there?")
    await alice.leaves()
    alice.disk = backup
    handed: list[bytes] = []
    take = Inbox.received

    def taken(inbox: Inbox, peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> None:
        if inbox is bob.node.inbox:
            handed.extend(entries)
        take(inbox, peer, conversation, entries, quick)

    monkeypatch.setattr(Inbox, "received", taken)
    await alice.starts()
    await world.until(lambda: texts(alice, room) == ["e4", "e5", "Nf3"])
    await alice.node.send(room, "Goes on without Bob")
    await world.passes(60)
    assert texts(bob, room) == ["e4", "e5", "Nf3"]
    assert handed == [], "who has left takes nothing more of it"
    await bob.node.enter_room(room)
    await world.until(lambda: texts(bob, room) == texts(alice, room))
    assert texts(bob, room)[-1] == "Goes on without Bob"


async def test_a_creator_reads_on_who_lost_what_they_said_before_each_time_somebody_came(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    await alice.node.send(chat, "Said to nobody, and in the backup")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    for time, often in (("first", 3), ("second", 2 * WANT_SPAN + 3)):
        for n in range(often):
            await alice.node.send(chat, f"Said to nobody, the {time} time, {n}")
        await alice.node.invite(chat, bob.id)
        await joins(world, bob, chat)
        await world.until(lambda: len(members(alice, chat)) == 2)
        await says(world, alice, bob, chat, f"Welcome, the {time} time")
        if time == "first":
            await bob.node.leave(chat)
            await world.until(lambda: members(alice, chat) == [alice.id])
    await says(world, bob, alice, chat, "Hello")
    await goes_back(world, alice, backup)
    await world.until(lambda: len(texts(alice, chat)) == 4, within=60)
    assert texts(bob, chat) == texts(alice, chat)[1:]


async def test_what_nobody_was_there_to_get_holds_nothing_up(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [bob.id])).id
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await joins(world, bob, chat)
    await world.until(lambda: len(members(alice, chat)) == 2)
    world.cut(alice, bob)
    await alice.node.send(chat, "Bob will never get this")
    await bob.node.leave(chat)
    world.lan.mend()
    await world.until(lambda: members(alice, chat) == [alice.id], within=60)
    await alice.node.send(chat, "Nor this")
    await alice.node.invite(chat, bob.id)
    await joins(world, bob, chat)
    await says(world, alice, bob, chat, "Welcome back", reply_to=messages(alice, chat)[0].id)
    await says(world, bob, alice, chat, "Hello")
    await goes_back(world, alice, backup)
    await world.until(lambda: texts(alice, chat) == ["Welcome back", "Hello"], within=60)


async def test_a_member_who_lost_what_the_others_were_too_far_away_to_get_holds_nobody_up(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await alice.node.promote(chat, bob.id, True)
    await bob.node.send(chat, "All of us have this")
    await world.until(lambda: texts(alice, chat) == ["All of us have this"])
    await world.passes(5)
    backup = bob.disk.copy()
    await alice.leaves()
    for _ in range(2):
        await bob.node.send(chat, "Nobody will ever get this")
    await bob.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await says(world, bob, carol, chat, "Welcome")
    await says(world, carol, bob, chat, "Hello")
    await goes_back(world, bob, backup)
    await world.passes(20)
    assert texts(bob, chat) == ["All of us have this"], "Alice may have what is lost here"
    await alice.starts()
    expected = ["All of us have this", "Welcome", "Hello"]
    await world.until(lambda: texts(alice, chat) == texts(bob, chat) == expected, within=60)
    assert texts(carol, chat) == expected[1:]


async def test_what_was_given_up_as_lost_is_shown_when_somebody_has_it_after_all(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    alice.node.commits.settle()
    twin = await world.copy(alice)
    await twin.leaves()
    alone = [f"Said to nobody yet, {n}" for n in range(5)]
    for text in alone:
        await alice.node.send(chat, text)
    await alice.node.invite(chat, bob.id)
    await joins(world, bob, chat)
    await says(world, alice, bob, chat, "Welcome")
    await says(world, bob, alice, chat, "Hello")
    await alice.leaves()
    await twin.starts()
    await world.until(lambda: texts(twin, chat) == ["Welcome", "Hello"], within=60)
    await alice.starts()
    await world.until(lambda: texts(twin, chat) == [*alone, "Welcome", "Hello"], within=60)
    await world.passes(5)
    mine, theirs = (one.node.store.entries.heads.all(decode_id(chat)) for one in (alice, twin))
    assert set(mine) == set(theirs)


async def test_what_somebody_still_has_is_not_given_up_because_another_has_not(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    alice.node.commits.settle()
    backup = alice.disk.copy()
    for n in range(3):
        await says(world, alice, bob, chat, f"Before Carol, {n}")
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await says(world, alice, carol, chat, "Welcome")
    await says(world, carol, bob, chat, "Hello")
    everything = texts(bob, chat)
    await bob.leaves()
    await goes_back(world, alice, backup)
    await world.passes(30)
    assert texts(alice, chat) == [], "Bob may have what is lost here"
    await bob.starts()
    await world.until(lambda: texts(alice, chat) == everything, within=60)


async def test_words_that_were_taken_back_are_no_gap_for_whoever_they_were_the_first_for(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    for n in range(3):
        await alice.node.send(chat, f"Said before Bob's time, {n}")
    await alice.node.invite(chat, bob.id)
    await world.until(lambda: is_invited(bob, chat))
    world.cut(alice, bob)
    oops = await alice.node.send(chat, "oops")
    await alice.node.unsend(oops.id)
    await alice.node.send(chat, "Welcome")
    await bob.node.join_group(chat)
    world.lan.mend()
    await world.until(lambda: "Welcome" in texts(bob, chat), within=120)
    await world.passes(60)
    assert bob.disk.execute("SELECT min(seq) FROM entries e WHERE e.kind = 2 AND e.body IS NULL") == [(4,)]
