"""The lock of the door."""

from __future__ import annotations

from p2pdm.api.types import LockState
from p2pdm.node.applock import AppLock
from p2pdm.node.door.disk import tells_of_the_disk


class LockDoor:
    """Part of NodeApi."""

    app_lock: AppLock

    async def lock_state(self) -> LockState:
        """See NodeApi."""
        return self.app_lock.state

    async def lock(self) -> LockState:
        """See NodeApi."""
        self.app_lock.lock()
        return self.app_lock.state

    @tells_of_the_disk
    async def unlock(self, passphrase: str) -> LockState:
        """See NodeApi."""
        await self.app_lock.unlock(passphrase)
        return self.app_lock.state

    @tells_of_the_disk
    async def set_lock(
        self, passphrase: str | None = None, idle_minutes: int | None = None, old: str = ""
    ) -> LockState:
        """See NodeApi."""
        await self.app_lock.set(passphrase, idle_minutes, old)
        return self.app_lock.state
