"""The lock of the door: unlocking, locking now, and setting it."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, LockState
from p2pdm_gui.connection import Connection
from p2pdm_gui.durations import Option, in_words, options

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

MINUTES = (0, 1, 5, 10, 30, 60)


def _minutes_in_words(minutes: int) -> str:
    return in_words(60 * minutes) if minutes else "Never"


@QmlElement
class Lock(QObject):
    """As the node has it; whether it is locked is the connection's to say."""

    changed = Signal()
    settled = Signal()
    """It was set, or taken off."""
    refused = Signal()
    """What was tried does not unlock it, or came too soon: `trouble` says which."""

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._state = LockState(set=False, locked=False, idle_minutes=0)
        self._working = False
        self._trouble = ""
        connection.ready.connect(self.look)
        connection.lock_set.connect(self.look)

    @Property(bool, notify=changed)
    def there(self) -> bool:
        """Whether a passphrase is set."""
        return self._state.set

    @Property(str, notify=changed)
    def idle_words(self) -> str:
        """After what time without use it locks by itself."""
        return _minutes_in_words(self._state.idle_minutes)

    @Property(bool, notify=changed)
    def working(self) -> bool:
        """Whether the node is thinking about a passphrase."""
        return self._working

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """Why it is still locked, or was not set, else empty."""
        return self._trouble

    @Slot()
    def look(self) -> None:
        """Ask how it is; another program may have set it."""
        self._connection.call("lock_state", self._took, lambda _error: None)

    @Slot(result=list)
    def minutes(self) -> list[Option]:
        """After what time it can lock by itself."""
        now = self._state.idle_minutes
        return options({one: _minutes_in_words(one) for one in MINUTES}, now, _minutes_in_words(now))

    @Slot()
    def lock(self) -> None:
        """Lock now."""
        self._connection.call("lock", self._took)

    @Slot(str)
    def unlock(self, passphrase: str) -> None:
        """Try a passphrase."""
        if passphrase and not self._working:
            self._begin()
            self._connection.call("unlock", self._took, self._failed, passphrase=passphrase)

    @Slot(str, str)
    def set(self, passphrase: str, old: str) -> None:
        """Lock with this passphrase from now on; with none, no more. `old`: the one until now, if there is a lock."""
        self._begin()
        self._connection.call("set_lock", self._was_set, self._not_set, passphrase=passphrase, old=old)

    @Slot(int)
    def wait(self, minutes: int) -> None:
        """Lock by itself after so many minutes without use; 0: never."""
        self._connection.call("set_lock", self._took, idle_minutes=minutes)

    def _begin(self) -> None:
        self._working, self._trouble = True, ""
        self.changed.emit()

    def _took(self, state: LockState) -> None:
        self._state, self._working, self._trouble = state, False, ""
        self.changed.emit()

    def _was_set(self, state: LockState) -> None:
        self._took(state)
        self.settled.emit()

    def _not_set(self, error: ApiError) -> None:
        self._working, self._trouble = False, error.message
        self.changed.emit()

    def _failed(self, error: ApiError) -> None:
        self._not_set(error)
        self.refused.emit()
