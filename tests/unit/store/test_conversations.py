"""Conversations on the disk: the last line, what is unread, and how far each recipient has got."""

from __future__ import annotations

from p2pdm.store.conversations import DELIVERED, READ, Progress
from p2pdm.store.tables import Store
from tests.unit.cast import ALICE, BOB, CAROL
from tests.unit.store.said import CHAT, Chain, new_store, put, undone

OTHER = bytes(range(32))
DEVICE = ALICE.device.public


def reached(store: Store, kind: int, seq: int, recipient: bytes = BOB.id) -> int:
    return store.conversations.reached(CHAT, recipient, DEVICE, 0, kind, seq, 1_000 + seq)


def test_a_conversation_is_with_somebody_and_is_listed_once_something_was_said() -> None:
    store = new_store()
    stored = store.conversations.get(CHAT)
    assert stored is not None
    assert (stored.id, stored.other, stored.last, stored.unread) == (CHAT, BOB.id, 0, 0)
    assert store.conversations.all() == []
    assert store.conversations.get(OTHER) is None
    store.conversations.ensure_direct(CHAT, CAROL.id)
    stored = store.conversations.get(CHAT)
    assert stored is not None
    assert stored.other == BOB.id


def test_the_latest_conversation_comes_first() -> None:
    store = new_store()
    store.conversations.ensure_direct(OTHER, CAROL.id)
    store.conversations.lines_added(CHAT, 5, 1)
    store.conversations.lines_added(OTHER, 7, 2)
    assert [stored.id for stored in store.conversations.all()] == [OTHER, CHAT]
    store.conversations.lines_added(CHAT, 9, 1)
    assert [(stored.id, stored.unread) for stored in store.conversations.all()] == [(CHAT, 2), (OTHER, 2)]
    assert store.conversations.unread_total() == 4


def test_reading_reads_everything_that_has_arrived() -> None:
    store, bob = new_store(), Chain(BOB)
    arrivals = put(store, bob.open(), *bob.texts("one", "two"))
    store.conversations.lines_added(CHAT, arrivals[-1], 2)
    store.conversations.mark_read(CHAT)
    stored = store.conversations.get(CHAT)
    assert stored is not None
    assert (stored.unread, stored.read_arrival) == (0, arrivals[-1])
    assert Store(store.database).conversations.get(CHAT) == stored
    store.conversations.emptied(CHAT)
    assert store.conversations.all() == []


def test_receipts_only_grow() -> None:
    store = new_store()
    assert store.conversations.progress(CHAT, BOB.id, DEVICE) == Progress(-1, -1)
    assert [reached(store, DELIVERED, seq) for seq in (3, 3, 1, 7)] == [-1, 3, 3, 3]
    assert reached(store, READ, 5) == -1
    assert store.conversations.progress(CHAT, BOB.id, DEVICE) == Progress(7, 5)
    assert Store(store.database).conversations.progress(CHAT, BOB.id, DEVICE) == Progress(7, 5)
    kept = store.database.execute("SELECT kind, seq, at FROM receipts ORDER BY kind, seq")
    assert kept == [(DELIVERED, 3, 1_003), (DELIVERED, 7, 1_007), (READ, 5, 1_005)]


def test_receipts_are_each_recipients_own() -> None:
    store = new_store()
    reached(store, DELIVERED, 3)
    reached(store, DELIVERED, 9, CAROL.id)
    assert store.conversations.progress(CHAT, BOB.id, DEVICE) == Progress(3, -1)
    assert store.conversations.progress(CHAT, CAROL.id, DEVICE) == Progress(9, -1)
    assert store.conversations.progress(OTHER, BOB.id, DEVICE) == Progress(-1, -1)
    assert store.conversations.progress(CHAT, BOB.id, BOB.device.public) == Progress(-1, -1)


def test_what_is_undone_is_not_remembered() -> None:
    store = new_store()
    reached(store, DELIVERED, 3)
    store.begin()
    with undone(store):
        reached(store, DELIVERED, 8)
        store.conversations.lines_added(CHAT, 5, 1)
        store.conversations.ensure_direct(OTHER, CAROL.id)
        assert store.conversations.get(OTHER) is not None
    assert store.conversations.progress(CHAT, BOB.id, DEVICE) == Progress(3, -1)
    assert store.conversations.get(OTHER) is None
    assert store.conversations.all() == []
    assert reached(store, DELIVERED, 8) == 3
    store.commit()
    assert Store(store.database).conversations.progress(CHAT, BOB.id, DEVICE) == Progress(8, -1)
