"""Alice's database: what was committed stays, what broke off is undone, and one program at a time writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from p2pdm.store.database import Database
from p2pdm.store.errors import CannotOpen, Conflict, NotPermitted, StoreDefect
from tests.unit.store.notes import KEY, fill, texts, write

# Transactions


def test_what_a_transaction_holds_is_there_together(db: Database) -> None:
    with db.transaction():
        write(db, "hello", "bob")
        within = db.in_transaction
    assert (within, db.in_transaction) == (True, False)
    assert texts(db) == ["hello", "bob"]


def test_an_exception_undoes_all_of_a_transaction(db: Database) -> None:
    with pytest.raises(Conflict), db.transaction():
        write(db, "hello", "hello")
    assert texts(db) == []
    assert not db.in_transaction


def test_a_part_that_fails_is_undone_alone(db: Database) -> None:
    with db.transaction():
        write(db, "first")
        with pytest.raises(Conflict), db.transaction():
            write(db, "second", "first")
        with db.transaction():
            write(db, "third")
    assert texts(db) == ["first", "third"]


def test_a_part_that_worked_is_undone_with_the_whole(db: Database) -> None:
    db.begin()
    with db.transaction():
        write(db, "hello")
    db.rollback()
    assert texts(db) == []


def test_begin_and_commit_hold_a_group_open_over_several_calls(db: Database) -> None:
    db.begin()
    with db.transaction():
        write(db, "one")
    with pytest.raises(Conflict), db.transaction():
        write(db, "two", "one")
    db.commit()
    assert texts(db) == ["one"]
    assert not db.in_transaction


def test_many_rows_are_one_transaction(db: Database) -> None:
    with pytest.raises(Conflict):
        db.executemany("INSERT INTO notes (text) VALUES (?)", [("a",), ("b",), ("a",)])
    assert texts(db) == []
    db.executemany("INSERT INTO notes (text) VALUES (:text)", [{"text": "a"}, {"text": "b"}])
    assert texts(db) == ["a", "b"]


def test_rows_come_whole_singly_or_one_by_one(db: Database) -> None:
    write(db, "a", "b", "c")
    assert db.last_rowid == 3
    assert db.first("SELECT text FROM notes WHERE id = ?", (2,)) == ("b",)
    assert db.first("SELECT text FROM notes WHERE id = 9") is None
    assert [text for (text,) in db.stream("SELECT text FROM notes ORDER BY id DESC")] == ["c", "b", "a"]
    db.execute("DELETE FROM notes WHERE id < 3")
    assert db.changes == 2


def test_foreign_keys_hold(db: Database) -> None:
    db.execute("CREATE TABLE replies (note INTEGER NOT NULL REFERENCES notes (id)) STRICT")
    with pytest.raises(Conflict):
        db.execute("INSERT INTO replies VALUES (7)")


@pytest.mark.parametrize("sql", ["SELEKT 1", "SELECT * FROM nowhere", 'SELECT "text"', "SELECT ?"])
def test_a_mistake_of_ours_says_that_it_is_one(db: Database, sql: str) -> None:
    with pytest.raises(StoreDefect, match="mistake in p2pdm"):
        db.execute(sql)


def test_a_closed_database_answers_with_an_error_of_ours(db: Database) -> None:
    db.close()
    with pytest.raises(StoreDefect):
        db.execute("SELECT 1")


# Opening


def test_what_was_written_is_there_after_a_restart(path: Path) -> None:
    fill(path, 3)
    database = Database.open(path, KEY)
    assert len(texts(database)) == 3
    assert database.execute("PRAGMA synchronous; PRAGMA journal_mode; PRAGMA foreign_keys") == [(2,), ("wal",), (1,)]
    database.close()
    assert os.listdir(path.parent) == ["messages"]


SECOND_PROGRAM = """
import sys
from pathlib import Path
from p2pdm.store.database import Database
from p2pdm.store.errors import StoreError
from tests.unit.store.notes import KEY
try:
    Database.open(Path(sys.argv[1]), KEY)
except StoreError as error:
    print(f"{type(error).__name__}: {error}")
"""


def test_a_second_program_is_told_that_it_comes_second(path: Path) -> None:
    database = Database.open(path, KEY)
    second = subprocess.run([sys.executable, "-c", SECOND_PROGRAM, path], capture_output=True, text=True, check=False)
    assert second.stdout == "InUse: Another program has this profile's database open. Close it and try again.\n"
    database.close()


def test_where_nothing_can_be_opened_the_user_hears_why(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="no folder"):
        Database.open(tmp_path / "nowhere" / "messages", KEY)
    with pytest.raises((CannotOpen, NotPermitted)):
        Database.open(tmp_path, KEY)
