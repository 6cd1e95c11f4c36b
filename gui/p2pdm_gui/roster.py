"""Who there is, which chats there are, the list of them at the left, and what can be done with people."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.mentions import mentioned
from p2pdm.api.types import ApiError, Chat, Notice, Person
from p2pdm_gui.company import Company
from p2pdm_gui.connection import Connection
from p2pdm_gui.drafts import Drafts
from p2pdm_gui.faces import Faces
from p2pdm_gui.finder import Finder
from p2pdm_gui.refresh import Refresh
from p2pdm_gui.sidebar import CHATS, Shared, SidebarModel, SidebarRow, found_rows, other, sidebar_rows
from p2pdm_gui.times import today
from p2pdm_gui.typists import typing_in_words

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

TYPING_FORGOTTEN = 6_500
"""Milliseconds: the node forgets after 6 s that somebody was typing."""


@QmlElement
class Roster(QObject):
    """People and chats as the node has them now."""

    changed = Signal()
    met = Signal(str, arguments=["chat"])
    """Somebody was accepted or joined: their chat can be opened."""
    refused = Signal(str, arguments=["sentence"])
    """An invitation did not work."""
    forgotten = Signal(str, arguments=["chat"])

    def __init__(self, connection: Connection, faces: Faces, company: Company, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._faces = faces
        self.company = company
        self._new: list[str] = []
        """Chats of several that began in this window: in front, while nothing is said in them."""
        self._rows = SidebarModel(self)
        self._search = ""
        self._loaded = False
        self._joining = False
        self.people: dict[str, Person] = {}
        self.chats: list[Chat] = []
        self.drafts = Drafts(connection, self)
        self._finder = Finder(connection, self)
        self._finder.changed.connect(self.show)
        self._refresh = Refresh(self._ask, self)
        self._forgets = QTimer(self, singleShot=True, interval=TYPING_FORGOTTEN)
        self._forgets.timeout.connect(self._refresh.ask)
        connection.ready.connect(self._refresh.ask)
        connection.noticed.connect(self._noticed)
        faces.changed.connect(self.show)
        company.changed.connect(self.show)

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """The list at the left."""
        return self._rows

    @Property(bool, notify=changed)
    def loaded(self) -> bool:
        """Whether the node has said who there is."""
        return self._loaded

    @Property(int, notify=changed)
    def unread(self) -> int:
        """Unread messages in all chats."""
        return sum(chat.unread for chat in self.chats)

    @Property(bool, notify=changed)
    def joining(self) -> bool:
        """Whether an invitation is being taken."""
        return self._joining

    @Property(str, notify=changed)
    def search(self) -> str:
        """What the list is narrowed by."""
        return self._search

    @Property(bool, notify=changed)
    def looking(self) -> bool:
        """Whether messages are being sought."""
        return self._finder.looking

    @Slot(str)
    def narrow(self, search: str) -> None:
        """Show only the rows that hold all words of `search`, and the messages that do."""
        self._search = search
        self._finder.seek(search)
        self.show()

    @Slot(str, int, result=str)
    def neighbour(self, chat: str, step: int) -> str:
        """The chat `step` lines further down the list, or the first one; empty if there is none."""
        chats = [row.chat for row in self._listed()]
        if chat not in chats:
            return chats[0] if chats else ""
        return chats[max(0, min(len(chats) - 1, chats.index(chat) + step))]

    @Slot(int, result=str)
    def nth(self, place: int) -> str:
        """The chat at that place of the list, counted from 1; empty if there are fewer."""
        chats = self._listed()
        return chats[place - 1].chat if 0 < place <= len(chats) else ""

    @Slot(str, int, result=str)
    def next_unread(self, chat: str, step: int) -> str:
        """The next chat with something unread from `chat` on, round about; empty if there is none."""
        chats = self._listed()[::step]
        at = next((i for i, row in enumerate(chats) if row.chat == chat), -1)
        return next((row.chat for row in chats[at + 1 :] + chats[: max(at, 0)] if row.unread), "")

    def _listed(self) -> list[SidebarRow]:
        """The chats of the list, from its top."""
        return [row for row in self._rows.rows if row.section == CHATS]

    @Slot(str, result=int)
    def row_of(self, chat: str) -> int:
        """Where a chat stands in the list, or -1."""
        return self._rows.find(chat)

    # What can be done with people.

    @Slot(str)
    def accept(self, who: str) -> None:
        """Make somebody a contact."""
        self._connection.call("accept", self._met, who=who)

    @Slot(str)
    def decline(self, who: str) -> None:
        """Put a request away."""
        self._connection.call("decline", self._took, who=who)

    @Slot(str)
    def block(self, who: str) -> None:
        """Hear nothing more from somebody."""
        self._connection.call("block", self._took, who=who)

    @Slot(str)
    def unblock(self, who: str) -> None:
        """Take a block back."""
        self._connection.call("unblock", self._took, who=who)

    @Slot(str)
    def forget(self, who: str) -> None:
        """Remove somebody and the chat with them."""
        person = self.people.get(who)
        chat = person.chat if person is not None else ""
        self._connection.call("forget", lambda _: self.erased(chat), who=who)

    @Slot(str, str)
    def nickname(self, who: str, name: str) -> None:
        """Name somebody for oneself."""
        self._connection.call("nickname", self._took, who=who, name=" ".join(name.split()))

    @Slot(str)
    def join(self, link: str) -> None:
        """Take an invitation."""
        link = link.strip()
        if not link.lower().startswith("p2pdm:"):
            self.refused.emit("An invitation begins with p2pdm: and is one long line. Copy it whole.")
            return
        self._set_joining(True)
        self._connection.call("join", self._joined, self._not_joined, link=link)

    # What the others need to know.

    def chat(self, id: str) -> Chat | None:
        """A chat that there is; a room that the user is in is one before anything was said in it."""
        found = next((chat for chat in self.chats if chat.id == id), None)
        room = self.company.room(id) if found is None else None
        if room is None or not room.entered:
            return found
        return Chat(id=room.id, kind="room", name=room.name, members=[], unread=0, last=None)

    def know(self, chat: Chat) -> None:
        """A chat has just begun: show it before the node is asked again."""
        self._new.append(chat.id)
        self._sort([chat, *(other for other in self.chats if other.id != chat.id)])
        self.show()
        self._refresh.ask()

    def name_of(self, person: str, chat: str = "") -> str:
        """Somebody's name, if need be as the members of `chat` have it."""
        known = self.people.get(person)
        return known.name if known is not None else self.company.member_name(chat, person) or "Somebody"

    def typing_in(self, chat: str) -> str:
        """Who is typing in a chat of several, in words."""
        return typing_in_words([self.name_of(person, chat) for person in self.company.typists.of(chat)])

    def person_of(self, chat: str) -> Person | None:
        """The other one of a direct chat, whether or not anything was said in it."""
        found = self.chat(chat)
        if found is not None:
            return other(found, self.people)
        return next((person for person in self.people.values() if person.chat == chat), None)

    def picture(self, person: Person) -> str:
        """Where QML finds somebody's picture; empty while it is not here."""
        return self._faces.source(person.id, person.picture)

    def chat_picture(self, chat: Chat) -> str:
        """The same of a group."""
        return self._faces.source(chat.id, chat.picture, "group")

    @Slot(str, result=str)
    def face(self, who: str) -> str:
        """The same by id, of anybody."""
        person = self.people.get(who)
        return self.picture(person) if person is not None else ""

    def named(self, chat: str, text: str) -> list[str]:
        """The ids of those in `chat` whom a text names, as @Name."""
        found = self.chat(chat)
        alone = self.person_of(chat)
        members = [alone.id] if alone is not None else []
        if found is not None:
            members = found.members or list(self.people)  # a room is everybody's
        there = [self.people[id] for id in members if id in self.people]
        return mentioned(text, {person.id: [person.name, person.own_name] for person in there})

    def look(self) -> None:
        """Ask again."""
        self._refresh.ask()

    def erased(self, chat: str) -> None:
        """All of a chat is gone here."""
        self._refresh.ask()
        if chat:
            self.drafts.forget(chat)
            self.forgotten.emit(chat)

    def show(self) -> None:
        """Bring the list up to date."""
        company = self.company
        shared = Shared(company.lobby(), company.inviter, company.announces, self.typing_in, self.chat_picture)
        texts = self.drafts.texts
        rows = sidebar_rows(self.chats, self.people, texts, self._search, today(), self.picture, shared)
        found = found_rows(self._finder.hits, self.chats, self.people, today(), self.picture, shared)
        self._rows.apply([*rows, *found])
        self.changed.emit()

    # Answers.

    def _noticed(self, notice: Notice) -> None:
        if notice.event == "typing":
            self._typing(notice)
        elif notice.event != "trouble":
            self._refresh.ask()

    def _typing(self, notice: Notice) -> None:
        person = self.people.get(notice.person)
        if person is None or person.chat != notice.chat:
            return
        if person.typing != bool(notice.on):
            self._refresh.ask()
        if notice.on:
            self._forgets.start()  # the node forgets it by itself, without another word

    def _ask(self) -> None:
        self._connection.call("people", self._took_people, self._ended)

    def _took_people(self, people: list[Person]) -> None:
        self.people = {person.id: person for person in people}
        self._connection.call("chats", self._took_chats, self._ended)

    def _took_chats(self, chats: list[Chat]) -> None:
        self._sort(chats)
        self.company.follow(chats)
        self.drafts.took(chats)
        self._loaded = True
        self._refresh.done()
        self.show()

    def _sort(self, chats: list[Chat]) -> None:
        self.chats = sorted(chats, key=lambda chat: chat.last is not None or chat.id not in self._new)

    def _ended(self, _error: ApiError) -> None:
        self._refresh.done()

    def _took(self, _person: Person) -> None:
        self._refresh.ask()

    def _met(self, person: Person) -> None:
        self.people[person.id] = person
        self._refresh.ask()
        self.met.emit(person.chat)

    def _joined(self, person: Person) -> None:
        self._set_joining(False)
        self._met(person)

    def _not_joined(self, error: ApiError) -> None:
        self._set_joining(False)
        self.refused.emit(error.message)

    def _set_joining(self, joining: bool) -> None:
        self._joining = joining
        self.changed.emit()
