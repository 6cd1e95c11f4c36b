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
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, is_invited, members, texts


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


async def test_a_creator_who_lost_what_only_they_had_said_still_reads_what_came_after(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.node.send(chat, "Said to nobody yet")
    await alice.node.invite(chat, bob.id)
    await world.until(partial(is_invited, bob, chat))
    await bob.node.join_group(chat)
    await world.until(lambda: len(members(alice, chat)) == 2)
    await alice.node.send(chat, "Welcome")
    await world.until(lambda: texts(bob, chat) == ["Welcome"])
    await bob.node.send(chat, "Hello")
    await world.until(lambda: texts(alice, chat)[-1:] == ["Hello"])
    await alice.leaves()
    alice.disk, alice.mark = backup, type(alice.mark)(b"no file")
    await alice.starts()
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
