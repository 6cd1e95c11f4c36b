"""The backup's file: whole or refused, whatever became of its bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2pdm.store import keys
from p2pdm.store.backup import CHUNK, HEADER_BYTES, OVERHEAD, STREAM_BYTES, BackupFile, NewBackup
from p2pdm.store.database import Database
from p2pdm.store.errors import BackupDamaged, NewerVersion, NoBackup, PassphraseNeeded, StoreError, WrongPassphrase

ROOT = Path(__file__).parents[3]
KEY = bytes(range(32))
PASSES, MEMORY = keys.PASSES, keys.MEMORY
PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


def make(folder: Path, rows: int = 300, passphrase: str = PASSPHRASE) -> Path:
    """A backup of a database with that many rows."""
    database = Database.open(folder / "messages", KEY)
    database.execute("CREATE TABLE IF NOT EXISTS said (text TEXT NOT NULL) STRICT")
    database.executemany("INSERT INTO said VALUES (?)", [(f"words of Alice {n} " * 30,) for n in range(rows)])
    file = folder / "backup"
    backup = NewBackup(file, folder / "copy", os.urandom)
    backup.check_path()
    backup.stretch(passphrase)
    for _ in backup.copy(database):
        pass
    for _ in backup.seal(1_767_225_600_000, "0.1.0"):
        pass
    backup.sync()
    assert backup.publish() == file.stat().st_size
    backup.discard()
    database.close()
    return file


def said(folder: Path, file: Path, passphrase: str = PASSPHRASE) -> int:
    """How many rows a backup gives back."""
    backup = BackupFile.open(file, passphrase)
    backup.check()
    manifest = backup.extract(folder / "extracted")
    assert (manifest.made, manifest.program) == (1_767_225_600_000, "0.1.0")
    database = Database.open(folder / "extracted", manifest.key)
    database.quick_check()
    row = database.first("SELECT count(*) FROM said")
    database.close()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that tests read and nobody changes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keys, "PASSES", 1)
        patched.setattr(keys, "MEMORY", 8192)
        return make(tmp_path_factory.mktemp("whole"))


def test_what_goes_in_comes_out_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = make(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["backup", "messages"]
    assert said(tmp_path, file) == 300
    assert file.stat().st_mode & 0o777 == 0o600
    raw = file.read_bytes()
    assert raw.startswith(b"p2pdm backup v1\0")
    for readable in (b"words of Alice", b"SQLite format", KEY, b"0.1.0"):
        assert readable not in raw


def test_a_passphrase_typed_on_another_keyboard_is_the_same(tmp_path: Path) -> None:
    file = make(tmp_path, passphrase="caf\u00e9")
    assert said(tmp_path, file, "cafe\u0301") == 300
    for wrong in ("cafe", "", "caf\u00e9 "):
        with pytest.raises((WrongPassphrase, PassphraseNeeded)):
            BackupFile.open(file, wrong)


def test_two_backups_of_one_profile_have_nothing_in_common(tmp_path: Path) -> None:
    one, two = make(tmp_path, rows=0).read_bytes(), make(tmp_path, rows=0).read_bytes()
    assert sum(a == b for a, b in zip(one[40:], two[40:], strict=True)) < len(one) / 100


def test_guessing_costs_as_much_as_with_the_profile_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", PASSES)
    monkeypatch.setattr(keys, "MEMORY", MEMORY)
    header = make(tmp_path, rows=0).read_bytes()[:24]
    assert (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")) == (4, 64 * 1024)


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 1])
def test_every_length_of_the_last_chunk_is_whole(tmp_path: Path, size: int) -> None:
    scratch = tmp_path / "copy"
    backup = NewBackup(tmp_path / "backup", scratch, os.urandom)
    backup.stretch(PASSPHRASE)
    scratch.write_bytes(content := os.urandom(size))
    for _ in backup.seal(1, "0.1.0"):
        pass
    backup.publish()
    backup.discard()
    read = BackupFile.open(tmp_path / "backup", PASSPHRASE)
    read.check()
    read.extract(tmp_path / "extracted")
    assert (tmp_path / "extracted").read_bytes() == content


# Damage


def refused(file: Path) -> StoreError:
    with pytest.raises(StoreError) as caught:
        BackupFile.open(file, PASSPHRASE).check()
    assert "\n" not in str(caught.value)
    return caught.value


def test_every_truncation_is_refused(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    first = HEADER_BYTES + STREAM_BYTES
    chunk = CHUNK + OVERHEAD
    ends = {*range(first + 2 * OVERHEAD), *(first + n * chunk + d for n in (1, 2) for d in range(-20, 21))}
    ends |= {len(content) - n for n in range(1, 40)}
    broken = tmp_path / "backup"
    for end in sorted(ends):
        broken.write_bytes(content[:end])
        error = refused(broken)
        assert isinstance(error, NoBackup if end < 14 else BackupDamaged), end
    for more in (b"\0", content[-100:], content):
        broken.write_bytes(content + more)
        assert isinstance(refused(broken), BackupDamaged)


def test_chunks_in_another_order_are_refused(whole: Path, tmp_path: Path) -> None:
    content = whole.read_bytes()
    first, chunk = HEADER_BYTES + STREAM_BYTES, CHUNK + OVERHEAD
    one, two, rest = content[first : first + chunk], content[first + chunk : first + 2 * chunk], first + 2 * chunk
    broken = tmp_path / "backup"
    for middle in (two + one, two, one + one, one + one + two):
        broken.write_bytes(content[:first] + middle + content[rest:])
        assert isinstance(refused(broken), BackupDamaged)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_flipped_bit_is_refused(whole: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(whole.read_bytes())
    header = st.integers(0, HEADER_BYTES + STREAM_BYTES + 20)
    at = data.draw(header | st.integers(0, len(content) - 1))
    if 16 <= at < 24:  # the costs of Argon2id: other costs are other keys, but some of them take minutes
        at = 24
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    broken = tmp_path / "backup"
    broken.write_bytes(content)
    refused(broken)


@pytest.mark.parametrize(
    ("passes", "memory"), [(0, 8), (33, 8), (2**32 - 1, 8), (1, 0), (1, 7), (1, 1 << 21), (1, 2**32 - 1)]
)
def test_no_file_makes_a_restore_swallow_all_memory_or_time(
    whole: Path, tmp_path: Path, passes: int, memory: int
) -> None:
    content = whole.read_bytes()
    broken = tmp_path / "backup"
    broken.write_bytes(content[:16] + passes.to_bytes(4, "big") + memory.to_bytes(4, "big") + content[24:])
    assert isinstance(refused(broken), BackupDamaged)


def test_a_newer_backup_is_told_from_something_else(whole: Path, tmp_path: Path) -> None:
    broken = tmp_path / "backup"
    broken.write_bytes(b"p2pdm backup v2\0" + whole.read_bytes()[16:])
    assert isinstance(refused(broken), NewerVersion)
    broken.write_bytes(os.urandom(5_000))
    assert isinstance(refused(broken), NoBackup)
    assert isinstance(refused(tmp_path), NoBackup)
    assert isinstance(refused(tmp_path / "nothing"), NoBackup)


# Killed midway

MAKING = """
import os, sys
from pathlib import Path
from p2pdm.store import keys
from p2pdm.store.backup import NewBackup
from p2pdm.store.database import Database

keys.PASSES, keys.MEMORY = 1, 8192
folder, deadly = Path(sys.argv[1]), int(sys.argv[2])
database = Database.open(folder / "messages", bytes(range(32)))
backup = NewBackup(folder / "backup", folder / "copy", os.urandom)
backup.check_path()
backup.stretch("another passphrase")
def steps():
    yield
    yield from backup.copy(database)
    yield
    yield from backup.seal(2, "0.1.0")
    yield
    backup.sync()
    yield
    backup.publish()
    yield
    backup.discard()
    yield
for _ in steps():
    deadly -= 1
    if not deadly:
        os.kill(os.getpid(), 9)
database.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_any_step_the_old_backup_is_whole_or_the_new_one(tmp_path: Path) -> None:
    file = make(tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen, killed = set(), True
    for step in range(1, 60):
        ended = subprocess.run([sys.executable, "-c", MAKING, str(tmp_path), str(step)], env=environ, check=False)
        try:
            BackupFile.open(file, PASSPHRASE).check()
            seen.add("old")
        except WrongPassphrase:
            BackupFile.open(file, "another passphrase").check()
            seen.add("new")
        scratch = tmp_path / "copy"
        if scratch.exists():
            assert b"words of Alice" not in scratch.read_bytes()
        killed = ended.returncode != 0
        if not killed:
            break
    assert seen == {"old", "new"}
    assert not killed
    assert sorted(os.listdir(tmp_path)) == ["backup", "messages"], "the next backup clears what the killed one left"
    make(tmp_path, rows=0)
