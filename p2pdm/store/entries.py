"""Entries: everything that was said, by chain; what peers hand on. How readers see it: `lines`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from p2pdm.conversation.encoding import restore
from p2pdm.conversation.entries import CONTENT, Entry, Kind
from p2pdm.conversation.log import Place, place_of
from p2pdm.identity import Certificate, PeerId
from p2pdm.store.database import Database, Row
from p2pdm.store.witnesses import WitnessTable

MAX_FORKED = 64
"""Heads kept of one chain: a device forks once when a copy of it runs; more is a device that plays games."""
MAX_CACHED = 1_024
"""Places of entries remembered in memory: more than is under way at once."""

MAX_LACKING = 100
"""Entries named at once whose body is to come."""
MAX_ARRIVAL = 2**63 - 1


class Branch(NamedTuple):
    """A head as it is stored."""

    device: bytes
    chain: int
    seq: int
    id: bytes
    lamport: int


class Lacked(NamedTuple):
    """An entry whose body is to come."""

    arrival: int
    id: bytes


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
        self._committed: dict[bytes, list[Branch]] = {}
        """By conversation, the heads at the last commit, where there are others since."""
        self._devices: dict[bytes, int] = {}
        self._identities: dict[bytes, PeerId] = {}
        self._numbers: dict[bytes, int] = {}
        self._lacking: dict[bytes, list[bytes]] = {}
        self.witnesses = WitnessTable(database)

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._heads.clear()
        self._changed.clear()
        self._devices.clear()
        self._identities.clear()
        self._numbers.clear()
        self._lacking.clear()
        self._places.clear()
        self._latest = None
        self.witnesses.forget_cached()

    # --- writing; the caller holds a transaction and calls `flush` before it commits ---

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
                self.number(header.conversation),
                self.device_number(header.device),
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
            self._lacking.pop(header.conversation, None)
        if header.membership and not void and header.kind != Kind.UNSEND:
            self.witnesses.add(self.number(header.conversation), self.device_number(header.device), header, entry.id)
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
        if header.conversation not in self._committed:
            self._committed[header.conversation] = list(heads.values())
        if header.seq:
            heads.pop(header.prev, None)
        heads[entry.id] = Branch(header.device, header.chain, header.seq, entry.id, header.lamport)
        self._changed.add((header.conversation, header.device, header.chain))
        self._remember(place_of(entry))

    def lacking(self, conversation: bytes) -> list[bytes]:
        """The first entries of a conversation whose body is to come: messages before what is about them."""
        if conversation not in self._lacking:
            rows = self._db.execute(
                "SELECT id FROM entries INDEXED BY entries_lacking WHERE conversation = ? AND lacking = 1"
                " ORDER BY kind, arrival LIMIT ?",
                (self.number(conversation), MAX_LACKING),
            )
            self._lacking[conversation] = [row[0] for row in rows]
        return self._lacking[conversation]

    def lacking_between(
        self, conversation: bytes, above: int, below: int | None, since: int, most: int
    ) -> list[Lacked]:
        """The last that arrived, between two numbers, of the entries written since then whose body is to come."""
        rows = self._db.execute(
            "SELECT arrival, id FROM entries INDEXED BY entries_lacking WHERE conversation = ? AND lacking = 1"
            " AND arrival > ? AND arrival < ? AND time >= ? ORDER BY arrival DESC LIMIT ?",
            (self.number(conversation), above, MAX_ARRIVAL if below is None else below, since, most),
        )
        return [Lacked(*row) for row in rows]

    def no_longer_lacking(self, conversation: bytes, id: bytes) -> None:
        """The body has come, or it is known why it never will."""
        self._db.execute("UPDATE entries SET lacking = 0 WHERE id = ?", (id,))
        self._lacking.pop(conversation, None)

    def look_again_for_lacking(self, conversation: bytes) -> None:
        """Some were purged: nothing of those is to come."""
        self._lacking.pop(conversation, None)

    def fill(self, entry: Entry) -> int | None:
        """Give a body to an entry that lacks it, and return its arrival; None when it lacks none."""
        row = self._db.first("SELECT arrival FROM entries WHERE id = ? AND lacking = 1", (entry.id,))
        if row is None:
            return None
        self._db.execute("UPDATE entries SET salt = ?, body = ? WHERE id = ?", (entry.salt, entry.body, entry.id))
        self._latest = None
        self.no_longer_lacking(entry.header.conversation, entry.id)
        return int(row[0])

    def set_target(self, id: bytes, target: bytes) -> None:
        """What an entry is about, as its body says that came late."""
        self._db.execute("UPDATE entries SET target = ? WHERE id = ?", (target, id))

    def has_body(self, id: bytes) -> bool:
        """Whether what an entry says is here."""
        return bool(self._db.execute("SELECT 1 FROM entries WHERE id = ? AND body IS NOT NULL", (id,)))

    def is_floor(self, id: bytes) -> bool:
        """Whether an entry is known as a parent only."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM floors WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM entries WHERE id = ?1)", (id,)
            )
        )

    def is_erased(self, id: bytes) -> bool:
        """Whether an entry is here, and what it says will not be: it was erased, or is from before one belonged."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM entries WHERE id = ?1 AND body IS NULL AND lacking = 0 AND (void = 0 OR shown = -1)"
                " UNION ALL SELECT 1 FROM floors WHERE id = ?1",
                (id,),
            )
        )

    def add_floor(self, entry: Entry) -> None:
        """Know an entry as a parent without holding what it says; others may need it as one, too."""
        place = place_of(entry)
        self._db.execute(
            "INSERT OR IGNORE INTO floors (id, conversation, device, chain, seq, lamport, signed, signature)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place.id,
                self.number(place.conversation),
                place.device,
                place.chain,
                place.seq,
                place.lamport,
                entry.signed,
                entry.signature,
            ),
        )

    def begin_above(self, place: Place) -> None:
        """Let a chain of which less is here begin at an entry that is known; nothing below it will be asked for."""
        heads = self._branches(place.conversation)
        mine = [h for h in heads.values() if (h.device, h.chain) == (place.device, place.chain)]
        if not self.device_number(place.device) or any(head.seq >= place.seq for head in mine):
            return
        for head in mine:
            del heads[head.id]
        heads[place.id] = Branch(place.device, place.chain, place.seq, place.id, place.lamport)
        if place.conversation in self._committed:  # a floor is no promise to hold anything: it may be told at once
            told = [head for head in self._committed[place.conversation] if head not in mine]
            self._committed[place.conversation] = [*told, heads[place.id]]
        self._changed.add((place.conversation, place.device, place.chain))

    def let_go_of_a_head(self, conversation: bytes, but: bytes) -> None:
        """Of the chains of other devices than `but`, forget how far one goes: one that only began, else the stalest.

        What was said in it stays, and it goes on from there when more of it comes.
        """
        self.flush()
        row = self._db.first(
            "SELECT h.id FROM heads h JOIN entries e ON e.id = h.id WHERE h.conversation = ? AND h.device != ?"
            " ORDER BY h.seq > 0, e.arrival LIMIT 1",
            (self.number(conversation), self.device_number(but)),
        )
        gone = self._branches(conversation).pop(row[0], None) if row else None
        if gone is not None:
            self._changed.add((conversation, gone.device, gone.chain))

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

    def committed(self) -> None:
        """What was written is durable."""
        self._committed.clear()

    # --- chains, for sync ---

    def heads(self, conversation: bytes) -> list[Branch]:
        """All heads of all chains of a conversation; empty for one that is not here."""
        return list(self._branches(conversation).values())

    def durable_heads(self, conversation: bytes) -> list[Branch]:
        """As `heads`, without what is not committed yet: all that peers may be told of."""
        committed = self._committed.get(conversation)
        return committed if committed is not None else self.heads(conversation)

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
        if not rows:
            rows = self._db.execute(
                "SELECT c.id, f.device, f.chain, f.seq, f.lamport FROM floors f"
                " JOIN conversations c ON c.number = f.conversation WHERE f.id = ?",
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

    def content_above(self, conversation: bytes, device: bytes, seq: int) -> int:
        """How many entries a device's content chain has above `seq`: none is missing in one that begins at its opening
        and has not forked, so that nothing needs to be counted.
        """
        heads = self._heads_of(conversation, device, CONTENT)
        top = max((head.seq for head in heads), default=-1)
        if top <= seq:
            return 0
        if len(heads) == 1 and not self._has_floor(conversation, device):
            return top - seq
        row = self._db.first(
            "SELECT count(*) FROM entries WHERE conversation = ? AND device = ? AND chain = 0 AND seq > ?",
            (self.number(conversation), self.device_number(device), seq),
        )
        return int(row[0]) if row else 0

    def _has_floor(self, conversation: bytes, device: bytes) -> bool:
        place = (self.number(conversation), device)
        return bool(self._db.execute("SELECT 1 FROM floors WHERE conversation = ? AND device = ? LIMIT 1", place))

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        """The sequence number below the lowest fork of a chain (its top, where there is none)."""
        row = self._db.first(
            "SELECT min(seq) - 1 FROM (SELECT seq FROM entries WHERE conversation = ? AND device = ? AND chain = ?"
            " GROUP BY seq HAVING count(*) > 1)",
            (self.number(conversation), self.device_number(device), chain),
        )
        tops = [head.seq for head in self.heads(conversation) if (head.device, head.chain) == (device, chain)]
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
            (self.number(conversation), chain),
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
