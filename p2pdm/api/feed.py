"""One connection's notices: first those of the log after a cursor, then live ones. No gap, no duplicate, bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from p2pdm.api.jsonrpc import encode_notification
from p2pdm.api.types import Notice

CHUNK = 200
"""Notices read from the log at a time: some 30 KB, and no call waits long behind it."""
PASSING_HELD = 1_000
"""Passing notices kept for a connection that can't take them now: one for each person and chat is enough."""


class NoticeLog(Protocol):
    """The durable notices, which the node keeps. A notice is in it before the server is told of it."""

    def since(self, cursor: int, limit: int) -> list[Notice]:
        """The first `limit` notices after `cursor`, in order."""
        ...

    def cursor(self) -> int:
        """The cursor of the latest notice, 0 when there never was one."""
        ...


def notice_line(notice: Notice) -> bytes:
    """A notice as it goes over the door."""
    return encode_notification("notice", notice)


class Feed:
    """What one connection has been told, and what comes next.

    It is live when it has been told all that the log holds. When the client does not read, it stops being
    live and remembers only where it stood; when the client reads again, it goes on from the log.
    """

    def __init__(self, log: NoticeLog, write: Callable[[bytes], None], since: int | None) -> None:
        now = log.cursor()
        self._log = log
        self._write = write
        self._at = now if since is None else min(max(since, 0), now)
        self._live = self._at == now
        self._passing: dict[tuple[str, str, str], bytes] = {}

    @property
    def behind(self) -> bool:
        """Whether `pump` has something to do."""
        return not self._live

    @property
    def cursor(self) -> int:
        """Up to where all was told."""
        return self._at

    def offer(self, notice: Notice, line: bytes, durable: bool) -> None:
        """Something happened now; `line` is its encoding, shared by all connections."""
        if durable and notice.cursor <= self._at:
            return  # already read from the log
        if self._live:
            if durable:
                self._at = notice.cursor
            self._write(line)
        elif not durable:
            self._keep(notice, line)

    def _keep(self, notice: Notice, line: bytes) -> None:
        key = (notice.event, notice.person, notice.chat)
        self._passing.pop(key, None)
        self._passing[key] = line
        if len(self._passing) > PASSING_HELD:
            del self._passing[next(iter(self._passing))]

    def fall_behind(self) -> None:
        """The client does not read: write nothing more until `pump`."""
        self._live = False

    def pump(self) -> None:
        """Write one chunk of the log; with the last one the feed is live."""
        notices = self._log.since(self._at, CHUNK)
        lines = [notice_line(notice) for notice in notices]
        if notices:
            self._at = notices[-1].cursor
        if len(notices) < CHUNK:
            self._live = True
            lines += self._passing.values()
            self._passing.clear()
        if lines:
            self._write(b"".join(lines))  # last: it may find the client not reading, and call fall_behind
