"""What can be done with a chat as a whole: unread again, how long it stays, taking it out, deleting it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Property, QObject, QStandardPaths, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import Chat, Exported, Person
from p2pdm_gui.connection import Connection
from p2pdm_gui.durations import (
    ALL_RETENTIONS,
    EXPIRIES,
    RETENTIONS,
    ROOM_EXPIRIES,
    Option,
    in_words,
    kept_in_words,
    options,
)
from p2pdm_gui.roster import Roster
from p2pdm_gui.times import today

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


@QmlElement
class Care(QObject):
    """Of the chat that was looked at last; it stays that one until another is."""

    changed = Signal()
    said = Signal(str, arguments=["sentence"])
    """Something worked that can't be seen."""

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._id = ""
        self._all_days = 0
        roster.changed.connect(self.changed)

    # What is shown.

    @Property(str, notify=changed)
    def chat(self) -> str:
        """Its id."""
        return self._id

    @Property(str, notify=changed)
    def name(self) -> str:
        """What the chat is called."""
        person, chat = self._person(), self._chat()
        return person.name if person is not None else chat.name if chat is not None else ""

    @Property(bool, notify=changed)
    def several(self) -> bool:
        """Whether it is a group or room."""
        chat = self._chat()
        return chat is not None and chat.kind in ("group", "room")

    @Property(bool, notify=changed)
    def room(self) -> bool:
        """Whether it is a room."""
        return self._is_room()

    @Property(bool, notify=changed)
    def begun(self) -> bool:
        """Whether anything is in it."""
        chat = self._chat()
        return chat is not None and chat.last is not None

    @Property(bool, notify=changed)
    def unread(self) -> bool:
        """Whether anything in it is."""
        chat = self._chat()
        return chat is not None and chat.unread > 0

    @Property(bool, notify=changed)
    def may_expire(self) -> bool:
        """Whether the user may say for how long messages stay there: everybody else must belong to it, too."""
        chat, person = self._chat(), self._person()
        if person is not None:
            return person.relation == "contact" and person.accepted_by_them
        return chat is not None and chat.standing == "member" and not self._roster.company.announces(chat.id)

    @Slot(str)
    def look_at(self, chat: str) -> None:
        """Speak of this chat from now on."""
        self._id = chat
        self.changed.emit()

    @Slot(result=list)
    def expiries(self) -> list[Option]:
        """After what time messages can disappear."""
        chat = self._chat()
        now = chat.expiry if chat is not None else 0
        offered = ROOM_EXPIRIES if self._is_room() else EXPIRIES
        return options(offered, now, offered.get(now) or in_words(now))

    @Slot(result=list)
    def retentions(self) -> list[Option]:
        """For how many days it can be kept."""
        chat = self._chat()
        now = chat.retention if chat is not None else 0
        return options(RETENTIONS, now, kept_in_words(now))

    @Property(str, notify=changed)
    def all_kept(self) -> str:
        """How long chats without a wish of their own are kept."""
        return kept_in_words(self._all_days, ALL_RETENTIONS)

    @Slot(result=list)
    def all_retentions(self) -> list[Option]:
        """For how many days they can be."""
        return options(ALL_RETENTIONS, self._all_days, kept_in_words(self._all_days, ALL_RETENTIONS))

    @Slot(int, result=str)
    def days_in_words(self, days: int) -> str:
        """Days that a chat is kept."""
        return kept_in_words(days)

    @Slot(int, result=bool)
    def erases(self, days: int) -> bool:
        """Whether keeping it for so many days may erase what is there now."""
        chat = self._chat()
        return bool(days) and not (chat is not None and 0 < chat.retention <= days)

    @Slot(str, result=QUrl)
    def file(self, format: str) -> QUrl:
        """Where it could be written to."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = f"{self.property('name')} {today().isoformat()}".translate(_NOT_IN_NAMES).lstrip(".")
        return QUrl.fromLocalFile(str(Path(folder) / f"{name}.{format}"))

    @Slot(int, result=bool)
    def erases_all(self, days: int) -> bool:
        """The same of all chats."""
        return bool(days) and not 0 < self._all_days <= days

    # What the user does.

    @Slot()
    def look(self) -> None:
        """Ask how long chats are kept."""
        self._connection.call("retention", self._took_days, lambda _error: None)

    @Slot(int)
    def keep_all(self, days: int) -> None:
        """Keep chats without a wish of their own for so many days; 0: for good."""
        self._connection.call("set_retention", lambda _: self._took_days(days), chat=None, days=days)

    @Slot(bool)
    def mark(self, unread: bool) -> None:
        """As unread, or as read."""
        self._connection.call("unread" if unread else "read", lambda _: None, chat=self._id)

    @Slot(int)
    def expire(self, seconds: int) -> None:
        """Let what is said from now on disappear so long after reading; 0: let it stay."""
        chat = self._chat()
        if seconds != (chat.expiry if chat is not None else 0):
            self._connection.call("expire", lambda _: self._roster.look(), chat=self._id, seconds=seconds)

    @Slot(int)
    def keep(self, days: int) -> None:
        """Keep it for so many days on this disk; 0: as long as all others."""
        words = f"This chat is kept for {kept_in_words(days)}" if days else "This chat is kept as usual"
        self._connection.call("set_retention", lambda _: self._tell(words), chat=self._id, days=days)

    @Slot(QUrl, str)
    def export(self, file: QUrl, format: str) -> None:
        """Write it into a file; who chose the file has said that it may be replaced."""
        path = file.toLocalFile()
        self._connection.call("export", self._exported, chat=self._id, path=path, format=format, replace=True)

    @Slot()
    def delete(self) -> None:
        """Erase all of it on this disk."""
        chat, name = self._id, str(self.property("name"))
        self._connection.call("delete_chat", lambda _: self._deleted(chat, name), chat=chat)

    # Private.

    def _took_days(self, days: int) -> None:
        self._all_days = days
        self.changed.emit()

    def _chat(self) -> Chat | None:
        return self._roster.chat(self._id) if self._id else None

    def _is_room(self) -> bool:
        chat = self._chat()
        return chat is not None and chat.kind == "room"

    def _person(self) -> Person | None:
        return self._roster.person_of(self._id) if self._id else None

    def _tell(self, sentence: str) -> None:
        self._roster.look()
        self.said.emit(sentence)

    def _exported(self, exported: Exported) -> None:
        count = "1 message is" if exported.messages == 1 else f"{exported.messages:,} messages are"
        self.said.emit(f"{count} in {Path(exported.path).name} now")

    def _deleted(self, chat: str, name: str) -> None:
        self._roster.erased(chat)
        self.said.emit(f"The chat with {name} is deleted here")
