"""Tells the node when nobody sits at the window, when somebody does again, and now and then that they still do."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtQuick import QQuickWindow

from p2pdm_gui.connection import Connection

IDLE_AFTER = 10 * 60 * 1_000
"""Milliseconds without a key, a click or a move of the mouse in the window."""
STILL_HERE = 60 * 1_000
"""Milliseconds after which the node is told again that somebody is there: its lock goes by that, too."""
INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.ShortcutOverride,  # all that comes of a key that is a shortcut
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.FocusIn,
    }
)


class IdleWatch(QObject):
    """Watches one window. The node hears of it at once, and again when it comes back from being away itself."""

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self.idle = False
        self._quiet = QTimer(self, singleShot=True, interval=IDLE_AFTER)
        self._quiet.timeout.connect(self._fell_idle)
        self._told = QElapsedTimer()
        connection.ready.connect(self._tell)

    def watch(self, view: QQuickWindow) -> None:
        """Begin."""
        view.installEventFilter(self)
        self._quiet.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See QObject: looks, and takes nothing away."""
        if event.type() in INPUT:
            self._quiet.start()
            if self.idle or not self._told.isValid() or self._told.hasExpired(STILL_HERE):
                self.idle = False
                self._tell()
        return False

    def _fell_idle(self) -> None:
        self.idle = True
        self._tell()

    def _tell(self) -> None:
        self._told.start()
        self._connection.call("idle", lambda _: None, lambda _: None, on=self.idle)
