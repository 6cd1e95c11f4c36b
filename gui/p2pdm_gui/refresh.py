"""Ask again when something changed: at once when idle, once more afterwards if more changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

SPACING = 60
"""Milliseconds between two rounds: a burst of notices costs a few rounds, not thousands."""


class Refresh(QObject):
    """At most one round under way; `start` begins one, whoever began it calls `done`."""

    def __init__(self, start: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._start = start
        self._busy = False
        self._again = False
        self._timer = QTimer(self, singleShot=True, interval=SPACING)
        self._timer.timeout.connect(self._spaced)

    def ask(self) -> None:
        """Something changed."""
        if self._busy or self._timer.isActive():
            self._again = True
            return
        self._begin()

    def done(self) -> None:
        """The round under way has ended, well or badly."""
        self._busy = False
        self._timer.start()

    def _spaced(self) -> None:
        if self._again:
            self._begin()

    def _begin(self) -> None:
        self._busy, self._again = True, False
        self._start()
