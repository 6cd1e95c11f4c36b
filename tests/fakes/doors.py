"""A MemoryNode behind a real door: in this event loop, or in a thread of its own for what blocks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from p2pdm.api.endpoint import socket_path
from p2pdm.api.server import ApiServer
from tests.fakes.memory_node import MemoryNode
from tests.fakes.memory_office import populate

T = TypeVar("T")


def make_profile_folder(profile: Path) -> Path:
    """What tells a client that a profile is there."""
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "p2pdm.json").touch()
    return profile


@asynccontextmanager
async def open_door(profile: Path, node: MemoryNode) -> AsyncIterator[ApiServer]:
    """Serve `node` in this event loop."""
    make_profile_folder(profile)
    server = ApiServer(node.door, socket_path(profile), node, profile / "log")
    node.tell = server.notify
    await server.start()
    try:
        yield server
    finally:
        await node.close()
        await server.close()


class ThreadedDoor:
    """A node in another thread, which a test moves on with `do`."""

    def __init__(self, profile: Path, loop: asyncio.AbstractEventLoop, node: MemoryNode) -> None:
        self.profile = profile
        self.node = node
        self._loop = loop

    def do(self, work: Callable[[], T]) -> T:
        """Call `work` in the node's thread."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(5)

    def stop(self) -> None:
        """End the node, unless it has ended already."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.node.stopped.set)


@contextmanager
def door_in_thread(profile: Path, answers: bool = False) -> Iterator[ThreadedDoor]:
    """Serve a populated node for a test that blocks."""
    opened: list[ThreadedDoor] = []
    ready = threading.Event()

    async def serve() -> None:
        node = MemoryNode(folder=str(profile), answers=answers)
        populate(node)
        async with open_door(profile, node):
            opened.append(ThreadedDoor(profile, asyncio.get_running_loop(), node))
            ready.set()
            await node.stopped.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield opened[0]
    finally:
        opened[0].stop()
        thread.join(10)
