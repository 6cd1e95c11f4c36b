"""Rooms: open to everybody on the network."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Chat, Room


class RoomCalls(Protocol):
    """Part of NodeApi."""

    async def rooms(self) -> list[Room]:
        """The rooms that the user or anybody connected is in, by name; the lobby first."""
        ...

    async def open_room(self, name: str, announcement: bool = False) -> Chat:
        """Open a room, or enter the one of that name; of an announcement, only its opener and whom they name write."""
        ...

    async def enter_room(self, room: str) -> Chat:
        """Enter a room by its id or name."""
        ...
