"""Heads: how far each chain goes, and how far it went at the last commit, which is all that peers may be told of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from p2pdm.conversation.entries import Entry
from p2pdm.conversation.log import Place
from p2pdm.store.database import Database, Row
from p2pdm.store.rows import RowNumbers

MAX_FORKED = 64
"""Heads kept of one chain: a device forks once when a copy of it runs; more is a device that plays games."""


class Branch(NamedTuple):
    """A head as it is stored."""

    device: bytes
    chain: int
    seq: int
    id: bytes
    lamport: int


class HeadTable:
    """The heads of all chains, by conversation."""

    def __init__(self, database: Database, rows: RowNumbers) -> None:
        self._db = database
        self._rows = rows
        self._heads: dict[bytes, dict[bytes, Branch]] = {}
        self._changed: set[tuple[bytes, bytes, int]] = set()
        self._committed: dict[bytes, list[Branch]] = {}
        """By conversation, the heads at the last commit, where there are others since."""
        self._synced: dict[bytes, list[Branch]] = {}
        """By conversation, the heads that are on the disk, where the last commit has others and is not synced yet."""

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._heads.clear()
        self._changed.clear()

    # --- writing; the caller holds a transaction and calls `flush` before it commits ---

    def advance(self, entry: Entry) -> None:
        """A chain goes on with this entry."""
        header = entry.header
        heads = self.by_id(header.conversation)
        if header.conversation not in self._committed:
            self._committed[header.conversation] = list(heads.values())
        if header.seq:
            heads.pop(header.prev, None)
        heads[entry.id] = Branch(header.device, header.chain, header.seq, entry.id, header.lamport)
        self._changed.add((header.conversation, header.device, header.chain))

    def is_no_end(self, conversation: bytes, id: bytes) -> None:
        """What was stored just now is the parent of what was here before."""
        del self.by_id(conversation)[id]

    def begin_above(self, place: Place) -> None:
        """Let a chain of which less is here begin at a floor; nothing below it will be asked for."""
        heads = self.by_id(place.conversation)
        mine = self.of_chain(place.conversation, place.device, place.chain)
        if not self._rows.device(place.device) or any(head.seq >= place.seq for head in mine):
            return
        for head in mine:
            del heads[head.id]
        heads[place.id] = Branch(place.device, place.chain, place.seq, place.id, place.lamport)
        for durable in (self._committed, self._synced):
            if place.conversation in durable:  # a floor is no promise to hold anything: it may be told at once
                told = [head for head in durable[place.conversation] if head not in mine]
                durable[place.conversation] = [*told, heads[place.id]]
        self._changed.add((place.conversation, place.device, place.chain))

    def let_go_of_one(self, conversation: bytes, but: bytes) -> None:
        """Of the chains of other devices than `but`, forget how far one goes: one that only began, else the stalest.

        What was said in it stays, and it goes on from there when more of it comes.
        """
        self.flush()
        row = self._db.first(
            "SELECT h.id FROM heads h JOIN entries e ON e.id = h.id WHERE h.conversation = ? AND h.device != ?"
            " ORDER BY h.seq > 0, e.arrival LIMIT 1",
            (self._rows.conversation(conversation), self._rows.device(but)),
        )
        gone = self.by_id(conversation).pop(row[0], None) if row else None
        if gone is not None:
            self._changed.add((conversation, gone.device, gone.chain))

    def flush(self) -> None:
        """Write the heads that changed."""
        for conversation, device, chain in self._changed:
            place = (self._rows.conversation(conversation), self._rows.device(device), chain)
            self._db.execute("DELETE FROM heads WHERE conversation = ? AND device = ? AND chain = ?", place)
            for head in self.of_chain(conversation, device, chain):
                self._db.execute(
                    "INSERT INTO heads (conversation, device, chain, seq, lamport, id) VALUES (?, ?, ?, ?, ?, ?)",
                    (*place, head.seq, head.lamport, head.id),
                )
        self._changed.clear()

    def committed(self, synced: bool) -> None:
        """What was written is committed; `synced`: it is durable, with all that was committed before."""
        if synced:
            self._synced.clear()
        else:
            self._synced = {**self._committed, **self._synced}
        self._committed.clear()

    def synced(self) -> None:
        """What was committed is durable."""
        self._synced.clear()

    # --- reading ---

    def all(self, conversation: bytes) -> list[Branch]:
        """All heads of all chains of a conversation; empty for one that is not here."""
        return list(self.by_id(conversation).values())

    def durable(self, conversation: bytes) -> list[Branch]:
        """As `all`, without what is not on the disk yet: all that peers may be told of."""
        for durable in (self._synced, self._committed):
            if conversation in durable:
                return durable[conversation]
        return self.all(conversation)

    def of_chain(self, conversation: bytes, device: bytes, chain: int) -> list[Branch]:
        """The heads of one chain: more than one where it forked."""
        return [b for b in self.by_id(conversation).values() if (b.device, b.chain) == (device, chain)]

    def by_id(self, conversation: bytes) -> dict[bytes, Branch]:
        """As `all`, to look one up in."""
        heads = self._heads.get(conversation)
        if heads is None:
            rows: Sequence[Row] = self._db.execute(
                "SELECT d.key, h.chain, h.seq, h.id, h.lamport FROM heads h JOIN devices d ON d.number = h.device"
                " WHERE h.conversation = ?",
                (self._rows.conversation(conversation),),
            )
            heads = self._heads[conversation] = {row[3]: Branch(*row) for row in rows}
        return heads
