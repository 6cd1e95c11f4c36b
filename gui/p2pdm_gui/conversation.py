"""The chat at the right: its messages and what is typed."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Message, Notice, Sent
from p2pdm_gui.connection import Connection
from p2pdm_gui.links import links
from p2pdm_gui.messages import MessageModel, message_rows
from p2pdm_gui.partner import Partner
from p2pdm_gui.refresh import Refresh
from p2pdm_gui.roster import Roster
from p2pdm_gui.timeline import MOST, PAGE, Timeline
from p2pdm_gui.times import today
from p2pdm_gui.typing_teller import TypingTeller

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
    returned = Signal(str, arguments=["text"])
    """What could not be sent, to put back."""
    counted = Signal()

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._chat = ""
        self._partner = Partner(roster, self)
        self._timeline = Timeline()
        self._model = MessageModel(self)
        self._divider = ""
        self._loaded = False
        self._loading_older = False
        self._touched: set[str] = set()
        self._asked = PAGE
        self._fresh: set[str] = set()
        self._refresh = Refresh(self._ask, self)
        self._teller = TypingTeller(self._tell_typing, self)
        roster.forgotten.connect(self._forgotten)
        connection.noticed.connect(self._noticed)
        connection.ready.connect(self._reconnected)

    # What is shown.

    @Property(str, notify=switched)
    def chat(self) -> str:
        """The open chat's id, or empty."""
        return self._chat

    @Property(QObject, notify=switched)
    def messages(self) -> QObject:
        """Its messages as rows."""
        return self._model

    @Property(str, notify=switched)
    def draft(self) -> str:
        """What was typed here before."""
        return self._roster.drafts.get(self._chat, "")

    @Property(bool, notify=counted)
    def loaded(self) -> bool:
        """Whether the messages are there."""
        return self._loaded

    @Property(bool, notify=counted)
    def complete(self) -> bool:
        """Whether the first message of all is loaded."""
        return self._timeline.complete

    @Property(int, notify=counted)
    def fresh(self) -> int:
        """How many arrived since the end was last looked at."""
        return len(self._fresh)

    @Property(Partner, notify=switched)
    def partner(self) -> Partner:
        """Whom it is with."""
        return self._partner

    # What the user does.

    @Slot(str)
    def open(self, chat: str) -> None:
        """Show `chat`; empty: none."""
        if chat == self._chat:
            return
        self._teller.stop()
        self._chat = chat
        self._timeline = Timeline()
        old, self._model = self._model, MessageModel(self)
        self._divider, self._loaded, self._loading_older = "", not chat, False
        self._touched.clear()
        self._fresh.clear()
        self._partner.become(chat)
        self.switched.emit()
        self.counted.emit()
        old.deleteLater()
        self._load()

    @Slot(str)
    def send(self, text: str) -> None:
        """Say `text`; if that does not work it is `returned`."""
        text = text.strip()
        if not text or not self._chat:
            return
        chat = self._chat
        self._teller.stop()
        self._roster.draft(chat, "")
        self._connection.call(
            "send",
            lambda sent: self._sent(sent, chat),
            lambda error: self._not_sent(error, chat, text),
            to=chat,
            text=text,
        )

    @Slot(str)
    def typed(self, text: str) -> None:
        """The composer holds `text` now."""
        if self._chat:
            self._roster.draft(self._chat, text)
            self._teller.typed(bool(text.strip()))

    @Slot()
    def load_older(self) -> None:
        """Load the page above."""
        if not self._loaded or self._loading_older or self._timeline.complete or not self._timeline.messages:
            return
        self._loading_older = True
        chat = self._chat
        self._connection.call(
            "history",
            lambda page: self._took_older(chat, page),
            lambda _error: self._older_failed(chat),
            chat=chat,
            limit=2 * PAGE,
            before=self._timeline.messages[0].id,
        )

    @Slot()
    def read(self) -> None:
        """The user is looking at the end of the chat."""
        if self._fresh:
            self._fresh.clear()
            self.counted.emit()
        if self._loaded and (self._partner.unread() or any(m.unread for m in self._timeline.messages[-PAGE:])):
            self._connection.call("read", lambda _: None, lambda _error: None, chat=self._chat)

    @Slot(str, int)
    def follow_link(self, key: str, number: int) -> None:
        """Open a link of a message in the browser."""
        row = self._model.find(key)
        found = links(self._model.rows[row].text) if row >= 0 else []
        if 0 <= number < len(found):
            QDesktopServices.openUrl(QUrl(found[number], QUrl.ParsingMode.StrictMode))

    # The first page.

    def _load(self) -> None:
        if not self._chat:
            return
        chat, asked = self._chat, min(MOST, PAGE + self._partner.unread())
        self._connection.call(
            "history",
            lambda page: self._took_first(chat, page, asked),
            lambda error: self._first_failed(chat, error),
            chat=chat,
            limit=asked,
        )

    def _took_first(self, chat: str, page: list[Message], asked: int) -> None:
        if chat != self._chat:
            return
        self._timeline.merge(page, asked)
        self._divider = next((message.id for message in page if message.unread and not message.mine), "")
        self._loaded = True
        self._show()
        self.opened.emit(self._model.find(self._divider) if self._divider else -1)

    def _first_failed(self, chat: str, error: ApiError) -> None:
        if chat != self._chat or error.kind == "gone":
            return
        self._loaded = self._timeline.complete = True  # nobody has said anything here yet
        self.counted.emit()
        self.opened.emit(-1)

    # What happens meanwhile.

    def _noticed(self, notice: Notice) -> None:
        if notice.chat == self._chat and self._chat and notice.event in ("message", "state"):
            self._touched.add(notice.id)
            self._refresh.ask()

    def _reconnected(self) -> None:
        if self._loaded:
            self._refresh.ask()
        else:
            self._load()

    def _ask(self) -> None:
        if not self._chat or not self._loaded:
            self._refresh.done()
            return
        chat, touched = self._chat, frozenset(self._touched)
        self._touched.clear()
        asked = max(self._asked, self._timeline.reach(touched))
        self._asked = PAGE
        self._connection.call(
            "history",
            lambda tail: self._took_tail(chat, touched, tail, asked),
            lambda _error: self._refresh.done(),
            chat=chat,
            limit=asked,
        )

    def _took_tail(self, chat: str, touched: frozenset[str], tail: list[Message], asked: int) -> None:
        self._refresh.done()
        if chat != self._chat:
            return
        known = {message.id for message in self._timeline.messages}
        more = len(tail) == asked < MOST
        if more and known and not any(message.id in known for message in tail):
            self._ask_longer(touched, asked)  # so much came that what is shown would not join on
            return
        self._timeline.merge(tail, asked)
        self._fresh |= {m.id for m in self._timeline.messages if m.id not in known and not m.mine}
        if more and asked < len(known) and self._timeline.lacks(touched):
            self._ask_longer(touched, asked)  # it came late and belongs further up
        self._show()

    def _ask_longer(self, touched: frozenset[str], asked: int) -> None:
        self._touched |= touched
        self._asked = min(MOST, asked * 4)
        self._refresh.ask()

    def _took_older(self, chat: str, page: list[Message]) -> None:
        if chat != self._chat:
            return
        self._timeline.prepend(page, 2 * PAGE)
        self._show()
        self._loading_older = False

    def _older_failed(self, chat: str) -> None:
        if chat == self._chat:
            self._loading_older = False

    def _show(self) -> None:
        rows = message_rows(self._timeline.messages, today(), self._divider, self._timeline.complete)
        self._model.apply(rows)
        self.counted.emit()

    # Sending.

    def _sent(self, sent: Sent, chat: str) -> None:
        if chat != self._chat:
            return
        self._divider = ""
        self._touched.add(sent.id)
        self._refresh.ask()
        self.sent.emit()

    def _not_sent(self, error: ApiError, chat: str, text: str) -> None:
        self._connection.failed.emit(error.message)
        if chat == self._chat:
            self.returned.emit(text)
        else:
            self._roster.draft(chat, text)
            self._roster.show()

    def _tell_typing(self, on: bool) -> None:
        self._connection.call("typing", lambda _: None, lambda _error: None, chat=self._chat, on=on)

    def _forgotten(self, chat: str) -> None:
        if chat == self._chat:
            self.open("")
