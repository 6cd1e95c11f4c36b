"""Tells the others that the user is typing: at most every few seconds, and when it is over."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

AGAIN = 4_000
"""Milliseconds: the others forget it after 6 s."""
PAUSE = 5_000
"""Milliseconds without a key after which the user is no longer typing."""


class TypingTeller(QObject):
    """`tell` is called with True and, once, with False."""

    def __init__(self, tell: Callable[[bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._tell = tell
        self._told = QTimer(self, singleShot=True, interval=AGAIN)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self.stop)

    def typed(self, anything: bool) -> None:
        """A key was pressed; whether there is anything to send now."""
        if not anything:
            self.stop()
            return
        self._pause.start()
        if not self._told.isActive():
            self._told.start()
            self._tell(True)

    def stop(self) -> None:
        """The user has sent, cleared, or gone elsewhere."""
        if self._pause.isActive() or self._told.isActive():
            self._pause.stop()
            self._told.stop()
            self._tell(False)
