"""The chat at the right: what it shows of its messages, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtQml import QmlElement

from p2pdm.api.types import Message, Notice, Sent
from p2pdm_gui.account import Account
from p2pdm_gui.connection import Connection
from p2pdm_gui.forwarder import Forwarder
from p2pdm_gui.history import History
from p2pdm_gui.markup import links
from p2pdm_gui.messages import Around, MessageModel, message_rows
from p2pdm_gui.partner import Partner
from p2pdm_gui.reach import Reach, member_lines
from p2pdm_gui.roster import Roster
from p2pdm_gui.timeline import PAGE
from p2pdm_gui.times import today
from p2pdm_gui.writing import Writing

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class Conversation(QObject):
    """The open chat; `opened` once its messages are there, with the row of the first unread one or -1."""

    switched = Signal()
    """Another chat, or none; `messages` is another model."""
    opened = Signal(int, arguments=["unread_row"])
    sent = Signal()
    """An own message is on the disk: its bubble is next."""
    counted = Signal()
    found = Signal(str, int, arguments=["key", "row"])
    """A message that was sought."""

    def __init__(self, connection: Connection, roster: Roster, account: Account, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._account = account
        self._partner = Partner(roster, self)
        self._writing = Writing(connection, roster, self)
        self._forwarder = Forwarder(connection, roster, self)
        self._model = MessageModel(self)
        self._history = History(connection, "", self)
        self._divider = ""
        self._fresh: set[str] = set()
        self._writing.sent.connect(self._sent)
        self._writing.edited.connect(self._changed)
        roster.forgotten.connect(self._forgotten)
        connection.noticed.connect(self._noticed)
        connection.ready.connect(self._reconnected)

    # What is shown.

    @Property(str, notify=switched)
    def chat(self) -> str:
        """The open chat's id, or empty."""
        return self._history.chat

    @Property(QObject, notify=switched)
    def messages(self) -> QObject:
        """Its messages as rows."""
        return self._model

    @Property(bool, notify=counted)
    def loaded(self) -> bool:
        """Whether the messages are there."""
        return self._history.loaded

    @Property(bool, notify=counted)
    def complete(self) -> bool:
        """Whether the first message of all is loaded."""
        return self._history.timeline.complete

    @Property(int, notify=counted)
    def fresh(self) -> int:
        """How many arrived since the end was last looked at."""
        return len(self._fresh)

    @Property(Partner, notify=switched)
    def partner(self) -> Partner:
        """Whom it is with."""
        return self._partner

    @Property(Writing, notify=switched)
    def writing(self) -> Writing:
        """What is being typed."""
        return self._writing

    @Property(Forwarder, notify=switched)
    def forwarder(self) -> Forwarder:
        """What is being passed on."""
        return self._forwarder

    # What the user does with the chat.

    @Slot(str)
    def open(self, chat: str) -> None:
        """Show `chat`; empty: none."""
        if chat == self._history.chat:
            return
        before, model = self._history, self._model
        self._history, self._model = History(self._connection, chat, self), MessageModel(self)
        self._follow(self._history)
        self._divider = ""
        self._fresh.clear()
        self._partner.become(chat)
        self.switched.emit()
        self._writing.enter(chat)
        self.counted.emit()
        before.close()
        model.deleteLater()
        self._history.load(self._partner.unread())

    @Slot()
    def load_older(self) -> None:
        """Load the page above."""
        self._history.load_older()

    @Slot(str)
    def seek(self, key: str) -> None:
        """Go to a message, however far up: `found`, once it is loaded."""
        self._history.seek(key)

    @Slot()
    def read(self) -> None:
        """The user is looking at the end of the chat."""
        if self._fresh:
            self._fresh.clear()
            self.counted.emit()
        latest = self._history.timeline.messages[-PAGE:]
        if self._history.loaded and (self._partner.unread() or any(m.unread for m in latest)):
            self._connection.call("read", lambda _: None, lambda _error: None, chat=self._history.chat)

    # What the user does with a message.

    @Slot(str, int)
    def follow_link(self, key: str, number: int) -> None:
        """Open a link of a message in the browser."""
        message = self._history.timeline.find(key)
        found = links(message.text) if message else []
        if 0 <= number < len(found):
            QDesktopServices.openUrl(QUrl(found[number], QUrl.ParsingMode.StrictMode))

    @Slot(str)
    def reply(self, key: str) -> None:
        """What is typed next answers this message."""
        message = self._history.timeline.find(key)
        if message is not None and not message.unsent:
            self._writing.reply(message)

    @Slot(str)
    def edit(self, key: str) -> None:
        """Find other words for an own message."""
        message = self._history.timeline.find(key)
        if message is not None and message.mine and not message.unsent:
            self._writing.edit(message)

    @Slot()
    def edit_last(self) -> None:
        """The same for the last own one."""
        own = (m.id for m in reversed(self._history.timeline.messages) if m.mine and not m.unsent)
        self.edit(next(own, ""))

    @Slot(str)
    def unsend(self, key: str) -> None:
        """Take an own message back."""
        self._connection.call("unsend", self._changed, id=key)

    @Slot(str)
    def delete(self, key: str) -> None:
        """Erase a message on this computer only."""
        self._connection.call("delete", lambda _: None, id=key)

    @Slot(str)
    def forward(self, key: str) -> None:
        """Pass a message on: `forwarder` knows to whom it can go."""
        message = self._history.timeline.find(key)
        if message is not None and not message.unsent:
            self._forwarder.begin(message)

    @Slot(str, str)
    def react(self, key: str, value: str) -> None:
        """React with an emoji; with the same one again, take it back."""
        row = self._model.find(key)
        if row >= 0:
            value = "" if self._model.rows[row].reaction == value else value
            self._connection.call("react", self._changed, id=key, value=value)

    @Slot(str, bool)
    def pin(self, key: str, on: bool) -> None:
        """Pin a message for everybody here, or take the pin off."""
        self._connection.call("pin", self._changed, id=key, on=on)

    @Slot(str)
    def look(self, key: str) -> None:
        """The user wants to know who has a message: ask for it as it is now."""
        self._history.look(key)

    @Slot(str, result=list)
    def reach(self, key: str) -> list[Reach]:
        """How far an own message came with each member, as far as is known here."""
        message = self._history.timeline.find(key)
        return member_lines(message.states, self._around().name_of, today()) if message is not None else []

    # What the history says.

    def _follow(self, history: History) -> None:
        history.opened.connect(self._opened)
        history.changed.connect(self._show)
        history.arrived.connect(self._arrived)
        history.looked.connect(self._writing.follow)
        history.found.connect(self._found)
        history.missed.connect(lambda: self._connection.failed.emit("That message is not in this chat any more."))

    def _opened(self) -> None:
        messages = self._history.timeline.messages
        self._divider = next((message.id for message in messages if message.unread and not message.mine), "")
        self._show()
        self.opened.emit(self._model.find(self._divider) if self._divider else -1)

    def _arrived(self, ids: set[str]) -> None:
        self._fresh |= ids

    def _found(self, id: str) -> None:
        self.found.emit(id, self._model.find(id))

    def _show(self) -> None:
        timeline = self._history.timeline
        self._model.apply(message_rows(timeline.messages, today(), self._divider, timeline.complete, self._around()))
        self.counted.emit()

    def _around(self) -> Around:
        names = self._roster.company.names()
        names |= {person.id: person.name for person in self._roster.people.values()}
        return Around(self._account.own_id(), names, self._history.quoted)

    # What happens meanwhile.

    def _noticed(self, notice: Notice) -> None:
        self._history.notice(notice)

    def _reconnected(self) -> None:
        self._history.reconnected(self._partner.unread())

    def _sent(self, sent: Sent) -> None:
        if sent.chat == self._history.chat:
            self._divider = ""
            self._history.touch(sent.id)
            self.sent.emit()

    def _changed(self, message: Message) -> None:
        if message.chat == self._history.chat:
            self._history.take(message)
        else:
            self._writing.follow(message)

    def _forgotten(self, chat: str) -> None:
        self._writing.forget(chat)
        if chat == self._history.chat:
            self.open("")
