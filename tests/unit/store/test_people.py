"""People on the disk: what is known of them, where they were, and their requests."""

from __future__ import annotations

import pytest

from p2pdm.store.people import BLOCKED, CONTACT, MAX_ADDRESSES, NEARBY, HeldRequest, KnownPerson
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, CAROL
from tests.unit.store.said import new_store, undone

AT = 1_700_000_000_000


@pytest.fixture
def store() -> Store:
    store = new_store()
    store.begin()
    store.people.ensure(BOB.id, "Bob")
    store.commit()
    return store


def bob(store: Store) -> KnownPerson:
    """Bob, as remembered; and as stored, which must be the same."""
    known = store.people.get(BOB.id)
    assert known is not None
    assert Store(store.database).people.get(BOB.id) == known
    return known


def test_somebody_is_nobody_special_at_first(store: Store) -> None:
    assert bob(store) == KnownPerson(BOB.id, "Bob", "", b"", -1, NEARBY, False, False, False, 0)
    assert store.people.get(CAROL.id) is None
    store.people.ensure(BOB.id, "Robert")
    assert bob(store).name == "Bob"
    assert [known.identity for known in store.people.all()] == [BOB.id]


def test_the_newest_record_counts(store: Store) -> None:
    store.people.set_record(BOB.id, "Bobby", 3, b"three")
    store.people.set_record(BOB.id, "Old", 2, b"two")
    store.people.set_record(BOB.id, "Same", 3, b"another three")
    assert (bob(store).name, bob(store).record_number, bob(store).record) == ("Bobby", 3, b"three")
    store.people.set_nickname(BOB.id, "B")
    assert bob(store).shown_name == "B"
    store.people.set_nickname(BOB.id, "")
    assert bob(store).shown_name == "Bobby"


def test_a_block_remembers_what_was_before_it(store: Store) -> None:
    store.people.set_relation(BOB.id, CONTACT)
    store.people.set_relation(BOB.id, BLOCKED)
    store.people.set_relation(BOB.id, BLOCKED)
    assert (bob(store).relation, bob(store).was_contact) == (BLOCKED, True)
    store.people.set_relation(BOB.id, NEARBY)
    store.people.set_relation(BOB.id, BLOCKED)
    assert (bob(store).relation, bob(store).was_contact) == (BLOCKED, False)


def test_what_was_found_out_stays(store: Store) -> None:
    store.people.set_verified(BOB.id)
    store.people.set_accepts_us(BOB.id, True)
    store.people.set_last_seen(BOB.id, AT)
    assert (bob(store).verified, bob(store).accepts_us, bob(store).last_seen) == (True, True, AT)
    store.people.set_accepts_us(BOB.id, False)
    assert not bob(store).accepts_us


def test_the_newest_addresses_are_kept_the_latest_first(store: Store) -> None:
    store.people.reached_at(BOB.id, "10.0.0.1", 53_530, AT)
    store.people.reached_at(BOB.id, "10.0.0.2", 53_530, 0)
    for n in range(MAX_ADDRESSES):
        store.people.reached_at(BOB.id, f"10.0.1.{n}", 53_530, AT + n)
    store.people.reached_at(BOB.id, "10.0.1.3", 53_530, AT + 100)
    addresses = store.people.addresses(BOB.id)
    assert len(addresses) == MAX_ADDRESSES
    assert addresses[:2] == [("10.0.1.3", 53_530), ("10.0.1.7", 53_530)]
    store.people.reached_at(BOB.id, "10.0.1.3", 53_530, 0)
    assert store.people.addresses(BOB.id) == addresses
    assert store.people.addresses(CAROL.id) == []


def held(person: bytes, text: str, at: int) -> HeldRequest:
    return HeldRequest(person, b"opening", b"entry of " + text.encode(), text, at, declined=False)


def test_one_request_each_in_the_order_of_their_arrival(store: Store) -> None:
    store.people.hold(held(CAROL.id, "second", AT + 1))
    store.people.hold(held(BOB.id, "first", AT))
    store.people.hold(held(BOB.id, "again", AT + 2))
    assert [request.text for request in store.people.requests().values()] == ["first", "second"]
    assert store.people.request(BOB.id) == held(BOB.id, "first", AT)
    store.people.release(BOB.id)
    assert store.people.request(BOB.id) is None
    assert list(store.people.requests()) == [CAROL.id]


def test_a_declined_request_leaves_its_text_and_keeps_its_place(store: Store) -> None:
    store.people.hold(held(CAROL.id, "marzipan", AT))
    store.people.decline(CAROL.id)
    assert store.people.requests() == {}
    request = store.people.request(CAROL.id)
    assert request is not None
    assert (request.declined, request.text, request.entry, request.opening) == (True, "", b"", b"")
    store.people.hold(held(CAROL.id, "marzipan", AT + 1))
    assert store.people.requests() == {}
    assert b"marzipan" not in store.database._connection.serialize("main")


def test_the_latest_own_request_that_they_hold(store: Store) -> None:
    assert store.people.held(BOB.id) is None
    store.people.set_held(b"\2" * 32, BOB.id, AT)
    assert store.people.held(BOB.id) == b"\2" * 32
    store.people.set_held(b"\1" * 32, BOB.id, AT + 1)
    assert store.people.held(BOB.id) == Store(store.database).people.held(BOB.id) == b"\1" * 32
    assert store.people.held(CAROL.id) is None


def test_whoever_is_removed_leaves_nothing(store: Store) -> None:
    store.people.reached_at(BOB.id, "10.0.0.1", 53_530, AT)
    store.people.hold(held(BOB.id, "marzipan", AT))
    store.people.set_held(bytes(32), BOB.id, AT)
    store.people.set_nickname(BOB.id, "krokant")
    store.people.remove(BOB.id)
    assert store.people.get(BOB.id) is None
    assert store.people.request(BOB.id) is None
    assert store.people.held(BOB.id) is None
    assert store.people.addresses(BOB.id) == []
    assert not any(word in store.database._connection.serialize("main") for word in (b"marzipan", b"krokant"))
    store.people.ensure(BOB.id, "Bob")
    assert bob(store).relation == NEARBY


def test_what_is_undone_is_not_remembered(store: Store) -> None:
    before = bob(store)
    store.begin()
    with undone(store):
        store.people.set_relation(BOB.id, CONTACT)
        store.people.set_held(bytes(32), BOB.id, AT)
        store.people.ensure(ALICE.id)
        assert store.people.held(BOB.id) == bytes(32)
        assert store.people.get(ALICE.id) is not None
    assert (bob(store), store.people.held(BOB.id), store.people.get(ALICE.id)) == (before, None, None)
    store.rollback()
    assert (bob(store), store.people.held(BOB.id), store.people.get(ALICE.id)) == (before, None, None)
