"""Alice's database: what was committed stays, what broke off is undone, and nobody reads it without the key."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from p2pdm.store.database import LOG_LIMIT, Database
from p2pdm.store.errors import (
    CannotOpen,
    Conflict,
    Damaged,
    DiskFull,
    InUse,
    NewerVersion,
    NotPermitted,
    ReadOnly,
    StoreDefect,
    StoreError,
    WrongKey,
)
from p2pdm.store.migrations import STEPS, migrate

KEY = bytes(range(32))
OTHER_KEY = bytes(32)
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def db() -> Database:
    database = Database.open(None, KEY)
    database.execute(NOTES)
    return database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages"


def write(database: Database, *texts: str) -> None:
    for text in texts:
        database.execute("INSERT INTO notes (text) VALUES (?)", (text,))


def texts(database: Database) -> list[str]:
    return [text for (text,) in database.execute("SELECT text FROM notes ORDER BY id")]


def fill(path: Path, rows: int) -> None:
    database = Database.open(path, KEY)
    database.execute(NOTES)
    database.executemany("INSERT INTO notes (text) VALUES (?)", ((f"{n} {'lunch? ' * 50}",) for n in range(rows)))
    database.close()


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


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_its_owner_may_read_the_files(path: Path) -> None:
    database = Database.open(path, KEY)
    database.execute(NOTES)
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "messages": 0o600,
        "messages-wal": 0o600,
    }
    database.close()


def test_another_key_is_refused_and_harms_nothing(path: Path) -> None:
    fill(path, 3)
    with pytest.raises(WrongKey, match="does not open"):
        Database.open(path, OTHER_KEY)
    database = Database.open(path, KEY)
    assert len(texts(database)) == 3
    database.close()


def test_a_key_of_another_length_is_our_mistake(path: Path) -> None:
    with pytest.raises(StoreDefect):
        Database.open(path, KEY[:16])


def test_an_unencrypted_database_is_not_taken_for_ours(path: Path) -> None:
    plain = apsw.Connection(str(path))
    plain.execute(NOTES)
    plain.close()
    with pytest.raises(WrongKey):
        Database.open(path, KEY)


def test_a_second_program_is_told_that_it_comes_second(path: Path) -> None:
    database = Database.open(path, KEY)
    with pytest.raises(InUse, match="Another program"):
        Database.open(path, KEY)
    database.close()


def test_where_nothing_can_be_opened_the_user_hears_why(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="no folder"):
        Database.open(tmp_path / "nowhere" / "messages", KEY)
    with pytest.raises((CannotOpen, NotPermitted)):
        Database.open(tmp_path, KEY)


def test_one_changed_byte_is_noticed(path: Path) -> None:
    fill(path, 1000)
    whole = path.read_bytes()
    for place in range(4096 + 77, len(whole), len(whole) // 9):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        database = Database.open(path, KEY)
        with pytest.raises(Damaged, match="backup"):
            database.execute("SELECT text FROM notes ORDER BY id; SELECT text FROM notes ORDER BY text")
        with pytest.raises(Damaged, match="backup"):
            database.quick_check()
        database.close()


def test_a_whole_database_passes_its_check(path: Path) -> None:
    fill(path, 1000)
    database = Database.open(path, KEY)
    database.quick_check()
    database.close()


def test_whatever_bytes_are_found_only_our_errors_come_out(path: Path) -> None:
    fill(path, 40)
    whole = path.read_bytes()
    chance = random.Random(53530)
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged[: chance.randrange(len(damaged))] if chance.random() < 0.3 else damaged)
        path.with_name("messages-wal").unlink(missing_ok=True)
        try:
            database = Database.open(path, KEY)
            try:
                texts(database)
            finally:
                database.close()
        except StoreError:
            pass


# At rest


SECRETS = ["the raise is four thousand", "Caroline Ottersbach", "Überraschung für Benjamin"]


def plain_in(folder: Path) -> list[str]:
    """Which of SECRETS can be read in any file of the folder."""
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert len(content) > 4096
    return [secret for secret in SECRETS if secret.encode() in content or secret.encode("utf-16-le") in content]


def test_no_text_and_no_name_is_readable_on_the_disk(path: Path) -> None:
    database = Database.open(path, KEY)
    database.execute(NOTES)
    database.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
    for n in range(600):
        secret = SECRETS[n % 3]
        write(database, f"{n} {secret}")
        database.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (n, secret))
    assert plain_in(path.parent) == []  # with a write-ahead log
    assert path.with_name("messages-wal").stat().st_size > 4096
    database.execute("SELECT text, count(*) FROM notes GROUP BY substr(text, 5) ORDER BY random()")  # would need a file
    database.execute("DELETE FROM notes; DELETE FROM words")
    assert plain_in(path.parent) == []
    database.erase_traces()
    assert path.with_name("messages-wal").stat().st_size == 0
    database.close()
    assert plain_in(path.parent) == []


def test_the_search_for_secrets_would_find_them(path: Path) -> None:
    plain = apsw.Connection(str(path))
    plain.execute(NOTES)
    plain.executemany("INSERT INTO notes (text) VALUES (?)", [(secret,) for secret in SECRETS])
    plain.close()
    assert plain_in(path.parent) == SECRETS


def test_deleted_text_is_gone_even_for_who_has_the_key(db: Database) -> None:
    write(db, *(f"{n} {SECRETS[0]}" for n in range(200)))
    pages = db._connection.serialize("main")
    assert SECRETS[0].encode() in pages
    db.execute("DELETE FROM notes")
    pages = db._connection.serialize("main")
    assert SECRETS[0].encode() not in pages


def test_the_log_of_a_large_transaction_is_cut_back(path: Path) -> None:
    fill(path, 0)
    database = Database.open(path, KEY)
    with database.transaction():
        write(database, *(f"{n} {'x' * 1000}" for n in range(8000)))
    write(database, "one", "two")
    assert path.with_name("messages-wal").stat().st_size <= LOG_LIMIT
    database.close()


# When things break off

WRITER = """
import sys
from pathlib import Path
from p2pdm.store.database import Database

database = Database.open(Path(sys.argv[1]), bytes(range(32)))
database.execute("CREATE TABLE IF NOT EXISTS pairs (n INTEGER PRIMARY KEY, half INTEGER NOT NULL) STRICT")
n = database.first("SELECT coalesce(max(n), 0) FROM pairs")[0]
while True:
    n += 2
    with database.transaction():
        database.execute("INSERT INTO pairs VALUES (?, 0)", (n - 1,))
        database.execute("INSERT INTO pairs VALUES (?, 1)", (n,))
    print(n, flush=True)
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, env=environ)


def test_what_a_killed_node_had_confirmed_is_all_there(path: Path) -> None:
    chance = random.Random()
    for _ in range(6):
        with python(WRITER, str(path)) as writer:
            assert writer.stdout is not None
            confirmed = [int(writer.stdout.readline()) for _ in range(chance.randint(1, 400))]
            writer.kill()
            confirmed += [int(line) for line in writer.stdout if line.endswith("\n")]
        database = Database.open(path, KEY)
        kept = [n for (n,) in database.execute("SELECT n FROM pairs ORDER BY n")]
        database.close()
        assert kept == list(range(1, len(kept) + 1))
        assert len(kept) >= confirmed[-1]
        assert len(kept) % 2 == 0, "half a transaction was kept"


FULL = """
import resource, sys
from pathlib import Path
from p2pdm.store.database import Database
from p2pdm.store.errors import DiskFull

database = Database.open(Path(sys.argv[1]), bytes(range(32)))
database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
database.execute("PRAGMA cache_size = 10")  # so that the disk is met within the transaction, not only at its end
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
committed = 0
try:
    while True:
        with database.transaction():
            for _ in range(10):
                try:
                    with database.transaction():
                        database.execute("INSERT INTO notes (text) VALUES (?)", ("x" * 3000,))
                except DiskFull:
                    pass  # a careless caller: the outermost must fail all the same
        committed += 10
except DiskFull as error:
    assert not database.in_transaction
    print(committed, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
with database.transaction():
    database.execute("INSERT INTO notes (text) VALUES ('there is room again')")
print(database.first("SELECT count(*) FROM notes")[0])
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows can't limit the size of files")
def test_a_full_disk_undoes_the_transaction_and_nothing_else(path: Path) -> None:
    with python(FULL, str(path)) as writer:
        assert writer.stdout is not None
        first, total = writer.stdout.read().splitlines()
    committed, sentence = first.split(" ", 1)
    assert "disk is full" in sentence
    assert int(committed) > 0
    assert int(total) == int(committed) + 1
    database = Database.open(path, KEY)
    database.quick_check()
    assert database.first("SELECT count(*) FROM notes") == (int(total),)
    database.close()


def test_a_database_that_may_not_be_written_says_so(db: Database) -> None:
    db.execute("PRAGMA query_only = ON")
    with pytest.raises(ReadOnly, match="can't be written"):
        write(db, "hello")


def test_no_more_pages_is_a_full_disk(db: Database) -> None:
    write(db, "before")
    db.execute("PRAGMA max_page_count = 5")
    with pytest.raises(DiskFull, match="Free some space"), db.transaction():
        write(db, *(f"{n} {'x' * 1000}" for n in range(100)))
    assert texts(db) == ["before"]
    db.execute("PRAGMA max_page_count = 1000")
    write(db, "after")
    assert texts(db) == ["before", "after"]


def test_after_a_disk_error_nothing_more_is_written_until_the_outermost_ends(db: Database) -> None:
    db.execute("PRAGMA max_page_count = 5")
    db.begin()
    with pytest.raises(DiskFull), db.transaction():
        write(db, *(f"{n} {'x' * 1000}" for n in range(100)))
    with pytest.raises(DiskFull):
        write(db, "short enough, but its transaction is gone")
    with pytest.raises(DiskFull):
        db.commit()
    assert not db.in_transaction
    assert texts(db) == []
    write(db, "and on it goes")
    assert texts(db) == ["and on it goes"]


# Migrations

FIRST = ("notes", NOTES)
SECOND = ("authors", "ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT ''; CREATE INDEX a ON notes (author)")


def test_each_step_runs_once_and_in_order() -> None:
    database = Database.open(None, KEY)
    assert migrate(database, [FIRST]) == ["notes"]
    write(database, "hello")
    assert migrate(database, [FIRST, SECOND]) == ["authors"]
    assert migrate(database, [FIRST, SECOND]) == []
    assert database.execute("SELECT text, author FROM notes") == [("hello", "")]


def test_a_step_that_fails_leaves_nothing_of_itself() -> None:
    database = Database.open(None, KEY)
    with pytest.raises(StoreDefect):
        migrate(database, [FIRST, ("bad", "CREATE TABLE half (id INTEGER) STRICT; SELEKT")])
    assert database.execute("SELECT name FROM migrations") == [("notes",)]
    assert database.first("SELECT name FROM sqlite_schema WHERE name = 'half'") is None
    assert migrate(database, [FIRST, SECOND]) == ["authors"]


def test_a_database_of_a_newer_version_is_refused_untouched() -> None:
    database = Database.open(None, KEY)
    migrate(database, [FIRST, SECOND])
    with pytest.raises(NewerVersion, match="Update p2pdm"):
        migrate(database, [FIRST])


@pytest.mark.parametrize("steps", [[SECOND, FIRST], [("new", "SELECT 1"), FIRST, SECOND], [FIRST, SECOND, FIRST]])
def test_steps_out_of_order_are_our_mistake(steps: list[tuple[str, str]]) -> None:
    database = Database.open(None, KEY)
    migrate(database, [FIRST, SECOND])
    with pytest.raises(StoreDefect, match="out of order"):
        migrate(database, steps)


def test_the_steps_of_this_version_make_strict_tables_only() -> None:
    database = Database.open(None, KEY)
    assert migrate(database) == [name for name, _ in STEPS]
    assert (
        database.execute(
            "SELECT name FROM pragma_table_list WHERE NOT strict AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        == []
    )
