"""A disk that is slow while a long history is caught up: who only reads waits for nothing, and nothing is promised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from p2pdm.node import inbox
from p2pdm.node.commits import Commits
from p2pdm.store.errors import DiskFull, StoreError
from tests.fakes.world import Someone, World
from tests.unit.store.said import new_store

T = TypeVar("T")
MANY = 250
"""Messages that don't fit one turn of an inbox, nor one commit."""


class SlowDisk:
    """Work beside the loop that takes until it is told to go on, and that may be refused, once."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.asked = 0
        self.refuses = False

    async def __call__(self, work: Callable[[], T], /) -> T:
        self.asked += 1
        await self.goes_on.wait()
        if self.refuses:
            self.refuses = False
            raise DiskFull("The disk is full.")
        return work()


async def _bob_comes_back(world: World) -> tuple[Someone, Someone, SlowDisk]:
    """Alice has written a lot while Bob was away; now he is back, and his disk takes its time."""
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    for n in range(MANY):
        await alice.says(bob, f"message {n}")
    disk = SlowDisk()
    bob.aside = disk
    await bob.starts()
    await world.until(lambda: disk.asked == 1)
    return alice, bob, disk


def _delivered(alice: Someone, bob: Someone) -> int:
    return sum(message.state == "delivered" for message in alice.history(bob))


async def _all_arrives(world: World, alice: Someone, bob: Someone) -> None:
    last = alice.history(bob)[-1]
    await world.until(lambda: alice.state(last) == "delivered")
    assert _delivered(alice, bob) == MANY
    assert bob.texts(alice) == [f"message {n}" for n in range(MANY)]


async def test_a_slow_disk_holds_up_nobody_who_reads(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    await world.passes(1)
    told, delivered = len(bob.told("message")), _delivered(alice, bob)
    assert len(bob.texts(alice)) > told + 20, "he reads what came so far"
    assert told == delivered, "but nothing is said of it"
    await world.passes(60)
    assert (len(bob.told("message")), _delivered(alice, bob)) == (told, delivered)

    disk.goes_on.set()
    await _all_arrives(world, alice, bob)
    assert len(bob.told("message")) == MANY


async def test_only_so_much_is_taken_in_while_the_disk_is_busy(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    await world.passes(1)
    taken = len(bob.texts(alice))
    await world.passes(60)
    assert len(bob.texts(alice)) == taken < MANY
    disk.goes_on.set()
    await _all_arrives(world, alice, bob)


async def test_the_next_is_taken_in_while_the_disk_is_busy_with_what_was_before(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    await world.passes(1)
    taken = len(bob.texts(alice))
    disk.goes_on.set()
    disk.goes_on = asyncio.Event()
    await world.until(lambda: disk.asked == 2)
    await world.passes(1)
    assert len(bob.texts(alice)) > taken
    disk.goes_on.set()
    await _all_arrives(world, alice, bob)


async def test_what_is_said_meanwhile_is_kept_and_goes_out_after_it(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    answer = asyncio.create_task(bob.says(alice, "I'm back"))
    await world.passes(1)
    disk.goes_on.set()
    sent = await answer
    await world.until(lambda: bob.state(sent) == "delivered")
    await world.until(lambda: len(bob.texts(alice)) == MANY + 1)
    assert sorted(alice.texts(bob)) == sorted(bob.texts(alice))


async def test_who_leaves_meanwhile_has_lost_nothing(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    await bob.leaves()
    disk.goes_on.set()
    await world.passes(1)
    bob.aside = disk
    await bob.starts()
    await _all_arrives(world, alice, bob)


async def test_what_a_sync_refuses_is_copied_into_the_database_instead(world: World) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    disk.refuses = True
    disk.goes_on.set()
    await _all_arrives(world, alice, bob)


async def test_nothing_is_acknowledged_as_long_as_the_disk_refuses_both(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, disk = await _bob_comes_back(world)
    checkpoint = bob.disk.checkpoint

    def refused() -> None:
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(bob.disk, "checkpoint", refused)
    disk.refuses = True
    disk.goes_on.set()
    told, delivered = len(bob.told("message")), _delivered(alice, bob)
    await world.passes(30)
    assert _delivered(alice, bob) == delivered < MANY
    assert len(bob.told("message")) == told
    assert bob.told("trouble")

    monkeypatch.setattr(bob.disk, "checkpoint", checkpoint)
    await _all_arrives(world, alice, bob)
    assert len(bob.told("message")) >= MANY


async def test_what_joins_a_bulk_shares_its_sync_and_its_errors() -> None:
    disk, heard = SlowDisk(), list[tuple[str, StoreError | None]]()
    commits = Commits(new_store(), disk)
    with commits.writing(lambda error: heard.append(("bulk", error)), bulk=True):
        commits.note(lambda: None)
    await asyncio.sleep(0.1)
    with commits.writing(lambda error: heard.append(("own", error))):
        pass
    await asyncio.sleep(0.1)
    assert (heard, disk.asked, commits.open) == ([], 1, True)
    disk.goes_on.set()
    await asyncio.sleep(0.1)
    assert (heard, disk.asked, commits.open) == ([("bulk", None), ("own", None)], 1, False)


async def test_a_request_goes_out_only_once_the_disk_has_it(world: World) -> None:
    bob, carol = await world.people("Bob", "Carol")
    await bob.node.accept(carol.id)
    await carol.leaves()
    await bob.leaves()
    bob.aside = disk = SlowDisk()
    await bob.starts()
    bob.node.commits.settle()
    with bob.node.commits.writing(bulk=True):
        pass
    await world.until(lambda: disk.asked)
    asking = asyncio.create_task(bob.says(carol, "Do you know me?"))
    await world.passes(1)
    await carol.starts()
    await world.until(lambda: bob.online(carol))
    await world.passes(1)
    assert not asking.done()
    assert carol.relation(bob) == "nearby"

    disk.goes_on.set()
    await asking
    await world.until(lambda: carol.relation(bob) == "request")


async def test_a_mistake_of_who_hears_of_a_sync_keeps_nothing_else_waiting() -> None:
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    disk, heard = SlowDisk(), list[str]()
    commits = Commits(new_store(), disk)
    commits.synced = lambda: heard.append("goes on")

    def mistaken(_: StoreError | None) -> None:
        raise ZeroDivisionError

    with commits.writing(mistaken, bulk=True):
        commits.then(lambda _: heard.append("the rest"))
    await asyncio.sleep(0.1)
    with commits.writing(lambda _: heard.append("own")):
        pass
    await asyncio.sleep(0.1)
    disk.goes_on.set()
    await asyncio.sleep(0.1)
    assert sorted(heard) == ["goes on", "own", "the rest"]


async def test_without_a_thread_it_is_synced_all_the_same() -> None:
    async def no_thread(work: Callable[[], T], /) -> T:
        raise RuntimeError("can't start new thread")

    heard = list[StoreError | None]()
    commits = Commits(new_store(), no_thread)
    with commits.writing(heard.append, bulk=True):
        pass
    await asyncio.sleep(0.1)
    assert (heard, commits.open) == ([None], False)


async def test_what_is_told_of_the_disk_waits_until_all_that_can_be_read_is_there() -> None:
    disk, told = SlowDisk(), list[str]()
    commits = Commits(new_store(), disk)
    commits.when_durable(lambda: told.append("nothing is under way"))
    with commits.writing(bulk=True):
        commits.when_durable(lambda: told.append("while it is written"))
    await asyncio.sleep(0.1)
    commits.when_durable(lambda: told.append("while it is synced"))
    assert told == ["nothing is under way"]
    disk.goes_on.set()
    await asyncio.sleep(0.1)
    assert told[1:] == ["while it is written", "while it is synced"]


@pytest.mark.parametrize("then", ["block", "forget"])
async def test_whoever_is_blocked_or_forgotten_meanwhile_gets_nothing_more_in(
    world: World, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "SLICE", 2)
    alice, bob, disk = await _bob_comes_back(world)
    await world.passes(1)
    await alice.leaves()
    deciding = asyncio.create_task(getattr(bob.node, then)(alice.id))
    while not deciding.done():
        disk.goes_on.set()
        disk.goes_on.clear()
        await world.passes(0.01)
    read = bob.disk.execute("SELECT count(*) FROM entries")
    told = len(bob.told("message"))
    disk.goes_on.set()
    await world.passes(60)
    assert (bob.disk.execute("SELECT count(*) FROM entries"), len(bob.told("message"))) == (read, told)
