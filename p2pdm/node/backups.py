"""Backups: copies the running profile into one encrypted file, while the node goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from p2pdm import __version__
from p2pdm.api.types import ApiError
from p2pdm.node.aside import Aside
from p2pdm.node.commits import Commits
from p2pdm.store.backup import NewBackup
from p2pdm.store.tables import Store

logger = logging.getLogger(__name__)


class Backups:
    """One backup at a time."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        scratch: Path | None,
        aside: Aside,
        random: Callable[[int], bytes],
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._scratch = scratch
        self._aside = aside
        self._random = random
        self._wall = wall
        self._busy = False

    async def make(self, path: Path, passphrase: str) -> int:
        """Write one to `path`, all of it or nothing; its bytes. StoreError when the disk refuses."""
        if not passphrase:
            raise ApiError("passphrase", "An empty passphrase protects nothing; no backup was made.")
        if not path.is_absolute():
            raise ApiError("path", "Name the file of a backup with its whole path.")
        if self._scratch is None:
            raise ApiError("no_disk", "This profile is in memory only, so there is no backup of it.")
        if self._busy:
            raise ApiError("busy", "Another backup is being made. Try again when it is done.")
        self._busy = True
        backup = NewBackup(path, self._scratch, self._random)
        try:
            backup.check_path()
            await self._aside(lambda: backup.stretch(passphrase))
            await self._in_pieces(backup.copy(self._store.database))
            await self._in_pieces(backup.seal(self._wall(), __version__))
            await self._aside(backup.sync)
            size = backup.publish()
            logger.info("a backup of %d bytes was made", size)
            return size
        finally:
            backup.discard()
            self._busy = False

    async def _in_pieces(self, work: Generator[None, None, None]) -> None:
        """Do a piece a turn of the loop, each outside a transaction."""
        with closing(work):
            while True:
                self._commits.settle()
                if next(work, self) is self:
                    return
                await asyncio.sleep(0)
