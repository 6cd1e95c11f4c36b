"""More is handed over than is stored as fast as it comes, by friends and by others: memory stays bounded, and nothing
of friends is lost by it, nor are they sent away."""

from __future__ import annotations

import sys

from p2pdm.node.queues import MAX_QUEUED
from p2pdm.wire import frames
from p2pdm.wire.frames import VIOLATION
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.foul_play import befriended
from tests.unit.node.groups import group_of, texts
from tests.unit.node.test_slow_disk import SlowDisk

BIG = 30_000
GROUPS = 10
IN_EACH = 18
"""Messages in each of the groups: more than one exchange window of bytes."""


def waiting(someone: Someone) -> int:
    """Bytes of memory that what was handed over takes while it waits."""
    queues = someone.node.inbox.queues.waiting.values()
    return sum(sys.getsizeof(one) + sys.getsizeof(one[1]) for queue in queues for one in queue)


async def busy(world: World, someone: Someone) -> SlowDisk:
    """Someone's disk takes its time from now on: a bulk is being synced, and as much waits for the next."""
    disk = SlowDisk()
    someone.node.commits._aside = disk
    other = await befriended(world, someone, "Talkative", "10.9.9.7")
    conversation = other.conversation(someone)
    chain = other.chain(conversation, *map(str, range(300)))
    for start in range(0, len(chain), 100):
        other.hands_over(conversation, *chain[start : start + 100])
    await world.until(lambda: disk.asked)
    await world.passes(1)
    return disk


async def test_a_friend_who_comes_back_again_and_again_with_a_lot_fills_no_memory(world: World) -> None:
    bob = await world.person("Bob")
    mallory = await befriended(world, bob)
    conversation = mallory.conversation(bob)
    chain = mallory.chain(conversation, *["x" * BIG] * 100)
    disk = await busy(world, bob)
    for _ in range(8):
        for entry in chain:
            mallory.hands_over(conversation, entry)
        await world.passes(1)
        mallory.hangs_up()
        await world.passes(1)
        await mallory.dials(bob)
    assert waiting(bob) < 2 * MAX_QUEUED
    for entry in chain:
        mallory.hands_over(conversation, entry)
    disk.goes_on.set()
    await world.until(lambda: len(bob.node.view.history(mallory.id, 1_000, None)) == 100)


async def test_what_is_handed_over_of_nothing_that_is_shared_does_not_wait(world: World) -> None:
    bob = await world.person("Bob")
    disk = await busy(world, bob)
    before = waiting(bob)
    mallory = await Puppet(world, "Mallory").dials(bob)
    for _ in range(50):
        mallory.says(frames.Entries(mallory.conversation(bob), [bytes(BIG)]))
    await world.passes(1)
    assert waiting(bob) == before
    disk.goes_on.set()


async def test_many_entries_of_no_bytes_fill_no_memory_either(world: World) -> None:
    bob = await world.person("Bob")
    mallory = await befriended(world, bob)
    disk = await busy(world, bob)
    for _ in range(50):
        mallory.says(frames.Entries(mallory.conversation(bob), [b""] * 20_000))
    await world.passes(1)
    assert waiting(bob) < 2 * MAX_QUEUED
    disk.goes_on.set()
    await world.until(lambda: mallory.closed is not None)
    assert mallory.closed is not None
    assert mallory.closed.reason == VIOLATION


async def test_a_friend_with_much_to_hand_over_in_many_groups_is_not_sent_away(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    groups = [await group_of(world, alice, bob, name=f"Group {n}") for n in range(GROUPS)]
    await bob.leaves()
    for group in groups:
        for n in range(IN_EACH):
            await alice.node.send(group, f"{n} " + "x" * BIG)
    await alice.leaves()
    await bob.starts()
    disk = await busy(world, bob)
    await alice.starts()
    await world.passes(20)
    assert waiting(bob) < MAX_QUEUED
    assert bob.node.sessions.connected(alice.key), "she waits until his disk has time"
    disk.goes_on.set()
    await world.until(lambda: all(len(texts(bob, group)) == IN_EACH for group in groups), within=5)
