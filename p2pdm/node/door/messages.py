"""Saying something, and what can be done with one message."""

from __future__ import annotations

import asyncio

from p2pdm.api.types import ApiError, Message, Notice, Sent
from p2pdm.conversation.entries import Flag
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.erasing import Erasing
from p2pdm.node.saying import Saying
from p2pdm.node.view import View


class MessageDoor:
    """Part of NodeApi."""

    commits: Commits
    erasing: Erasing
    saying: Saying
    view: View
    _waiters: dict[str, set[asyncio.Event]]

    @tells_of_the_disk
    async def send(
        self,
        to: str,
        text: str,
        reply_to: str | None = None,
        mentions: list[str] | None = None,
        automated: bool = False,
        bulk: bool = False,
    ) -> Sent:
        """See NodeApi."""
        flags = Flag.AUTOMATED * automated | Flag.BULK * bulk
        return await self.saying.text(to, text, reply_to, mentions or [], Flag(flags))

    @tells_of_the_disk
    async def edit(self, id: str, text: str, mentions: list[str] | None = None) -> Message:
        """See NodeApi."""
        return await self.saying.edit(id, text, mentions)

    @tells_of_the_disk
    async def delete(self, id: str) -> None:
        """See NodeApi."""
        line = self.view.line(id)
        message = self.view.message(line)
        if message.mine and message.state in ("waiting", "sent") and not message.unsent:
            raise ApiError("waiting", "This message was not delivered yet: take it back, or delete it once it was.")
        with self.commits.writing():
            self.erasing.erase([line])
        await self.commits.durable()

    @tells_of_the_disk
    async def unsend(self, id: str) -> Message:
        """See NodeApi."""
        return await self.saying.unsend(id)

    @tells_of_the_disk
    async def react(self, id: str, value: str) -> Message:
        """See NodeApi."""
        return await self.saying.react(id, value)

    @tells_of_the_disk
    async def pin(self, id: str, on: bool) -> Message:
        """See NodeApi."""
        return await self.saying.pin(id, on)

    async def wait(self, id: str, seconds: float) -> Message:
        """See NodeApi."""
        id = id.strip().lower()
        ending = ("delivered", "read", "failed")
        changed = asyncio.Event()
        self._waiters.setdefault(id, set()).add(changed)
        try:
            async with asyncio.timeout(max(seconds, 0)):
                while (message := self.view.message(self.view.line(id))).state not in ending:
                    changed.clear()
                    await changed.wait()
            return message
        except TimeoutError:
            return self.view.message(self.view.line(id))
        finally:
            self._waiters[id].discard(changed)
            if not self._waiters[id]:
                del self._waiters[id]

    def _note_state(self, notice: Notice) -> None:
        if notice.event == "state":
            for id in [notice.id] if notice.id else list(self._waiters):
                for changed in self._waiters.get(id, ()):
                    changed.set()

    async def message(self, id: str) -> Message:
        """See NodeApi."""
        return self.view.message(self.view.line(id))
