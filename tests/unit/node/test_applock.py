"""The lock of the door: set, locked by hand or by idling, opened by its passphrase alone, and slow to guess at."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.api.types import ApiError, LockState
from p2pdm.node.applock import LOOK
from p2pdm.store import keys
from tests.fakes.world import Someone, World

PASSPHRASE = "caf\u00e9 au lait"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


async def refused(someone: Someone, passphrase: str) -> str:
    with pytest.raises(ApiError) as caught:
        await someone.node.unlock(passphrase)
    return caught.value.kind


async def test_a_door_is_locked_by_hand_and_opened_by_the_passphrase(world: World) -> None:
    alice = await world.person("Alice")
    assert await alice.node.lock_state() == LockState(False, False, 0)
    with pytest.raises(ApiError, match="no lock yet"):
        await alice.node.lock()
    assert await alice.node.set_lock(PASSPHRASE) == LockState(True, False, 10)
    told: list[bool] = []
    alice.node.app_lock.changed = lambda: told.append(alice.node.app_lock.locked)
    assert (await alice.node.lock()).locked
    assert (await alice.node.lock()).locked
    assert await refused(alice, "wrong") == "passphrase"
    await world.passes(1)
    assert not (await alice.node.unlock("cafe\u0301 au lait")).locked
    assert not (await alice.node.unlock("whatever, it is open")).locked
    assert told == [True, False]


async def test_messages_arrive_at_a_locked_node(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_lock(PASSPHRASE)
    await alice.node.lock()
    sent = await bob.says(alice, "hello")
    await world.until(lambda: bob.state(sent) == "delivered")


async def test_each_wrong_attempt_makes_the_next_one_wait_longer(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE)
    await alice.node.lock()
    for pause in (1, 2, 4, 8, 16, 32, 64, 64):
        assert await refused(alice, "wrong") == "passphrase"
        assert await refused(alice, PASSPHRASE) == "too_soon"
        await world.passes(pause - 0.1)
        assert await refused(alice, PASSPHRASE) == "too_soon"
        await world.passes(0.2)
    assert not (await alice.node.unlock(PASSPHRASE)).locked
    await alice.node.lock()
    assert await refused(alice, "") == "passphrase"
    await world.passes(1)
    assert not (await alice.node.unlock(PASSPHRASE)).locked, "a success begins anew"


async def test_it_locks_by_itself_when_no_user_did_anything(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_lock(PASSPHRASE, 5)
    for _ in range(3):
        await world.passes(4 * 60)
        alice.node.app_lock.used()  # as the door tells it
    await world.passes(5 * 60 - 1)
    await bob.says(alice, "are you there?")
    assert not (await alice.node.lock_state()).locked
    await world.passes(2)
    assert (await alice.node.lock_state()).locked
    await alice.node.unlock(PASSPHRASE)
    await alice.node.set_lock(None, 0)
    await world.passes(100_000)
    assert not (await alice.node.lock_state()).locked


@pytest.mark.parametrize("new", ["", "mine now"])
async def test_who_finds_the_door_open_can_not_make_the_lock_their_own(world: World, new: str) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE)
    told: list[bool] = []
    alice.node.app_lock.changed = lambda: told.append(alice.node.app_lock.locked)
    for old, kind in (("", "old_passphrase"), ("guess", "passphrase"), (PASSPHRASE, "too_soon")):
        with pytest.raises(ApiError) as caught:
            await alice.node.set_lock(new, None, old)
        assert caught.value.kind == kind
    await world.passes(1)
    await alice.node.lock()
    assert not (await alice.node.unlock(PASSPHRASE)).locked
    await alice.node.set_lock(None, 30)
    assert told == [True, False, False]
    await alice.node.set_lock(new, None, PASSPHRASE)
    assert await alice.node.lock_state() == LockState(bool(new), False, 30 if new else 0)
    assert told == [True, False, False, False], "a window hears of it"


async def test_a_restart_is_no_way_in(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE, 7)
    await alice.leaves()
    await alice.starts()
    assert await alice.node.lock_state() == LockState(True, True, 7)
    await alice.node.unlock(PASSPHRASE)
    assert await alice.node.set_lock("", None, PASSPHRASE) == LockState(False, False, 0)
    await alice.leaves()
    await alice.starts()
    assert await alice.node.lock_state() == LockState(False, False, 0)


async def test_a_restart_gives_nobody_a_fresh_attempt(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE)
    await alice.node.lock()
    for pause in (1, 2, 4):
        assert await refused(alice, "wrong") == "passphrase"
        await world.passes(pause + 0.1)
    assert await refused(alice, "wrong") == "passphrase"
    await alice.leaves()
    await alice.starts()
    assert await refused(alice, "another guess") == "too_soon"
    await world.passes(7.5)
    assert await refused(alice, "another guess") == "too_soon"
    await world.passes(1)
    await alice.node.unlock(PASSPHRASE)
    await alice.leaves()
    await alice.starts()
    assert not (await alice.node.unlock(PASSPHRASE)).locked, "a success begins anew"


async def test_a_lid_that_was_closed_for_the_night_locks(world: World) -> None:
    alice = await world.person("Alice")
    loop, slept = asyncio.get_running_loop(), 0.0
    await alice.leaves()
    alice.uptime = lambda: loop.time() + slept
    await alice.starts()
    await alice.node.set_lock(PASSPHRASE, 10)
    told: list[bool] = []
    alice.node.app_lock.changed = lambda: told.append(alice.node.app_lock.locked)
    await world.passes(60)
    assert not (await alice.node.lock_state()).locked
    slept = 8 * 3600.0
    assert (await alice.node.lock_state()).locked, "already for the first call"
    assert told == [True]
    await alice.node.unlock(PASSPHRASE)
    slept = 16 * 3600.0
    await world.passes(LOOK)
    assert told == [True, False, True], "and the window is told although nobody calls"


async def test_a_lock_that_is_taken_off_while_it_locks_shuts_nobody_out(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE)
    taking = asyncio.create_task(alice.node.set_lock("", None, PASSPHRASE))
    await asyncio.sleep(0)
    await alice.node.lock()
    assert await taking == LockState(False, False, 0)
    assert not alice.node.app_lock.locked


async def test_what_makes_no_sense_is_refused_and_changes_nothing(world: World) -> None:
    alice = await world.person("Alice")
    for passphrase, minutes, kind in ((None, 5, "no_lock"), ("x", -1, "idle_minutes"), ("x", 10**6, "idle_minutes")):
        with pytest.raises(ApiError) as caught:
            await alice.node.set_lock(passphrase, minutes)
        assert caught.value.kind == kind
    alice.disk.full = True
    with pytest.raises(ApiError) as caught:
        await alice.node.set_lock(PASSPHRASE)
    assert caught.value.kind == "disk"
    alice.disk.full = False
    assert await alice.node.lock_state() == LockState(False, False, 0)


async def test_the_passphrase_is_nowhere_on_the_disk(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.set_lock(PASSPHRASE)
    alice.node.commits.settle()
    assert PASSPHRASE.encode() not in alice.disk.pages()
