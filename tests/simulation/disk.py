"""A disk below SQLite: what was not synced may be gone after a power cut, any write may be the last, it may be full.

    platter = Platter(random)
    disk = SimulatedDisk.on(platter)
    platter.die_at(7, power=True, died=...)     # at the seventh write or sync from now

`died` is called with what is left of it; what is written to the old one from then on never happened.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Self

import apsw

from p2pdm.store.connection import set_up
from p2pdm.store.database import Bindings, Row
from p2pdm.store.errors import DiskFull, StoreError
from p2pdm.store.migrations import migrate
from tests.fakes.world import Disk

_NAME = "simulated"
_SECTOR = 4096
_CHECKPOINTS = "PRAGMA wal_checkpoint"
_numbers = count()


class _File:
    """One file: what a program that reads it sees, and what would be left after a power cut."""

    def __init__(self, platter: Platter, content: bytes = b"") -> None:
        self.now = bytearray(content)
        self.synced = bytearray(content)
        self.unsynced: list[tuple[int, bytes | None]] = []
        """(offset, bytes) of writes, (size, None) of truncations, since the last sync."""
        self._platter = platter

    def left_after_power_cut(self, chance: random.Random) -> bytes:
        """Some of the unsynced writes have reached the disk, in any order."""
        left = bytearray(self.synced)
        all_of_them, none = chance.random() < 0.2, chance.random() < 0.4
        for offset, data in self.unsynced:
            if not none and (all_of_them or chance.random() < 0.5):
                _apply(left, offset, data)
        return bytes(left)

    # --- apsw.VFSFile ---

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.now[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._platter.step(self._platter.full)
        _apply(self.now, offset, bytes(data))
        self.unsynced.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._platter.step(False)
        _apply(self.now, size, None)
        self.unsynced.append((size, None))

    def xSync(self, flags: int) -> None:
        self._platter.step(self._platter.full)
        for offset, data in self.unsynced:
            _apply(self.synced, offset, data)
        self.unsynced.clear()
        self._platter.step(False)

    def xFileSize(self) -> int:
        return len(self.now)

    def xLock(self, level: int) -> None:
        """One program uses it."""

    def xUnlock(self, level: int) -> None:
        """See xLock."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xClose(self) -> None:
        """It stays."""

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return _SECTOR

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE  # as SQLite takes every real disk to be


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class _Drives(apsw.VFS):
    """All simulated disks of this process, by path."""

    def __init__(self) -> None:
        self.files: dict[str, _File] = {}
        self.platters: dict[str, Platter] = {}
        self.name = _NAME
        super().__init__(_NAME, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:  # type: ignore[override]  # any object with its methods will do
        path = name if isinstance(name, str) else name.filename() if name is not None else "temporary"
        if path not in self.files:
            self.files[path] = _File(self.platters[path.split("-")[0]])
        return self.files[path]

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.files.pop(filename, None)

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self.files

    def xFullPathname(self, name: str) -> str:
        return name


@functools.cache
def _drives() -> _Drives:
    return _Drives()


class Platter:
    """What a disk holds. `full`: no write fits any more."""

    def __init__(self, chance: random.Random) -> None:
        self.full = False
        self.dead = False
        self.path = f"/{next(_numbers)}"
        self._chance = chance
        self._steps = 0
        self._power = False
        self._died: Callable[[Platter], None] = lambda _: None
        _drives().platters[self.path] = self

    def die_at(self, steps: int, power: bool, died: Callable[[Platter], None]) -> None:
        """Die after so many writes and syncs; `power`: with what is not synced."""
        self._steps, self._power, self._died = steps, power, died

    def spare(self) -> None:
        """Don't die after all."""
        self._steps = 0

    def step(self, refused: bool) -> None:
        """Something is about to be written, or was just synced."""
        if refused and not self.dead:
            raise apsw.FullError("simulated")
        if self._steps:
            self._steps -= 1
            if not self._steps:
                left = self.left(self._power)
                self.dead = True
                self._died(left)

    def left(self, power: bool = False) -> Platter:
        """What another start would find: all that was written, or (`power`) all that was synced and some of the rest.

        Without `power` it is also what a copy of the files holds.
        """
        twin = Platter(self._chance)
        for path, file in self._files().items():
            content = file.left_after_power_cut(self._chance) if power else bytes(file.now)
            _drives().files[twin.path + path.removeprefix(self.path)] = _File(twin, content)
        return twin

    def scrap(self) -> None:
        """Nobody needs it any more."""
        for path in self._files():
            del _drives().files[path]
        _drives().platters.pop(self.path, None)

    def _files(self) -> dict[str, _File]:
        names = (self.path, self.path + "-wal", self.path + "-journal")
        return {path: _drives().files[path] for path in names if path in _drives().files}


class SimulatedDisk(Disk):
    """A database on a platter. `held` are told the ids of entries when they are there for good."""

    platter: Platter
    held: Callable[[list[bytes]], None]
    watched = True
    _noted: int
    _is_closed: bool
    _unsynced: list[bytes]
    """Entries that are committed, but may be lost until the log is synced."""

    @classmethod
    def fresh(cls, chance: random.Random) -> Self:
        """An empty one, with its tables."""
        disk = cls.on(_template().left())
        disk.platter._chance = chance
        return disk

    @classmethod
    def on(cls, platter: Platter) -> Self:
        """Open the database on a platter."""
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = apsw.Connection(platter.path, vfs=_drives().name, flags=flags)
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.pragma("journal_mode", "WAL")
        set_up(connection, None)
        disk = cls(connection)
        disk.platter = platter
        disk.held = lambda ids: None
        disk._noted = 0
        disk._unsynced = []
        disk._is_closed = False
        return disk

    @classmethod
    def holding(cls, content: bytes, chance: random.Random) -> Self:
        """One with a file from elsewhere."""
        platter = Platter(chance)
        _drives().files[platter.path] = _File(platter, content)
        return cls.on(platter)

    def execute(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        rows = super().execute(sql, bindings)
        if sql == "COMMIT" and self.watched and not self.platter.dead:
            self._unsynced += self.news()
            if self.syncs:
                self._hold()
        return rows

    def close(self) -> None:
        super().close()
        self._is_closed = True

    def sync_log(self) -> None:
        if self._is_closed:  # as the file is, for a thread that comes too late
            return
        try:
            _drives().files[self.platter.path + "-wal"].xSync(0)
        except apsw.FullError as error:
            raise DiskFull("simulated") from error
        if self.watched and not self.platter.dead:
            self._hold()

    def _hold(self) -> None:
        held, self._unsynced = self._unsynced, []
        self.held(held)

    def news(self) -> list[bytes]:
        """The ids of the entries that came since this was asked last; all of them, the first time."""
        rows = self.ask("SELECT arrival, id FROM entries WHERE arrival > ?", self._noted)
        self._noted = max([self._noted, *(row[0] for row in rows)])
        return [row[1] for row in rows]

    def ask(self, sql: str, *bindings: bytes | int) -> list[Row]:
        """Look at what is stored, uncommitted or not."""
        return self._connection.execute(sql, bindings).fetchall()

    def copy(self) -> SimulatedDisk:
        """A copy of its files, made while it may be in use."""
        return SimulatedDisk.on(self.platter.left())

    def scrap(self) -> None:
        """Close it and forget what it held."""
        self.platter.full = False
        with suppress(StoreError):
            self.close()
        self.platter.scrap()


@functools.cache
def _template() -> Platter:
    platter = Platter(random.Random(0))
    disk = SimulatedDisk.on(platter)
    disk.watched = False
    migrate(disk)
    disk.close()
    return platter
