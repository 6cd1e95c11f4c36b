"""Conversations: which there are, what is unread, and how far the others have got."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2pdm.identity import PeerId
from p2pdm.store.database import Database

DIRECT = 0
DELIVERED, READ = 1, 2
MAX_CACHED = 4_096
"""Conversations and receipts remembered in memory."""


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

    delivered: int
    """The highest sequence number on their disk; -1: none."""
    read: int


_COLUMNS = "number, id, kind, other, last, unread, read_arrival FROM conversations"


class ConversationTable:
    """The conversations and the receipts in them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._stored: dict[bytes, StoredConversation | None] = {}
        self._reached: dict[tuple[bytes, PeerId, bytes, int, int], int] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._stored.clear()
        self._reached.clear()

    def ensure_direct(self, id: bytes, other: PeerId) -> None:
        """The direct conversation with someone."""
        if self.get(id) is not None:
            return
        self._stored.pop(id, None)
        self._db.execute("INSERT OR IGNORE INTO conversations (id, kind, other) VALUES (?, ?, ?)", (id, DIRECT, other))

    def get(self, id: bytes) -> StoredConversation | None:
        """One conversation."""
        if id not in self._stored:
            row = self._db.first(f"SELECT {_COLUMNS} WHERE id = ?", (id,))
            if len(self._stored) >= MAX_CACHED:
                self._stored.clear()
            self._stored[id] = StoredConversation(*row) if row else None
        return self._stored[id]

    def all(self) -> list[StoredConversation]:
        """Those in which something was said, latest first."""
        return [
            StoredConversation(*row) for row in self._db.execute(f"SELECT {_COLUMNS} WHERE last > 0 ORDER BY last DESC")
        ]

    def unread_total(self) -> int:
        """Unread messages over all conversations."""
        row = self._db.first("SELECT coalesce(sum(unread), 0) FROM conversations")
        return int(row[0]) if row else 0

    def emptied(self, id: bytes) -> None:
        """All that was said here is erased."""
        self._stored.pop(id, None)
        self._db.execute("UPDATE conversations SET last = 0, unread = 0 WHERE id = ?", (id,))

    def lines_added(self, id: bytes, last: int, unread: int) -> None:
        """Messages arrived (`last`: the arrival of the latest, 0: none) and so many more are unread, or fewer."""
        stored = self.get(id)
        if stored is None:
            return
        now = replace(stored, last=max(stored.last, last), unread=max(stored.unread + unread, 0))
        self._db.execute(
            "UPDATE conversations SET last = ?, unread = ? WHERE number = ?", (now.last, now.unread, now.number)
        )
        self._stored[id] = now  # not asked for again: it is with each message

    def mark_read(self, id: bytes) -> None:
        """Everything here has been read."""
        self._stored.pop(id, None)
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
        before = self._top(id, recipient, device, chain, kind)
        if seq > before:
            self._db.execute(
                "INSERT INTO receipts (conversation, recipient, device, chain, kind, seq, at)"
                " SELECT c.number, ?, d.number, ?, ?, ?, ? FROM conversations c, devices d"
                " WHERE c.id = ? AND d.key = ?",
                (recipient, chain, kind, seq, at, id, device),
            )
            self._reached[id, recipient, device, chain, kind] = seq
        return before

    def progress(self, id: bytes, recipient: PeerId, device: bytes) -> Progress:
        """How far `recipient` has got in the content chain of `device`."""
        return Progress(self._top(id, recipient, device, 0, DELIVERED), self._top(id, recipient, device, 0, READ))

    def _top(self, id: bytes, recipient: PeerId, device: bytes, chain: int, kind: int) -> int:
        key = (id, recipient, device, chain, kind)
        if key not in self._reached:
            row = self._db.first(
                "SELECT max(seq) FROM receipts WHERE conversation = (SELECT number FROM conversations WHERE id = ?)"
                " AND device = (SELECT number FROM devices WHERE key = ?) AND chain = ? AND recipient = ? AND kind = ?",
                (id, device, chain, recipient, kind),
            )
            if len(self._reached) >= MAX_CACHED:
                self._reached.clear()
            self._reached[key] = -1 if row is None or row[0] is None else int(row[0])
        return self._reached[key]
