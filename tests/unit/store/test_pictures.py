"""One picture a person, gone when it is taken away."""

from __future__ import annotations

from tests.unit.cast import ALICE, BOB
from tests.unit.store.said import new_store


def test_the_latest_picture_of_each_person_is_kept() -> None:
    store = new_store()
    assert (store.pictures.id_of(BOB.id), store.pictures.data_of(BOB.id)) == (b"", b"")
    store.pictures.set(BOB.id, b"1" * 32, b"young")
    store.pictures.set(BOB.id, b"2" * 32, b"old")
    store.pictures.set(ALICE.id, b"3" * 32, b"Alice")
    assert (store.pictures.id_of(BOB.id), store.pictures.data_of(BOB.id)) == (b"2" * 32, b"old")
    store.pictures.remove(BOB.id)
    assert (store.pictures.id_of(BOB.id), store.pictures.data_of(BOB.id)) == (b"", b"")
    assert store.pictures.data_of(ALICE.id) == b"Alice"


def test_a_picture_that_was_undone_is_not_remembered() -> None:
    store = new_store()
    store.begin()
    store.pictures.set(BOB.id, b"1" * 32, b"young")
    assert store.pictures.id_of(BOB.id)
    store.rollback()
    assert store.pictures.id_of(BOB.id) == b""
