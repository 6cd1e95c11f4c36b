"""Durable notices: what a client that was away can still ask for."""

from __future__ import annotations

from dataclasses import dataclass

from p2pdm.store.database import Database

KEPT = 200_000
"""Notices kept: weeks of a busy office; an older cursor begins at the oldest that is left."""
_PRUNE_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """One durable notice."""

    cursor: int
    event: str
    chat: bytes = b""
    person: bytes = b""
    id: bytes = b""
    state: str = ""


class NoticeTable:
    """The durable notices, by cursor."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._cursor: int | None = None

    def forget_cached(self) -> None:
        """After a rollback."""
        self._cursor = None

    def add(self, event: str, chat: bytes = b"", person: bytes = b"", id: bytes = b"", state: str = "") -> StoredNotice:
        """Write a notice; its cursor is the highest so far."""
        self._db.execute(
            "INSERT INTO notices (event, chat, person, id, state) VALUES (?, ?, ?, ?, ?)",
            (event, chat, person, id, state),
        )
        self._cursor = cursor = self._db.last_rowid
        if cursor % _PRUNE_EVERY == 0:
            self._db.execute("DELETE FROM notices WHERE cursor <= ?", (cursor - KEPT,))
        return StoredNotice(cursor, event, chat, person, id, state)

    def cursor(self) -> int:
        """The highest cursor given; 0 when there is none."""
        if self._cursor is None:
            row = self._db.first("SELECT max(cursor) FROM notices")
            self._cursor = int(row[0] or 0) if row else 0
        return self._cursor

    def since(self, cursor: int, limit: int) -> list[StoredNotice]:
        """Up to `limit` notices after `cursor`, in order."""
        rows = self._db.execute(
            "SELECT cursor, event, chat, person, id, state FROM notices WHERE cursor > ? ORDER BY cursor LIMIT ?",
            (cursor, limit),
        )
        return [StoredNotice(*row) for row in rows]
