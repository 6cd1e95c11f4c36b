"""Messages that hold what is typed into the search above the list, of all chats."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from p2pdm.api.types import Hit, Notice
from p2pdm_gui.connection import Connection

REST = 150
"""Milliseconds after the last key: who types is not asked after for every letter."""
MOST = 50


class Finder(QObject):
    """`hits`, the newest first, of what was sought last; those from before stay until others are there."""

    changed = Signal()

    def __init__(self, connection: Connection, parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        self._words = ""
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._ask)
        self.hits: list[Hit] = []
        self.looking = False
        connection.noticed.connect(self._noticed)

    def seek(self, words: str) -> None:
        """Look for messages with all of these words; with none, there are none."""
        words = words.strip()
        if words == self._words:
            return
        self._words, self.looking = words, bool(words)
        if words:
            self._rest.start()
        else:
            self._rest.stop()
            self.hits = []

    def _noticed(self, notice: Notice) -> None:
        if self._words and notice.event in ("message", "change"):
            self._rest.start()  # what was found may be gone, or more be there

    def _ask(self) -> None:
        words = self._words

        def took(hits: list[Hit]) -> None:
            self._took(words, hits)

        self._connection.call("search", took, lambda _error: took([]), words=words, limit=MOST)

    def _took(self, words: str, hits: list[Hit]) -> None:
        if words == self._words:
            self.hits, self.looking = hits, False
            self.changed.emit()
