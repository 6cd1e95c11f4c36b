"""Conversations: which there are, what is unread, and how far the others have got."""

from __future__ import annotations

from dataclasses import dataclass

from p2pdm.identity import PeerId
from p2pdm.store.database import Database

DIRECT = 0
DELIVERED, READ = 1, 2


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """One conversation."""

    number: int
    id: bytes
    kind: int
    other: PeerId
    last: int
    """The arrival number of the line shown last; 0: none."""
    unread: int
    read_arrival: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recipient has got in one device's chain, by its own word."""

    device: bytes
    delivered: int
    """The highest sequence number on their disk; -1: none."""
    read: int


_COLUMNS = "number, id, kind, other, last, unread, read_arrival FROM conversations"


class ConversationTable:
    """The conversations and the receipts in them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def ensure_direct(self, id: bytes, other: PeerId) -> None:
        """The direct conversation with someone."""
        self._db.execute("INSERT OR IGNORE INTO conversations (id, kind, other) VALUES (?, ?, ?)", (id, DIRECT, other))

    def get(self, id: bytes) -> StoredConversation | None:
        """One conversation."""
        row = self._db.first(f"SELECT {_COLUMNS} WHERE id = ?", (id,))
        return StoredConversation(*row) if row else None

    def all(self) -> list[StoredConversation]:
        """Those in which something was said, latest first."""
        return [
            StoredConversation(*row) for row in self._db.execute(f"SELECT {_COLUMNS} WHERE last > 0 ORDER BY last DESC")
        ]

    def unread_total(self) -> int:
        """Unread messages over all conversations."""
        row = self._db.first("SELECT coalesce(sum(unread), 0) FROM conversations")
        return int(row[0]) if row else 0

    def lines_added(self, id: bytes, last: int, unread: int) -> None:
        """Lines arrived: the one that is shown last now, and how many of them are unread."""
        self._db.execute("UPDATE conversations SET last = ?, unread = unread + ? WHERE id = ?", (last, unread, id))

    def mark_read(self, id: bytes) -> None:
        """Everything here has been read."""
        self._db.execute(
            "UPDATE conversations SET unread = 0, read_arrival ="
            " (SELECT coalesce(max(arrival), 0) FROM entries WHERE conversation = conversations.number) WHERE id = ?",
            (id,),
        )

    # --- receipts ---

    def reached(self, id: bytes, recipient: PeerId, device: bytes, chain: int, kind: int, seq: int, at: int) -> int:
        """Their word: their disk (or their eyes: READ) has this chain up to `seq`.

        Returns the sequence number that it had before (-1: none); a word that brings nothing new is not kept.
        """
        row = self._db.first(
            "SELECT c.number, d.number, (SELECT coalesce(max(seq), -1) FROM receipts r WHERE r.conversation = c.number"
            " AND r.device = d.number AND r.chain = ? AND r.recipient = ? AND r.kind = ?)"
            " FROM conversations c, devices d WHERE c.id = ? AND d.key = ?",
            (chain, recipient, kind, id, device),
        )
        if row is None:
            return seq
        number, device_number, before = row
        if seq > before:
            self._db.execute(
                "INSERT INTO receipts (conversation, recipient, device, chain, kind, seq, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (number, recipient, device_number, chain, kind, seq, at),
            )
        return int(before)

    def progress(self, id: bytes, recipient: PeerId) -> dict[bytes, Progress]:
        """By device: how far `recipient` has got in its content chain."""
        rows = self._db.execute(
            "SELECT d.key, max(CASE r.kind WHEN 1 THEN r.seq ELSE -1 END),"
            " max(CASE r.kind WHEN 2 THEN r.seq ELSE -1 END)"
            " FROM receipts r JOIN devices d ON d.number = r.device JOIN conversations c ON c.number = r.conversation"
            " WHERE c.id = ? AND r.recipient = ? AND r.chain = 0 GROUP BY d.key",
            (id, recipient),
        )
        return {key: Progress(key, delivered, read) for key, delivered, read in rows}
