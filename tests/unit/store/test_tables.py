"""The store as a whole: settings, and transactions over all its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pdm.store.database import Database
from p2pdm.store.errors import Conflict, DiskFull, StoreError
from p2pdm.store.tables import Store
from tests.fakes.world import Disk
from tests.unit.cast import ALICE, BOB
from tests.unit.store.said import CHAT, Chain, new_store, put

KEY = bytes(32)


def test_settings_are_values_by_name() -> None:
    store = new_store()
    assert store.settings.get("colour") is None
    store.settings.set("colour", b"red")
    store.settings.set("colour", b"blue")
    store.settings.set("", b"")
    assert (store.settings.get("colour"), store.settings.get("")) == (b"blue", b"")


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    store = Store(Database.open(path, KEY))
    store.begin()
    store.conversations.ensure_direct(CHAT, BOB.id)
    store.entries.add_device(ALICE.certificate)
    store.people.ensure(BOB.id, "Bob")
    store.notices.add("person")
    alice = Chain(ALICE)
    for entry in (alice.open(), *alice.texts("marzipan")):
        store.entries.add(entry, shown=bool(entry.header.seq))
    store.lines.index_more(10)
    store.close()
    for name in ("messages", "messages-wal"):
        assert not (tmp_path / name).exists() or b"marzipan" not in (tmp_path / name).read_bytes()

    store = Store(Database.open(path, KEY))
    assert [line.line.text for line in store.lines.page(CHAT, 10, None)] == ["marzipan"]
    assert [head.id for head in store.entries.heads.all(CHAT)] == [alice.entries[-1].id]
    known = store.people.get(BOB.id)
    assert known is not None
    assert known.name == "Bob"
    assert store.notices.cursor() == 1
    store.close()


def test_what_was_not_committed_is_gone_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    store = Store(Database.open(path, KEY))
    store.begin()
    store.settings.set("kept", b"1")
    store.commit()
    store.begin()
    store.settings.set("lost", b"1")
    store.database.close()
    store = Store(Database.open(path, KEY))
    assert (store.settings.get("kept"), store.settings.get("lost")) == (b"1", None)
    store.close()


def test_a_part_that_fails_leaves_the_parts_before_and_after_it() -> None:
    store, alice = new_store(), Chain(ALICE)
    one, two = alice.texts("one", "two")
    store.begin()
    with store.part():
        store.entries.add(alice.entries[0], shown=False)
        store.entries.add(one, shown=True)

    def fails() -> None:
        with store.part():
            store.settings.set("within", b"1")
            store.entries.add(two, shown=True)
            store.entries.add(one, shown=True)

    with pytest.raises(Conflict):
        fails()
    with store.part():
        store.settings.set("after", b"1")
        store.entries.add(two, shown=True)
    store.commit()
    assert (store.settings.get("within"), store.settings.get("after")) == (None, b"1")
    assert [head.id for head in Store(store.database).entries.heads.all(CHAT)] == [two.id]


@pytest.mark.parametrize("how", ["at the commit", "before"])
def test_a_commit_that_fails_undoes_everything_and_the_next_works(how: str) -> None:
    disk = Disk.open(None)
    store, alice = Store(disk), Chain(ALICE)
    with disk.transaction():
        store.conversations.ensure_direct(CHAT, BOB.id)
        store.entries.add_device(ALICE.certificate)
    put(store, alice.open(), *alice.texts("one"))
    heads = store.entries.heads.all(CHAT)
    (two,) = alice.texts("two")
    disk.full, disk.broken = how == "at the commit", how == "before"
    with pytest.raises(DiskFull):
        put(store, two)
    disk.full = disk.broken = False
    try:
        store.commit()
    except StoreError:
        assert how == "before"  # the transaction that was undone is only over now
    assert store.entries.heads.all(CHAT) == heads
    assert not disk.in_transaction
    put(store, two)
    assert [line.line.text for line in store.lines.page(CHAT, 9, None)] == ["one", "two"]


def test_beginning_and_ending_twice_is_once() -> None:
    store = new_store()
    store.begin()
    store.begin()
    store.settings.set("a", b"1")
    store.commit()
    store.commit()
    store.rollback()
    assert not store.database.in_transaction
    assert store.settings.get("a") == b"1"
