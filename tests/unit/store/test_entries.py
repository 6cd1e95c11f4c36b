"""Chains on the disk: what peers are handed, forks and all, and that the heads are always those of the entries."""

from __future__ import annotations

import pytest

from p2pdm.conversation.encoding import decode, without_body
from p2pdm.conversation.entries import CONTENT, Text
from p2pdm.store.errors import Conflict
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, CAROL
from tests.unit.store.said import CHAT, Chain, new_store, put, undone


def again(store: Store) -> Store:
    """The same database, opened anew: nothing is remembered but what is stored."""
    return Store(store.database)


def heads(store: Store) -> set[tuple[bytes, int]]:
    return {(head.id, head.seq) for head in store.entries.heads.all(CHAT)}


def test_the_head_of_a_chain_is_its_last_entry_also_after_a_restart() -> None:
    store, alice, bob = new_store(), Chain(ALICE), Chain(BOB)
    put(store, alice.open(), *alice.texts("one", "two"), bob.open())
    expected = {(alice.entries[2].id, 2), (bob.entries[0].id, 0)}
    assert heads(store) == heads(again(store)) == expected
    put(store, *bob.texts("three"))
    assert heads(store) == heads(again(store)) == {(alice.entries[2].id, 2), (bob.entries[1].id, 1)}


def test_a_fork_has_two_heads_and_a_base() -> None:
    store, alice = new_store(), Chain(ALICE)
    first, second = alice.texts("one", "two")
    put(store, *alice.entries)
    device = ALICE.device.public
    assert store.entries.fork_base(CHAT, device, CONTENT) == 2
    other = alice.says(Text("another two"), after=first)
    further = alice.says(Text("three of the other"))
    put(store, other, further)
    assert heads(store) == heads(again(store)) == {(second.id, 2), (further.id, 3)}
    assert store.entries.fork_base(CHAT, device, CONTENT) == 1
    handed = store.entries.after(CHAT, device, CONTENT, 1, 100_000)
    assert {(entry.seq, entry.id) for entry in handed} == {(2, second.id), (2, other.id), (3, further.id)}


def test_what_is_handed_on_is_what_was_stored() -> None:
    store, alice = new_store(), Chain(ALICE)
    alice.texts(*map(str, range(50)))
    put(store, *alice.entries)
    handed = store.entries.after(CHAT, ALICE.device.public, CONTENT, -1, 1_000_000)
    assert [decode(entry.encoded) for entry in handed] == alice.entries
    assert [entry.seq for entry in handed] == list(range(51))
    assert [entry.lamport for entry in handed] == [entry.header.lamport for entry in alice.entries]


def test_what_was_just_erased_is_handed_on_without_its_body() -> None:
    store, alice = new_store(), Chain(ALICE)
    (one,) = alice.texts("one")
    put(store, *alice.entries)
    (handed,) = store.entries.after(CHAT, ALICE.device.public, CONTENT, 0, 1_000)
    assert decode(handed.encoded) == one
    line = store.lines.line(one.id)
    assert line is not None
    with store.database.transaction():
        store.lines.take_back(line)
    (handed,) = store.entries.after(CHAT, ALICE.device.public, CONTENT, 0, 1_000)
    assert decode(handed.encoded) == without_body(one)


@pytest.mark.parametrize("limit", [1, 300, 1_000, 5_000])
def test_what_is_handed_on_comes_in_portions_without_a_gap(limit: int) -> None:
    store, alice = new_store(), Chain(ALICE)
    first, *_ = alice.texts(*("x" * (n * 7 % 200) for n in range(40)))
    put(store, *alice.entries)
    put(store, *(alice.says(Text(f"fork {n}"), after=first) for n in range(5)))
    seen: set[bytes] = set()
    at = -1
    while portion := store.entries.after(CHAT, ALICE.device.public, CONTENT, at, limit):
        seen.update(entry.id for entry in portion)
        assert portion[-1].seq > at
        at = portion[-1].seq
    assert seen == {entry.id for entry in alice.entries}


def test_an_entry_is_found_by_its_id_and_stored_once() -> None:
    store, alice = new_store(), Chain(ALICE)
    (entry,) = alice.texts("one")
    put(store, *alice.entries)
    assert store.entries.knows(entry.id)
    assert not store.entries.knows(bytes(32))
    place = store.entries.place(entry.id)
    assert place is not None
    assert (place.conversation, place.device, place.seq, place.lamport) == (CHAT, ALICE.device.public, 1, 2)
    assert store.entries.place_in(CHAT, entry.id) == place
    assert store.entries.place_in(bytes(32), entry.id) == place  # not a head of it: looked up, and says where it is
    assert store.entries.chain_of(entry.id) == (CHAT, ALICE.device.public, 0, 1)
    assert store.entries.place(bytes(32)) is None
    assert store.entries.chain_of(bytes(32)) is None
    with pytest.raises(Conflict):
        put(store, entry)
    assert heads(store) == heads(again(store)) == {(entry.id, 1)}


def test_devices_are_known_by_their_certificate() -> None:
    store = new_store()
    assert store.entries.identity_of(ALICE.device.public) == ALICE.id
    assert store.entries.certificate(BOB.device.public) == BOB.certificate.encode()
    assert store.entries.identity_of(CAROL.device.public) is store.entries.certificate(CAROL.device.public) is None
    with store.database.transaction():
        store.entries.add_device(CAROL.certificate)
        store.entries.add_device(CAROL.certificate)
    assert store.entries.identity_of(CAROL.device.public) == CAROL.id


def test_what_is_undone_is_not_remembered() -> None:
    store, alice, carol = new_store(), Chain(ALICE), Chain(CAROL)
    alice.texts("one", "two")
    put(store, *alice.entries[:2])
    before = heads(store)
    store.begin()
    with undone(store):
        store.entries.add_device(CAROL.certificate)
        store.entries.add(carol.open(), shown=False)
        store.entries.add(alice.entries[2], shown=True)
        assert len(heads(store)) == 2
        assert store.entries.identity_of(CAROL.device.public) == CAROL.id
    assert heads(store) == before
    assert store.entries.identity_of(CAROL.device.public) is None
    with store.part():
        store.entries.add(alice.entries[2], shown=True)
    store.commit()
    assert heads(store) == heads(again(store)) == {(alice.entries[2].id, 2)}


def test_entries_need_their_conversation_and_their_device() -> None:
    store, carol = new_store(), Chain(CAROL)
    with pytest.raises(Conflict):
        put(store, carol.open())
    elsewhere = Chain(ALICE, bytes(32))
    with pytest.raises(Conflict):
        put(store, elsewhere.open())
    assert heads(store) == heads(again(store)) == set()
