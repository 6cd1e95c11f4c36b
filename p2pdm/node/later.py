"""Later: work of its own that a service does by and by, and again when the disk refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from p2pdm.node.commits import Commits
from p2pdm.store.errors import StoreError

AGAIN = 5.0
"""Seconds until a disk that refused is tried again."""

Work = Callable[[], None]


class Later:
    """One timer for each piece of work."""

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._timers: dict[Work, asyncio.TimerHandle] = {}
        self._closed = False

    def after(self, seconds: float, work: Work) -> None:
        """Do `work` then, instead of when it was planned."""
        planned = self._timers.pop(work, None)
        if planned is not None:
            planned.cancel()
        if not self._closed:
            self._timers[work] = asyncio.get_running_loop().call_later(seconds, self._do, work)

    def write(self, write: Work, then: Work, again: Work) -> None:
        """Write, and do `then` once it is durable, or `again` after a while when the disk refuses."""

        def done(error: StoreError | None) -> None:
            if error is None:
                then()
            else:
                self.after(AGAIN, again)

        try:
            with self._commits.writing(done, patient=True):
                write()
        except StoreError as error:
            done(error)

    def close(self) -> None:
        """Do no more."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()

    def _do(self, work: Work) -> None:
        self._timers.pop(work, None)
        try:
            work()
        except StoreError:
            self.after(AGAIN, work)
