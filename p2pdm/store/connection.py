"""Connection: how an encrypted SQLite file is opened and set up, and what its errors are called here.

The choices, and why:

- Cipher: `chacha20` of SQLite3 Multiple Ciphers (ChaCha20-Poly1305 per page: a changed byte is found). Equally quick
  on machines without AES instructions; measured, its commits cost what bare SQLite's do. The key is given raw, so
  opening derives nothing. The file begins with 16 random bytes; only header bytes 16 to 23 (its format) are plain.
- A write-ahead log with synchronous=FULL: a commit returns when the log is on the disk, after one sync.
- Exclusive locks: a profile belongs to one node anyhow. No shared-memory file, and WAL works on network homes. On Unix,
  `unix-excl` holds them for the process, so that a second connection may copy the log (log.py) while the first goes on;
  elsewhere locking_mode=EXCLUSIVE does it.
- Plans never depend on bound values (QPSG). Without it, SQLite plans a statement anew for each value that it compares
  with a partial index: measured, a look-up of an entry by its id then costs four times as much.
- temp_store=MEMORY, mmap off, secure_delete on: text reaches no other file, and does not outlive its row.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import apsw

from p2pdm.store.errors import (
    CannotOpen,
    Conflict,
    Damaged,
    DiskFull,
    InUse,
    NotPermitted,
    OutOfMemory,
    ReadFailed,
    ReadOnly,
    StoreDefect,
    StoreError,
    WrongKey,
)
from p2pdm.store.files import NO_ROOM, OWNER_ONLY, explained, sync_folder

KEY_BYTES: Final = 32
CACHE_KIB: Final = 4096
"""Pages kept in memory: SQLite's share of the node's 80 MB. The operating system caches the file besides."""
PAGE_BYTES: Final = 2048
"""A message changes some eight pages, a little of each; all of each is sealed and written. Half of SQLite's own size
saves 15 us of processor for each commit, and costs the disk nothing: four messages fill a page."""
LOG_LIMIT: Final = 8 * 1024 * 1024
"""A log that one large transaction has swollen is cut back to this many bytes: four times what commits let it
have, so that it is written over and not made longer with each commit."""

SHARED_BY_THREADS: Final = os.name == "posix"
SYNCED: Final = "PRAGMA synchronous = FULL"
UNSYNCED: Final = "PRAGMA synchronous = NORMAL"

_SENTENCES: Final[tuple[tuple[type[apsw.Error], type[StoreError], str], ...]] = (
    (apsw.FullError, DiskFull, "The disk is full, so nothing more can be saved. Free some space and try again."),
    (apsw.NotADBError, WrongKey, "This key does not open the profile's database, or the database is damaged."),
    (apsw.CorruptError, Damaged, "The profile's database is damaged. Restore it from a backup."),
    (apsw.BusyError, InUse, "Another program has this profile's database open. Close it and try again."),
    (apsw.ReadOnlyError, ReadOnly, "The profile's database can't be written. Check the permissions of its folder."),
    (apsw.PermissionsError, NotPermitted, "You may not use this profile's database. Check who owns its folder."),
    (apsw.CantOpenError, CannotOpen, "The profile's database can't be opened. Check that its folder exists."),
    (apsw.NoMemError, OutOfMemory, "The machine has no memory left for the database. Close some programs."),
    (apsw.IOError, ReadFailed, "The disk refused to read or write the profile's database. Check the disk."),
    (apsw.ConstraintError, Conflict, "The database already holds something that this contradicts."),
)


def make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is one; SQLite's log inherits its mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise explained(error, path) from error


def connect(path: Path | None) -> apsw.Connection:
    """A connection to the file at `path`, or to memory; not set up yet."""
    try:
        vfs = "multipleciphers-unix-excl" if SHARED_BY_THREADS and path is not None else None
        return apsw.Connection(":memory:" if path is None else str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    except apsw.Error as error:
        raise in_our_words(error, 0) from error


def set_up(connection: apsw.Connection, key: bytes | None) -> None:
    """Key the connection and make the module's choices; reads the file, so a wrong key shows here."""
    if key is not None:
        unlock(connection, key)
    connection.pragma("page_size", PAGE_BYTES)
    if key is not None:
        if not SHARED_BY_THREADS:
            connection.pragma("locking_mode", "EXCLUSIVE")
        if connection.pragma("journal_mode", "WAL") != "wal":
            raise apsw.IOError("the file system does not allow a write-ahead log")
    connection.execute(SYNCED)
    connection.pragma("foreign_keys", True)
    connection.pragma("cache_size", -CACHE_KIB)
    connection.pragma("mmap_size", 0)
    connection.pragma("temp_store", "MEMORY")
    connection.pragma("secure_delete", True)
    connection.pragma("journal_size_limit", LOG_LIMIT)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    learn(connection)


def learn(connection: apsw.Connection) -> None:
    """Read the file once: a wrong key shows, and the connection knows of its log."""
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()


def unlock(connection: apsw.Connection, key: bytes) -> None:
    """Say which cipher and key the file has."""
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", "raw:" + key.hex())


def in_our_words(error: apsw.Error, system_errno: int) -> StoreError:
    """Our error for one of apsw's; `system_errno` tells a full disk from a broken one."""
    if system_errno in NO_ROOM:
        error = apsw.FullError(str(error))
    for theirs, ours, sentence in _SENTENCES:
        if isinstance(error, theirs):
            return ours(sentence)
    return StoreDefect(f"p2pdm misused its own database: {error}. This is a mistake in p2pdm; please report it.")
