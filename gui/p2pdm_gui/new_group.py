"""A group that is about to be made."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Chat
from p2pdm_gui.connection import Connection
from p2pdm_gui.picker import Picker
from p2pdm_gui.roster import Roster

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class NewGroup(QObject):
    """A name and people; `made` once it is there."""

    changed = Signal()
    made = Signal(str, arguments=["chat"])

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._picker = Picker(roster, self)
        self._working = False

    @Property(Picker, notify=changed)
    def picker(self) -> Picker:
        """Who is asked in."""
        return self._picker

    @Property(bool, notify=changed)
    def working(self) -> bool:
        """Whether it is being made."""
        return self._working

    @Slot(str)
    def create(self, name: str) -> None:
        """Make it, and invite who was chosen."""
        name = " ".join(name.split())
        if name and not self._working:
            self._work(True)
            self._connection.call("create_group", self._made, self._failed, name=name, who=self._picker.picked())

    def _made(self, chat: Chat) -> None:
        self._work(False)
        self._roster.know(chat)
        self.made.emit(chat.id)

    def _failed(self, error: ApiError) -> None:
        self._work(False)
        self._connection.failed.emit(error.message)

    def _work(self, on: bool) -> None:
        self._working = on
        self.changed.emit()
