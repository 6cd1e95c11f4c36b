"""What is being typed: a new message, an answer, or other words for an own one."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Message, Sent
from p2pdm_gui.connection import Connection
from p2pdm_gui.quotes import shortened, speaker
from p2pdm_gui.roster import Roster
from p2pdm_gui.typing_teller import TypingTeller

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class Writing(QObject):
    """The composer's content. Each chat keeps its draft and what the draft answers; an edit leaves both alone."""

    changed = Signal()
    put = Signal(str, arguments=["text"])
    """The composer is to hold `text` now."""
    sent = Signal(object)
    """A Sent: it is on this disk."""
    edited = Signal(object)
    """A Message in its new words."""

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._chat = ""
        self._answered: dict[str, Message] = {}
        self._editing: Message | None = None
        self._teller = TypingTeller(self._tell_typing, self)

    # What is shown.

    @Property(str, notify=changed)
    def mode(self) -> str:
        """Empty for a new message, else reply or edit."""
        if self._editing is not None:
            return "edit"
        return "reply" if self._chat in self._answered else ""

    @Property(str, notify=changed)
    def name(self) -> str:
        """Who said what is answered or edited."""
        message = self._about()
        return speaker(message) if message else ""

    @Property(str, notify=changed)
    def quote(self) -> str:
        """What is answered or edited, shortened."""
        message = self._about()
        return shortened(message) if message else ""

    # What the user does.

    def enter(self, chat: str) -> None:
        """Write in `chat` from now on."""
        self._teller.stop()
        self._roster.drafts.save()
        self._chat = chat
        self._editing = None
        self.changed.emit()
        self.put.emit(self._draft())
        self._roster.drafts.ask(chat, lambda: self._came(chat))

    def reply(self, message: Message) -> None:
        """Answer `message`."""
        self._stop_editing()
        self._answered[self._chat] = message
        self.changed.emit()

    def edit(self, message: Message) -> None:
        """Find other words for `message`; the draft waits."""
        self._editing = message
        self.changed.emit()
        self.put.emit(message.text)

    @Slot(result=bool)
    def cancel(self) -> bool:
        """Give up the edit, or else the answering; whether there was anything to give up."""
        if self._editing is not None:
            self._stop_editing()
        elif self._answered.pop(self._chat, None) is None:
            return False
        self.changed.emit()
        return True

    @Slot(str)
    def typed(self, text: str) -> None:
        """The composer holds `text` now."""
        if self._chat:
            if self._editing is None:
                self._roster.drafts.keep(self._chat, text)
            self._teller.typed(bool(text.strip()))

    @Slot(str)
    def send(self, text: str) -> None:
        """Say `text`, or edit to it; if that does not work it is put back."""
        text = text.strip()
        if not text or not self._chat:
            return
        self._teller.stop()
        if self._editing is not None:
            self._send_edit(self._editing, text)
        else:
            self._send_new(text)

    def follow(self, message: Message) -> None:
        """A message is so now; what was taken back can't be edited any more."""
        if self._editing is not None and self._editing.id == message.id and message.unsent:
            self._stop_editing()
            self.changed.emit()
        answered = self._answered.get(message.chat)
        if answered is not None and answered.id == message.id:
            self._answered[message.chat] = message
            self.changed.emit()

    def forget(self, chat: str) -> None:
        """The chat is gone."""
        self._answered.pop(chat, None)

    # Sending.

    def _send_new(self, text: str) -> None:
        chat = self._chat
        answered = self._answered.pop(chat, None)
        self._roster.drafts.sending(chat)
        self.changed.emit()
        self._connection.call(
            "send",
            lambda sent: self._was_sent(chat, sent),
            lambda error: self._not_sent(error, chat, text, answered),
            to=chat,
            text=text,
            reply_to=answered.id if answered else None,
            mentions=self._roster.named(chat, text),
        )

    def _was_sent(self, chat: str, sent: Sent) -> None:
        self._roster.drafts.sent(chat)
        self.sent.emit(sent)

    def _came(self, chat: str) -> None:
        """The node had kept a draft."""
        if chat == self._chat and self._editing is None:
            self.put.emit(self._draft())

    def _not_sent(self, error: ApiError, chat: str, text: str, answered: Message | None) -> None:
        self._connection.failed.emit(error.message)
        since = self._roster.drafts.texts.get(chat, "")
        self._roster.drafts.keep(chat, f"{text}\n{since}" if since else text)
        if answered is not None:
            self._answered.setdefault(chat, answered)
        if chat != self._chat:
            self._roster.show()
            return
        self.changed.emit()
        if self._editing is None:
            self.put.emit(self._draft())

    def _send_edit(self, message: Message, text: str) -> None:
        self._stop_editing()
        self.changed.emit()
        if text != message.text:
            failed = lambda error: self._not_edited(error, message, text)  # noqa: E731
            self._connection.call("edit", self.edited.emit, failed, id=message.id, text=text)

    def _not_edited(self, error: ApiError, message: Message, text: str) -> None:
        self._connection.failed.emit(error.message)
        if message.chat == self._chat and self._editing is None:
            self._editing = message
            self.changed.emit()
            self.put.emit(text)

    def _stop_editing(self) -> None:
        if self._editing is not None:
            self._editing = None
            self.put.emit(self._draft())

    def _draft(self) -> str:
        return self._roster.drafts.texts.get(self._chat, "")

    def _about(self) -> Message | None:
        return self._editing or self._answered.get(self._chat)

    def _tell_typing(self, on: bool) -> None:
        self._connection.call("typing", lambda _: None, lambda _error: None, chat=self._chat, on=on)
