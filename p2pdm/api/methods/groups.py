"""Groups: those who were invited and said yes."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Chat, Group


class GroupCalls(Protocol):
    """Part of NodeApi."""

    async def create_group(self, name: str, who: list[str]) -> Chat:
        """Make a group and invite people into it, each a contact."""
        ...

    async def group(self, chat: str) -> Group:
        """Who belongs to a group or an announcement, and with what rights."""
        ...

    async def invite(self, chat: str, who: str) -> Group:
        """Invite a contact into a group; they read what is said from now on, once they have said yes."""
        ...

    async def join_group(self, chat: str) -> Group:
        """Say yes to an invitation."""
        ...

    async def leave(self, chat: str) -> None:
        """Leave a group or a room, or say no to an invitation. What was said stays here."""
        ...

    async def remove(self, chat: str, who: str) -> Group:
        """Put somebody out of a group, or take their invitation back."""
        ...

    async def promote(self, chat: str, who: str, on: bool) -> Group:
        """Make somebody an admin of a group (an announcer of an announcement), or no more."""
        ...

    async def describe(
        self, chat: str, name: str | None = None, topic: str | None = None, picture: str | None = None
    ) -> Group:
        """Give a group another name, topic or picture (the path of a PNG, JPEG or WebP of 16 KiB; empty: none)."""
        ...
