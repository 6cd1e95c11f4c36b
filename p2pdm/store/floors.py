"""Floors: known parents that one does not hold: they are from before one belonged, or nobody seems to have them."""

from __future__ import annotations

from typing import NamedTuple

from p2pdm.conversation.encoding import restore
from p2pdm.conversation.entries import Entry, Header
from p2pdm.conversation.log import Place, place_of
from p2pdm.store.database import Database
from p2pdm.store.rows import RowNumbers


class OnlyFloor(NamedTuple):
    """An entry that is known as a parent only."""

    id: bytes
    header: Header
    base: int
    """The sequence number up to which its chain is here below it; -1: nothing of it."""


class FloorTable:
    """Entries that are known as parents."""

    def __init__(self, database: Database, rows: RowNumbers) -> None:
        self._db = database
        self._rows = rows

    # --- writing; the caller holds a transaction ---

    def add(self, entry: Entry) -> None:
        """Know an entry as a parent without holding what it says; others may need it as one, too."""
        place = place_of(entry)
        self._db.execute(
            "INSERT OR IGNORE INTO floors (id, conversation, device, chain, seq, lamport, signed, signature)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place.id,
                self._rows.conversation(place.conversation),
                place.device,
                place.chain,
                place.seq,
                place.lamport,
                entry.signed,
                entry.signature,
            ),
        )

    def remove(self, id: bytes) -> None:
        """What was a parent only is here now."""
        self._db.execute("DELETE FROM floors WHERE id = ?", (id,))

    # --- reading ---

    def only_floors(self, conversation: bytes) -> list[OnlyFloor]:
        """The entries of a conversation that are known as parents only."""
        rows = self._db.execute(
            "SELECT f.signed, f.signature, (SELECT max(e.seq) FROM entries e JOIN devices d ON d.number = e.device"
            " WHERE e.conversation = f.conversation AND d.key = f.device AND e.chain = f.chain AND e.seq < f.seq)"
            " FROM floors f WHERE f.conversation = ? AND NOT EXISTS (SELECT 1 FROM entries WHERE id = f.id)",
            (self._rows.conversation(conversation),),
        )
        found = [(restore(signed, signature, b"", None), base) for signed, signature, base in rows]
        return [OnlyFloor(entry.id, entry.header, -1 if base is None else base) for entry, base in found]

    def place(self, id: bytes) -> Place | None:
        """Where a floor stands."""
        row = self._db.first(
            "SELECT c.id, f.device, f.chain, f.seq, f.lamport FROM floors f"
            " JOIN conversations c ON c.number = f.conversation WHERE f.id = ?",
            (id,),
        )
        return Place(id, *row) if row else None

    def header(self, id: bytes) -> Header | None:
        """The header of an entry that is known as a parent only."""
        row = self._db.first(
            "SELECT signed, signature FROM floors WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM entries WHERE id = ?1)",
            (id,),
        )
        return restore(row[0], row[1], b"", None).header if row else None

    def has_any(self, conversation: bytes, device: bytes) -> bool:
        """Whether a chain of a device may begin above its opening."""
        place = (self._rows.conversation(conversation), device)
        return bool(self._db.execute("SELECT 1 FROM floors WHERE conversation = ? AND device = ? LIMIT 1", place))
