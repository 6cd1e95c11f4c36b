"""Commits: everything that one turn of the loop writes becomes durable together.

A commit costs a disk's sync. While little is written, it is done in the loop's own thread: handing it to another costs
more than the sync itself on today's disks. A `bulk` of what others said (a long history that is caught up) is synced
in a thread: a disk that is slow, or busy with something else for a second, then holds up nobody who only reads.
Nothing is committed while such a sync is under way, so there is never more than one group that is being written, and
one that is being synced. Neither is told to anybody before it is on the disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from p2pdm.node.aside import Aside, in_a_thread
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store

logger = logging.getLogger(__name__)

PATIENCE = 0.005
"""Seconds that a receipt may wait for company: nobody sees the difference, and half of all commits fall away."""
LATELY = 0.5
"""Seconds after a bulk's sync in which what nobody waits for is taken for a part of it."""
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
    """Groups writes: a turn's worth of messages shares a commit."""

    def __init__(self, store: Store, aside: Aside = in_a_thread) -> None:
        self.participants: list[Participant] = []
        self.trouble = ""
        """Why the last commit failed; empty when it did not."""
        self.troubled: Callable[[str], None] = lambda _: None
        """Told when commits begin to fail."""
        self.committed: Callable[[], None] = lambda: None
        """Told of each commit."""
        self.copying = False
        """Whether the database's log is copied after the sync that is under way: it begins anew, and stays short, if
        nothing is begun until then."""
        self.group = 0
        """The number of the group that is written next, or now."""
        self.synced: Callable[[], None] = lambda: None
        """Told when a sync beside the loop has ended."""
        self._store = store
        self._aside = aside
        self._bulk = False
        """Whether what is being written is to be synced beside the loop."""
        self._sync: asyncio.Task[None] | None = None
        self._when_synced: deque[Done] = deque()
        self._synced_at = -LATELY
        self._due = False
        """Whether what is being written is to be committed as soon as nothing is being synced."""
        self._doubtful = False
        """Whether the disk refused a sync: what was committed may be nowhere but in memory."""
        self._unsafe: StoreError | None = None
        """Why what is being written can't be committed: what was before it is not safe."""
        self._rescuing: asyncio.TimerHandle | None = None
        self._first: list[Done] = []
        self._then: list[Done] = []
        self._handle: asyncio.Handle | None = None
        self._refused: list[Callable[[], None]] = []
        self._retry: asyncio.TimerHandle | None = None
        self._words: dict[Hashable, tuple[int, Callable[[], None], bool]] = {}
        self._words_due: asyncio.TimerHandle | None = None
        self._depth = 0
        self._closed = False

    @contextmanager
    def writing(self, done: Done | None = None, *, patient: bool = False, bulk: bool | None = False) -> Iterator[None]:
        """Write within; `done` is called after the commit, with its error if that failed (the whole group is undone),
        and before whatever was asked to follow within: what goes to peers goes before what goes to clients.

        `patient`: nobody waits for it, so it may share the commit of what comes within PATIENCE. `bulk`: it may be
        synced beside the loop, and be there although `done` is told of an error; None: if what it joins or follows is.

        An error within undoes what was written within, and is raised here (`done` is not called).
        """
        self._begin(bulk)
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

    def when_durable(self, call: Callable[[], None]) -> None:
        """Call once all that can be read now is on the disk, or undone: at once, if it is."""
        if self._handle is not None:
            self._then.append(lambda _: call())
        elif self._sync is not None or self._doubtful:
            self._when_synced.append(lambda _: call())
        else:
            call()

    def note(self, write: Callable[[], None], *, bulk: bool = False) -> None:
        """Write what a peer said: nobody waits for it, and what the disk refuses is tried again by and by."""

        def done(error: StoreError | None) -> None:
            if error is not None:
                self._note_later(write)

        try:
            with self.writing(done, patient=True, bulk=bulk or None):
                write()
        except StoreError as error:
            done(error)

    def note_latest(self, about: Hashable, reach: int, write: Callable[[], None], *, bulk: bool = False) -> None:
        """As `note`, within PATIENCE: a later word `about` the same that reaches as far takes the place of this one.

        In a quick exchange several acknowledgements become one (measured on a busy machine: a quarter less).
        """
        before = self._words.get(about)
        if len(self._words) >= MAX_REFUSED or (before is not None and before[0] > reach):
            self.note_words()
        self._words[about] = reach, write, bulk
        if self._words_due is None:
            self._words_due = asyncio.get_running_loop().call_later(PATIENCE, self.note_words)

    def note_words(self) -> None:
        """Write now what `note_latest` was given: before something is decided by what peers have said."""
        if self._words_due is not None:
            self._words_due.cancel()
            self._words_due = None
        words, self._words = self._words, {}
        for _, write, bulk in words.values():
            self.note(write, bulk=bulk)

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

        self._begin(None)
        self._schedule(patient=False)
        self._first.append(done)
        await future

    def _begin(self, bulk: bool | None) -> None:
        """Open a group, unless one is open that this may join."""
        if self._bulk and bulk is False and not self._depth:
            self._commit()
        if self._handle is None:
            self._bulk = self._goes_on() if bulk is None else bulk
            self._unsafe = self._rescued()
        self._store.begin(unsynced=self._bulk)

    def _goes_on(self) -> bool:
        """Whether a bulk is being synced, or was just now: more of it may come."""
        return self._sync is not None or asyncio.get_running_loop().time() < self._synced_at + LATELY

    def _schedule(self, patient: bool) -> None:
        loop = asyncio.get_running_loop()
        if self._handle is None:
            self._handle = loop.call_later(PATIENCE, self._end) if patient else loop.call_soon(self._end)
        elif isinstance(self._handle, asyncio.TimerHandle) and not patient:
            self._handle.cancel()
            self._handle = loop.call_soon(self._end)

    def close(self) -> None:
        """Commit what is open; nothing is scheduled after it."""
        self.note_words()
        self.flush()
        self._closed = True
        for timer in (self._retry, self._rescuing):
            if timer is not None:
                timer.cancel()

    @property
    def open(self) -> bool:
        """Whether something waits for a commit or a sync."""
        return self._handle is not None or self._sync is not None

    @property
    def waits(self) -> bool:
        """Whether something is written, and waits for a sync that is under way beside the loop."""
        return self._handle is not None and self._sync is not None

    def settle(self) -> None:
        """Commit now, and also what that leads to."""
        self.note_words()
        while self.open:
            self.flush()

    def flush(self) -> None:
        """Commit now; on return, it is on the disk."""
        self._commit()
        self._finish_sync()

    def _end(self) -> None:
        """Commit what is open, once nothing is being synced."""
        if self._sync is None:
            self._commit()
        else:
            self._due = True

    def _commit(self) -> None:
        self._finish_sync()
        if self._handle is None:
            return
        self._handle.cancel()
        self._handle = None
        self._due = False
        bulk, self._bulk = self._bulk, False
        error: StoreError | None = None
        try:
            if self._unsafe is not None:
                self._store.rollback()
                raise self._unsafe
            self._store.commit()
        except StoreError as failed:
            error = failed
        waiting = self._ended(error)
        if bulk and error is None:
            self._when_synced = waiting
            self.copying = self._store.database.wants_copying
            self._sync = asyncio.create_task(self._sync_aside())
        else:
            self._tell(waiting, error)
        if error is None:
            self.committed()

    def _ended(self, error: StoreError | None) -> deque[Done]:
        """The open group was committed, or undone; returns who is to hear of it."""
        self.group += 1
        for participant in self.participants:
            participant.ended(error is None)
        self._note_trouble(error)
        waiting = deque(self._first + self._then)
        self._first, self._then = [], []
        return waiting

    def _note_trouble(self, error: StoreError | None) -> None:
        before, self.trouble = self.trouble, str(error or "")
        if self.trouble not in ("", before):
            logger.info("commits fail: %s", type(error).__name__)
            self.troubled(self.trouble)

    async def _sync_aside(self) -> None:
        error: StoreError | None = None
        try:
            await self._aside(self._store.database.sync_log)
            if self._sync is asyncio.current_task() and self.copying:
                self._is_durable()
                with suppress(StoreError):  # the next commit sees to it again
                    await self._aside(self._store.database.copy_log)
        except StoreError as failed:
            error = failed
        except RuntimeError:  # there is no thread to be had
            if self._sync is asyncio.current_task():
                self._finish_sync()
        if self._sync is asyncio.current_task():
            self._synced(error)

    def _finish_sync(self) -> None:
        """What is being synced is on the disk when this returns."""
        while self._sync is not None:  # what hears of it may begin the next
            error: StoreError | None = None
            try:
                self._store.database.sync_log()
            except StoreError as failed:
                error = failed
            self._synced(error)

    def _synced(self, error: StoreError | None) -> None:
        self._sync, self.copying = None, False
        self._synced_at = asyncio.get_running_loop().time()
        try:
            if error is None:
                self._is_durable()
            else:
                self._doubtful = True
                self._rescue_later(0)
                self._undo_open(error)
        finally:  # whatever becomes of who hears of it
            asyncio.get_running_loop().call_soon(self.synced)
            if self._due:
                self._commit()

    def _is_durable(self) -> None:
        self._store.synced()
        waiting, self._when_synced = self._when_synced, deque()
        self._tell(waiting, None)

    def _undo_open(self, error: StoreError) -> None:
        """What is being written can't be committed before what is committed is safe."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle, self._due, self._bulk = None, False, False
            self._store.rollback()
            self._tell(self._ended(error), error)

    def _rescued(self) -> StoreError | None:
        """Copy into the database what the log's sync refused, for it is in memory still; why that failed, too."""
        if self._doubtful:
            try:
                self._store.database.checkpoint()
            except StoreError as error:
                return error
            self._doubtful = False
            self._is_durable()
        return None

    def _rescue_later(self, seconds: float) -> None:
        if not self._closed:
            self._rescuing = asyncio.get_running_loop().call_later(seconds, self._rescue)

    def _rescue(self) -> None:
        if self._handle is not None:  # it has tried just now
            self._rescue_later(AGAIN)
        elif self._doubtful:
            error = self._rescued()
            self._note_trouble(error)
            if error is not None:
                self._rescue_later(AGAIN)

    def _tell(self, waiting: deque[Done], error: StoreError | None) -> None:
        try:
            while waiting:
                waiting.popleft()(error)
        finally:
            if waiting:  # one of them failed: that is its own mistake, the others still hear
                asyncio.get_running_loop().call_soon(self._tell, waiting, error)
