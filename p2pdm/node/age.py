"""Age: how old things on this disk are, by a clock that no wrong wall clock can turn back, nor far ahead.

While the node runs, it follows the machine's uptime (sleep included where the system tells), whatever the wall clock
does. How long the node was off only the wall clock can say: a clock that stands before the last time counts as no time
at all, and no absence counts as more than MOST_ABSENT, so that one start with a clock of the next century ages
everything by a month at most, not by a hundred years.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from p2pdm.store.tables import Store

MOST_ABSENT = 31 * 86_400_000
"""Milliseconds that one absence may count for."""
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
        age: int
        seen: int
        age, seen = _PAIR.unpack(kept) if kept and len(kept) == _PAIR.size else (0, wall())
        self._base = age + min(max(wall() - seen, 0), MOST_ABSENT)
        self._kept = (age, seen)

    def now(self) -> int:
        """The age of now; never less than before."""
        return self._base + int((self.uptime() - self._began) * 1000)

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
