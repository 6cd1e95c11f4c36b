"""How long things are kept: drafts, messages that disappear, retention, whole chats."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Chat


class KeepingCalls(Protocol):
    """Part of NodeApi."""

    async def draft(self, chat: str) -> str:
        """What is typed in CHAT and not sent."""
        ...

    async def set_draft(self, chat: str, text: str) -> None:
        """Keep what is typed in CHAT on this disk; empty: nothing is. Sending does not touch it."""
        ...

    async def expire(self, chat: str, seconds: int | None = None) -> Chat:
        """Let what is said in CHAT from now on disappear everywhere, so long after it was read; 0: let it stay.

        With null, nothing is set: the answer says how it is.
        Everybody in the chat sees who set it. An own message's time begins when it is delivered.
        """
        ...

    async def retention(self, chat: str | None = None) -> int:
        """Days that CHAT is kept by a wish of its own; without CHAT, those that hold for all others; 0: no wish."""
        ...

    async def set_retention(self, chat: str | None, days: int) -> None:
        """Keep CHAT (None: every chat without a wish of its own) for so many days on this disk; 0 takes the wish back.

        What came earlier is erased here; what is unread, or not delivered yet, stays until it no longer is.
        """
        ...

    async def delete_chat(self, chat: str) -> None:
        """Erase all of CHAT on this disk; it is not listed until something new is said. People stay what they are.

        What was not delivered yet is not sent any more.
        """
        ...
