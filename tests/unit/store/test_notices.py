"""Durable notices: numbered without gaps, and never a number twice."""

from __future__ import annotations

import pytest

from p2pdm.store import notices
from p2pdm.store.notices import StoredNotice
from p2pdm.store.tables import Store
from tests.unit.store.said import new_store, undone


def test_notices_are_numbered_and_asked_for_in_pages() -> None:
    store = new_store()
    assert store.notices.cursor() == 0
    assert store.notices.since(0, 10) == []
    added = [store.notices.add("message", b"c" * 32, b"p" * 32, bytes([n]) * 32, "delivered") for n in range(5)]
    assert [notice.cursor for notice in added] == [1, 2, 3, 4, 5]
    assert store.notices.since(0, 3) == added[:3]
    assert store.notices.since(3, 3) == added[3:]
    assert store.notices.since(5, 3) == []
    assert added[1] == StoredNotice(2, "message", b"c" * 32, b"p" * 32, b"\1" * 32, "delivered")
    assert store.notices.cursor() == Store(store.database).notices.cursor() == 5


def test_the_numbers_of_what_was_undone_are_given_again_for_nobody_saw_them() -> None:
    store = new_store()
    store.notices.add("person")
    store.begin()
    with store.part():
        assert store.notices.add("chat").cursor == 2
    with undone(store):
        assert store.notices.add("message").cursor == 3
    assert store.notices.cursor() == 2
    assert store.notices.add("state").cursor == 3
    store.rollback()
    assert store.notices.cursor() == 1
    assert [notice.event for notice in store.notices.since(0, 10)] == ["person"]


def test_old_notices_go_and_their_numbers_do_not_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "KEPT", 20)
    monkeypatch.setattr(notices, "_PRUNE_EVERY", 10)
    store = new_store()
    for _ in range(55):
        store.notices.add("message")
    kept = store.notices.since(0, 100)
    assert [notice.cursor for notice in kept] == list(range(kept[0].cursor, 56))
    assert 20 <= len(kept) < 30
    assert Store(store.database).notices.cursor() == 55
    assert Store(store.database).notices.add("message").cursor == 56
