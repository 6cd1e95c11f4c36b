"""Alice's database on a disk that fills up or fails, under a node that is killed: what was confirmed is there."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from p2pdm.store.connection import LOG_LIMIT, PAGE_BYTES, SHARED_BY_THREADS
from p2pdm.store.database import LATEST_CHECKPOINT, Database
from p2pdm.store.errors import DiskFull, ReadOnly, StoreError
from tests.unit.store.notes import KEY, fill, texts, write

ROOT = Path(__file__).parents[3]


def test_the_log_of_a_large_transaction_is_cut_back(path: Path) -> None:
    fill(path, 0)
    database = Database.open(path, KEY)
    with database.transaction():
        write(database, *(f"{n} {'x' * 1000}" for n in range(8000)))
    write(database, "one", "two")
    assert path.with_name("messages-wal").stat().st_size <= LOG_LIMIT
    database.close()


@pytest.mark.skipif(not SHARED_BY_THREADS, reason="the log is copied by commits")
def test_a_log_that_is_copied_while_nothing_is_written_begins_anew(path: Path) -> None:
    fill(path, 0)
    database = Database.open(path, KEY)
    longest = 0
    for n in range(6 * LATEST_CHECKPOINT):
        database.begin(unsynced=True)
        write(database, f"{n} {'x' * 1000}")
        database.commit()
        if database.wants_copying:
            copying = threading.Thread(target=database.copy_log)
            copying.start()
            assert len(texts(database)) == n + 1, "nobody who reads waits for it"
            copying.join()
        longest = max(longest, path.with_name("messages-wal").stat().st_size)
    assert longest < 2 * LATEST_CHECKPOINT * PAGE_BYTES
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


BULK_WRITER = """
import sys, threading
from pathlib import Path
from p2pdm.store.database import Database

database = Database.open(Path(sys.argv[1]), bytes(range(32)))
database.execute("CREATE TABLE IF NOT EXISTS pairs (n INTEGER PRIMARY KEY, half INTEGER NOT NULL, text BLOB) STRICT")
n = database.first("SELECT coalesce(max(n), 0) FROM pairs")[0]


def copy() -> None:
    while True:
        database.copy_log()


threading.Thread(target=copy, daemon=True).start()
while True:
    database.begin(unsynced=True)
    for _ in range(10):
        n += 2
        database.execute("INSERT INTO pairs VALUES (?, 0, randomblob(3000)), (?, 1, NULL)", (n - 1, n))
    database.commit()
    database.sync_log()
    print(n, flush=True)
"""


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, env=environ)


@pytest.mark.parametrize(
    "program", [WRITER, BULK_WRITER], ids=["each commit synced", "a bulk, its log copied meanwhile"]
)
def test_what_a_killed_node_had_confirmed_is_all_there(path: Path, program: str) -> None:
    chance = random.Random()
    for _ in range(6):
        with python(program, str(path)) as writer:
            assert writer.stdout is not None
            confirmed = [int(writer.stdout.readline()) for _ in range(chance.randint(1, 400))]
            writer.kill()
            confirmed += [int(line) for line in writer.stdout if line.endswith("\n")]
        database = Database.open(path, KEY)
        kept = [n for (n,) in database.execute("SELECT n FROM pairs ORDER BY n")]
        database.quick_check()
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


def test_what_a_sync_refused_stays_refused_until_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system tells of it once only: whoever asks next must not take silence for success."""
    db = Database.open(tmp_path / "messages", KEY)
    db.execute("CREATE TABLE t (x INTEGER)")

    def refuses(_: int) -> None:
        monkeypatch.undo()
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr("p2pdm.store.log._sync", refuses)
    for _ in range(2):
        with pytest.raises(StoreError):
            db.sync_log()
    db.checkpoint()
    db.sync_log()
    db.close()
