"""Passing a message on: which chats it can go to, narrowed by a search, and sending it there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import Chat, Message, Person, Sent
from p2pdm_gui.connection import Connection
from p2pdm_gui.narrowing import matching
from p2pdm_gui.presence import status
from p2pdm_gui.quotes import shortened
from p2pdm_gui.roster import Roster
from p2pdm_gui.rows import RowModel
from p2pdm_gui.sidebar import other

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


class Target(msgspec.Struct, frozen=True):
    """One chat that something can be passed on to."""

    key: str
    person: str
    """The other one's id; empty for a chat of several."""
    name: str
    status: str = ""
    picture: str = ""
    kind: str = "direct"


class TargetModel(RowModel[Target]):
    """Those that the search leaves."""

    fields = Target.__struct_fields__


@QmlElement
class Forwarder(QObject):
    """One message on its way into another chat; it goes as plain words, and names nobody there."""

    changed = Signal()
    forwarded = Signal(str, arguments=["name"])
    """It is on this disk, in the chat with so and so."""

    def __init__(self, connection: Connection, roster: Roster, parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._model = TargetModel(self)
        self._message: Message | None = None
        self._search = ""
        roster.changed.connect(self._follow)

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """The chats that it can go to."""
        return self._model

    @Property(str, notify=changed)
    def quote(self) -> str:
        """What is passed on, shortened."""
        return shortened(self._message) if self._message is not None else ""

    def begin(self, message: Message) -> None:
        """Pass `message` on."""
        self._message, self._search = message, ""
        self._follow()
        self.changed.emit()

    @Slot()
    def end(self) -> None:
        """Nothing is passed on any more."""
        self._message = None
        self.changed.emit()

    @Slot(str)
    def narrow(self, search: str) -> None:
        """Show only those whose name holds all words of `search`."""
        self._search = search
        self._follow()

    @Slot(int)
    def send(self, row: int) -> None:
        """Pass it on to one of those that are shown."""
        if self._message is not None and 0 <= row < len(self._model.rows):
            target = self._model.rows[row]
            self._connection.call("send", lambda sent: self._sent(sent, target), to=target.key, text=self._message.text)

    def _sent(self, _sent: Sent, target: Target) -> None:
        self.forwarded.emit(target.name)

    def _follow(self) -> None:
        if self._message is None:
            return
        matches = matching(self._search)
        self._model.apply([row for row in self._targets() if matches(row.name) and row.key != self._message.chat])

    def _targets(self) -> Iterator[Target]:
        """As in the list: chats, the latest first, then contacts to whom nothing was said yet."""
        people = self._roster.people
        shown: set[str] = set()
        for chat in self._roster.chats:
            person = other(chat, people)
            if chat.kind == "direct" and person is not None:
                shown.add(person.id)
                yield from [self._of_person(person)] if person.relation == "contact" else []
            elif self._may_write(chat):
                yield Target(chat.id, "", chat.name, picture=self._roster.chat_picture(chat), kind=chat.kind)
        silent = [person for person in people.values() if person.relation == "contact" and person.id not in shown]
        yield from (self._of_person(p) for p in sorted(silent, key=lambda p: (p.name.casefold(), p.id)))

    def _may_write(self, chat: Chat) -> bool:
        return chat.standing == "member" and not self._roster.company.announces(chat.id)

    def _of_person(self, person: Person) -> Target:
        return Target(person.chat, person.id, person.name, status(person), self._roster.picture(person))
