"""Bodies: of which entries what they say is here, is to come, or never will be."""

from __future__ import annotations

from typing import NamedTuple

from p2pdm.store.database import Database
from p2pdm.store.rows import RowNumbers

MAX_LACKING = 100
"""Entries named at once whose body is to come."""
MAX_ARRIVAL = 2**63 - 1


class Lacked(NamedTuple):
    """An entry whose body is to come."""

    arrival: int
    id: bytes


class BodyTable:
    """What entries lack of their bodies; the bodies are stored with them."""

    def __init__(self, database: Database, rows: RowNumbers) -> None:
        self._db = database
        self._rows = rows
        self._lacking: dict[bytes, list[bytes]] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._lacking.clear()

    # --- writing; the caller holds a transaction ---

    def no_longer_lacking(self, conversation: bytes, id: bytes) -> None:
        """The body has come, or it is known why it never will."""
        self._db.execute("UPDATE entries SET lacking = 0 WHERE id = ?", (id,))
        self._lacking.pop(conversation, None)

    def look_again(self, conversation: bytes) -> None:
        """Others are lacking than were: some came, or were purged, so that nothing of those is to come."""
        self._lacking.pop(conversation, None)

    # --- reading ---

    def lacking(self, conversation: bytes) -> list[bytes]:
        """The first entries of a conversation whose body is to come: messages before what is about them."""
        if conversation not in self._lacking:
            rows = self._db.execute(
                "SELECT id FROM entries INDEXED BY entries_lacking WHERE conversation = ? AND lacking = 1"
                " ORDER BY kind, arrival LIMIT ?",
                (self._rows.conversation(conversation), MAX_LACKING),
            )
            self._lacking[conversation] = [row[0] for row in rows]
        return self._lacking[conversation]

    def lacking_between(
        self, conversation: bytes, above: int, below: int | None, since: int, most: int
    ) -> list[Lacked]:
        """The last that arrived, between two numbers, of the entries written since then whose body is to come."""
        below = MAX_ARRIVAL if below is None else below
        rows = self._db.execute(
            "SELECT arrival, id FROM entries INDEXED BY entries_lacking WHERE conversation = ? AND lacking = 1"
            " AND arrival > ? AND arrival < ? AND time >= ? ORDER BY arrival DESC LIMIT ?",
            (self._rows.conversation(conversation), above, below, since, most),
        )
        return [Lacked(*row) for row in rows]

    def has(self, id: bytes) -> bool:
        """Whether what an entry says is here."""
        return bool(self._db.execute("SELECT 1 FROM entries WHERE id = ? AND body IS NOT NULL", (id,)))

    def is_erased(self, id: bytes) -> bool:
        """Whether an entry is here, and what it says will not be: it was erased, or is from before one belonged."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM entries WHERE id = ?1 AND body IS NULL AND lacking = 0 AND (void = 0 OR shown = -1)"
                " UNION ALL SELECT 1 FROM floors WHERE id = ?1",
                (id,),
            )
        )
