"""Pictures: the latest of each person that was got, and one's own."""

from __future__ import annotations

from p2pdm.identity import PeerId
from p2pdm.store.database import Database


class PictureTable:
    """One a person; which there are is remembered, for every list of people asks."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._ids: dict[PeerId, bytes] | None = None

    def forget_cached(self) -> None:
        """After a rollback, or when a person was removed: what is remembered may not be stored."""
        self._ids = None

    def id_of(self, identity: PeerId) -> bytes:
        """The id of someone's picture; empty when there is none."""
        if self._ids is None:
            self._ids = dict(self._db.execute("SELECT identity, id FROM pictures"))
        return self._ids.get(identity, b"")

    def data_of(self, identity: PeerId) -> bytes:
        """Someone's picture; empty when there is none."""
        row = self._db.first("SELECT data FROM pictures WHERE identity = ?", (identity,))
        return row[0] if row else b""

    def set(self, identity: PeerId, id: bytes, data: bytes) -> None:
        """Keep someone's picture instead of the one before it."""
        self._ids = None
        self._db.execute(
            "INSERT INTO pictures (identity, id, data) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET id = excluded.id, data = excluded.data",
            (identity, id, data),
        )

    def remove(self, identity: PeerId) -> None:
        """Keep no picture of someone."""
        self._ids = None
        self._db.execute("DELETE FROM pictures WHERE identity = ?", (identity,))
