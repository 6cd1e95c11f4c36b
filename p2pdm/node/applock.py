"""AppLock: a passphrase before the door, for whoever leaves the computer on. It guards the door, not the disk."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from p2pdm.api.types import ApiError, LockState
from p2pdm.node.aside import Aside
from p2pdm.node.commits import Commits
from p2pdm.store import keys
from p2pdm.store.tables import Store

logger = logging.getLogger(__name__)

IDLE_MINUTES: Final = 10
"""Until it locks by itself, unless the user says otherwise."""
IDLE_MOST: Final = 7 * 24 * 60
LONGEST_PAUSE: Final = 64.0
"""Seconds between two attempts, at the most: the owner, too, may have forgotten which one it was."""
LOOK: Final = 10.0
"""Seconds until it is looked again at the latest whether it is idle: timers stand still while a machine sleeps."""
_SETTING, _FAILED = "app lock", "app lock, wrong attempts"


class _Kept(msgspec.Struct, frozen=True):
    """What is stored: how the passphrase was stretched, and to what."""

    salt: bytes
    passes: int
    memory: int
    stretched: bytes
    idle_minutes: int

    def opens(self, passphrase: str) -> bool:
        """Whether this is the passphrase; slow."""
        if not passphrase:
            return False
        return hmac.compare_digest(self.stretched, keys.stretch(passphrase, self.salt, self.passes, self.memory))


class AppLock:
    """The Guard of the door. Locked from the start, if a passphrase is set."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        aside: Aside,
        random: Callable[[int], bytes],
        uptime: Callable[[], float],
    ) -> None:
        """`uptime`: seconds that only grow, and do so while the machine sleeps."""
        self.changed: Callable[[], None] = lambda: None
        """Told when it was locked, unlocked or set."""
        self._store = store
        self._commits = commits
        self._aside = aside
        self._random = random
        self._uptime = uptime
        self._kept = self._stored()
        self._locked = self._kept is not None
        self._failed = int.from_bytes(store.settings.get(_FAILED) or b"", "big")
        """Wrong attempts in a row; stored, so that a restart gives nobody a fresh one."""
        self._not_before = uptime() + self._pause()
        self._trying = False
        self._used_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # --- Guard, for the server ---

    @property
    def locked(self) -> bool:
        """See Guard."""
        self._lock_if_idle()
        return self._locked

    def used(self) -> None:
        """See Guard."""
        self._used_at = self._uptime()

    # --- the user's calls ---

    @property
    def state(self) -> LockState:
        """As clients see it."""
        kept = self._kept
        return LockState(kept is not None, self.locked, kept.idle_minutes if kept else 0)

    def lock(self) -> None:
        """Lock now."""
        if self._kept is None:
            raise ApiError("no_lock", "There is no lock yet: set a passphrase first (`p2pdm lock --set`).")
        if not self._locked:
            self._locked = True
            logger.info("the door is locked")
            self._arm()
            self.changed()

    async def unlock(self, passphrase: str) -> None:
        """One attempt. Another within the pause after a wrong one is not looked at."""
        if self._kept is not None and self._locked:
            await self._try(self._kept, passphrase)
            self._open()

    async def _try(self, kept: _Kept, passphrase: str) -> None:
        now = self._uptime()
        if self._trying or now < self._not_before:
            seconds = max(int(self._not_before - now + 0.999), 1)
            raise ApiError("too_soon", f"Wait {seconds} s, then try again.")
        self._trying = True
        try:
            opens = await self._aside(lambda: kept.opens(passphrase))
        finally:
            self._trying = False
        if not opens:
            self._count_failed(self._failed + 1)
            pause = self._pause()
            logger.info("a wrong passphrase at the door, %d in a row", self._failed)
            self._not_before = self._uptime() + pause
            raise ApiError("passphrase", f"This is not the passphrase of the lock. Try again in {pause:.0f} s.")
        if self._failed:
            self._count_failed(0)

    def _pause(self) -> float:
        """Seconds from the last wrong attempt to the next."""
        return min(2.0 ** (self._failed - 1), LONGEST_PAUSE) if self._failed else 0.0

    def _count_failed(self, failed: int) -> None:
        self._failed = failed
        self._commits.note(lambda: self._store.settings.set(_FAILED, failed.to_bytes(4, "big")))

    def _open(self) -> None:
        self._locked = False
        logger.info("the door is unlocked")
        self._arm()
        self.changed()

    async def set(self, passphrase: str | None, idle_minutes: int | None, old: str) -> None:
        """Change the passphrase, which takes the `old` one, the minutes, or both; StoreError when the disk refuses."""
        if idle_minutes is not None and not 0 <= idle_minutes <= IDLE_MOST:
            raise ApiError("idle_minutes", f"The minutes until it locks by itself are 0 (never) to {IDLE_MOST}.")
        if self._kept is None and passphrase is None:
            raise ApiError("no_lock", "There is no lock yet: set a passphrase first (`p2pdm lock --set`).")
        if passphrase is not None and self._kept is not None:
            if not old:
                raise ApiError("old_passphrase", "To change the lock or take it off, give the passphrase it has now.")
            await self._try(self._kept, old)
        minutes = idle_minutes if idle_minutes is not None else self._kept.idle_minutes if self._kept else IDLE_MINUTES
        kept = await self._made(passphrase, minutes)
        with self._commits.writing():
            if kept is None:
                self._store.settings.remove(_SETTING)
            else:
                self._store.settings.set(_SETTING, msgspec.msgpack.encode(kept))
        await self._commits.durable()
        self._kept = kept
        if kept is None and self._locked:  # while this went on; no passphrase would open it
            self._open()
        else:
            self._arm()
            self.changed()

    async def _made(self, passphrase: str | None, minutes: int) -> _Kept | None:
        if passphrase is None and self._kept is not None:
            return msgspec.structs.replace(self._kept, idle_minutes=minutes)
        if not passphrase:
            return None
        salt, passes, memory = self._random(keys.SALT_BYTES), keys.PASSES, keys.MEMORY
        stretched = await self._aside(lambda: keys.stretch(passphrase, salt, passes, memory))
        return _Kept(salt, passes, memory, stretched, minutes)

    # --- idling ---

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        """Count the idle minutes from now."""
        self.close()
        self.used()
        if self._kept is not None and self._kept.idle_minutes and not self._locked:
            self._wait(self._kept.idle_minutes)

    def _wait(self, minutes: int) -> None:
        due = min(self._used_at + 60 * minutes - self._uptime(), LOOK)
        self._timer = asyncio.get_running_loop().call_later(due, self._look, minutes)

    def _look(self, minutes: int) -> None:
        """Long enough since the last use? A timer for each use would cost every call; this one looks again."""
        self._timer = None
        self._lock_if_idle()
        if not self._locked:
            self._wait(minutes)

    def _lock_if_idle(self) -> None:
        minutes = self._kept.idle_minutes if self._kept is not None else 0
        if minutes and not self._locked and self._uptime() >= self._used_at + 60 * minutes:
            self.lock()

    def _stored(self) -> _Kept | None:
        stored = self._store.settings.get(_SETTING)
        return msgspec.msgpack.decode(stored, type=_Kept) if stored is not None else None
