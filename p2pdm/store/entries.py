"""Entries: everything that was said, by chain for peers and by timeline for readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from p2pdm.conversation.encoding import restore
from p2pdm.conversation.entries import Entry, Kind
from p2pdm.conversation.log import Place
from p2pdm.identity import Certificate, PeerId
from p2pdm.store.database import Database, Row

PURGED_AT_ONCE = 200
"""Entries in one piece of a purge: some 30 ms, most of it for the words' index."""
MAX_FORKED = 64
"""Heads kept of one chain: a device forks once when a copy of it runs; more is a device that plays games."""


class Branch(NamedTuple):
    """A head as it is stored."""

    device: bytes
    chain: int
    seq: int
    id: bytes
    lamport: int


class Handed(NamedTuple):
    """An entry to hand on: its place in the chain and its bytes."""

    seq: int
    lamport: int
    id: bytes
    encoded: bytes


class Span(NamedTuple):
    """A piece of a chain: PURGED_AT_ONCE sequence numbers from `start`."""

    conversation: bytes
    device: bytes
    chain: int
    start: int
    full: bool
    """Whether all of its numbers are taken."""


@dataclass(frozen=True, slots=True)
class StoredLine:
    """An entry that a reader sees, with what the reader's states are made of."""

    entry: Entry
    conversation: bytes
    arrival: int
    identity: PeerId
    """The author."""


_LINE = (
    "SELECT e.signed, e.signature, e.salt, e.body, c.id, e.arrival, d.identity FROM entries e "
    "JOIN devices d ON d.number = e.device JOIN conversations c ON c.number = e.conversation "
)


class EntryTable:
    """The entries, their chains' heads, and the devices that wrote them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._heads: dict[bytes, dict[bytes, Branch]] = {}
        self._changed: set[tuple[bytes, bytes, int]] = set()
        self._devices: dict[bytes, int] = {}
        self._identities: dict[bytes, PeerId] = {}
        self._numbers: dict[bytes, int] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._heads.clear()
        self._changed.clear()
        self._devices.clear()
        self._identities.clear()
        self._numbers.clear()

    # --- writing; the caller holds a transaction and calls `flush` before it commits ---

    def add_device(self, certificate: Certificate) -> None:
        """Remember a device; known ones stay as they are."""
        self._db.execute(
            "INSERT OR IGNORE INTO devices (key, identity, certificate) VALUES (?, ?, ?)",
            (certificate.device, certificate.identity, certificate.encode()),
        )

    def add(self, entry: Entry, text: str | None) -> int:
        """Store an entry that was accepted; `text` is what its line shows (None: no line). Returns its arrival."""
        header = entry.header
        self._db.execute(
            "INSERT INTO entries (id, conversation, device, chain, seq, lamport, time, kind, shown, signed, signature,"
            " salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.id,
                self._number(header.conversation),
                self._device(header.device),
                header.chain,
                header.seq,
                header.lamport,
                header.time,
                header.kind,
                text is not None,
                entry.signed,
                entry.signature,
                entry.salt,
                entry.body,
            ),
        )
        arrival = self._db.last_rowid
        if text is not None:
            self._db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (arrival, text))
        self._advance(entry)
        return arrival

    def _advance(self, entry: Entry) -> None:
        header = entry.header
        heads = self._branches(header.conversation)
        if header.seq:
            heads.pop(header.prev, None)
        heads[entry.id] = Branch(header.device, header.chain, header.seq, entry.id, header.lamport)
        self._changed.add((header.conversation, header.device, header.chain))

    def flush(self) -> None:
        """Write the heads that changed."""
        for conversation, device, chain in self._changed:
            number, device_number = self._number(conversation), self._device(device)
            self._db.execute(
                "DELETE FROM heads WHERE conversation = ? AND device = ? AND chain = ?", (number, device_number, chain)
            )
            for head in self._branches(conversation).values():
                if (head.device, head.chain) == (device, chain):
                    self._db.execute(
                        "INSERT INTO heads (conversation, device, chain, seq, lamport, id) VALUES (?, ?, ?, ?, ?, ?)",
                        (number, device_number, chain, head.seq, head.lamport, head.id),
                    )
        self._changed.clear()

    # --- chains, for sync ---

    def heads(self, conversation: bytes) -> list[Branch]:
        """All heads of all chains of a conversation; empty for one that is not here."""
        return list(self._branches(conversation).values())

    def place(self, id: bytes) -> Place | None:
        """Where a stored entry stands."""
        rows = self._db.execute(
            "SELECT c.id, d.key, e.chain, e.seq, e.lamport FROM entries e JOIN devices d ON d.number = e.device"
            " JOIN conversations c ON c.number = e.conversation WHERE e.id = ?",
            (id,),
        )
        return Place(id, *rows[0]) if rows else None

    def place_in(self, conversation: bytes, id: bytes) -> Place | None:
        """As `place`, quick when it is a head of `conversation`, as parents mostly are."""
        head = self._branches(conversation).get(id)
        if head is not None:
            return Place(id, conversation, head.device, head.chain, head.seq, head.lamport)
        return self.place(id)

    def knows(self, id: bytes) -> bool:
        """Whether this entry is stored."""
        return bool(self._db.execute("SELECT 1 FROM entries WHERE id = ?", (id,)))

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        """(conversation, device, chain, seq) of a stored entry."""
        place = self.place(id)
        return (place.conversation, place.device, place.chain, place.seq) if place else None

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> list[Handed]:
        """Entries of a chain above `seq` in their order, of every branch, of about `limit` bytes together."""
        place = (self._number(conversation), self._device(device), chain)
        most = max(limit // 256, 1)
        found: list[Handed] = []
        size = 0
        for handed in self._handed("seq > ? ORDER BY seq LIMIT ?", *place, seq, most):
            found.append(handed)
            size += len(handed.encoded)
            if size >= limit:
                break
        if size < limit and len(found) < most:
            return found
        last = found[-1].seq  # other branches may have an entry at it that did not fit
        return [handed for handed in found if handed.seq < last] + self._handed("seq = ?", *place, last)

    def _handed(self, where: str, *bindings: int) -> list[Handed]:
        rows = self._db.execute(
            "SELECT seq, lamport, id, signed, signature, salt, body FROM entries"  # noqa: S608 -- our own words
            f" WHERE conversation = ? AND device = ? AND chain = ? AND {where}",
            bindings,
        )
        return [
            Handed(seq, lamport, id, signed + signature if body is None else signed + signature + salt + body)
            for seq, lamport, id, signed, signature, salt, body in rows
        ]

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        """The sequence number below the lowest fork of a chain (its top, where there is none)."""
        row = self._db.first(
            "SELECT min(seq) - 1 FROM (SELECT seq FROM entries WHERE conversation = ? AND device = ? AND chain = ?"
            " GROUP BY seq HAVING count(*) > 1)",
            (self._number(conversation), self._device(device), chain),
        )
        tops = [head.seq for head in self.heads(conversation) if (head.device, head.chain) == (device, chain)]
        return row[0] if row and row[0] is not None else max(tops, default=-1)

    def certificate(self, device: bytes) -> bytes | None:
        """The certificate of a device that wrote here."""
        row = self._db.first("SELECT certificate FROM devices WHERE key = ?", (device,))
        return row[0] if row else None

    def identity_of(self, device: bytes) -> PeerId | None:
        """Whose device this is."""
        identity = self._identities.get(device)
        if identity is None:
            row = self._db.first("SELECT identity FROM devices WHERE key = ?", (device,))
            if row is None:
                return None
            identity = self._identities[device] = row[0]
        return identity

    # --- timeline, for readers ---

    def line(self, id: bytes) -> StoredLine | None:
        """One shown entry."""
        rows = self._db.execute(_LINE + "WHERE e.id = ? AND e.shown = 1", (id,))
        return _stored_line(rows[0]) if rows else None

    def line_at(self, arrival: int) -> StoredLine | None:
        """One shown entry by its arrival."""
        rows = self._db.execute(_LINE + "WHERE e.arrival = ? AND e.shown = 1", (arrival,))
        return _stored_line(rows[0]) if rows else None

    def page(self, conversation: bytes, limit: int, before: Entry | None) -> list[StoredLine]:
        """The last `limit` lines, or those before one; oldest first."""
        number = self._number(conversation)
        if before is None:
            rows = self._db.execute(
                _LINE
                + "WHERE e.conversation = ? AND e.shown = 1 ORDER BY e.lamport DESC, e.time DESC, e.id DESC LIMIT ?",
                (number, limit),
            )
        else:
            header = before.header
            rows = self._db.execute(
                _LINE + "WHERE e.conversation = ? AND e.shown = 1 AND (e.lamport, e.time, e.id) < (?, ?, ?)"
                " ORDER BY e.lamport DESC, e.time DESC, e.id DESC LIMIT ?",
                (number, header.lamport, header.time, before.id, limit),
            )
        return [_stored_line(row) for row in reversed(rows)]

    def search(self, conversation: bytes, words: str, limit: int, before: Entry | None) -> list[StoredLine]:
        """The last `limit` lines with all `words` (each may go on); oldest first."""
        # What no text can hold is no part of a word: a NUL would end the query, half a character can't be asked for.
        asked = words.encode("utf-8", "replace").decode().replace("\0", " ")
        query = " ".join(f'"{word.replace(chr(34), chr(34) * 2)}"*' for word in asked.split())
        if not query:
            return []
        order = (2**62, 0, b"") if before is None else (before.header.lamport, before.header.time, before.id)
        rows = self._db.execute(
            _LINE + "JOIN words w ON w.rowid = e.arrival WHERE w.text MATCH ? AND e.conversation = ?"
            " AND (e.lamport, e.time, e.id) < (?, ?, ?) ORDER BY e.lamport DESC, e.time DESC, e.id DESC LIMIT ?",
            (query, self._number(conversation), *order, limit),
        )
        return [_stored_line(row) for row in reversed(rows)]

    def request_of(self, conversation: bytes, device: bytes, after: int) -> tuple[Entry, Entry] | None:
        """The opening of a device's chain and its first line above `after`: what a request carries."""
        rows = self._db.execute(
            "SELECT signed, signature, salt, body FROM entries WHERE conversation = ? AND device = ? AND chain = 0"
            " AND (seq = 0 OR (seq > ? AND shown = 1)) ORDER BY seq LIMIT 2",
            (self._number(conversation), self._device(device), after),
        )
        return (restore(*rows[0]), restore(*rows[1])) if len(rows) == 2 else None

    def waiting_count(self, conversation: bytes, device: bytes, after: int) -> int:
        """How many lines a device's chain has above `after`."""
        row = self._db.first(
            "SELECT count(*) FROM entries WHERE conversation = ? AND device = ? AND chain = 0"
            " AND seq > ? AND shown = 1",
            (self._number(conversation), self._device(device), after),
        )
        return int(row[0]) if row else 0

    def last_read(self, conversation: bytes, reader: PeerId, read_arrival: int) -> list[Branch]:
        """The last line of each other's device that arrived no later than `read_arrival`: how far `reader` has read."""
        found = []
        for head in self.heads(conversation):
            if head.chain or self.identity_of(head.device) == reader:
                continue
            row = self._db.first(
                "SELECT seq, id, lamport FROM entries WHERE conversation = ? AND device = ? AND chain = 0"
                " AND arrival <= ? AND shown = 1 ORDER BY seq DESC LIMIT 1",
                (self._number(conversation), self._device(head.device), read_arrival),
            )
            if row is not None:
                found.append(Branch(head.device, 0, *row))
        return found

    def lines_between(self, conversation: bytes, device: bytes, above: int, up_to: int, limit: int) -> list[bytes]:
        """The ids of a device's lines with above < seq <= up_to, the last `limit` of them."""
        rows = self._db.execute(
            "SELECT id FROM entries WHERE conversation = ? AND device = ? AND chain = 0 AND seq > ? AND seq <= ?"
            " AND shown = 1 ORDER BY seq DESC LIMIT ?",
            (self._number(conversation), self._device(device), above, up_to, limit),
        )
        return [row[0] for row in reversed(rows)]

    def spans(self, conversation: bytes) -> list[Span]:
        """All that is stored of a conversation, in pieces that are each quickly purged."""
        tops: dict[tuple[bytes, int], int] = {}
        for head in self.heads(conversation):
            tops[head.device, head.chain] = max(head.seq, tops.get((head.device, head.chain), 0))
        return [
            Span(conversation, device, chain, start, full=start + PURGED_AT_ONCE <= top + 1)
            for (device, chain), top in tops.items()
            for start in range(0, top + 1, PURGED_AT_ONCE)
        ]

    def purge(self, span: Span) -> None:
        """Erase what was said in a piece of a chain; the chain stays verifiable, so nothing of it comes back."""
        place = (self._number(span.conversation), self._device(span.device), span.chain, span.start)
        bindings = (*place, span.start + PURGED_AT_ONCE)
        within = "conversation = ? AND device = ? AND chain = ? AND seq >= ? AND seq < ?"
        self._db.execute(
            f"DELETE FROM words WHERE rowid IN (SELECT arrival FROM entries WHERE {within} AND shown = 1)",  # noqa: S608
            bindings,
        )
        self._db.execute(
            f"UPDATE entries SET body = NULL, salt = x'', shown = 0 WHERE {within} AND kind != {Kind.OPEN:d}",  # noqa: S608
            bindings,
        )

    # --- private ---

    def _branches(self, conversation: bytes) -> dict[bytes, Branch]:
        heads = self._heads.get(conversation)
        if heads is None:
            rows: Sequence[Row] = self._db.execute(
                "SELECT d.key, h.chain, h.seq, h.id, h.lamport FROM heads h JOIN devices d ON d.number = h.device"
                " WHERE h.conversation = ?",
                (self._number(conversation),),
            )
            heads = self._heads[conversation] = {row[3]: Branch(*row) for row in rows}
        return heads

    def _number(self, conversation: bytes) -> int:
        number = self._numbers.get(conversation)
        if number is None:
            row = self._db.first("SELECT number FROM conversations WHERE id = ?", (conversation,))
            if row is None:
                return 0
            number = self._numbers[conversation] = int(row[0])
        return number

    def _device(self, key: bytes) -> int:
        number = self._devices.get(key)
        if number is None:
            row = self._db.first("SELECT number FROM devices WHERE key = ?", (key,))
            if row is None:
                return 0
            number = self._devices[key] = int(row[0])
        return number


def _stored_line(row: Row) -> StoredLine:
    signed, signature, salt, body, conversation, arrival, identity = row
    return StoredLine(restore(signed, signature, salt, body), conversation, arrival, identity)
