"""Who knew first of what happened to a group: by what counts of what is stored, whatever came first."""

from __future__ import annotations

from p2pdm.conversation.chronicle import Witness
from p2pdm.conversation.encoding import encode_body
from p2pdm.conversation.entries import Entry, Header, Open, Text, Unsend
from p2pdm.conversation.log import compose, place_of
from p2pdm.conversation.timeline import body_of, line_of
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, Person, seed
from tests.unit.store.said import CHAT, new_store, undone

JOINED, LEFT = seed("joined"), seed("left")


def told(store: Store) -> list[Witness]:
    found = store.conversations.get(CHAT)
    assert found
    return sorted(store.entries.witnesses.first(found.number))


def says(by: Person, *knowing: bytes, after: Entry | None = None, body: Text | Unsend | Open | None = None) -> Entry:
    """Somebody says something, having seen these membership heads."""
    kind, encoded = encode_body(body or Text("words"))
    place = place_of(after) if after else None
    return compose(
        by.device, CHAT, kind, encoded, after=place, dependencies=(), time=7, salt=bytes(16), membership=knowing
    )


def put(store: Store, *entries: Entry, void: bool = False) -> None:
    with store.database.transaction():
        store.begin()
        for entry in entries:
            store.entries.add(entry, shown=not void and line_of(entry) is not None, void=void)
        store.entries.heads.flush()


def chain(by: Person, *known: tuple[bytes, ...]) -> list[Entry]:
    """An opening, and an entry for each of these."""
    entries = [says(by, body=Open(by.certificate.encode()))]
    for heads in known:
        entries.append(says(by, *heads, after=entries[-1]))
    return entries


def at(head: bytes, entry: Entry) -> Witness:
    return Witness(head, (entry.header.lamport, entry.header.time, entry.id))


def test_the_first_by_its_place_is_the_witness_not_the_first_to_come() -> None:
    store = new_store()
    alices, bobs = chain(ALICE, (), (), (JOINED,)), chain(BOB, (), (JOINED,), (JOINED, LEFT))
    put(store, *alices)
    assert told(store) == [at(JOINED, alices[3])]
    put(store, *bobs)
    assert told(store) == sorted([at(JOINED, bobs[2]), at(LEFT, bobs[3])])


def test_what_does_not_count_and_what_only_takes_back_is_no_witness() -> None:
    store = new_store()
    opening, first, second = chain(ALICE, (), ())
    put(store, opening, first, says(ALICE, JOINED, after=first, body=Unsend(first.id)))
    put(store, says(ALICE, JOINED, LEFT, after=second), void=True)
    assert told(store) == []


def test_what_counts_no_more_is_no_witness_any_more_until_it_counts_again() -> None:
    store = new_store()
    alices, bobs = chain(ALICE, (), (), (), (JOINED,)), chain(BOB, (JOINED,), (JOINED,))
    put(store, *alices, *bobs)

    def judge(counts: bool) -> None:
        def by_seq(header: Header) -> bool:
            return counts or header.seq < 1

        with store.database.transaction():
            store.lines.judge(CHAT, BOB.device.public, -1, by_seq)

    for counts, witness in ((False, alices[4]), (True, bobs[1])):
        judge(counts)
        assert told(store) == [at(JOINED, witness)]
    assert body_of(bobs[1]) == Text("words")


def test_what_was_undone_is_written_when_it_comes_again() -> None:
    store = new_store()
    entries = chain(ALICE, (JOINED,))
    with store.database.transaction():
        with undone(store):
            for entry in entries:
                store.entries.add(entry, shown=True)
        assert told(store) == []
    put(store, *entries)
    assert told(store) == [at(JOINED, entries[1])]
