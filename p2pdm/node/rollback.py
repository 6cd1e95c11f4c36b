"""Rollback: notices that this profile's database is older than what this device has already said, or was copied.

After each of its own entries, the device's key and that entry's id go to the high-water file, which lies outside the
database and its backups. At a start, a database that does not know that entry was restored from an older copy; a file
of another machine came with a copied profile. Either way the device retires: peers hand back what is missing.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from p2pdm.node.myself import Myself
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store

RESTORED = "This profile was restored from an older copy. It goes on as a new device; nothing is lost."
"""What the user is told, once."""
DELAY = 0.5
"""Seconds after an own entry until the file says so: one write for a burst. A crash in between only delays the news."""


class Mark(Protocol):
    """Where the high-water mark is kept; `store.highwater.HighWater` is one."""

    def read(self) -> tuple[bytes, bytes] | None:
        """(machine, mark), or None when there is none."""
        ...

    def write(self, heads: bytes) -> None:
        """Replace the mark."""
        ...


class Rollback:
    """Keeps the mark, and compares it at the start."""

    def __init__(self, store: Store, myself: Myself, mark: Mark, machine: bytes) -> None:
        self._store = store
        self._myself = myself
        self._mark = mark
        self._machine = machine
        self._last = b""
        self._timer: asyncio.TimerHandle | None = None

    def suspicion(self) -> str:
        """Why this device must retire; empty when all is well. Asked once, before the node talks to anybody."""
        found = self._mark.read()
        if found is None:
            return ""
        machine, mark = found
        device, entry = mark[:32], mark[32:]
        if self._store.entries.identity_of(device) is None:
            return "restored"  # from before this device was made
        if device != self._myself.device.public:
            return ""  # the mark of a device that has retired already
        if machine != self._machine:
            return "copied"
        return "" if self._store.entries.knows(entry) else "restored"

    def said(self, entry: bytes) -> None:
        """This device has durably said something."""
        self._last = entry
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY, self.write)

    def write(self) -> None:
        """Bring the file up to date, if something was said since."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._last:
            try:
                self._mark.write(self._myself.device.public + self._last)
            except StoreError:
                return  # a full disk; the next entry tries again
            self._last = b""
