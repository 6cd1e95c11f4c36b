"""Conversations: which there are, what is unread, and how far the others have got."""

from __future__ import annotations

from dataclasses import dataclass, replace

from p2pdm.identity import PeerId
from p2pdm.store.database import Database, Row

DIRECT, GROUP, ROOM, SELF = 0, 1, 2, 3
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
    """Direct: the other person; a group: its creator; else oneself."""
    nonce: bytes
    name: str
    listed: bool
    entered: bool
    """Of a room: whether the user is in it."""
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


_COLUMNS = "number, id, kind, other, nonce, name, listed, entered, last, unread, read_arrival FROM conversations"


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
        self.ensure(id, DIRECT, other)

    def ensure(self, id: bytes, kind: int, other: PeerId, nonce: bytes = b"", name: str = "") -> None:
        """A conversation of any kind; one that is here stays as it is."""
        if self.get(id) is None:
            self._stored.pop(id, None)
            self._db.execute(
                "INSERT OR IGNORE INTO conversations (id, kind, other, nonce, name) VALUES (?, ?, ?, ?, ?)",
                (id, kind, other, nonce, name),
            )

    def set_listed(self, id: bytes, on: bool) -> None:
        """Let a conversation stand in the list though nothing was said in it, or no more."""
        self._stored.pop(id, None)
        self._db.execute("UPDATE conversations SET listed = ? WHERE id = ?", (on, id))

    def drop_empty(self, kind: int) -> None:
        """Forget conversations of a kind of which nothing ever came: somebody only said that there were such."""
        self._stored.clear()
        self._db.execute(
            "DELETE FROM conversations WHERE kind = ? AND number NOT IN (SELECT conversation FROM entries)", (kind,)
        )

    def set_entered(self, id: bytes, on: bool) -> None:
        """The user enters a room, or leaves it."""
        self._stored.pop(id, None)
        self._db.execute("UPDATE conversations SET entered = ? WHERE id = ?", (on, id))

    def of_kind(self, kind: int) -> list[StoredConversation]:
        """All of one kind, whether or not anything was said in them."""
        return [_stored(row) for row in self._db.execute(f"SELECT {_COLUMNS} WHERE kind = ?", (kind,))]

    def get(self, id: bytes) -> StoredConversation | None:
        """One conversation."""
        if id not in self._stored:
            row = self._db.first(f"SELECT {_COLUMNS} WHERE id = ?", (id,))
            if len(self._stored) >= MAX_CACHED:
                self._stored.clear()
            self._stored[id] = _stored(row) if row else None
        return self._stored[id]

    def all(self) -> list[StoredConversation]:
        """Those in which something was said, latest first, then those that are listed without."""
        return [
            _stored(row) for row in self._db.execute(f"SELECT {_COLUMNS} WHERE last > 0 OR listed ORDER BY last DESC")
        ]

    def unread_total(self) -> int:
        """Unread messages over all conversations."""
        row = self._db.first("SELECT coalesce(sum(unread), 0) FROM conversations")
        return int(row[0]) if row else 0

    def emptied(self, id: bytes) -> None:
        """All that was said here is erased, and nothing of what happened before is shown."""
        self._stored.pop(id, None)
        self._db.execute(
            "UPDATE conversations SET last = 0, unread = 0,"
            " told_above = (SELECT coalesce(max(arrival), 0) FROM entries) WHERE id = ?",
            (id,),
        )

    def tell_above(self, id: bytes, arrival: int) -> bool:
        """What happened to a group and came here up to this arrival is shown no more; whether any of it was."""
        rows = self._db.execute(
            "UPDATE conversations SET told_above = ?1 WHERE id = ?2 AND EXISTS (SELECT 1 FROM entries e"
            " INDEXED BY entries_membership WHERE e.conversation = conversations.number AND e.chain = 1"
            " AND e.arrival > conversations.told_above AND e.arrival <= ?1) RETURNING number",
            (arrival, id),
        )
        return bool(rows)

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

    def lines_erased(self, id: bytes, unread: int) -> None:
        """Messages are no lines any more, `unread` of them were unread. The chat stays, also when none is left."""
        self._stored.pop(id, None)
        self._db.execute(
            "UPDATE conversations SET unread = max(unread - ?, 0), last = coalesce((SELECT arrival FROM entries"
            " WHERE conversation = conversations.number AND shown = 1"
            " ORDER BY lamport DESC, time DESC, id DESC LIMIT 1), last) WHERE id = ?",
            (unread, id),
        )

    def mark_unread(self, id: bytes, read_arrival: int, unread: int) -> None:
        """Only what arrived up to `read_arrival` counts as read."""
        self._stored.pop(id, None)
        self._db.execute(
            "UPDATE conversations SET unread = ?, read_arrival = ? WHERE id = ?", (unread, read_arrival, id)
        )
        self._db.execute("DELETE FROM own_reads WHERE conversation = ?", (id,))  # else the next message undoes it

    def begin_unread(self, id: bytes, read_arrival: int, unread: int) -> None:
        """What arrived up to `read_arrival` is not unread, whether or not anybody read it."""
        self._stored.pop(id, None)
        self._db.execute(
            "UPDATE conversations SET unread = ?, read_arrival = ? WHERE id = ?", (unread, read_arrival, id)
        )

    def mark_read(self, id: bytes) -> None:
        """Everything here has been read."""
        self._stored.pop(id, None)
        self._db.execute(
            "UPDATE conversations SET unread = 0, read_arrival = (SELECT coalesce(max(arrival), 0) FROM entries)"
            " WHERE id = ?",
            (id,),
        )

    # --- what other devices of the user have read ---

    def read_elsewhere(self, id: bytes, device: bytes, seq: int) -> None:
        """Another device of the user has read the content of `device` up to `seq`; it may not be here yet."""
        self._db.execute(
            "INSERT INTO own_reads (conversation, device, seq) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
            (id, device, seq),
        )

    def was_read_elsewhere(self, id: bytes) -> bool:
        """Whether another device has said so of this conversation."""
        return bool(self._db.execute("SELECT 1 FROM own_reads WHERE conversation = ? LIMIT 1", (id,)))

    def advance_read(self, id: bytes, reader: PeerId) -> None:
        """Count as read here what was read elsewhere: up to the first message of others that was not."""
        self._stored.pop(id, None)
        unread = (
            "SELECT {} FROM entries e JOIN devices d ON d.number = e.device LEFT JOIN own_reads r"
            " ON r.conversation = ?1 AND r.device = d.key WHERE e.conversation = c.number AND e.shown = 1"
            " AND d.identity != ?2 AND e.arrival > c.read_arrival AND e.seq > coalesce(r.seq, -1)"
        )
        last = "SELECT max(arrival) FROM entries WHERE conversation = c.number"
        self._db.execute(
            f"UPDATE conversations AS c SET unread = ({unread.format('count(*)')}), read_arrival ="  # noqa: S608
            f" max(read_arrival, coalesce(({unread.format('min(e.arrival)')}) - 1, ({last}), 0)) WHERE id = ?1",
            (id, reader),
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

    def reached_when(self, id: bytes, recipient: PeerId, device: bytes, kind: int, seq: int) -> int | None:
        """When `recipient` first said that its disk (or its eyes) has the content of `device` up to `seq`."""
        row = self._db.first(
            "SELECT min(at) FROM receipts WHERE conversation = (SELECT number FROM conversations WHERE id = ?)"
            " AND device = (SELECT number FROM devices WHERE key = ?) AND chain = 0 AND recipient = ? AND kind = ?"
            " AND seq >= ?",
            (id, device, recipient, kind, seq),
        )
        return None if row is None or row[0] is None else int(row[0])

    def on_any_disk(self, id: bytes, device: bytes, seq: int) -> bool:
        """Whether anybody has said that its disk has the content of `device` up to `seq`."""
        row = self._db.first(
            "SELECT 1 FROM receipts WHERE conversation = (SELECT number FROM conversations WHERE id = ?)"
            " AND device = (SELECT number FROM devices WHERE key = ?) AND chain = 0 AND seq >= ? LIMIT 1",
            (id, device, seq),
        )
        return row is not None

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


def _stored(row: Row) -> StoredConversation:
    number, id, kind, other, nonce, name, listed, entered, last, unread, read_arrival = row
    return StoredConversation(
        number, id, kind, other, nonce, name, bool(listed), bool(entered), last, unread, read_arrival
    )
