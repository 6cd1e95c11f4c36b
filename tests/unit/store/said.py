"""Entries for the tests of the tables: what alice and bob said in their conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from p2pdm.conversation.encoding import encode_body
from p2pdm.conversation.entries import Entry, Open, Said, Text, direct_conversation
from p2pdm.conversation.log import Place, compose, place_of
from p2pdm.conversation.timeline import body_of, line_of, target_of
from p2pdm.store.database import Database
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, Person, seed

CHAT = direct_conversation(ALICE.id, BOB.id)


def new_store() -> Store:
    """An empty store in memory that knows alice's and bob's devices and their conversation."""
    store = Store(Database.open(None, bytes(32)))
    with store.database.transaction():
        store.conversations.ensure_direct(CHAT, BOB.id)
        for person in (ALICE, BOB):
            store.entries.add_device(person.certificate)
    return store


class Chain:
    """One device's chain, written entry by entry."""

    def __init__(self, person: Person, conversation: bytes = CHAT) -> None:
        self.person = person
        self.conversation = conversation
        self.entries: list[Entry] = []
        self._made = 0

    def open(self, *seen: Place) -> Entry:
        """The first entry."""
        return self.says(Open(self.person.certificate.encode()), *seen)

    def says(self, body: Said, *seen: Place, after: Entry | None = None) -> Entry:
        """One more entry, after the last one (or, to fork, after another)."""
        kind, encoded = encode_body(body)
        parent = after or (self.entries[-1] if self.entries else None)
        self._made += 1
        entry = compose(
            self.person.device,
            self.conversation,
            kind,
            encoded,
            after=place_of(parent) if parent else None,
            dependencies=seen,
            time=1_000 * self._made,
            salt=seed(f"{self.person.name} {self._made}")[:16],
        )
        self.entries.append(entry)
        return entry

    def texts(self, *texts: str) -> list[Entry]:
        """An opening if there is none yet, and texts; returns the texts."""
        if not self.entries:
            self.open()
        return [self.says(Text(text)) for text in texts]


class _WentWrong(Exception):
    pass


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """A part of the open transaction at whose end something goes wrong."""
    try:
        with store.part():
            yield
            raise _WentWrong
    except _WentWrong:
        pass


def put(store: Store, *entries: Entry) -> list[int]:
    """Store entries as the inbox does, and their words as the chores do; durable when this returns. The arrivals."""
    store.begin()
    arrivals = []
    with store.part():
        for entry in entries:
            line = line_of(entry)
            arrivals.append(store.entries.add(entry, shown=line is not None, target=target_of(body_of(entry))))
        store.lines.index_more(len(entries))
    store.commit()
    return arrivals
