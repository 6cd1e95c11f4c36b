"""Log: what is done with the write-ahead log beside the connection that writes it, by one other thread at a time.

A disk may take a second for a sync. Whoever waits for it here lets everybody else read, and write, meanwhile.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

import apsw

from p2pdm.store.connection import SHARED_BY_THREADS, connect, in_our_words, learn, unlock
from p2pdm.store.errors import StoreError
from p2pdm.store.files import explained

_sync: Final = getattr(os, "fdatasync", os.fsync)  # macOS and Windows have no other


class Log:
    """The log of the open database at `path`, to be synced and copied. Nothing happens any more once it is closed."""

    is_copied_aside: Final = SHARED_BY_THREADS
    """Whether `copy` can do it; elsewhere the writing connection must."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._database = path
        self._key = key
        self._path = path.with_name(path.name + "-wal")
        self._syncing = threading.Lock()
        self._refused: StoreError | None = None
        self._copier: apsw.Connection | None = None
        self._closed = False
        self.resting = threading.Lock()
        """Held by whoever copies: one at a time."""
        try:
            self._file = os.open(self._path, os.O_RDWR)
        except OSError as error:
            raise explained(error, self._path) from error

    def sync(self) -> None:
        """Put on the disk what was committed. StoreError when the disk refuses, and from then on until `copied`."""
        with self._syncing:
            if self._closed:
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
        with self._syncing:
            self._refused = None

    @property
    def is_copying(self) -> bool:
        """Whether somebody copies now."""
        return self.resting.locked()

    def copy(self) -> None:
        """Copy it into the database, over a second connection. StoreError if the disk refuses: nothing changed."""
        with self.resting:
            if self._closed:
                return
            try:
                if self._copier is None:
                    self._copier = connect(self._database)
                    unlock(self._copier, self._key)
                    learn(self._copier)
                self._copier.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except apsw.Error as error:
                raise in_our_words(error, 0) from error

    def close(self) -> None:
        """Release the files, after what is under way."""
        with self._syncing, self.resting:
            if not self._closed:
                self._closed = True
                os.close(self._file)
                if self._copier is not None:
                    self._copier.close(True)
