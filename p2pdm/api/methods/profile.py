"""This profile and its node."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Me, Status


class ProfileCalls(Protocol):
    """Part of NodeApi."""

    async def me(self) -> Me:
        """Who this profile is."""
        ...

    async def status(self) -> Status:
        """How the node is doing."""
        ...

    async def subscribe(self, since: int | None = None) -> int:
        """Send this connection every notice from now on, first those after `since`; returns the cursor of now."""
        ...

    async def stop(self) -> None:
        """End the node cleanly."""
        ...
