"""Conversations as a whole."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Chat, Message


class ChatCalls(Protocol):
    """Part of NodeApi."""

    async def chats(self) -> list[Chat]:
        """All conversations, latest first."""
        ...

    async def history(
        self,
        chat: str,
        limit: int = 50,
        before: str | None = None,
        search: str | None = None,
        happenings: bool = False,
    ) -> list[Message]:
        """The last `limit` (1 to 1,000) messages of CHAT before `before`, oldest first.

        With `happenings`: among them, lines that tell who came to a group, who went, and the like.
        With `search`: those with these words, in the order in which they arrived here.
        """
        ...

    async def read(self, chat: str) -> None:
        """Mark everything in CHAT as read."""
        ...

    async def unread(self, chat: str, from_id: str | None = None) -> None:
        """Mark CHAT as unread from a message on, or its last one; what others know of one's reading stays."""
        ...

    async def typing(self, chat: str, on: bool) -> None:
        """Tell those in CHAT that the user is typing, or has stopped; forgotten by itself after 6 s."""
        ...
