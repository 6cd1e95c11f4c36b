"""Conversations as a whole."""

from __future__ import annotations

import asyncio

from p2pdm.api.types import ApiError, Chat, Message
from p2pdm.node.board import Board
from p2pdm.node.browsing import Browsing
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.expiry import Expiry
from p2pdm.node.myself import Myself
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.receipts import Receipts
from p2pdm.node.search import Search
from p2pdm.node.sharing import Sharing
from p2pdm.node.view import View
from p2pdm.store.tables import Store
from p2pdm.wire import frames

COUNTED_AT_ONCE = 20_000
"""Arrivals counted in one piece: some 10 ms."""


class ChatDoor:
    """Part of NodeApi."""

    board: Board
    browsing: Browsing
    commits: Commits
    expiry: Expiry
    finding: Search
    myself: Myself
    receipts: Receipts
    settings: PrivacySettings
    sharing: Sharing
    store: Store
    view: View

    async def chats(self) -> list[Chat]:
        """See NodeApi."""
        return await self.browsing.chats()

    async def history(
        self,
        chat: str,
        limit: int = 50,
        before: str | None = None,
        search: str | None = None,
        happenings: bool = False,
    ) -> list[Message]:
        """See NodeApi."""
        if search is None or not search.strip():
            return await self.browsing.history(chat, limit, before, happenings=happenings)
        conversation = self.view.find(chat).conversation
        return await self.finding.in_chat(conversation, search, limit, self.view.line(before) if before else None)

    @tells_of_the_disk
    async def read(self, chat: str) -> None:
        """See NodeApi."""
        conversation = self.view.find(chat).conversation
        self.receipts.mark_read(conversation)
        with self.commits.writing():
            self.expiry.read(conversation)
        await self.commits.durable()

    @tells_of_the_disk
    async def unread(self, chat: str, from_id: str | None = None) -> None:
        """See NodeApi."""
        conversation = self.view.find(chat).conversation
        above = self._unread_above(conversation, from_id)
        unread, counted = 0, above
        while counted < (top := self.store.entries.last_arrival()):
            end = min(counted + COUNTED_AT_ONCE, top)
            unread += self.store.lines.unread_after(conversation, self.myself.id, counted, end)
            counted = end
            if counted < top:
                await asyncio.sleep(0)
        if not unread:
            raise ApiError("empty", "Nobody else has said anything there that could be unread.")
        with self.commits.writing():
            self.store.conversations.mark_unread(conversation, above, unread)
            self.board.post("chat", chat=conversation)
        await self.commits.durable()

    def _unread_above(self, conversation: bytes, from_id: str | None) -> int:
        """The arrival up to which everything stays read."""
        if from_id is None:
            return max(self.store.lines.last_of_others(conversation, self.myself.id) - 1, 0)
        message = self.view.line(from_id)
        if message.conversation != conversation:
            raise ApiError("elsewhere", "This message is in another chat.")
        return message.arrival - 1

    async def typing(self, chat: str, on: bool) -> None:
        """See NodeApi."""
        conversation = self.view.find(chat).conversation
        if not (self.settings.now.typing and self.settings.now.presence):
            return  # who is not here does not type
        for peer in self.sharing.listeners(conversation):
            peer.say_quick(frames.Typing(conversation, on))
