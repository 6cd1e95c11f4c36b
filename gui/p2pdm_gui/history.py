"""The open chat's messages, kept in step with the node: the first page, what comes and changes, what is further up."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from p2pdm.api.types import ApiError, Message, Notice
from p2pdm_gui.connection import Connection, Failed, Then
from p2pdm_gui.lookup import Lookup
from p2pdm_gui.refresh import Refresh
from p2pdm_gui.timeline import MOST, PAGE, Timeline


class History(QObject):
    """One chat's, from its opening until `close`; of chat "" it is empty."""

    opened = Signal()
    """The first page is there."""
    changed = Signal()
    """Messages came, went or are different."""
    arrived = Signal(object)
    """The ids of others' messages that are new."""
    found = Signal(str)
    """The message that was sought is loaded."""
    looked = Signal(object)
    """A Message that is different now."""
    missed = Signal()
    """It is not in this chat any more."""

    def __init__(self, connection: Connection, chat: str, parent: QObject) -> None:
        super().__init__(parent)
        self.chat = chat
        self.loaded = not chat
        self.timeline = Timeline()
        self.quoted: dict[str, Message | None] = {}
        """Messages that loaded ones answer and that are not loaded themselves; None: not on this machine."""
        self._connection = connection
        self._closed = False
        self._touched: set[str] = set()
        self._asked = PAGE
        self._loading_older = False
        self._sought = ""
        self._refresh = Refresh(self._ask_tail, self)
        self._lookup = Lookup(connection, self._looked, self)

    def close(self) -> None:
        """Answers that are still under way mean nothing any more."""
        self._closed, self._sought = True, ""
        self.deleteLater()

    def _page(self, then: Then, failed: Failed, limit: int, before: str | None = None) -> None:
        self._connection.call(
            "history",
            lambda answer: None if self._closed else then(answer),
            lambda error: None if self._closed else failed(error),
            chat=self.chat,
            limit=limit,
            before=before,
            happenings=True,
        )

    # The first page.

    def load(self, unread: int) -> None:
        """Ask for the end of the chat, as far up as the first of `unread`."""
        if self.chat:
            asked = min(MOST, PAGE + unread)
            self._page(lambda page: self._took_first(page, asked), self._first_failed, asked)

    def _took_first(self, page: list[Message], asked: int) -> None:
        self.timeline.merge(page, asked)
        self._be_loaded()
        self._want_quoted()

    def _first_failed(self, error: ApiError) -> None:
        if error.kind == "gone":
            return
        self.timeline.complete = True  # nobody has said anything here yet
        self._be_loaded()

    def _be_loaded(self) -> None:
        self.loaded = True
        self.opened.emit()
        if self._sought:
            self.seek(self._sought)

    # What happens meanwhile.

    def notice(self, notice: Notice) -> None:
        """Something happened in some chat."""
        if notice.state == "deleted" and notice.chat == self.chat:
            self._deleted(notice.id)
        elif notice.event == "change" and (notice.id in self.quoted or not self.timeline.lacks([notice.id])):
            self._lookup.want([notice.id])
        elif notice.event in ("message", "state") and notice.chat == self.chat:
            self.touch(notice.id)
        elif notice.event == "chat" and notice.chat == self.chat:
            self._refresh.ask()  # something may have happened to the group

    def _deleted(self, id: str) -> None:
        """A message is not here any more, or (with no id) many of them."""
        if id:
            self.quoted[id] = None
            self.timeline.drop(id)
            self._show()
        elif self.loaded and self.chat:
            asked = max(PAGE, min(MOST, len(self.timeline.messages)))
            self._page(lambda page: self._took_anew(page, asked), self._first_failed, asked)

    def _took_anew(self, page: list[Message], asked: int) -> None:
        self.quoted.clear()
        self.timeline.begin(page, asked)
        self._show()

    def touch(self, id: str) -> None:
        """A message is new, or came further."""
        self._touched.add(id)
        self._refresh.ask()

    def look(self, id: str) -> None:
        """Ask for one message again."""
        self._lookup.want([id])

    def take(self, message: Message) -> None:
        """A message is so now."""
        self._looked({message.id: message})

    def reconnected(self, unread: int) -> None:
        """The node is back: anything may have happened."""
        if not self.loaded:
            self.load(unread)
            return
        self.quoted.clear()
        self._asked = max(PAGE, min(MOST, len(self.timeline.messages)))
        self._refresh.ask()

    def _looked(self, messages: Mapping[str, Message | None]) -> None:
        for id, message in messages.items():
            if message is None or not self.timeline.replace(message):
                self.quoted[id] = message
            if message is not None:
                self.looked.emit(message)
        self._show()

    def _ask_tail(self) -> None:
        if not self.chat or not self.loaded:
            self._refresh.done()
            return
        touched = frozenset(self._touched)
        self._touched.clear()
        asked = max(self._asked, self.timeline.reach(touched))
        self._asked = PAGE
        self._page(lambda tail: self._took_tail(touched, tail, asked), lambda _error: self._refresh.done(), asked)

    def _took_tail(self, touched: frozenset[str], tail: list[Message], asked: int) -> None:
        self._refresh.done()
        known = {message.id for message in self.timeline.messages}
        more = len(tail) == asked < MOST
        if more and known and not any(message.id in known for message in tail):
            self._ask_longer(touched, asked)  # so much came that what is shown would not join on
            return
        self.timeline.merge(tail, asked)
        self.arrived.emit({m.id for m in self.timeline.messages if m.id not in known and not (m.mine or m.happening)})
        if more and asked < len(known) and self.timeline.lacks(touched):
            self._ask_longer(touched, asked)  # it came late and belongs further up
        self._show()

    def _ask_longer(self, touched: frozenset[str], asked: int) -> None:
        self._touched |= touched
        self._asked = min(MOST, asked * 4)
        self._refresh.ask()

    def _show(self) -> None:
        self.changed.emit()
        self._want_quoted()

    def _want_quoted(self) -> None:
        known = {message.id for message in self.timeline.messages}
        answered = {message.reply_to for message in self.timeline.messages if message.reply_to}
        self._lookup.want(sorted(answered - known - self.quoted.keys()))

    # Further up.

    def load_older(self) -> None:
        """Load the page above, unless one is under way."""
        self._older(2 * PAGE)

    def seek(self, id: str) -> None:
        """Load as far up as message `id`, from the first page on; `found` or `missed` says how that ended."""
        self._sought = id
        if self.loaded and not self._settle_seek():
            self._older(MOST)

    def _older(self, limit: int) -> None:
        if not self.loaded or self._loading_older or self.timeline.complete or not self.timeline.messages:
            return
        self._loading_older = True
        above = self.timeline.messages[0].id
        self._page(lambda page: self._took_older(page, limit), self._older_failed, limit, above)

    def _took_older(self, page: list[Message], asked: int) -> None:
        self.timeline.prepend(page, asked)
        self._loading_older = False
        if self._sought and self.timeline.lacks([self._sought]) and not self.timeline.complete:
            self._older(MOST)  # shown when it is there, not page by page
            return
        self._show()
        if self._sought:
            self._settle_seek()

    def _settle_seek(self) -> bool:
        """Say how the search ended, if it has."""
        there = not self.timeline.lacks([self._sought])
        if not there and not self.timeline.complete:
            return False
        id, self._sought = self._sought, ""
        if there:
            self.found.emit(id)
        else:
            self.missed.emit()
        return True

    def _older_failed(self, _error: ApiError) -> None:
        self._loading_older = False
        self._sought = ""
