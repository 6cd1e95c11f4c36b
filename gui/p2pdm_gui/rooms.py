"""The rooms of this network: which there are, entering, leaving and opening them."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Chat, Room
from p2pdm_gui.connection import Connection
from p2pdm_gui.roster import Roster
from p2pdm_gui.rows import RowModel

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


class RoomRow(msgspec.Struct, frozen=True):
    """One room."""

    key: str
    name: str
    line: str
    """Who is in it, and who writes."""
    entered: bool
    announcement: bool
    lobby: bool


class RoomModel(RowModel[RoomRow]):
    """The lobby first."""

    fields = RoomRow.__struct_fields__


def room_row(room: Room, lobby: bool) -> RoomRow:
    """What is shown of a room."""
    others = room.people - room.entered
    count = "Nobody" if not room.people else "You alone" if room.entered and not others else f"{room.people} here"
    about = "only announcers write" if room.announcement else "for everybody" if lobby else ""
    line = f"{count} \u00b7 {about}" if about else count
    return RoomRow(room.id, room.name, line, room.entered, room.announcement, lobby)


@QmlElement
class Rooms(QObject):
    """`entered` when a room can be shown."""

    changed = Signal()
    entered = Signal(str, arguments=["chat"])

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._company = roster.company
        self._model = RoomModel(self)
        self._company.changed.connect(self._show)

    @Property(QObject, notify=changed)
    def rows(self) -> QObject:
        """All rooms."""
        return self._model

    @Slot(bool)
    def watch(self, on: bool) -> None:
        """Whether the user looks at the rooms."""
        self._company.watch(on)

    @Slot(str)
    def enter(self, room: str) -> None:
        """Be in a room."""
        known = self._company.room(room)
        if known is not None and known.entered:
            self.entered.emit(room)
            return
        self._connection.call("enter_room", self._entered, room=room)

    @Slot(str)
    def leave(self, room: str) -> None:
        """Be in it no more."""
        self._connection.call("leave", lambda _: self._company.look(), self._failed, chat=room)

    @Slot(str, bool)
    def open(self, name: str, announcement: bool) -> None:
        """Open a room, or enter the one of that name; of an announcement, only the opener writes at first."""
        name = " ".join(name.split())
        if name:
            self._connection.call("open_room", self._entered, name=name, announcement=announcement)

    def _entered(self, chat: Chat) -> None:
        self._roster.know(chat)
        self._company.look()
        self.entered.emit(chat.id)

    def _failed(self, error: ApiError) -> None:
        self._company.look()
        self._connection.failed.emit(error.message)

    def _show(self) -> None:
        self._model.apply([room_row(room, lobby=at == 0) for at, room in enumerate(self._company.rooms)])
        self.changed.emit()
