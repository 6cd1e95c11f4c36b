"""Retention: what came to this disk more than N days ago goes, where the user wishes so.

Only what was read here goes, and of one's own what was delivered: what is unread or waits stays until it no longer
does. A chat's own wish stands before the one for all. Once a day, and when a wish changes, all that is old enough is
looked through, in small pieces; days are those of `age`. The chains stay, so nothing of it comes back from others.
"""

from __future__ import annotations

from p2pdm.node.age import Age
from p2pdm.node.commits import Commits
from p2pdm.node.erasing import Erasing
from p2pdm.node.later import Later
from p2pdm.node.room_keeping import DAYS
from p2pdm.node.view import View
from p2pdm.store.conversations import ROOM
from p2pdm.store.keeping import EVERYWHERE, Arrived
from p2pdm.store.lines import PURGED_AT_ONCE, StoredLine
from p2pdm.store.tables import Store

SWEEP_AGAIN = 3_600.0
"""Seconds until it is asked whether a new day has begun."""
PAUSE = 0.02
"""Seconds between two pieces of work."""
WINDOW = 2_000
"""Arrivals that a sweep looks at in one piece: some 3 ms."""


class Retention:
    """Sweeps."""

    def __init__(self, store: Store, commits: Commits, erasing: Erasing, view: View, age: Age, later: Later) -> None:
        self._store = store
        self._commits = commits
        self._erasing = erasing
        self._view = view
        self._age = age
        self._later = later
        self._swept_day = -1
        self._at: int | None = None
        """Up to which arrival the sweep that is under way has come."""
        self._left: int | None = None
        """The lowest arrival that it had to leave."""

    def start(self) -> None:
        """Sweep by and by."""
        self._later.after(PAUSE, self._sweep)

    def wish(self, chat: bytes, days: int) -> None:
        """Keep a chat (EVERYWHERE: all without a wish of their own) for `days`, 0: for good; within `writing`."""
        self._store.keeping.set_retention(chat, days)
        self._commits.then(lambda error: self._anew() if error is None else None)

    def _anew(self) -> None:
        self._swept_day, self._at = -1, None
        self._later.after(PAUSE, self._sweep)

    def _sweep(self) -> None:
        """One piece of the day's sweep."""
        wishes, today = self._wishes(), self._age.day()
        if not wishes or today == self._swept_day:
            self._later.after(SWEEP_AGAIN, self._sweep)
            return
        if self._at is None:
            self._at, self._left = self._store.keeping.swept(), None
        limits = {chat: self._store.keeping.came_by(today - days - 1) for chat, days in wishes.items()}
        top = max(limits.values())
        end = min(self._at + WINDOW, top)
        erased, self._at = self._judge(self._store.keeping.arrived(self._at, end), limits, end)
        if self._at >= top:
            self._swept_day = today
        swept = self._at if self._left is None else min(self._at, self._left - 1)
        if self._at >= top:
            self._at = None
        self._later.write(lambda: self._erase(erased, swept), self._go_on, self._anew)

    def _wishes(self) -> dict[bytes, int]:
        """For how many days to keep each chat; rooms are kept for some days unless the user wishes otherwise."""
        rooms = {stored.id: DAYS for stored in self._store.conversations.of_kind(ROOM)}
        return {**rooms, **self._store.keeping.retentions()}

    def _go_on(self) -> None:
        self._later.after(PAUSE, self._sweep)

    def _judge(self, window: list[Arrived], limits: dict[bytes, int], end: int) -> tuple[list[StoredLine], int]:
        """What of a window goes now, and up to which arrival it was looked at."""
        goes: list[StoredLine] = []
        looked = 0
        for one in window:
            limit = limits.get(one.chat, limits.get(EVERYWHERE))
            if limit is None:
                continue
            if one.arrival > limit or not self._may_go(one, goes):
                self._left = one.arrival if self._left is None else self._left
            looked += one.arrival <= limit
            if looked == PURGED_AT_ONCE:
                return goes, one.arrival
        return goes, end

    def _may_go(self, one: Arrived, goes: list[StoredLine]) -> bool:
        line = self._store.lines.line(one.id)
        if line is None:
            return True
        message = self._view.message(line)
        stored = self._store.conversations.get(line.conversation)
        room = stored is not None and stored.kind == ROOM
        if not room and (message.unread or message.state in ("waiting", "sent")):
            return False
        goes.append(line)
        return True

    def _erase(self, messages: list[StoredLine], swept: int) -> None:
        self._erasing.erase(messages, told=False)
        for chat in {message.conversation for message in messages}:
            self._erasing.tell_all(chat)
        self._store.keeping.set_swept(swept)
