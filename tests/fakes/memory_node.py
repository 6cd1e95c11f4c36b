"""A NodeApi without network or disk: people, chats, messages and notices in memory, moved on by the test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import cast

from p2pdm.api.methods import NodeApi
from tests.fakes.memory_chats import ChatsInMemory
from tests.fakes.memory_lock import LockInMemory
from tests.fakes.memory_oneself import OneselfInMemory


@dataclass
class MemoryNode(OneselfInMemory, ChatsInMemory, LockInMemory):
    """The calls of NodeApi that clients' tests need, one part for each concern, and the NoticeLog."""

    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def door(self) -> NodeApi:
        """Itself, as what the server serves; a call that it lacks fails the test that makes it."""
        return cast(NodeApi, self)

    async def subscribe(self, since: int | None = None) -> int:
        raise AssertionError("the server answers this itself")

    async def stop(self) -> None:
        self.stopped.set()
