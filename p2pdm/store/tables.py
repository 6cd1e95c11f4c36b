"""Store: one profile's tables together, and the transaction around them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from p2pdm.store.conversations import ConversationTable
from p2pdm.store.database import Database
from p2pdm.store.devices import DeviceTable
from p2pdm.store.entries import EntryTable
from p2pdm.store.errors import StoreError
from p2pdm.store.keeping import KeepingTable
from p2pdm.store.lines import LineTable
from p2pdm.store.migrations import migrate
from p2pdm.store.notices import NoticeTable
from p2pdm.store.people import PeopleTable
from p2pdm.store.pictures import PictureTable
from p2pdm.store.search import WordTable


class SettingsTable:
    """Named values: the profile's own keys and facts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, name: str) -> bytes | None:
        """A value, or None."""
        row = self._db.first("SELECT value FROM settings WHERE name = ?", (name,))
        return row[0] if row else None

    def set(self, name: str, value: bytes) -> None:
        """Write a value."""
        self._db.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def remove(self, name: str) -> None:
        """Forget a value."""
        self._db.execute("DELETE FROM settings WHERE name = ?", (name,))


class Store:
    """The tables of one open database. Write between `begin` and `commit`; after a failure nothing of it is there.

    What was begun `unsynced` is durable once `database.sync_log` has returned, which is then said with `synced`.
    """

    def __init__(self, database: Database) -> None:
        migrate(database)
        self.database = database
        self.settings = SettingsTable(database)
        self.people = PeopleTable(database)
        self.pictures = PictureTable(database)
        self.conversations = ConversationTable(database)
        self.entries = EntryTable(database)
        self.words = WordTable(database, self.entries.rows)
        self.lines = LineTable(database, self.entries, self.words)
        self.notices = NoticeTable(database)
        self.devices = DeviceTable(database)
        self.keeping = KeepingTable(database, self.entries.rows)

    def begin(self, *, unsynced: bool = False) -> None:
        """Open a transaction, unless one is open."""
        if not self.database.in_transaction:
            self.database.begin(unsynced=unsynced)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Write a part of the open transaction: an exception within undoes that part only."""
        self.entries.heads.flush()
        self.database.begin()
        try:
            yield
            self.entries.heads.flush()
        except BaseException:
            self._forget_cached()
            self.database.rollback()
            raise
        self.database.commit()

    def commit(self) -> None:
        """Make everything since `begin` durable, or leave that to a sync; on StoreError all of it is undone."""
        if not self.database.in_transaction:
            return
        try:
            self.entries.heads.flush()
        except StoreError:
            self.rollback()
            raise
        try:
            self.database.commit()
        except StoreError:
            self._forget_cached()
            raise
        self.entries.heads.committed(self.database.syncs)

    def synced(self) -> None:
        """All that was committed is durable."""
        self.entries.heads.synced()

    def rollback(self) -> None:
        """Undo everything since `begin`."""
        self._forget_cached()
        if self.database.in_transaction:
            self.database.rollback()

    def counts(self) -> dict[str, int]:
        """How much there is, for a log that names nobody; as quick for much as for little."""
        people = self.database.first("SELECT count(*) FILTER (WHERE relation = 1), count(*) FROM people") or (0, 0)
        conversations = self.database.first("SELECT count(*) FROM conversations") or (0,)
        entries = self.database.first("SELECT max(arrival) FROM entries") or (0,)
        pages = self.database.first("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") or (0,)
        return {
            "contacts": people[0],
            "people": people[1],
            "conversations": conversations[0],
            "entries": entries[0] or 0,
            "bytes": pages[0],
        }

    def close(self) -> None:
        """Commit what is open and release the files."""
        self.commit()
        self.database.close()

    def _forget_cached(self) -> None:
        self.people.forget_cached()
        self.pictures.forget_cached()
        self.conversations.forget_cached()
        self.entries.forget_cached()
        self.lines.forget_cached()
        self.notices.forget_cached()
        self.keeping.forget_cached()
