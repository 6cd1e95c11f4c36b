"""Database: one encrypted SQLite file, one connection, and errors in our own words.

The choices, and why:

- Cipher: `chacha20` of SQLite3 Multiple Ciphers (ChaCha20-Poly1305 per page: a changed byte is found). Equally quick
  on machines without AES instructions; measured, its commits cost what bare SQLite's do. The key is given raw, so
  opening derives nothing. The file begins with 16 random bytes; only header bytes 16 to 23 (its format) are plain.
- WAL with synchronous=FULL: a commit returns when the log is on the disk, after one sync. A transaction that was begun
  `unsynced` leaves that to `sync_log`, which another thread may call: a disk that takes a second then holds nobody up.
  SQLite itself syncs the log before it copies from it, so that nothing but the latest such commits can be lost.
- Exclusive locks: a profile belongs to one node anyhow. No shared-memory file, and WAL works on network homes. On Unix,
  `unix-excl` holds them for the process, and a second connection copies the log in another thread (`copy_log`) while
  the first goes on; elsewhere locking_mode=EXCLUSIVE does it, and a long log is copied by commits.
- Once CHECKPOINT_PAGES pages of log have come together, `wants_checkpoint` says so, and the owner calls `checkpoint`
  when nobody waits; so few pages take a few milliseconds. If it never does, the commit that passes LATEST_CHECKPOINT
  does it itself. No reader holds a checkpoint up, since reads are complete when they return.
- Plans never depend on bound values (QPSG). Without it, SQLite plans a statement anew for each value that it compares
  with a partial index: measured, a look-up of an entry by its id then costs four times as much.
- temp_store=MEMORY, mmap off, secure_delete on: text reaches no other file, and does not outlive its row. Old pages in
  the log live on, encrypted, until overwritten; `erase_traces` empties it at once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn

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
CHECKPOINT_PAGES: Final = 512
"""1 MiB of log: copying it stays far below the 50 ms that a call may wait."""
LATEST_CHECKPOINT: Final = 2 * CHECKPOINT_PAGES
"""Copying these takes some 5 ms of processor in the turn of a commit; twice as many, 10, and saves nothing that can be
measured."""
LONGEST_LOG: Final = 16 * CHECKPOINT_PAGES
"""A commit copies a log of so many pages itself, though that was left to `copy_log`."""
LOG_LIMIT: Final = 8 * 1024 * 1024
"""A log that one large transaction has swollen is cut back to this many bytes: four times what LATEST_CHECKPOINT lets
it have, so that it is written over and not made longer with each commit."""

SHARED_BY_THREADS: Final = os.name == "posix"
SYNCED: Final = "PRAGMA synchronous = FULL"
UNSYNCED: Final = "PRAGMA synchronous = NORMAL"

Value = None | int | float | bytes | str
Bindings = Sequence[Value] | Mapping[str, Value]
Row = tuple[Any, ...]
"""What a query returns; STRICT tables see to the columns' types."""

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


class Database:
    """One open database, for one thread. Every apsw error leaves here as a StoreError."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Take over a connection that is set up; callers use `open`."""
        self._connection = connection
        self._cursor = connection.cursor()
        self._scope = _Transaction(self)
        self._depth = 0
        self._lost: StoreError | None = None
        self._syncs = True
        self._log: LogFile | None = None
        self._copier: Copier | None = None
        self._log_pages = 0
        connection.set_wal_hook(self._logged)

    @classmethod
    def open(cls, path: Path | None, key: bytes) -> Database:
        """Open or make the database at `path` (None: in memory, unencrypted, for tests) with its 32-byte raw key."""
        if len(key) != KEY_BYTES:
            raise StoreDefect(f"A database key has {KEY_BYTES} bytes, not {len(key)}.")
        if path is not None:
            _make_private(path)
        connection = _connect(path)
        try:
            _set_up(connection, None if path is None else key)
        except apsw.Error as error:
            connection.close(True)
            raise _ours(error, 0) from error
        database = cls(connection)
        if path is not None:
            database._log = LogFile(path.with_name(path.name + "-wal"))
            database._copier = Copier(path, key) if SHARED_BY_THREADS else None
        return database

    def close(self) -> None:
        """Undo what is uncommitted, copy the log into the database, and release the files."""
        if self._log is not None:
            self._log.close()
        if self._copier is not None:
            self._copier.close()
        try:
            self._connection.close()
        except apsw.Error as error:
            self._fail(error)

    # Reading and writing

    def execute(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        """Run one or several statements and return all their rows: complete, so no read stays open behind it.

        Outside a transaction each statement is durable on its own when this returns.
        """
        if self._lost is not None:
            raise self._lost
        try:
            return self._cursor.execute(sql, bindings).fetchall()
        except apsw.Error as error:
            self._fail(error)

    def first(self, sql: str, bindings: Bindings = ()) -> Row | None:
        """The first row, or None."""
        rows = self.execute(sql, bindings)
        return rows[0] if rows else None

    def executemany(self, sql: str, rows: Iterable[Bindings]) -> None:
        """Run a statement for each of `rows`, all of them or none."""
        with self._scope:
            try:
                self._cursor.executemany(sql, rows).fetchall()
            except apsw.Error as error:
                self._fail(error)

    def stream(self, sql: str, bindings: Bindings = ()) -> Iterator[Row]:
        """Rows one at a time, for results too large for a list; exhaust or close it before the next checkpoint."""
        if self._lost is not None:
            raise self._lost
        try:
            yield from self._connection.execute(sql, bindings)
        except apsw.Error as error:
            self._fail(error)

    @property
    def last_rowid(self) -> int:
        """The rowid of the latest insert."""
        return self._connection.last_insert_rowid()

    @property
    def changes(self) -> int:
        """How many rows the latest insert, update or delete touched."""
        return self._connection.changes()

    # Transactions

    def transaction(self) -> _Transaction:
        """`with db.transaction():` commits at the end, durable, or undoes it all when an exception passes.

        Nested, it is a part of the outer one: undone alone when an exception passes through it, durable only with
        the outer commit. Never await inside. A disk error undoes the outermost too, even if the inner exception is
        caught: everything until its end then raises that error again.
        """
        return self._scope

    def begin(self, *, unsynced: bool = False) -> None:
        """Start a transaction, or a part of the one that is open; each begin takes one commit or rollback.

        `unsynced`: once the outermost is committed, it is on the disk when `sync_log` has returned.
        """
        if not self._depth and unsynced == self._syncs:
            self.execute(UNSYNCED if unsynced else SYNCED)
            self._syncs = not unsynced
        self.execute("SAVEPOINT part" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1

    def commit(self) -> None:
        """End the innermost transaction; on return from the outermost, it is on the disk, unless it was begun
        `unsynced`. On an error, it is undone."""
        self._depth -= 1
        if self._depth:
            self.execute("RELEASE part")
            return
        try:
            self.execute("COMMIT")
        except StoreError:
            self._undo_all()
            raise

    def rollback(self) -> None:
        """End the innermost transaction and undo what was done in it."""
        self._depth -= 1
        if not self._depth:
            self._undo_all()
        elif self._lost is None:
            self.execute("ROLLBACK TO part; RELEASE part")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._depth > 0

    @property
    def syncs(self) -> bool:
        """Whether the outermost commit of the open transaction, or else of the last one, syncs the log itself."""
        return self._syncs

    def sync_log(self) -> None:
        """Put on the disk what was committed; may be called in another thread. StoreError when the disk refuses: then
        only a `checkpoint` that succeeds can tell that it is there, for the system may have dropped what it refused."""
        if self._log is not None:
            self._log.sync()

    @property
    def wants_copying(self) -> bool:
        """Whether the log is so long that `copy_log` is due; it begins anew if nothing is begun until that is done."""
        return self.has_copier and self._log_pages >= LATEST_CHECKPOINT

    @property
    def has_copier(self) -> bool:
        """Whether `copy_log` can do it."""
        return self._copier is not None

    def copy_log(self) -> None:
        """Copy the log into the database, in another thread. StoreError if the disk refuses, which changes nothing."""
        if self._copier is not None:
            self._copier.copy()

    # Care

    @property
    def wants_checkpoint(self) -> bool:
        """Whether enough has come together in the log to be copied into the database, when nobody waits."""
        return self._log_pages >= CHECKPOINT_PAGES

    def checkpoint(self) -> None:
        """Copy the log into the database; a few milliseconds, outside transactions."""
        with self._nobody_copies():
            self.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._log_pages = 0
        if self._log is not None:
            self._log.copied()

    def _logged(self, connection: apsw.Connection, name: str, pages: int) -> int:
        """SQLite tells the length of the log after each commit."""
        self._log_pages = pages
        left_to_copier = self._copier is not None and (not self._syncs or self._copier.resting.locked())
        if pages >= (LONGEST_LOG if left_to_copier else LATEST_CHECKPOINT):
            with self._nobody_copies():
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._log_pages = 0
        return apsw.SQLITE_OK

    def _nobody_copies(self) -> AbstractContextManager[object]:
        return self._copier.resting if self._copier is not None else nullcontext()

    def copy_into(self, other: Database, pages: int) -> Iterator[None]:
        """Copy all that is here into `other`, `pages` at a time; what is written between two pieces is copied, too.

        Both must be keyed, or neither. Outside transactions: commit before each piece.
        """
        copying: apsw.Backup | None = None
        try:
            copying = other._connection.backup("main", self._connection, "main")
            while not copying.done:
                copying.step(pages)
                yield
        except apsw.Error as error:
            other._fail(error)
        finally:
            if copying is not None:
                copying.close(True)

    def make_scratch(self) -> None:
        """Care for speed alone: nobody needs this file after a crash."""
        self.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")

    def erase_traces(self) -> None:
        """Empty the log, so that deleted rows are nowhere on the disk any more; not within a transaction."""
        with self._nobody_copies():
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def quick_check(self) -> None:
        """Read the whole database and raise Damaged if it is; takes seconds on large ones, so only on demand."""
        found = self.execute("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise Damaged("The profile's database is damaged. Restore it from a backup.")

    # Private

    def _fail(self, error: apsw.Error) -> NoReturn:
        """Raise `error` as ours, noting whether SQLite has undone the open transaction because of it."""
        ours = _ours(error, self._connection.system_errno if isinstance(error, apsw.IOError) else 0)
        if self._depth and not self._connection.in_transaction:
            self._lost = ours
        raise ours from error

    def _undo_all(self) -> None:
        self._lost = None
        if not self._connection.in_transaction:
            return
        try:
            self._cursor.execute("ROLLBACK")
        except apsw.Error as error:
            self._fail(error)


class LogFile:
    """The log's file beside SQLite, for its syncs alone; a thread may wait in `sync` while another commits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._refused: StoreError | None = None
        try:
            self._file: int | None = os.open(path, os.O_RDWR)
        except OSError as error:
            raise explained(error, path) from error

    def sync(self) -> None:
        """As Database.sync_log; nothing once it is closed."""
        with self._lock:
            if self._file is None:
                return
            if self._refused is not None:  # the system tells of what it dropped only once, maybe to another thread
                raise self._refused
            try:
                _sync(self._file)
            except OSError as error:
                self._refused = explained(error, self._path)
                raise self._refused from error

    def copied(self) -> None:
        """All of it is in the database: what was refused is not needed any more."""
        with self._lock:
            self._refused = None

    def close(self) -> None:
        """Release the file, after a sync that is under way."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


class Copier:
    """A second connection that copies the log while the first is in use; for one other thread at a time."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._connection: apsw.Connection | None = None
        self._closed = False
        self.resting = threading.Lock()
        """Held by whoever copies: one at a time."""

    def copy(self) -> None:
        """As Database.copy_log; nothing once it is closed."""
        with self.resting:
            if self._closed:
                return
            try:
                if self._connection is None:
                    self._connection = _connect(self._path)
                    _unlock(self._connection, self._key)
                    self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()  # it learns of the log
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except apsw.Error as error:
                raise _ours(error, 0) from error

    def close(self) -> None:
        """Release the files, after a copying that is under way."""
        with self.resting:
            self._closed = True
            if self._connection is not None:
                self._connection.close(True)


_sync: Final = getattr(os, "fdatasync", os.fsync)  # macOS and Windows have no other


class _Transaction:
    """The `with` block of a transaction; it keeps no state of its own, so one serves all depths."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._database.commit()
        else:
            self._database.rollback()


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, unless there is one; SQLite's log inherits its mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise explained(error, path) from error


def _connect(path: Path | None) -> apsw.Connection:
    try:
        vfs = "multipleciphers-unix-excl" if SHARED_BY_THREADS and path is not None else None
        return apsw.Connection(":memory:" if path is None else str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    except apsw.Error as error:
        raise _ours(error, 0) from error


def _set_up(connection: apsw.Connection, key: bytes | None) -> None:
    """Key the connection and make the module's choices; reads the file, so a wrong key shows here."""
    if key is not None:
        _unlock(connection, key)
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
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()


def _unlock(connection: apsw.Connection, key: bytes) -> None:
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", "raw:" + key.hex())


def _ours(error: apsw.Error, system_errno: int) -> StoreError:
    """Our error for one of apsw's; `system_errno` tells a full disk from a broken one."""
    if system_errno in NO_ROOM:
        error = apsw.FullError(str(error))
    for theirs, ours, sentence in _SENTENCES:
        if isinstance(error, theirs):
            return ours(sentence)
    return StoreDefect(f"p2pdm misused its own database: {error}. This is a mistake in p2pdm; please report it.")
