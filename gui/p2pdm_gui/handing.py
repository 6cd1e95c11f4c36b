"""Pictures that the node is to take: made small, and put into a file that lives as long as the call."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, QTemporaryFile, QUrl

from p2pdm_gui.portrait import portrait

NO_PICTURE = "This file is no picture that can be shown. Choose a PNG, JPEG or WebP."


class Handing(QObject):
    """At most one at a time."""

    def __init__(self, parent: QObject, most: int) -> None:
        super().__init__(parent)
        self._most = most
        """Bytes that the node takes."""
        self._file: QTemporaryFile | None = None

    def begin(self, file: QUrl) -> str:
        """The path to hand to the node; empty when `file` is no picture."""
        data = portrait(file.toLocalFile(), self._most)
        if not data:
            return ""
        self.end()
        self._file = QTemporaryFile(self)  # only the user may read it
        self._file.open()
        self._file.write(data)
        self._file.flush()
        return os.path.abspath(self._file.fileName())

    def end(self) -> None:
        """The node has it, or has refused it."""
        if self._file is not None:
            self._file.remove()
            self._file = None
