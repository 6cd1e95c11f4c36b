"""An event loop whose time is made up: when nothing is ready, it jumps to the next timer.

Seventy-five seconds of silence pass at once, and a story takes the same course on a busy machine as on an idle one.
Only for what lives in memory: a loop that waits for sockets or threads has nothing to jump to.
"""

from __future__ import annotations

import asyncio
import selectors

BEGINNING = 1_000.0
"""Where time starts: not at 0, which is falsy and hides mistakes."""
TURN = 10e-6
"""Seconds that a turn of the loop takes: what follows is later, as it is everywhere."""


class NothingWillHappen(RuntimeError):
    """Everybody waits and nobody has set a timer: a real program would hang here."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with virtual time."""

    def __init__(self) -> None:
        self._jumper = _Jumper()
        super().__init__(self._jumper)

    def time(self) -> float:
        return self._jumper.now


class _Jumper(selectors.DefaultSelector):
    """Instead of waiting, lets time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if timeout is None and not ready:
            raise NothingWillHappen("everybody waits for somebody else")
        self.now += TURN if ready else TURN + (timeout or 0.0)
        return ready
