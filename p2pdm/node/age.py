"""Age: how old things on this disk are, by a clock that no wrong wall clock can turn back, nor far ahead.

While the node runs, it follows the machine's uptime (sleep included where the system tells), whatever the wall clock
does. How long the node was off only the wall clock can say: a clock that stands before the last time counts as no time
at all, and one that stands ahead is believed for BELIEVED only. The rest of an absence counts as far as somebody else
says in a message that it is that late, too, before the node ends again; else never. What a clock that stands years
ahead at a start can do, then, is to make all BELIEVED older than it is, and as much again at the next start at which
it stands further ahead still; only together with somebody else whose clock is as wrong, or who lies, MOST_ABSENT.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from p2pdm.store.tables import Store

BELIEVED = 86_400_000
"""Milliseconds of an absence that count on this machine's word alone: a night, or a day off. What is erased too early
is lost for good, and what is erased later than it might be is not."""
MOST_ABSENT = 31 * 86_400_000
"""Milliseconds that one absence may count for, whoever says so."""
DRIFT = 1_000
"""Milliseconds between what the wall clock shows and what it should, from which on it was set anew."""
DAY = 86_400_000

_KEPT = "age, and the wall clock at it"
_PAIR = struct.Struct(">QQ")


class Age:
    """Milliseconds of this profile's life, as far as its nodes have counted them."""

    def __init__(self, store: Store, wall: Callable[[], int], uptime: Callable[[], float]) -> None:
        self._store = store
        self._wall = wall
        self.uptime = uptime
        """Seconds that only grow, and do so while the machine sleeps."""
        self._began = uptime()
        kept = store.settings.get(_KEPT)
        self._kept: tuple[int, int] = _PAIR.unpack(kept) if kept and len(kept) == _PAIR.size else (0, wall())
        self._ended = self._kept
        """Where it stood when the node ended."""
        self._absent = min(max(wall() - self._ended[1], 0), BELIEVED)

    def now(self) -> int:
        """The age of now; never less than before."""
        return self._ended[0] + self._absent + self._run()

    def _run(self) -> int:
        return int((self.uptime() - self._began) * 1000)

    def heard(self, time: int) -> None:
        """Somebody else says that it is `time` now, or was."""
        absent = min(time, self._wall()) - self._ended[1] - self._run()
        self._absent = max(self._absent, min(absent, MOST_ABSENT))

    def day(self) -> int:
        """The same in days."""
        return self.now() // DAY

    @property
    def drifted(self) -> bool:
        """Whether the next start would misjudge the time in between, so that `keep` should be called."""
        age, seen = self._kept
        return abs((self.now() - age) - (self._wall() - seen)) > DRIFT

    def keep(self) -> None:
        """Write down where it stands; the caller holds a transaction."""
        self._kept = (self.now(), self._wall())
        self._store.settings.set(_KEPT, _PAIR.pack(self._kept[0], max(self._kept[1], 0)))
