"""Rows: the numbers by which tables name a conversation and a device, remembered in memory."""

from __future__ import annotations

from p2pdm.store.database import Database


class RowNumbers:
    """Row numbers, for joins."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._conversations: dict[bytes, int] = {}
        self._devices: dict[bytes, int] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._conversations.clear()
        self._devices.clear()

    def conversation(self, id: bytes) -> int:
        """The row of a conversation; 0 for one that is not here."""
        number = self._conversations.get(id)
        if number is None:
            row = self._db.first("SELECT number FROM conversations WHERE id = ?", (id,))
            if row is None:
                return 0
            number = self._conversations[id] = int(row[0])
        return number

    def device(self, key: bytes) -> int:
        """The row of a device; 0 for one that is not here."""
        number = self._devices.get(key)
        if number is None:
            row = self._db.first("SELECT number FROM devices WHERE key = ?", (key,))
            if row is None:
                return 0
            number = self._devices[key] = int(row[0])
        return number
