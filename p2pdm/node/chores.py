"""Chores: what nobody waits for, done in small pieces while nothing else is under way.

The words of new messages go into the search index, and the database's log is copied into the database, and emptied
when something was taken back. None of it is on the way of a message: a commit then writes half as many pages.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from p2pdm.node.aside import Aside, in_a_thread
from p2pdm.node.commits import Commits
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store

IDLE = 0.02
"""Seconds without a commit until chores begin: in the midst of a conversation, messages would wait for the
copying of the log (measured on a busy disk, 16 ms and more)."""
LATEST = 1.0
"""Seconds until they begin although there is no such pause, so that none keeps them off for good."""
SLICE = 50
"""Messages indexed at once: some 2 ms."""
BEFORE_SEARCH = 40
"""Slices indexed before a search goes on without the rest: 0.1 s at the worst, after thousands came in a burst."""


class Chores:
    """Begins by itself after each commit."""

    def __init__(self, store: Store, commits: Commits, aside: Aside = in_a_thread) -> None:
        self._store = store
        self._commits = commits
        self._aside = aside
        self._copying: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._first = self._last = 0.0
        """When the first and the last commit were since chores were done."""
        self._closed = False
        commits.committed = self.soon

    def soon(self) -> None:
        """There may be something to do."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if self._timer is None and not self._closed:
            self._first = self._last
            self._timer = loop.call_later(IDLE, self._begin)

    async def before_search(self) -> None:
        """Index what is still pending, as far as that is quickly done, in pieces between which others have their turn.

        StoreError when the disk refuses.
        """
        for _ in range(BEFORE_SEARCH):
            if not self._index(SLICE):
                return
            await asyncio.sleep(0)

    def close(self) -> None:
        """Do no more; what is left is done after the next start."""
        self._closed = True
        for planned in (self._timer, self._copying):
            if planned is not None:
                planned.cancel()

    def _begin(self) -> None:
        """Work, unless there was a commit just now."""
        due = min(self._last + IDLE, self._first + LATEST)
        loop = asyncio.get_running_loop()
        if loop.time() < due:
            self._timer = loop.call_at(due, self._begin)
            return
        self._timer = None
        self._work()

    def _work(self) -> None:
        try:
            if self._index(SLICE) or self._commits.open:
                return  # the commit of that calls again
            if self._store.lines.erased:
                self._store.database.erase_traces()
                self._store.lines.erased = False
            elif self._store.database.wants_checkpoint:
                self._copy_log()
        except StoreError:
            return  # the disk refuses: what it refuses of messages, the user hears of; the next commit begins anew

    def _copy_log(self) -> None:
        if not self._store.database.copies_aside:
            self._store.database.checkpoint()
        elif self._copying is None or self._copying.done():
            self._copying = asyncio.create_task(self._copy_log_aside())

    async def _copy_log_aside(self) -> None:
        with suppress(StoreError):  # the next commit begins anew
            await self._aside(self._store.database.copy_log)

    def _index(self, most: int) -> bool:
        if not self._store.lines.unindexed():
            return False
        with self._commits.writing(patient=True, bulk=None):
            self._store.lines.index_more(most)
        return True
