"""Database: statements and transactions on one encrypted SQLite file, and errors in our own words.

How it is opened, and why so, is in connection.py; what other threads do with its log, in log.py.

- A transaction that was begun `unsynced` leaves its sync to `sync_log`, which another thread may call: a disk that
  takes a second then holds nobody up. SQLite itself syncs the log before it copies from it, so that nothing but the
  latest such commits can be lost.
- Once CHECKPOINT_PAGES pages of log have come together, `wants_checkpoint` says so, and the owner has them copied when
  nobody waits: by `copy_log`, in another thread, where that can be, else by `checkpoint`. If it never does, the commit
  that passes LATEST_CHECKPOINT does it itself, or LONGEST_LOG when `copy_log` was to. No reader holds that up, since
  reads are complete when they return.
- Old pages in the log live on, encrypted, until overwritten; `erase_traces` empties it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn

import apsw

from p2pdm.store.connection import KEY_BYTES, SYNCED, UNSYNCED, connect, in_our_words, make_private, set_up
from p2pdm.store.errors import Damaged, StoreDefect, StoreError
from p2pdm.store.log import Log

CHECKPOINT_PAGES: Final = 512
"""1 MiB of log: copying it stays far below the 50 ms that a call may wait."""
LATEST_CHECKPOINT: Final = 2 * CHECKPOINT_PAGES
"""Copying these takes some 5 ms of processor in the turn of a commit; twice as many, 10, and saves nothing that can be
measured."""
LONGEST_LOG: Final = 16 * CHECKPOINT_PAGES
"""A commit copies a log of so many pages itself, though that was left to `copy_log`."""
Value = None | int | float | bytes | str
Bindings = Sequence[Value] | Mapping[str, Value]
Row = tuple[Any, ...]
"""What a query returns; STRICT tables see to the columns' types."""


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
        self._log: Log | None = None
        self._log_pages = 0
        connection.set_wal_hook(self._logged)

    @classmethod
    def open(cls, path: Path | None, key: bytes) -> Database:
        """Open or make the database at `path` (None: in memory, unencrypted, for tests) with its 32-byte raw key."""
        if len(key) != KEY_BYTES:
            raise StoreDefect(f"A database key has {KEY_BYTES} bytes, not {len(key)}.")
        if path is not None:
            make_private(path)
        connection = connect(path)
        try:
            set_up(connection, None if path is None else key)
        except apsw.Error as error:
            connection.close(True)
            raise in_our_words(error, 0) from error
        database = cls(connection)
        if path is not None:
            database._log = Log(path, key)
        return database

    def close(self) -> None:
        """Undo what is uncommitted, copy the log into the database, and release the files."""
        if self._log is not None:
            self._log.close()
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
        return self.copies_aside and self._log_pages >= LATEST_CHECKPOINT

    @property
    def copies_aside(self) -> bool:
        """Whether `copy_log` can do it."""
        return self._log is not None and self._log.is_copied_aside

    def copy_log(self) -> None:
        """Copy the log into the database, in another thread. StoreError if the disk refuses, which changes nothing."""
        if self._log is not None:
            self._log.copy()

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
        log = self._log
        left_aside = log is not None and log.is_copied_aside and (not self._syncs or log.is_copying)
        if pages >= (LONGEST_LOG if left_aside else LATEST_CHECKPOINT):
            with self._nobody_copies():
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._log_pages = 0
        return apsw.SQLITE_OK

    def _nobody_copies(self) -> AbstractContextManager[object]:
        return self._log.resting if self._log is not None else nullcontext()

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
        ours = in_our_words(error, self._connection.system_errno if isinstance(error, apsw.IOError) else 0)
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
