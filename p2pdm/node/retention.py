"""Retention: what came to this disk more than N days ago goes, where the user wishes so.

Only what was read here goes, and of one's own what was delivered: what is unread or waits stays until it no longer
does. Words that do not count (their author is blocked, or was put out) are nobody's to read: they go where nothing
before them is unread. With what was said go the lines that tell what happened to a group, not the operations behind
them: by those it is known who belongs. A chat's own wish stands before the one for all. Once a day, and when a wish
changes, all that is old enough is looked through, in small pieces; days are those of `age`. The chains stay, so nothing
of it comes back from others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from p2pdm.node.age import Age
from p2pdm.node.commits import Commits
from p2pdm.node.erasing import Erasing
from p2pdm.node.later import Later
from p2pdm.node.myself import Myself
from p2pdm.node.room_keeping import DAYS
from p2pdm.node.view import View
from p2pdm.store.conversations import GROUP, ROOM, StoredConversation
from p2pdm.store.keeping import EVERYWHERE, Arrived
from p2pdm.store.lines import PURGED_AT_ONCE, StoredLine
from p2pdm.store.tables import Store

SWEEP_AGAIN = 3_600.0
"""Seconds until it is asked whether a new day has begun."""
PAUSE = 0.02
"""Seconds between two pieces of work."""
WINDOW = 2_000
"""Arrivals that a sweep looks at in one piece: some 3 ms."""


@dataclass(slots=True)
class _Goes:
    """What of a window goes now."""

    lines: list[StoredLine] = field(default_factory=list)
    unshown: list[int] = field(default_factory=list)
    """Arrivals of words that do not count."""
    bare: list[bytes] = field(default_factory=list)
    """What came to a room without its words, and is kept no place for these any more."""


class Retention:
    """Sweeps."""

    def __init__(
        self, store: Store, commits: Commits, erasing: Erasing, myself: Myself, view: View, age: Age, later: Later
    ) -> None:
        self._store = store
        self._commits = commits
        self._erasing = erasing
        self._myself = myself
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
        goes, self._at = self._judge(self._store.keeping.arrived(self._at, end), limits, end)
        swept = self._at if self._left is None else min(self._at, self._left - 1)
        if self._at < top:
            self._later.write(lambda: self._erase(goes, swept), self._go_on, self._anew)
            return
        self._swept_day, self._at = today, None

        def last() -> None:
            self._erase(goes, swept)
            self._tell_no_more(limits)

        self._later.write(last, self._go_on, self._anew)

    def _wishes(self) -> dict[bytes, int]:
        """For how many days to keep each chat; rooms are kept for some days unless the user wishes otherwise."""
        rooms = {stored.id: DAYS for stored in self._store.conversations.of_kind(ROOM)}
        return {**rooms, **self._store.keeping.retentions()}

    def _go_on(self) -> None:
        self._later.after(PAUSE, self._sweep)

    def _judge(self, window: list[Arrived], limits: Mapping[bytes, int], end: int) -> tuple[_Goes, int]:
        """What of a window goes now, and up to which arrival it was looked at."""
        goes = _Goes()
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

    def _may_go(self, one: Arrived, goes: _Goes) -> bool:
        """Whether a message is to be left no more; it is among what goes, unless it shows nothing for good."""
        stored = self._store.conversations.get(one.chat)
        if stored is None:
            return True
        room = stored.kind == ROOM
        if not one.shown:
            if may_go := room or self._is_done_with(one, stored):
                goes.unshown.append(one.arrival)
            return may_go
        line = self._store.lines.line(one.id)
        if line is None:
            if room:
                goes.bare.append(one.id)
            return room or self._store.entries.bodies.is_erased(one.id)
        message = self._view.message(line)
        if not room and (message.unread or message.state in ("waiting", "sent")):
            return False
        goes.lines.append(line)
        return True

    def _is_done_with(self, one: Arrived, stored: StoredConversation) -> bool:
        """Whether words that do not count in a group are neither unread, should they come to count, nor only here."""
        place = self._store.entries.place(one.id)
        if place is not None and self._store.entries.identity_of(place.device) == self._myself.id:
            return self._store.conversations.on_any_disk(stored.id, place.device, place.seq)
        return not stored.unread or one.arrival <= stored.read_arrival

    def _erase(self, goes: _Goes, swept: int) -> None:
        self._erasing.erase(goes.lines, told=False)
        self._store.lines.erase_unshown(goes.unshown)
        self._store.lines.hide(goes.bare)
        for chat in {message.conversation for message in goes.lines}:
            self._erasing.tell_all(chat)
        self._store.keeping.set_swept(swept)

    def _tell_no_more(self, limits: Mapping[bytes, int]) -> None:
        """All is swept: of groups, what happened to them as long ago, before anything that is unread."""
        for stored in self._store.conversations.of_kind(GROUP):
            limit = limits.get(stored.id, limits.get(EVERYWHERE, 0))
            above = min(limit, stored.read_arrival) if stored.unread else limit
            if self._store.conversations.tell_above(stored.id, above):
                self._erasing.tell_all(stored.id)
