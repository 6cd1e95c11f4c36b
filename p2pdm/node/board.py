"""Board: notices, durable ones in the store and passing ones on the wind."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.api.types import Notice, NoticeEvent
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.commits import Commits
from p2pdm.store.errors import StoreError
from p2pdm.store.notices import StoredNotice
from p2pdm.store.tables import Store


class Board:
    """Writes notices and, once they are committed, tells `listeners`."""

    def __init__(self, store: Store, commits: Commits) -> None:
        self._store = store
        self._commits = commits
        self._fresh: list[StoredNotice] = []
        self._told_next: list[StoredNotice] = []
        self.listeners: list[Callable[[Notice], None]] = []
        commits.participants.append(self)

    def post(
        self, event: NoticeEvent, *, chat: bytes = b"", person: PeerId = b"", id: bytes = b"", state: str = ""
    ) -> None:
        """Write a durable notice within the caller's `writing`; it is told after the commit."""
        if not self._fresh:
            self._commits.then(self._committed)
        self._fresh.append(self._store.notices.add(event, chat, person, id, state))

    def pass_by(
        self, event: NoticeEvent, *, chat: bytes = b"", person: PeerId = b"", on: bool | None = None, text: str = ""
    ) -> None:
        """Tell now, and forget."""
        self._tell(Notice(self._told_cursor(), event, _id(chat), _id(person), on=on, text=text))

    # --- Participant, for commits ---

    def mark(self) -> int:
        """How many notices wait for the commit."""
        return len(self._fresh)

    def rewind(self, mark: int) -> None:
        """Those after `mark` were undone."""
        del self._fresh[mark:]

    def ended(self, committed: bool) -> None:
        """The group of writes is over: what is posted from now on belongs to the next one."""
        if committed:
            self._told_next += self._fresh
        self._fresh = []

    # --- NoticeLog, for the server ---

    def since(self, cursor: int, limit: int) -> list[Notice]:
        """Durable notices after `cursor`: only what was told, so that a cursor is never given twice."""
        last = self._told_cursor()
        return [_notice(stored) for stored in self._store.notices.since(cursor, limit) if stored.cursor <= last]

    def cursor(self) -> int:
        """The cursor of the latest notice that was told; whoever asks waits for no disk."""
        return self._told_cursor()

    def _told_cursor(self) -> int:
        # The others are not on the disk yet, and may never be.
        return self._store.notices.cursor() - len(self._fresh) - len(self._told_next)

    def _committed(self, error: StoreError | None) -> None:
        if error is not None:  # what was committed before it may not be on the disk yet: that is told by itself
            return
        told, self._told_next = self._told_next, []
        for stored in told:
            self._tell(_notice(stored))

    def _tell(self, notice: Notice) -> None:
        for listener in self.listeners:
            listener(notice)


def _notice(stored: StoredNotice) -> Notice:
    return Notice(
        stored.cursor,
        stored.event,  # type: ignore[arg-type]  # written by `post`
        _id(stored.chat),
        _id(stored.person),
        _id(stored.id),
        stored.state,
    )


def _id(raw: bytes) -> str:
    return encode_id(raw) if raw else ""
