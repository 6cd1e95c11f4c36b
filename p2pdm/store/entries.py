"""Entries: everything that was said, by chain; what peers hand on. How readers see it: `lines`.

How far chains go: `heads`. What is known only as a parent: `floors`. What lacks its body: `bodies`.
"""

from __future__ import annotations

from typing import NamedTuple

from p2pdm.conversation.encoding import restore
from p2pdm.conversation.entries import CONTENT, Entry, Kind
from p2pdm.conversation.log import Place, place_of
from p2pdm.identity import Certificate, PeerId
from p2pdm.store.bodies import BodyTable
from p2pdm.store.database import Database
from p2pdm.store.floors import FloorTable
from p2pdm.store.heads import HeadTable
from p2pdm.store.rows import RowNumbers
from p2pdm.store.witnesses import WitnessTable

MAX_CACHED = 1_024
"""Places of entries remembered in memory: more than is under way at once."""


class Handed(NamedTuple):
    """An entry to hand on: its place in the chain and its bytes."""

    seq: int
    lamport: int
    id: bytes
    encoded: bytes


class EntryTable:
    """The entries, and the devices that wrote them."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._places: dict[bytes, Place] = {}
        self._latest: tuple[bytes, bytes, int, Handed] | None = None
        """What was stored last, and of which chain: a moment later it is handed on."""
        self._identities: dict[bytes, PeerId] = {}
        self.rows = RowNumbers(database)
        self.heads = HeadTable(database, self.rows)
        self.floors = FloorTable(database, self.rows)
        self.bodies = BodyTable(database, self.rows)
        self.witnesses = WitnessTable(database)

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._identities.clear()
        self._places.clear()
        self._latest = None
        self.rows.forget_cached()
        self.heads.forget_cached()
        self.bodies.forget_cached()
        self.witnesses.forget_cached()

    # --- writing; the caller holds a transaction, and flushes the heads before it commits ---

    def add_device(self, certificate: Certificate, name: str = "") -> None:
        """Remember a device, and what its identity calls itself; known ones stay as they are."""
        self._db.execute(
            "INSERT OR IGNORE INTO devices (key, identity, certificate, name) VALUES (?, ?, ?, ?)",
            (certificate.device, certificate.identity, certificate.encode(), name),
        )

    def name_of(self, identity: PeerId) -> str:
        """What an identity called itself when its newest device here began to write; empty if it never did."""
        row = self._db.first(
            "SELECT name FROM devices WHERE identity = ? AND name != '' ORDER BY number DESC LIMIT 1", (identity,)
        )
        return str(row[0]) if row else ""

    def add(
        self, entry: Entry, *, shown: bool, target: bytes | None = None, void: bool = False, lacking: bool = False
    ) -> int:
        """Store an accepted entry, and return its arrival.

        `shown`: it is a message; `target`: what it is about; `void`: its author had no right to say it; `lacking`: its
        body is to come.
        """
        header = entry.header
        self._db.execute(
            "INSERT INTO entries (id, conversation, device, chain, seq, lamport, time, kind, shown, target, void,"
            " lacking, signed, signature, salt, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.id,
                self.rows.conversation(header.conversation),
                self.rows.device(header.device),
                header.chain,
                header.seq,
                header.lamport,
                header.time,
                header.kind,
                shown,
                target,
                void,
                lacking,
                entry.signed,
                entry.signature,
                entry.salt,
                entry.body,
            ),
        )
        arrival = self._db.last_rowid
        if lacking:
            self.bodies.look_again(header.conversation)
        if header.membership and not void and header.kind != Kind.UNSEND:
            self.witnesses.add(
                self.rows.conversation(header.conversation), self.rows.device(header.device), header, entry.id
            )
        self.heads.advance(entry)
        self._remember(place_of(entry))
        handed = Handed(header.seq, header.lamport, entry.id, entry.encode())
        self._latest = header.conversation, header.device, header.chain, handed
        return arrival

    def bodies_erased(self) -> None:
        """Some entries have no body any more: none is handed on that is only remembered."""
        self._latest = None

    def fill(self, entry: Entry) -> int | None:
        """Give a body to an entry that lacks it, and return its arrival; None when it lacks none."""
        row = self._db.first("SELECT arrival FROM entries WHERE id = ? AND lacking = 1", (entry.id,))
        if row is None:
            return None
        self._db.execute("UPDATE entries SET salt = ?, body = ? WHERE id = ?", (entry.salt, entry.body, entry.id))
        self._latest = None
        self.bodies.no_longer_lacking(entry.header.conversation, entry.id)
        return int(row[0])

    def set_target(self, id: bytes, target: bytes) -> None:
        """What an entry is about, as its body says that came late."""
        self._db.execute("UPDATE entries SET target = ? WHERE id = ?", (target, id))

    # --- chains, for sync ---

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
        place = Place(id, *rows[0]) if rows else self.floors.place(id)
        return self._remember(place) if place else None

    def _remember(self, place: Place) -> Place:
        if len(self._places) >= MAX_CACHED:
            self._places.clear()
        self._places[place.id] = place
        return place

    def place_in(self, conversation: bytes, id: bytes) -> Place | None:
        """As `place`, quick when it is a head of `conversation`, as parents mostly are."""
        head = self.heads.by_id(conversation).get(id)
        if head is not None:
            return Place(id, conversation, head.device, head.chain, head.seq, head.lamport)
        return self.place(id)

    def knows(self, id: bytes) -> bool:
        """Whether this entry is stored, or is a floor."""
        return id in self._places or bool(
            self._db.execute("SELECT 1 FROM entries WHERE id = ?1 UNION ALL SELECT 1 FROM floors WHERE id = ?1", (id,))
        )

    def last_arrival(self) -> int:
        """The arrival of what came last; 0: nothing did."""
        row = self._db.first("SELECT max(arrival) FROM entries")
        return int(row[0] or 0) if row else 0

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        """(conversation, device, chain, seq) of a stored entry."""
        place = self.place(id)
        return (place.conversation, place.device, place.chain, place.seq) if place else None

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> list[Handed]:
        """Entries of a chain above `seq` in their order, of every branch, of about `limit` bytes together."""
        if self._latest is not None and self._latest[:3] == (conversation, device, chain):
            latest = self._latest[3]
            if latest.seq == seq + 1 and len(self.heads.of_chain(conversation, device, chain)) == 1:
                return [latest]  # what was just said is not read back from the disk
        place = (self.rows.conversation(conversation), self.rows.device(device), chain)
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

    def content_above(self, conversation: bytes, device: bytes, seq: int) -> int:
        """How many entries a device's content chain has above `seq`: none is missing in one that begins at its opening
        and has not forked, so that nothing needs to be counted.
        """
        heads = self.heads.of_chain(conversation, device, CONTENT)
        top = max((head.seq for head in heads), default=-1)
        if top <= seq:
            return 0
        if len(heads) == 1 and not self.floors.has_any(conversation, device):
            return top - seq
        row = self._db.first(
            "SELECT count(*) FROM entries WHERE conversation = ? AND device = ? AND chain = 0 AND seq > ?",
            (self.rows.conversation(conversation), self.rows.device(device), seq),
        )
        return int(row[0]) if row else 0

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        """The sequence number below the lowest fork of a chain (its top, where there is none)."""
        row = self._db.first(
            "SELECT min(seq) - 1 FROM (SELECT seq FROM entries WHERE conversation = ? AND device = ? AND chain = ?"
            " GROUP BY seq HAVING count(*) > 1)",
            (self.rows.conversation(conversation), self.rows.device(device), chain),
        )
        tops = [head.seq for head in self.heads.of_chain(conversation, device, chain)]
        return row[0] if row and row[0] is not None else max(tops, default=-1)

    def bare(self, id: bytes) -> Handed | None:
        """An entry without its body."""
        row = self._db.first(
            "SELECT seq, lamport, id, signed, signature FROM entries WHERE id = ?1"
            " UNION ALL SELECT seq, lamport, id, signed, signature FROM floors WHERE id = ?1",
            (id,),
        )
        return Handed(row[0], row[1], row[2], row[3] + row[4]) if row else None

    def chain(self, conversation: bytes, chain: int) -> list[tuple[Entry, PeerId]]:
        """All entries of one kind of chain, with their authors, as they arrived."""
        rows = self._db.execute(
            "SELECT e.signed, e.signature, e.salt, e.body, d.identity FROM entries e"
            " JOIN devices d ON d.number = e.device WHERE e.conversation = ? AND e.chain = ? ORDER BY e.arrival",
            (self.rows.conversation(conversation), chain),
        )
        return [(restore(*row[:4]), row[4]) for row in rows]

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
