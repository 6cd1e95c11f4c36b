"""Entries: everything that was said, by chain; what peers hand on. How readers see it: `lines`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from p2pdm.conversation.entries import Entry
from p2pdm.conversation.log import Place, place_of
from p2pdm.identity import Certificate, PeerId
from p2pdm.store.database import Database, Row

MAX_FORKED = 64
"""Heads kept of one chain: a device forks once when a copy of it runs; more is a device that plays games."""
MAX_CACHED = 1_024
"""Places of entries remembered in memory: more than is under way at once."""


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


class EntryTable:
    """The entries, their chains' heads, and the devices that wrote them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._heads: dict[bytes, dict[bytes, Branch]] = {}
        self._changed: set[tuple[bytes, bytes, int]] = set()
        self._places: dict[bytes, Place] = {}
        self._latest: tuple[bytes, bytes, int, Handed] | None = None
        """What was stored last, and of which chain: a moment later it is handed on."""
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
        self._places.clear()
        self._latest = None

    # --- writing; the caller holds a transaction and calls `flush` before it commits ---

    def add_device(self, certificate: Certificate) -> None:
        """Remember a device; known ones stay as they are."""
        self._db.execute(
            "INSERT OR IGNORE INTO devices (key, identity, certificate) VALUES (?, ?, ?)",
            (certificate.device, certificate.identity, certificate.encode()),
        )

    def add(self, entry: Entry, *, shown: bool, target: bytes | None = None) -> int:
        """Store an accepted entry; `shown`: it is a message; `target`: what it is about. Returns its arrival."""
        header = entry.header
        self._db.execute(
            "INSERT INTO entries (id, conversation, device, chain, seq, lamport, time, kind, shown, target, signed,"
            " signature, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.id,
                self.number(header.conversation),
                self.device_number(header.device),
                header.chain,
                header.seq,
                header.lamport,
                header.time,
                header.kind,
                shown,
                target,
                entry.signed,
                entry.signature,
                entry.salt,
                entry.body,
            ),
        )
        arrival = self._db.last_rowid
        self._advance(entry)
        handed = Handed(header.seq, header.lamport, entry.id, entry.encode())
        self._latest = header.conversation, header.device, header.chain, handed
        return arrival

    def bodies_erased(self) -> None:
        """Some entries have no body any more: none is handed on that is only remembered."""
        self._latest = None

    def _advance(self, entry: Entry) -> None:
        header = entry.header
        heads = self._branches(header.conversation)
        if header.seq:
            heads.pop(header.prev, None)
        heads[entry.id] = Branch(header.device, header.chain, header.seq, entry.id, header.lamport)
        self._changed.add((header.conversation, header.device, header.chain))
        self._remember(place_of(entry))

    def flush(self) -> None:
        """Write the heads that changed."""
        for conversation, device, chain in self._changed:
            place = (self.number(conversation), self.device_number(device), chain)
            self._db.execute("DELETE FROM heads WHERE conversation = ? AND device = ? AND chain = ?", place)
            for head in self._heads_of(conversation, device, chain):
                self._db.execute(
                    "INSERT INTO heads (conversation, device, chain, seq, lamport, id) VALUES (?, ?, ?, ?, ?, ?)",
                    (*place, head.seq, head.lamport, head.id),
                )
        self._changed.clear()

    def _heads_of(self, conversation: bytes, device: bytes, chain: int) -> list[Branch]:
        return [b for b in self._branches(conversation).values() if (b.device, b.chain) == (device, chain)]

    # --- chains, for sync ---

    def heads(self, conversation: bytes) -> list[Branch]:
        """All heads of all chains of a conversation; empty for one that is not here."""
        return list(self._branches(conversation).values())

    def place(self, id: bytes) -> Place | None:
        """Where a stored entry stands; quick for those of late, which peers ask about with each word of theirs."""
        place = self._places.get(id)
        if place is not None:
            return place
        rows = self._db.execute(
            "SELECT c.id, d.key, e.chain, e.seq, e.lamport FROM entries e JOIN devices d ON d.number = e.device"
            " JOIN conversations c ON c.number = e.conversation WHERE e.id = ?",
            (id,),
        )
        return self._remember(Place(id, *rows[0])) if rows else None

    def _remember(self, place: Place) -> Place:
        if len(self._places) >= MAX_CACHED:
            self._places.clear()
        self._places[place.id] = place
        return place

    def place_in(self, conversation: bytes, id: bytes) -> Place | None:
        """As `place`, quick when it is a head of `conversation`, as parents mostly are."""
        head = self._branches(conversation).get(id)
        if head is not None:
            return Place(id, conversation, head.device, head.chain, head.seq, head.lamport)
        return self.place(id)

    def knows(self, id: bytes) -> bool:
        """Whether this entry is stored."""
        return id in self._places or bool(self._db.execute("SELECT 1 FROM entries WHERE id = ?", (id,)))

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        """(conversation, device, chain, seq) of a stored entry."""
        place = self.place(id)
        return (place.conversation, place.device, place.chain, place.seq) if place else None

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> list[Handed]:
        """Entries of a chain above `seq` in their order, of every branch, of about `limit` bytes together."""
        if self._latest is not None and self._latest[:3] == (conversation, device, chain):
            latest = self._latest[3]
            if latest.seq == seq + 1 and len(self._heads_of(conversation, device, chain)) == 1:
                return [latest]  # what was just said is not read back from the disk
        place = (self.number(conversation), self.device_number(device), chain)
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
            (self.number(conversation), self.device_number(device), chain),
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

    # --- private ---

    def _branches(self, conversation: bytes) -> dict[bytes, Branch]:
        heads = self._heads.get(conversation)
        if heads is None:
            rows: Sequence[Row] = self._db.execute(
                "SELECT d.key, h.chain, h.seq, h.id, h.lamport FROM heads h JOIN devices d ON d.number = h.device"
                " WHERE h.conversation = ?",
                (self.number(conversation),),
            )
            heads = self._heads[conversation] = {row[3]: Branch(*row) for row in rows}
        return heads

    def number(self, conversation: bytes) -> int:
        """The row of a conversation, for this room's joins; 0 for one that is not here."""
        number = self._numbers.get(conversation)
        if number is None:
            row = self._db.first("SELECT number FROM conversations WHERE id = ?", (conversation,))
            if row is None:
                return 0
            number = self._numbers[conversation] = int(row[0])
        return number

    def device_number(self, key: bytes) -> int:
        """The row of a device, for this room's joins; 0 for one that is not here."""
        number = self._devices.get(key)
        if number is None:
            row = self._db.first("SELECT number FROM devices WHERE key = ?", (key,))
            if row is None:
                return 0
            number = self._devices[key] = int(row[0])
        return number
