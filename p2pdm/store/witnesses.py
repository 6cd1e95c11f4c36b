"""Witnesses: by membership entry, the first content of each device that names it, so that a reader is shown what
happened to a group before what was said by those who knew; and up to where a reader was shown enough of that."""

from __future__ import annotations

from collections.abc import Iterable

from p2pdm.conversation.chronicle import Order, Witness
from p2pdm.conversation.entries import Header
from p2pdm.store.database import Database

MAX_CACHED = 4_096
"""Witnesses remembered in memory: an author names the same heads again and again."""


class WitnessTable:
    """Conversations and devices are row numbers here."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._noted: dict[tuple[int, int, bytes], bytes] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._noted.clear()

    # --- writing; the caller holds a transaction ---

    def add(self, conversation: int, device: int, header: Header, id: bytes) -> None:
        """Content that counts was stored."""
        place = _packed((header.lamport, header.time, id))
        for head in header.membership:
            key = conversation, device, head
            if key in self._noted and self._noted[key] <= place:
                continue
            self._db.execute(
                "INSERT INTO witnesses (conversation, device, head, place) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET place = excluded.place WHERE excluded.place < place",
                (*key, place),
            )
            if len(self._noted) >= MAX_CACHED:
                self._noted.clear()
            self._noted[key] = place

    def look_again(self, conversation: int, device: int, counting: Iterable[tuple[Header, bytes]]) -> None:
        """Of a device's content, only this counts now."""
        self._noted.clear()
        self._db.execute("DELETE FROM witnesses WHERE conversation = ? AND device = ?", (conversation, device))
        for header, id in counting:
            self.add(conversation, device, header, id)

    # --- reading ---

    def first(self, conversation: int) -> list[Witness]:
        """By membership entry, the first content of all that names it."""
        rows = self._db.execute(
            "SELECT head, min(place) FROM witnesses WHERE conversation = ? GROUP BY head", (conversation,)
        )
        return [Witness(head, _unpacked(place)) for head, place in rows]

    def told(self, conversation: int) -> set[bytes]:
        """The membership entries of which a reader may still be shown what they changed."""
        rows = self._db.execute(
            "SELECT e.id FROM entries e INDEXED BY entries_membership JOIN conversations c ON c.number = e.conversation"
            " WHERE e.conversation = ? AND e.chain = 1 AND e.arrival > c.told_above",
            (conversation,),
        )
        return {row[0] for row in rows}


def _packed(place: Order) -> bytes:
    """Bytes that are ordered as places are."""
    lamport, time, id = place
    return lamport.to_bytes(8, "big") + time.to_bytes(8, "big") + id


def _unpacked(place: bytes) -> Order:
    return int.from_bytes(place[:8], "big"), int.from_bytes(place[8:16], "big"), place[16:]
