"""How long work takes, to compare it with other work beside it: by itself it tells more of the machine than of us."""

from __future__ import annotations

import time
from collections.abc import Callable


def quickest(*works: Callable[[], object], runs: int = 9) -> list[float]:
    """Seconds of each, in its quickest run of some: whatever else a machine does only makes runs slower.

    They take turns, so that what slows the machine for a while slows all of them.
    """
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for times, work in zip(taken, works, strict=True):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
    return [min(times) for times in taken]
