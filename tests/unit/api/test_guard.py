"""A locked door: whoever sits down at Alice's computer learns nothing, and she misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from p2pdm.api.calls import METHODS
from p2pdm.api.client import Client, connect
from p2pdm.api.guard import LASTING, OF_A_USER, OPEN
from p2pdm.api.server import ApiServer
from p2pdm.api.types import ApiError, LockState, Notice
from tests.fakes.doors import open_door
from tests.fakes.memory_node import MemoryNode
from tests.fakes.memory_office import populate


class FakeGuard:
    """Locked when the test says so."""

    def __init__(self) -> None:
        self.locked = False
        self.uses = 0

    def used(self) -> None:
        self.uses += 1


class LockableNode(MemoryNode):
    """A node in memory with the calls of the lock."""

    async def lock_state(self) -> LockState:
        return LockState(True, True, 10)

    async def unlock(self, passphrase: str) -> LockState:
        raise ApiError("passphrase", "This is not the passphrase of the lock.")


@pytest.fixture
async def node() -> MemoryNode:
    node = LockableNode()
    populate(node)
    return node


@pytest.fixture
def guard() -> FakeGuard:
    return FakeGuard()


@pytest.fixture
async def server(tmp_path: Path, node: MemoryNode, guard: FakeGuard) -> AsyncIterator[ApiServer]:
    async with open_door(tmp_path, node) as server:
        server.guard = guard
        server.api = node  # type: ignore[assignment]  # all that these tests call
        yield server


@pytest.fixture
async def alice(server: ApiServer, tmp_path: Path) -> AsyncIterator[Client]:
    client = await connect(tmp_path, start=False)
    yield client
    await client.close()


def lock(server: ApiServer, guard: FakeGuard, locked: bool) -> None:
    guard.locked = locked
    server.lock_changed()


async def notices(client: Client, count: int) -> list[Notice]:
    taken: list[Notice] = []
    async with asyncio.timeout(10):
        async for notice in client.notices():
            taken.append(notice)
            if len(taken) == count:
                break
    return taken


async def nothing_more(client: Client) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await notices(client, 1)


@pytest.mark.parametrize("method", sorted(set(METHODS) - OPEN))
async def test_a_locked_door_answers_no_other_call(
    alice: Client, server: ApiServer, guard: FakeGuard, method: str
) -> None:
    lock(server, guard, True)
    for params in (b"{}", b"[]", b'["Robin"]'):
        with pytest.raises(ApiError, match="is locked") as caught:
            await alice.raw(method, msgspec.Raw(params))
        assert caught.value.kind == "locked"
    assert guard.uses == 0


def test_the_lists_name_calls_that_there_are() -> None:
    assert set(METHODS) >= OPEN | OF_A_USER | LASTING
    assert not {"people", "chats", "history", "status", "me", "subscribe"} & OF_A_USER, "what a window does by itself"
    assert {"send", "read", "typing"} <= OF_A_USER


async def test_who_only_reads_is_there_as_long_as_their_window_says_so(alice: Client, guard: FakeGuard) -> None:
    await alice.api.idle(False)
    assert guard.uses == 1
    await alice.api.idle(True)
    await alice.api.chats()
    assert guard.uses == 1


async def test_status_names_nobody_and_the_rest_still_works(alice: Client, server: ApiServer, guard: FakeGuard) -> None:
    whole = await alice.api.status()
    assert (whole.name, whole.locked) == ("Alice", False)
    lock(server, guard, True)
    status = await alice.api.status()
    assert (status.locked, status.name, status.id, status.online, status.waiting) == (True, "", "", [], [])
    assert status.port == whole.port
    assert (await alice.api.lock_state()).locked
    with pytest.raises(ApiError, match="not the passphrase"):
        await alice.api.unlock("guess")
    await alice.api.stop()


async def test_what_happens_meanwhile_is_told_without_content_and_whole_after_it(
    alice: Client, server: ApiServer, guard: FakeGuard, node: MemoryNode
) -> None:
    await alice.api.subscribe()
    await node.send("Robin", "said while open")
    (before,) = [n for n in await notices(alice, 1) if n.event == "message"]
    lock(server, guard, True)
    (locked,) = await notices(alice, 1)
    assert locked == Notice(before.cursor, "lock", on=True)
    await node.send("Robin", "said while locked")
    await node.send("Ben", "said while locked, too")
    assert set(await notices(alice, 2)) == {locked}
    await nothing_more(alice)
    lock(server, guard, False)
    unlocked, *missed = await notices(alice, 3)
    assert unlocked == Notice(before.cursor, "lock", on=False)
    assert [(n.event, n.cursor) for n in missed] == [("message", before.cursor + 1), ("message", before.cursor + 2)]
    await node.send("Robin", "said while open again")
    assert [n.cursor for n in await notices(alice, 1)] == [before.cursor + 3]
    await nothing_more(alice)


async def test_who_subscribes_at_a_locked_door_hears_that_it_is_and_later_everything(
    alice: Client, server: ApiServer, guard: FakeGuard, node: MemoryNode
) -> None:
    await node.send("Robin", "first")
    lock(server, guard, True)
    await alice.api.subscribe(0)
    assert [(n.event, n.on) for n in await notices(alice, 1)] == [("lock", True)]
    await nothing_more(alice)
    lock(server, guard, False)
    first, *rest = await notices(alice, 2)
    assert (first.event, first.on) == ("lock", False)
    assert rest[0].cursor == 1


async def test_a_wait_that_began_before_answers_nothing_after(
    alice: Client, server: ApiServer, guard: FakeGuard, node: MemoryNode
) -> None:
    sent = await alice.api.send("Ben", "a secret")
    waiting = asyncio.create_task(alice.api.wait(sent.id, 0.05))
    await asyncio.sleep(0.01)
    lock(server, guard, True)
    with pytest.raises(ApiError, match="is locked"):
        await waiting


async def test_only_what_a_user_does_counts_as_use(alice: Client, guard: FakeGuard) -> None:
    for _ in range(3):
        await alice.api.people()
        await alice.api.chats()
        await alice.api.history("Robin")
        await alice.api.status()
    assert guard.uses == 0
    await alice.api.typing("Robin", True)
    await alice.api.send("Robin", "hello")
    await alice.api.read("Robin")
    assert guard.uses == 3
