"""The lock of the door: it keeps others from this running node; it encrypts nothing."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import LockState


class LockCalls(Protocol):
    """Part of NodeApi. While the door is locked, every call but these, `status`, `subscribe` and `stop` fails."""

    async def lock_state(self) -> LockState:
        """Whether there is a lock, and whether it is locked."""
        ...

    async def lock(self) -> LockState:
        """Lock the door now; ApiError `no_lock` when no passphrase was set."""
        ...

    async def unlock(self, passphrase: str) -> LockState:
        """Unlock it; ApiError `passphrase`, and after each wrong one `too_soon` for longer: 1, 2, 4 ... seconds."""
        ...

    async def set_lock(
        self, passphrase: str | None = None, idle_minutes: int | None = None, old: str = ""
    ) -> LockState:
        """Set the passphrase (empty: no lock any more) or the minutes; what is None stays. A node starts locked.

        Where there is a lock, another passphrase or none takes the `old` one: ApiError `old_passphrase` without it, and
        a wrong one is answered as by `unlock`.
        """
        ...
