"""Whom the open chat is with: what its header shows."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal
from PySide6.QtQml import QmlElement

from p2pdm.api.types import Chat, Person
from p2pdm_gui.company import Company
from p2pdm_gui.durations import in_words
from p2pdm_gui.presence import presence, status
from p2pdm_gui.roster import Roster

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


def headcount(chat: Chat, company: Company) -> str:
    """How many are in a chat of several, and how many of them are here."""
    room, group = company.room(chat.id), company.groups.get(chat.id)
    if chat.kind == "room":
        return _people(room.people, "here") if room is not None and room.entered else ""
    if chat.kind != "group":
        return ""
    if group is None:
        return _people(len(chat.members))
    there = [member.online for member in group.members if member.rights != "invited"]
    return f"{_people(len(there))}, {sum(there)} online" if chat.standing == "member" else _people(len(there))


def _people(count: int, where: str = "") -> str:
    return f"{count} {'person' if count == 1 else 'people'} {where}".rstrip()


@QmlElement
class Partner(QObject):
    """One person, or a chat of several; follows the roster."""

    changed = Signal()

    def __init__(self, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roster = roster
        self._id = ""
        self._chat: Chat | None = None
        self._person: Person | None = None
        self._picture = ""
        self._typing = ""
        self._count = ""
        roster.changed.connect(self._follow)

    @Property(str, notify=changed)
    def person(self) -> str:
        """The other one's id; empty in a chat of several."""
        return self._person.id if self._person else ""

    @Property(str, notify=changed)
    def kind(self) -> str:
        """direct, group, room or self."""
        return self._chat.kind if self._chat else "direct"

    @Property(str, notify=changed)
    def name(self) -> str:
        """Whom it is with."""
        if self._person is not None:
            return self._person.name
        return self._chat.name if self._chat else ""

    @Property(str, notify=changed)
    def relation(self) -> str:
        """The other one's: nearby, contact, request or blocked."""
        return self._person.relation if self._person else "contact"

    @Property(bool, notify=changed)
    def accepted_by_them(self) -> bool:
        """Whether the other one has accepted the user."""
        return self._person is None or self._person.accepted_by_them

    @Property(str, notify=changed)
    def request(self) -> str:
        """What somebody new has written."""
        return (self._person.request or "") if self._person else ""

    @Property(str, notify=changed)
    def picture(self) -> str:
        """Where QML finds the other one's picture, or the group's."""
        return self._picture

    @Property(str, notify=changed)
    def status(self) -> str:
        """How the other one is here; empty while they are not."""
        return status(self._person) if self._person else ""

    @Property(str, notify=changed)
    def presence(self) -> str:
        """The same in words, and what they say to it; for a chat of several, how many they are."""
        if self._person is not None:
            return presence(self._person)
        return self._count

    @Property(str, notify=changed)
    def expiry(self) -> str:
        """After what time messages disappear here; empty if they stay."""
        return in_words(self._chat.expiry) if self._chat and self._chat.expiry else ""

    @Property(bool, notify=changed)
    def typing(self) -> bool:
        """Whether somebody else is typing."""
        return bool(self._person and self._person.typing) or bool(self._typing)

    @Property(str, notify=changed)
    def typing_words(self) -> str:
        """The same in words; in a chat of several with their names."""
        return self._typing or "typing"

    @Property(bool, notify=changed)
    def verified(self) -> bool:
        """Whether the other one's safety number was compared."""
        return bool(self._person and self._person.verified)

    @Property(bool, notify=changed)
    def same_name(self) -> bool:
        """Whether somebody else goes by the other one's name."""
        return bool(self._person and self._person.same_name)

    def unread(self) -> int:
        """How many messages the user has not read."""
        return self._chat.unread if self._chat else 0

    def become(self, chat: str) -> None:
        """Be whom `chat` is with; empty: nobody."""
        self._id = chat
        self._know()
        self.changed.emit()

    def _know(self) -> None:
        self._chat = self._roster.chat(self._id) if self._id else None
        self._person = self._roster.person_of(self._id) if self._id else None
        roster = self._roster
        group = roster.chat_picture(self._chat) if self._chat else ""
        self._picture = roster.picture(self._person) if self._person else group
        self._typing = self._roster.typing_in(self._id) if self._id and self._person is None else ""
        self._count = headcount(self._chat, self._roster.company) if self._chat else ""

    def _follow(self) -> None:
        before = self._shown()
        self._know()
        if self._shown() != before:
            self.changed.emit()

    def _shown(self) -> tuple[Chat | None, Person | None, str, str, str]:
        return self._chat, self._person, self._picture, self._typing, self._count
