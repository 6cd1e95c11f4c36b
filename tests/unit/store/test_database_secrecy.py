"""Nobody reads or changes alice's database without the key, and no word of it lies readable on the disk."""

from __future__ import annotations

import os
import random
from pathlib import Path

import apsw
import pytest

from p2pdm.store.database import Database
from p2pdm.store.errors import Damaged, StoreDefect, StoreError, WrongKey
from tests.unit.store.notes import KEY, NOTES, fill, texts, write

OTHER_KEY = bytes(32)


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
