"""Conversations as a whole."""

from __future__ import annotations

from p2pdm.api.types import Chat, Message
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.receipts import Receipts
from p2pdm.node.search import Search
from p2pdm.node.sharing import Sharing
from p2pdm.node.view import View
from p2pdm.wire import frames


class ChatDoor:
    """Part of NodeApi."""

    commits: Commits
    finding: Search
    receipts: Receipts
    sharing: Sharing
    view: View

    async def chats(self) -> list[Chat]:
        """See NodeApi."""
        return self.view.chats()

    async def history(
        self, chat: str, limit: int = 50, before: str | None = None, search: str | None = None
    ) -> list[Message]:
        """See NodeApi."""
        if search is None or not search.strip():
            return self.view.history(chat, limit, before)
        conversation = self.view.find(chat).conversation
        return await self.finding.in_chat(conversation, search, limit, self.view.line(before) if before else None)

    @tells_of_the_disk
    async def read(self, chat: str) -> None:
        """See NodeApi."""
        self.receipts.mark_read(self.view.find(chat).conversation)
        await self.commits.durable()

    async def typing(self, chat: str, on: bool) -> None:
        """See NodeApi."""
        conversation = self.view.find(chat).conversation
        for peer in self.sharing.listeners(conversation):
            peer.say_quick(frames.Typing(conversation, on))
