"""What is said in a group reaches each member once, by whoever is there, and its author knows how far it came."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import pytest

from p2pdm.conversation.entries import MAX_DEPENDENCIES
from p2pdm.node.peer import Peer
from p2pdm.store.heads import Branch
from p2pdm.sync.exchange import Exchange
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, is_invited, joins, members, messages, texts


async def test_any_member_hands_on_what_the_author_can_not(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    await alice.node.send(chat, "see you")
    await world.until(lambda: texts(bob, chat) == ["see you"])
    await alice.leaves()
    await carol.starts()
    await world.until(lambda: texts(carol, chat) == ["see you"])


async def test_who_can_not_reach_the_author_gets_it_from_another_at_once(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    world.cut(alice, carol)
    await world.passes(120)
    await alice.node.send(chat, "by way of Bob")
    await world.until(lambda: texts(carol, chat) == ["by way of Bob"], within=10)


async def test_what_many_say_at_once_goes_to_each_member_once(world: World) -> None:
    everybody = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")
    chat = await group_of(world, *everybody)
    for one in everybody:
        await one.node.send(chat, "here")
    await world.until(lambda: all(len(texts(one, chat)) == 6 for one in everybody))
    await world.passes(10)
    carried = [0]
    for one in everybody:
        count_entries(one, carried)
    await asyncio.gather(*(one.node.send(chat, f"{one.name} talks") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == 12 for one in everybody))
    await world.passes(10)
    assert carried == [6 * 5]


async def test_many_join_at_once_more_than_an_entry_can_name_and_all_read_all(world: World) -> None:
    everybody = [await world.person(f"Person {n}") for n in range(MAX_DEPENDENCIES + 6)]
    maker, *others = everybody
    await world.until(lambda: all(maker.online(other) for other in others))
    for other in others:
        await maker.node.accept(other.id)
        await other.node.accept(maker.id)
    chat = (await maker.node.create_group("Everybody", [other.id for other in others])).id
    await world.until(lambda: all(is_invited(other, chat) for other in others))
    await asyncio.gather(*(other.node.join_group(chat) for other in others))
    # Some have not heard of all others yet.
    await asyncio.gather(*(one.node.send(chat, f"{one.name} is here") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    assert len({tuple(texts(one, chat)) for one in everybody}) == 1
    assert all(len(members(one, chat)) == len(everybody) for one in everybody)


def count_entries(one: Someone, carried: list[int]) -> None:
    """Add to `carried` how many entries are handed to somebody from now on."""
    received = one.node.inbox.received

    def count(peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> None:
        carried[0] += len(entries)
        received(peer, conversation, entries, quick)

    one.node.inbox.received = count  # type: ignore[method-assign]


async def test_each_members_state_is_their_own_word(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    sent = await alice.node.send(chat, "who reads this?")
    await world.until(lambda: texts(bob, chat) == ["who reads this?"])
    await world.until(lambda: alice.state(sent) == "sent")
    (message,) = messages(alice, chat)
    assert {(state.person, state.state, state.why) for state in message.states} == {
        (bob.id, "delivered", ""),
        (carol.id, "waiting", "Carol is offline"),
    }
    assert message.why == "Carol is offline"
    await carol.starts()
    await world.until(lambda: alice.state(sent) == "delivered")
    await bob.node.read(chat)
    await world.until(lambda: [s.state for s in messages(alice, chat)[0].states].count("read") == 1)
    assert alice.state(sent) == "delivered"
    await carol.node.read(chat)
    await world.until(lambda: alice.state(sent) == "read")
    assert all(state.time for state in messages(alice, chat)[0].states)


async def test_clients_hear_of_a_state_once_and_of_nothing_from_before_somebodys_time(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    old = await alice.node.send(chat, "before Carol")
    await world.until(lambda: alice.state(old) == "delivered")
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await world.until(lambda: len(members(alice, chat)) == 3)
    new = await alice.node.send(chat, "welcome")
    await alice.node.describe(chat, name="Dinner")
    await world.until(lambda: alice.state(new) == "delivered")
    await world.passes(5)
    heard = [(notice.person, notice.id) for notice in alice.told("state") if notice.chat == chat]
    assert sorted(heard) == sorted([(bob.id, old.id), (bob.id, new.id), (carol.id, new.id)])


async def test_what_one_member_has_erased_comes_from_another(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    first = await alice.node.send(chat, "one")
    await alice.node.send(chat, "two")
    await world.until(lambda: texts(bob, chat) == ["one", "two"])
    with bob.node.commits.writing():
        bob.node.store.lines.take_back(bob.node.view.line(first.id))
    await alice.leaves()
    await carol.starts()
    await world.until(lambda: texts(carol, chat) == ["two"])
    await alice.starts()
    await world.until(lambda: texts(carol, chat) == ["one", "two"])
    assert [hit.message.text for hit in await carol.node.search("one")] == ["one"]
    await world.until(lambda: alice.state(first) == "delivered")
    assert [message.unread for message in messages(carol, chat)] == [True, True]


async def test_what_nobody_can_hand_over_is_not_called_delivered(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    first = await alice.node.send(chat, "one")
    await world.until(lambda: texts(bob, chat) == ["one"])
    with bob.node.commits.writing():
        bob.node.store.lines.take_back(bob.node.view.line(first.id))
    world.cut(alice, carol)
    await carol.starts()
    await world.until(
        lambda: len(carol.node.store.entries.bodies.lacking(carol.node.view.find(chat).conversation)) == 1
    )
    await world.passes(60)
    assert alice.state(first) == "sent"
    world.lan.mend()
    await world.until(lambda: texts(carol, chat) == ["one"], within=120)
    await world.until(lambda: alice.state(first) == "delivered")


async def test_what_all_say_at_once_is_handed_on_to_each_once_not_once_for_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi")
    chat = await group_of(world, *everybody)
    await world.passes(10)
    told: Counter[Exchange] = Counter()
    stored = Exchange.stored

    def counted(exchange: Exchange, *arguments: Any, **more: Any) -> None:
        told[exchange] += 1
        stored(exchange, *arguments, **more)

    monkeypatch.setattr(Exchange, "stored", counted)
    await asyncio.gather(*(one.node.send(chat, f"{one.name} is here") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    pairs = len(everybody) * (len(everybody) - 1)
    assert told.total() <= 4 * pairs  # what one says oneself, what they say, and what others say


async def test_how_far_one_has_read_is_looked_up_once_for_all_who_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = alice, *_ = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin")
    chat = await group_of(world, *everybody)
    for one in everybody:
        await one.node.send(chat, f"{one.name} is here")
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    lines, looked_up = alice.node.store.lines, list[bytes]()
    last_read = lines.last_read

    def counted(conversation: bytes, reader: bytes, read_arrival: int) -> list[Branch]:
        looked_up.append(conversation)
        return last_read(conversation, reader, read_arrival)

    monkeypatch.setattr(lines, "last_read", counted)
    await alice.node.read(chat)
    for other in everybody[1:]:
        await world.until(partial(is_read_by, other, alice, chat))
    assert len(looked_up) <= 2  # for the others, and for one's own devices


def is_read_by(author: Someone, reader: Someone, chat: str) -> bool:
    """Whether an author sees that somebody has read what they said."""
    (mine,) = (message for message in messages(author, chat) if message.mine)
    return [state.state for state in mine.states if state.person == reader.id] == ["read"]
