"""Age: how old things on this disk are, by a clock that no wrong wall clock can turn back, nor far ahead.

While the node runs, it follows the machine's uptime (sleep included where the system tells), whatever the wall clock
does. How long the node was off only the wall clock can say: a clock that stands before the last time counts as no time
at all, and one that stands ahead is believed for BELIEVED only. The rest of an absence counts as far as somebody else
says in a message that it is that late, too, before the node ends again; else never. What a clock that stands years
ahead at a start can do, then, is to make all BELIEVED older than it is, and as much again at the next start at which
it stands further ahead still; only together with somebody else whose clock is as wrong, or who lies, MOST_ABSENT.
A clock that stood behind and is put right makes no absence either: the node ended when others said that it was, if that
was later. (Who says that it is later than it is makes an absence count for less, and messages stay longer.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from p2pdm.store.tables import Store

BELIEVED = 86_400_000
"""Milliseconds of an absence that count on this machine's word alone: a night, or a day off. What is erased too early
is lost for good, and what is erased later than it might be is not."""
MOST_ABSENT = 31 * 86_400_000
"""Milliseconds that one absence may count for, whoever says so."""
DRIFT = 1_000
"""Milliseconds between what the wall clock shows and what it should, from which on it was set anew."""
DAY = 86_400_000

_KEPT = "age, and the clocks at it"
_FORMAT = struct.Struct(">QQQ")


class _Kept(NamedTuple):
    """What is known of a moment."""

    age: int
    wall: int
    others: int
    """What others' clocks showed, by the latest of them, or this one before it was turned back; 0: nothing is known."""


class Age:
    """Milliseconds of this profile's life, as far as its nodes have counted them."""

    def __init__(self, store: Store, wall: Callable[[], int], uptime: Callable[[], float]) -> None:
        self._store = store
        self._wall = wall
        self.uptime = uptime
        """Seconds that only grow, and do so while the machine sleeps."""
        self._began = uptime()
        kept = store.settings.get(_KEPT)
        self._kept = _Kept(*_FORMAT.unpack(kept)) if kept and len(kept) == _FORMAT.size else _Kept(0, wall(), 0)
        self._ended = self._kept
        """Where it stood when the node ended."""
        self._absent = min(max(wall() - self._ended.wall, 0), BELIEVED)
        self._others = max(self._ended.wall, self._ended.others)
        """What others' clocks showed when this node started, by the latest; until one is heard, what was known."""
        self._has_heard = False

    def now(self) -> int:
        """The age of now; never less than before."""
        return self._ended.age + self._absent + self._run()

    def _run(self) -> int:
        return int((self.uptime() - self._began) * 1000)

    def heard(self, time: int) -> None:
        """Somebody else says that it is `time` now, or was."""
        self._others = max(self._others if self._has_heard else 0, time - self._run())
        self._has_heard = True
        absent = min(time, self._wall()) - max(self._ended.wall, self._ended.others) - self._run()
        self._absent = max(self._absent, min(absent, MOST_ABSENT))

    def day(self) -> int:
        """The same in days."""
        return self.now() // DAY

    @property
    def drifted(self) -> bool:
        """Whether the next start would misjudge the time in between, so that `keep` should be called."""
        passed, others = self.now() - self._kept.age, self._others_now()
        behind = others > self._wall() + DRIFT and abs(passed - (others - self._kept.others)) > DRIFT
        return behind or abs(passed - (self._wall() - self._kept.wall)) > DRIFT

    def _others_now(self) -> int:
        return self._others + self._run()

    def keep(self) -> None:
        """Write down where it stands; the caller holds a transaction."""
        self._kept = _Kept(self.now(), self._wall(), self._others_now())
        self._store.settings.set(_KEPT, _FORMAT.pack(*(max(number, 0) for number in self._kept)))
