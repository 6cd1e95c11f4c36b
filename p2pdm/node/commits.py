"""Commits: everything that one turn of the loop writes becomes durable together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store

Done = Callable[[StoreError | None], None]


class Participant(Protocol):
    """Remembers what was written, and must forget what was undone."""

    def mark(self) -> int:
        """Where it stands."""
        ...

    def rewind(self, mark: int) -> None:
        """Forget everything after `mark`."""
        ...


class Commits:
    """Groups writes; a commit costs a disk's sync, and a turn's worth of messages shares one.

    It runs in the loop's own thread: handing it to another costs more than the sync itself on today's disks, and a
    disk that takes longer could not be waited for less.
    """

    def __init__(self, store: Store) -> None:
        self.participants: list[Participant] = []
        self._store = store
        self._waiting: list[Done] = []
        self._handle: asyncio.Handle | None = None

    @contextmanager
    def writing(self, done: Done | None = None) -> Iterator[None]:
        """Write within; `done` is called after the commit, with its error if that failed (the whole group is undone).

        An error within undoes what was written within, and is raised here (`done` is not called).
        """
        self._store.begin()
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_soon(self.flush)
        marks = [participant.mark() for participant in self.participants]
        try:
            with self._store.part():
                yield
        except BaseException:
            for participant, mark in zip(self.participants, marks, strict=True):
                participant.rewind(mark)
            raise
        if done is not None:
            self._waiting.append(done)

    def then(self, done: Done) -> None:
        """Call `done` after the commit of what is being written; within `writing` only."""
        self._waiting.append(done)

    async def durable(self) -> None:
        """Wait until what was written so far is committed; StoreError if that failed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(error: StoreError | None) -> None:
            if future.cancelled():
                return
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        with self.writing(done):
            pass
        await future

    def flush(self) -> None:
        """Commit now."""
        if self._handle is None:
            return
        self._handle.cancel()
        self._handle = None
        error: StoreError | None = None
        try:
            self._store.commit()
        except StoreError as failed:
            error = failed
        waiting, self._waiting = deque(self._waiting), []
        self._tell(waiting, error)

    def _tell(self, waiting: deque[Done], error: StoreError | None) -> None:
        try:
            while waiting:
                waiting.popleft()(error)
        finally:
            if waiting:  # one of them failed: that is its own mistake, the others still hear
                asyncio.get_running_loop().call_soon(self._tell, waiting, error)
