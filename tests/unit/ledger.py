"""Entries in memory, accepted by the rules of `conversation.log`: what the store is, without a disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from p2pdm.conversation.encoding import decode, encode_body
from p2pdm.conversation.entries import Entry, Kind, Open, Text, direct_conversation
from p2pdm.conversation.log import Place, authorise, compose, lacking, place_of
from p2pdm.sync.ledger import Head
from tests.unit.cast import ALICE, BOB, Person, seed

CHAT = direct_conversation(ALICE.id, BOB.id)


@dataclass(frozen=True)
class Kept:
    """An entry as an exchange reads it."""

    seq: int
    lamport: int
    id: bytes
    encoded: bytes


class MemoryLedger:
    """What one device has of one conversation and more."""

    def __init__(self, authors: Sequence[bytes] = (ALICE.id, BOB.id), entries: Iterable[Entry] = ()) -> None:
        self.entries: dict[bytes, Entry] = {}
        self._authors = authors
        self._parents: set[bytes] = set()
        """Entries that another of their own chain follows."""
        for entry in entries:
            self.accept(entry)

    def accept(self, entry: Entry) -> list[bytes]:
        """Store an entry, or return the parents that it lacks; EntryError refuses it."""
        if entry.id in self.entries:
            return []
        missing = lacking(entry, self.find)
        if not missing:
            authorise(entry, self._authors)
            self.entries[entry.id] = entry
            if entry.header.seq:
                self._parents.add(entry.header.prev)
        return missing

    def take(self, data: bytes) -> list[bytes]:
        """Accept an entry as it came over the wire."""
        return self.accept(decode(data))

    def find(self, id: bytes) -> Place | None:
        """Where an entry stands."""
        entry = self.entries.get(id)
        return place_of(entry) if entry else None

    # --- what an exchange reads ---

    def heads(self, conversation: bytes) -> list[Head]:
        return [
            Head(e.header.device, e.header.chain, e.header.seq, e.id)
            for e in self.entries.values()
            if e.header.conversation == conversation and e.id not in self._parents
        ]

    def knows(self, id: bytes) -> bool:
        return id in self.entries

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        place = self.find(id)
        return (place.conversation, place.device, place.chain, place.seq) if place else None

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> list[Kept]:
        found: list[Kept] = []
        size = 0
        for entry in sorted(self._chain(conversation, device, chain), key=lambda e: e.header.seq):
            header = entry.header
            if header.seq > seq and (size < limit or header.seq == found[-1].seq):
                found.append(Kept(header.seq, header.lamport, entry.id, entry.encode()))
                size += len(found[-1].encoded)
        return found

    def lacking(self, conversation: bytes) -> list[bytes]:
        return [entry.id for entry in self.entries.values() if entry.body is None]

    def whole(self, conversation: bytes, id: bytes) -> Kept | None:
        entry = self.entries.get(id)
        if entry is None or entry.body is None or entry.header.conversation != conversation:
            return None
        return Kept(entry.header.seq, entry.header.lamport, id, entry.encode())

    def bare(self, id: bytes) -> list[Kept]:
        return []  # nothing here is known as a parent only

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        seqs = [entry.header.seq for entry in self._chain(conversation, device, chain)]
        return min((seq for seq in seqs if seqs.count(seq) > 1), default=max(seqs, default=-1) + 1) - 1

    def _chain(self, conversation: bytes, device: bytes, chain: int) -> list[Entry]:
        wanted = (conversation, device, chain)
        return [e for e in self.entries.values() if (e.header.conversation, e.header.device, e.header.chain) == wanted]


class Writer:
    """Somebody's device that writes into a ledger."""

    def __init__(self, who: Person, ledger: MemoryLedger, conversation: bytes = CHAT) -> None:
        self.who = who
        self.ledger = ledger
        self._conversation = conversation

    def say(self, text: str, *, after: Entry | None = None, time: int = 1_700_000_000_000) -> Entry:
        """Say something after everything known, beginning the chain if need be; `after`: on that branch instead."""
        own = place_of(after) if after else self._head()
        if own is None:
            kind, body = encode_body(Open(self.who.certificate.encode()))
            own = place_of(self._write(kind, body, None, time))
        return self._write(*encode_body(Text(text)), own, time)

    def _write(self, kind: Kind, body: bytes, after: Place | None, time: int) -> Entry:
        others = [self.ledger.find(head.id) for head in self.ledger.heads(self._conversation)]
        entry = compose(
            self.who.device,
            self._conversation,
            kind,
            body,
            after=after,
            dependencies=tuple(p for p in others if p is not None and p.device != self.who.device.public)[:16],
            time=time,
            salt=seed(f"salt {time}")[:16],
        )
        assert self.ledger.accept(entry) == []
        return entry

    def _head(self) -> Place | None:
        own = self.who.device.public
        heads = [head for head in self.ledger.heads(self._conversation) if head.device == own]
        return self.ledger.find(max(heads, key=lambda head: head.seq).id) if heads else None
