"""What is typed and not sent, by chat: shown at once, kept in the node's encrypted store a moment later."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer

from p2pdm.api.types import Chat
from p2pdm_gui.connection import Connection

SAVED_AFTER = 400
"""Milliseconds after the last letter."""


class Drafts(QObject):
    """The drafts of this window; what is typed here stands before what the node kept."""

    def __init__(self, connection: Connection, parent: QObject) -> None:
        super().__init__(parent)
        self.texts: dict[str, str] = {}
        self._connection = connection
        self._typed: set[str] = set()
        self._unsaved: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=SAVED_AFTER)
        self._timer.timeout.connect(self.save)

    def keep(self, chat: str, text: str) -> None:
        """This is typed there."""
        self._put(chat, text)
        self._typed.add(chat)
        self._unsaved.add(chat)
        self._timer.start()

    def sending(self, chat: str) -> None:
        """It is on its way; the node keeps the draft until it has the message."""
        self._put(chat, "")
        self._typed.add(chat)
        self._unsaved.discard(chat)

    def sent(self, chat: str) -> None:
        """The node has it: only what was typed since is a draft."""
        self._unsaved.add(chat)
        self.save()

    def forget(self, chat: str) -> None:
        """The chat is gone, and the node's draft with it."""
        self._put(chat, "")
        self._unsaved.discard(chat)

    def took(self, chats: Iterable[Chat]) -> None:
        """What the node has kept."""
        for chat in chats:
            if chat.id not in self._typed:
                self._put(chat.id, chat.draft)

    def ask(self, chat: str, then: Callable[[], None]) -> None:
        """Ask for the draft of a chat in which nothing was said yet, and do `then` if there is one."""

        def took(text: str) -> None:
            if text and chat not in self._typed:
                self._put(chat, text)
                then()

        if chat and chat not in self.texts and chat not in self._typed:
            self._connection.call("draft", took, lambda _error: None, chat=chat)

    def save(self) -> None:
        """Hand everything new to the node."""
        self._timer.stop()
        for chat in sorted(self._unsaved):
            text = self.texts.get(chat, "")
            self._connection.call("set_draft", lambda _: None, lambda _error: None, chat=chat, text=text)
        self._unsaved.clear()

    def _put(self, chat: str, text: str) -> None:
        if text:
            self.texts[chat] = text
        else:
            self.texts.pop(chat, None)
