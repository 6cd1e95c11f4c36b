"""The lock of a MemoryNode's door, and the Guard that its server asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from p2pdm.api.types import ApiError, LockState


@dataclass
class LockInMemory:
    """Part of MemoryNode. `tell_lock` is set to the server's `lock_changed`."""

    passphrase: str = ""
    locked: bool = False
    idle_minutes: int = 10
    tell_lock: Callable[[], None] = lambda: None

    def used(self) -> None:
        """See Guard."""

    def falls_idle(self) -> None:
        """Nobody did anything for so many minutes."""
        self.locked = True
        self.tell_lock()

    async def lock_state(self) -> LockState:
        return LockState(bool(self.passphrase), self.locked, self.idle_minutes)

    async def lock(self) -> LockState:
        self.falls_idle()
        return await self.lock_state()

    async def unlock(self, passphrase: str) -> LockState:
        if passphrase != self.passphrase:
            raise ApiError("passphrase", "This is not the passphrase of the lock. Try again in 1 s.")
        self.locked = False
        self.tell_lock()
        return await self.lock_state()

    async def set_lock(
        self, passphrase: str | None = None, idle_minutes: int | None = None, old: str = ""
    ) -> LockState:
        if passphrase is not None and self.passphrase and old != self.passphrase:
            raise ApiError("passphrase", "This is not the passphrase of the lock. Try again in 1 s.")
        self.passphrase = self.passphrase if passphrase is None else passphrase
        self.idle_minutes = self.idle_minutes if idle_minutes is None else idle_minutes
        self.tell_lock()
        return await self.lock_state()
