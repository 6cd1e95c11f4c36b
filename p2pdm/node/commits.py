"""Commits: everything that one turn of the loop writes becomes durable together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol

from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store

logger = logging.getLogger(__name__)

PATIENCE = 0.005
"""Seconds that a receipt may wait for company: nobody sees the difference, and half of all commits fall away."""
AGAIN = 5.0
"""Seconds until what peers said is written again that the disk refused."""
MAX_REFUSED = 1_000
"""Such words kept; what is dropped is said again in the next session."""

Done = Callable[[StoreError | None], None]


class Participant(Protocol):
    """Remembers what was written, and must forget what was undone."""

    def mark(self) -> int:
        """Where it stands."""
        ...

    def rewind(self, mark: int) -> None:
        """Forget everything after `mark`."""
        ...

    def ended(self, committed: bool) -> None:
        """The group was committed, or undone as a whole."""
        ...


class Commits:
    """Groups writes; a commit costs a disk's sync, and a turn's worth of messages shares one.

    It runs in the loop's own thread: handing it to another costs more than the sync itself on today's disks, and a
    disk that takes longer could not be waited for less.
    """

    def __init__(self, store: Store) -> None:
        self.participants: list[Participant] = []
        self.trouble = ""
        """Why the last commit failed; empty when it did not."""
        self.troubled: Callable[[str], None] = lambda _: None
        """Told when commits begin to fail."""
        self.committed: Callable[[], None] = lambda: None
        """Told of each commit."""
        self.group = 0
        """The number of the group that is written next, or now."""
        self._store = store
        self._first: list[Done] = []
        self._then: list[Done] = []
        self._handle: asyncio.Handle | None = None
        self._refused: list[Callable[[], None]] = []
        self._retry: asyncio.TimerHandle | None = None
        self._words: dict[Hashable, tuple[int, Callable[[], None]]] = {}
        self._words_due: asyncio.TimerHandle | None = None
        self._depth = 0
        self._closed = False

    @contextmanager
    def writing(self, done: Done | None = None, *, patient: bool = False) -> Iterator[None]:
        """Write within; `done` is called after the commit, with its error if that failed (the whole group is undone),
        and before whatever was asked to follow within: what goes to peers goes before what goes to clients.

        `patient`: nobody waits for it, so it may share the commit of what comes within PATIENCE.

        An error within undoes what was written within, and is raised here (`done` is not called).
        """
        self._store.begin()
        self._schedule(patient)
        before = len(self._first), len(self._then)
        marks = [participant.mark() for participant in self.participants]
        self._depth += 1
        try:
            with self._store.part():
                yield
        except BaseException as error:
            for participant, mark in zip(self.participants, marks, strict=True):
                participant.rewind(mark)
            del self._first[before[0] :]
            del self._then[before[1] :]
            if isinstance(error, StoreError) and self._depth == 1:
                self.flush()  # the disk may have undone everything: until that is over, nothing can be read either
            raise
        finally:
            self._depth -= 1
        if done is not None:
            self._first.append(done)

    def then(self, done: Done) -> None:
        """Call `done` after the commit of what is being written, and after all that `writing` was given."""
        self._then.append(done)

    def note(self, write: Callable[[], None]) -> None:
        """Write what a peer said: nobody waits for it, and what the disk refuses is tried again by and by."""

        def done(error: StoreError | None) -> None:
            if error is not None:
                self._note_later(write)

        try:
            with self.writing(done, patient=True):
                write()
        except StoreError as error:
            done(error)

    def note_latest(self, about: Hashable, reach: int, write: Callable[[], None]) -> None:
        """As `note`, within PATIENCE: a later word `about` the same that reaches as far takes the place of this one.

        In a quick exchange several acknowledgements become one (measured on a busy machine: a quarter less).
        """
        before = self._words.get(about)
        if len(self._words) >= MAX_REFUSED or (before is not None and before[0] > reach):
            self.note_words()
        self._words[about] = reach, write
        if self._words_due is None:
            self._words_due = asyncio.get_running_loop().call_later(PATIENCE, self.note_words)

    def note_words(self) -> None:
        """Write now what `note_latest` was given: before something is decided by what peers have said."""
        if self._words_due is not None:
            self._words_due.cancel()
            self._words_due = None
        words, self._words = self._words, {}
        for _, write in words.values():
            self.note(write)

    def _note_later(self, write: Callable[[], None]) -> None:
        if self._closed or len(self._refused) >= MAX_REFUSED:
            return
        self._refused.append(write)
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(AGAIN, self._note_again)

    def _note_again(self) -> None:
        self._retry = None
        refused, self._refused = self._refused, []
        for write in refused:
            self.note(write)

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

        self._store.begin()
        self._schedule(patient=False)
        self._first.append(done)
        await future

    def _schedule(self, patient: bool) -> None:
        loop = asyncio.get_running_loop()
        if self._handle is None:
            self._handle = loop.call_later(PATIENCE, self.flush) if patient else loop.call_soon(self.flush)
        elif isinstance(self._handle, asyncio.TimerHandle) and not patient:
            self._handle.cancel()
            self._handle = loop.call_soon(self.flush)

    def close(self) -> None:
        """Commit what is open; nothing is scheduled after it."""
        self.note_words()
        self.flush()
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()

    @property
    def open(self) -> bool:
        """Whether something waits for a commit."""
        return self._handle is not None

    def settle(self) -> None:
        """Commit now, and also what that leads to."""
        self.note_words()
        while self._handle is not None:
            self.flush()

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
        self.group += 1
        for participant in self.participants:
            participant.ended(error is None)
        before, self.trouble = self.trouble, str(error or "")
        if self.trouble not in ("", before):
            logger.info("commits fail: %s", type(error).__name__)
            self.troubled(self.trouble)
        waiting = deque(self._first + self._then)
        self._first, self._then = [], []
        self._tell(waiting, error)
        if error is None:
            self.committed()

    def _tell(self, waiting: deque[Done], error: StoreError | None) -> None:
        try:
            while waiting:
                waiting.popleft()(error)
        finally:
            if waiting:  # one of them failed: that is its own mistake, the others still hear
                asyncio.get_running_loop().call_soon(self._tell, waiting, error)
