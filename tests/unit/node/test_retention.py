"""Keeping N days: what is older and was read goes by itself; what is unread or waits stays."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError
from p2pdm.identity import decode_id
from p2pdm.store.lines import PURGED_AT_ONCE
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, members, texts
from tests.unit.node.test_happenings import lines

SECRET = "marzipan"
HOUR = 3_600
DAY = 24 * HOUR
YEAR = 365 * DAY * 1_000


async def heard(world: World, alice: Someone, bob: Someone, text: str) -> None:
    """Alice says something that Bob reads."""
    sent = await alice.says(bob, text)
    await world.until(lambda: alice.state(sent) == "delivered")
    await bob.node.read(alice.id)


async def days_pass(world: World, days: float, *away: Someone) -> None:
    """Time passes while some are away: whoever is there does not have to be kept in touch with."""
    for someone in away:
        await someone.leaves()
    await world.passes(days * DAY)
    for someone in away:
        await someone.starts()


async def test_after_its_days_it_goes_from_here_only(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.node.set_retention(None, 7)
    await heard(world, alice, bob, SECRET)
    await days_pass(world, 5, alice)
    await heard(world, alice, bob, "later")
    await days_pass(world, 1.9, alice)
    assert bob.texts(alice) == [SECRET, "later"]
    await days_pass(world, 1.2, alice)
    assert bob.texts(alice) == ["later"]
    assert alice.texts(bob) == [SECRET, "later"]
    await world.passes(1)
    assert SECRET.encode() not in bob.disk.pages()
    assert ("deleted", bob.chat(alice)) in [(notice.state, notice.chat) for notice in bob.told("chat")]
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: bob.online(alice))
    await world.passes(60)
    assert bob.texts(alice) == ["later"]


async def test_a_chat_has_a_wish_of_its_own(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await alice.node.set_retention(None, 2)
    await alice.node.set_retention(bob.id, 30)
    for other in (bob, carol):
        await heard(world, alice, other, "hello")
    assert (await alice.node.retention(bob.id), await alice.node.retention()) == (30, 2)
    assert {chat.name: chat.retention for chat in await alice.node.chats()} == {"Bob": 30, "Carol": 0}
    await days_pass(world, 5, bob, carol)
    assert (alice.texts(bob), alice.texts(carol)) == (["hello"], [])
    await alice.node.set_retention(bob.id, 0)
    await world.passes(1)
    assert alice.texts(bob) == []


async def test_what_is_unread_or_waits_stays_until_it_no_longer_does(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_retention(None, 1)
    sent = await bob.says(alice, "unread")
    await world.until(lambda: bob.state(sent) == "delivered")
    await bob.leaves()
    await alice.says(bob, "waiting")
    await world.passes(10 * DAY)
    assert alice.texts(bob) == ["unread", "waiting"]
    await alice.node.read(bob.id)
    await world.passes(2 * DAY)
    assert alice.texts(bob) == ["waiting"]
    await bob.starts()
    await world.until(lambda: bob.texts(alice) == ["unread", "waiting"])
    await days_pass(world, 2, bob)
    assert alice.texts(bob) == []


async def test_a_wish_that_comes_later_takes_a_long_history_in_pieces(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(3 * PURGED_AT_ONCE + 7):
        await alice.says(bob, f"{SECRET} {n}")
    await world.until(lambda: alice.state(alice.history(bob)[-1]) == "delivered")
    await days_pass(world, 40, bob)
    await heard(world, alice, bob, "new")
    await alice.node.set_retention(bob.id, 30)
    await world.passes(3)
    assert alice.texts(bob) == ["new"]
    assert SECRET.encode() not in alice.disk.pages()


@pytest.mark.parametrize("wrong_by", [-YEAR, YEAR])
async def test_one_day_with_a_wrong_clock_does_not_empty_the_chats(world: World, wrong_by: int) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_retention(None, 7)
    await heard(world, alice, bob, "hello")
    await alice.leaves()
    alice.clock_off_by = wrong_by
    await alice.starts()
    await heard(world, alice, bob, "with a wrong clock")
    await heard(world, bob, alice, "with a right clock")
    await days_pass(world, 1, bob)
    await alice.leaves()
    alice.clock_off_by = 0
    await alice.starts()
    await heard(world, bob, alice, "still with a right clock")
    await days_pass(world, 1, bob)
    assert alice.texts(bob) == ["hello", "with a wrong clock", "with a right clock", "still with a right clock"]


async def test_a_long_absence_counts_when_somebody_else_says_so_too(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.node.set_retention(None, 7)
    await heard(world, alice, bob, SECRET)
    await days_pass(world, 21, alice, bob)
    await world.passes(2 * HOUR)
    assert bob.texts(alice) == [SECRET]
    await heard(world, alice, bob, "back again")
    await world.passes(2 * HOUR)
    assert bob.texts(alice) == ["back again"]
    await bob.leaves()
    await bob.starts()
    await world.passes(5 * HOUR)
    assert bob.texts(alice) == ["back again"]


async def test_days_that_make_no_sense_are_refused_in_a_sentence(world: World) -> None:
    alice = await world.person("Alice")
    for days in (-1, 10**6):
        with pytest.raises(ApiError, match="days"):
            await alice.node.set_retention(None, days)


async def test_words_of_the_blocked_do_not_outstay_what_a_room_keeps(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    room = (await bob.node.open_room("Kitchen")).id
    await world.until(lambda: decode_id(room) in alice.node.rooms_here.known())
    await alice.node.enter_room(room)
    await bob.node.send(room, SECRET)
    await world.until(lambda: texts(alice, room) == [SECRET])
    await alice.node.block(bob.id)
    await days_pass(world, 5, bob)
    assert SECRET.encode() in alice.disk.pages()
    await days_pass(world, 4, bob)
    assert SECRET.encode() not in alice.disk.pages()
    await alice.node.unblock(bob.id)
    await world.passes(10)
    assert texts(alice, room) == []


async def test_words_of_who_was_put_out_do_not_outstay_the_others(world: World) -> None:
    """Bob says on while Alice puts him out: it is kept, for that may come to nothing, but no longer than all else."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.node.set_retention(chat, 7)
    world.cut(alice, bob)
    world.cut(alice, carol)
    await bob.node.send(chat, SECRET)
    await bob.node.send(chat, "and more")
    await world.until(lambda: texts(carol, chat) == [SECRET, "and more"])
    await carol.node.read(chat)
    await alice.node.remove(chat, bob.id)
    await bob.leaves()
    world.lan.mend()
    await world.until(lambda: len(members(carol, chat)) == 2)
    assert texts(carol, chat) == []
    await days_pass(world, 6, alice)
    assert SECRET.encode() in carol.disk.pages()
    await days_pass(world, 3, alice)
    assert SECRET.encode() not in carol.disk.pages()


async def test_who_came_and_went_goes_with_what_was_said(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await bob.node.set_retention(chat, 7)
    await alice.node.send(chat, "Just us")
    await world.until(lambda: texts(bob, chat) == ["Just us"])
    await bob.node.read(chat)
    await days_pass(world, 5, alice, carol)
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: lines(bob, chat)[-1] == "Alice invited Carol")
    await days_pass(world, 4, alice, carol)
    assert lines(bob, chat) == ["Alice invited Carol"]
    assert ("deleted", chat) in [(notice.state, notice.chat) for notice in bob.told("chat")]
    assert lines(alice, chat)[:4] == ["You made this group", "You invited Bob", "Bob joined", "“Just us”"]
    await days_pass(world, 5, alice, carol)
    assert lines(bob, chat) == []
    await carol.node.join_group(chat)
    await world.until(lambda: lines(bob, chat) == ["Carol joined"])
    sent = await bob.node.send(chat, "Welcome")
    await world.until(lambda: bob.state(sent) == "delivered")
    assert texts(carol, chat) == ["Welcome"]


async def test_what_happened_before_the_unread_stays_with_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    await bob.node.set_retention(None, 7)
    await alice.node.send(chat, "Just us")
    await world.until(lambda: texts(bob, chat) == ["Just us"])
    await alice.node.describe(chat, name="Supper")
    await world.until(lambda: lines(bob, chat)[-1] == "Alice named the group “Supper”")
    await days_pass(world, 9, alice)
    assert lines(bob, chat)[-2:] == ["“Just us”", "Alice named the group “Supper”"]
    await bob.node.read(chat)
    await days_pass(world, 2, alice)
    assert lines(bob, chat) == []
