"""Messages that disappear: set by one, kept to by both, whatever clocks, restarts and disks do."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from tests.fakes.world import Someone, World

SECRET = "marzipan"
HOUR = 3_600
DAY = 24 * HOUR
SET = 6 * HOUR
"""What they set, where any time will do."""
YEAR = 365 * DAY * 1_000


async def told(world: World, alice: Someone, bob: Someone, seconds: int) -> None:
    """Alice sets how long messages stay, and Bob's side knows."""
    await alice.node.expire(bob.id, seconds)
    await world.until(lambda: bob.node.store.keeping.expiry(bob.node.roster.chat_with(alice.key)) == seconds)


async def heard(world: World, alice: Someone, bob: Someone, text: str = SECRET) -> str:
    sent = await alice.says(bob, text)
    await world.until(lambda: alice.state(sent) == "delivered")
    return sent.id


def said(who: Someone, other: Someone) -> list[str]:
    """What is there besides settings."""
    return [message.text for message in who.history(other) if message.expiry_set is None]


async def test_both_see_who_set_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await alice.node.expire(bob.id, DAY)
    assert chat.expiry == DAY
    await world.until(lambda: len(bob.history(alice)) == 1)
    (line,) = bob.history(alice)
    assert (line.name, line.text, line.expiry_set) == ("Alice", "set messages to disappear 1 day after reading", DAY)
    await told(world, bob, alice, 0)
    assert alice.history(bob)[-1].text == "set messages to stay"
    with pytest.raises(ApiError, match="set it anew"):
        await alice.node.edit(line.id, "nothing of the kind")


async def test_it_disappears_some_hours_after_reading_from_every_page(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, SET)
    id = await heard(world, alice, bob)
    await alice.node.edit(id, f"{SECRET}!")
    assert [message.expiry for message in alice.history(bob)] == [0, SET]
    await world.passes(2 * SET)
    assert said(bob, alice) == [f"{SECRET}!"]  # unread: its time has not begun
    assert said(alice, bob) == []  # the author's has, with its delivery
    assert SECRET.encode() not in alice.disk.pages()
    await bob.node.read(alice.id)
    await world.passes(SET - HOUR)
    assert said(bob, alice) == [f"{SECRET}!"]
    await world.passes(HOUR + 1)
    assert said(bob, alice) == []
    assert [notice.id for notice in bob.told("change") if notice.state == "deleted"] == [id]
    await world.passes(1)
    assert SECRET.encode() not in bob.disk.pages()
    assert await bob.node.history(alice.id, search=SECRET) == []


async def test_what_was_said_before_or_after_the_setting_stays(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await heard(world, alice, bob, "before")
    await told(world, bob, alice, 60)
    await heard(world, alice, bob, "during")
    await told(world, alice, bob, 0)
    await heard(world, alice, bob, "after")
    await bob.node.read(alice.id)
    await world.passes(HOUR)
    assert said(alice, bob) == said(bob, alice) == ["before", "after"]


async def test_what_waits_for_somebody_away_is_not_lost(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, 60)
    await bob.leaves()
    sent = await alice.says(bob, SECRET)
    await world.passes(DAY)
    await alice.leaves()
    await alice.starts()
    await world.passes(120)
    assert said(alice, bob) == [SECRET]
    await bob.starts()
    await world.until(lambda: said(bob, alice) == [SECRET])
    await world.until(lambda: alice.state(sent) == "delivered")
    await world.passes(61)
    assert said(alice, bob) == []
    await bob.node.read(alice.id)
    await world.passes(61)
    assert said(bob, alice) == []


async def test_what_fell_due_while_off_is_gone_before_anything_is_shown(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, HOUR)
    for n in range(120):
        await alice.says(bob, f"{SECRET} {n}")
    await world.until(lambda: len(said(bob, alice)) == 120)
    await bob.node.read(alice.id)
    await bob.dies()
    await world.passes(2 * HOUR)
    await bob.starts()
    assert said(bob, alice) == []
    assert SECRET.encode() not in bob.disk.pages()
    await world.until(lambda: bob.online(alice))
    await world.passes(60)
    assert said(bob, alice) == []


@pytest.mark.parametrize("wrong_by", [-YEAR, YEAR])
async def test_a_clock_that_is_set_wrong_while_it_runs_changes_nothing(world: World, wrong_by: int) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, SET)
    await heard(world, alice, bob)
    await bob.node.read(alice.id)
    bob.clock_off_by = wrong_by
    await world.passes(SET - HOUR)
    assert said(bob, alice) == [SECRET]
    await bob.leaves()
    await bob.starts()
    assert said(bob, alice) == [SECRET]
    bob.clock_off_by = 0
    await world.passes(HOUR + 120)
    assert said(bob, alice) == []


async def test_started_with_a_clock_that_stands_before_now_it_disappears_later_and_never_returns(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, SET)
    await heard(world, alice, bob)
    await bob.node.read(alice.id)
    await bob.leaves()
    bob.clock_off_by = -YEAR
    await bob.starts()
    assert said(bob, alice) == [SECRET]
    await world.passes(SET + 120)
    assert said(bob, alice) == []
    await bob.leaves()
    bob.clock_off_by = 0
    await bob.starts()
    await world.passes(HOUR)
    assert said(bob, alice) == []


async def test_started_with_a_clock_that_stands_years_ahead_it_disappears_in_its_time(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, 7 * DAY)
    await heard(world, alice, bob)
    await bob.node.read(alice.id)
    await bob.leaves()
    bob.clock_off_by = 20 * YEAR
    await bob.starts()
    await bob.leaves()
    await bob.starts()
    await alice.says(bob, "what year is it?")
    await world.until(lambda: said(bob, alice) == [SECRET, "what year is it?"])
    await alice.leaves()
    await world.passes(5 * DAY)
    assert said(bob, alice) == [SECRET, "what year is it?"]
    await world.passes(2 * DAY)
    assert said(bob, alice) == ["what year is it?"]


async def test_the_badge_follows_and_the_chat_stays_in_the_list(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, 60)
    await heard(world, alice, bob)
    await bob.node.read(alice.id)
    await bob.node.unread(alice.id)
    assert [chat.unread for chat in await bob.node.chats()] == [1]
    await world.passes(61)
    (chat,) = await bob.node.chats()
    assert (chat.unread, chat.last and chat.last.expiry_set) == (0, 60)


async def test_an_edit_that_comes_too_late_says_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, HOUR)
    id = await heard(world, alice, bob, "hello")
    await bob.node.read(alice.id)
    await bob.leaves()
    await alice.node.edit(id, SECRET)
    await world.passes(2 * HOUR)
    await bob.starts()
    await world.until(lambda: bob.online(alice))
    await world.passes(60)
    assert said(bob, alice) == []
    assert SECRET.encode() not in bob.disk.pages()


async def test_of_two_who_set_it_at_once_the_same_one_counts_on_both_sides(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await alice.node.expire(bob.id, 60)
    await alice.leaves()
    await bob.starts()
    await bob.node.expire(alice.id, HOUR)
    await alice.starts()
    await world.until(lambda: len(alice.history(bob)) == len(bob.history(alice)) == 2)
    (one,), (other,) = await alice.node.chats(), await bob.node.chats()
    assert one.expiry == other.expiry == alice.history(bob)[-1].expiry_set == bob.history(alice)[-1].expiry_set


async def test_it_leaves_the_log_of_the_database_too(tmp_path: Path) -> None:
    async with World() as world:
        alice = await world.person("Alice", path=tmp_path / "messages")
        bob = await world.person("Bob")
        await world.until(lambda: alice.online(bob))
        await alice.says(bob, "hello")
        await bob.node.accept(alice.id)
        await world.until(lambda: alice.person(bob).accepted_by_them)
        await told(world, alice, bob, 60)
        await heard(world, alice, bob)
        await world.passes(62)
        assert said(alice, bob) == ["hello"]
        assert (tmp_path / "messages-wal").stat().st_size == 0


async def test_nothing_is_set_for_somebody_who_has_not_accepted(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    with pytest.raises(ApiError, match="not accepted you"):
        await alice.node.expire(bob.id, 60)
    with pytest.raises(ApiError, match="seconds"):
        await alice.node.expire(bob.id, 10**9)


async def test_a_full_disk_only_puts_it_off(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await told(world, alice, bob, 60)
    await heard(world, alice, bob)
    await bob.node.read(alice.id)
    bob.disk.full = True
    await world.passes(120)
    bob.disk.full = False
    await world.passes(30)
    assert said(bob, alice) == []
