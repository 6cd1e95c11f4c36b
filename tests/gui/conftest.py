"""Fixtures of the window's tests: the application, a window, and the node behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from p2pdm.api.endpoint import socket_path
from p2pdm.api.server import ApiServer
from p2pdm_gui.window import make_application
from tests.fakes.memory_node import MemoryNode
from tests.gui.screen import Screen

T = TypeVar("T")


@pytest.fixture(scope="session")
def qapp() -> QGuiApplication:
    """The application as the window makes it."""
    return make_application([])


@pytest.fixture(autouse=True)
def no_word_from_qt(qtlog: Any) -> Iterator[None]:
    """Fail the test in which QML or Qt warned of something."""
    yield
    said = [record.message for record in qtlog.records if record.log_type_name != "QtDebugMsg"]
    assert not said, "Qt said:\n" + "\n".join(said)


class Neighbourhood:
    """A node in memory, served from a thread of its own on a real socket; `do` does something to it there."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self.node = MemoryNode(folder=str(profile))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: ApiServer | None = None

    def do(self, act: Callable[[MemoryNode], T]) -> T:
        """Let something happen, and wait until it has."""

        async def acted() -> T:
            return act(self.node)

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(10)

    def start(self) -> None:
        """Open the door."""

        async def opened() -> None:
            self._server = ApiServer(self.node.door, socket_path(self.profile), self.node, guard=self.node)
            self.node.tell, self.node.tell_lock = self._server.notify, self._server.lock_changed
            await self._server.start()

        asyncio.run_coroutine_threadsafe(opened(), self._loop).result(10)

    def stop(self) -> None:
        """Close the door, as a node does that ends."""

        async def closed() -> None:
            if self._server is not None:
                await self._server.close()
                self._server = None

        asyncio.run_coroutine_threadsafe(closed(), self._loop).result(10)

    def end(self) -> None:
        """Leave no thread behind."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def all_is_read(node: MemoryNode) -> None:
    """Nothing that was said so far is new to Alice."""
    node.said = [msgspec.structs.replace(message, unread=False, state="read") for message in node.said]


@pytest.fixture
def neighbourhood(tmp_path: Path) -> Iterator[Neighbourhood]:
    """Nobody is there yet."""
    profile = tmp_path / "alice"
    profile.mkdir()
    (profile / "data").touch()  # a profile that was made: no first start
    around = Neighbourhood(profile)
    around.start()
    yield around
    around.end()


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    """Opens windows, and closes them at the end."""
    screens: list[Screen] = []

    def opened(profile: Path, **kwargs: tuple[int, int]) -> Screen:
        screens.append(Screen(qtbot, profile, tmp_path / "window.ini", **kwargs))
        return screens[-1]

    yield opened
    for screen in screens:
        screen.close()
