"""How the window looks: light, dark or as the system is, and how big the writing is. Kept between starts."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QSettings, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QmlElement

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

MODES = ("system", "light", "dark")
SMALLEST, LARGEST = 80, 200
"""Per cent."""


@QmlElement
class Looks(QObject):
    """Mode and scale."""

    changed = Signal()

    def __init__(self, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        mode = str(settings.value("mode", "system"))
        self._mode = mode if mode in MODES else "system"
        self._scale = _per_cent(settings.value("scale", 100))
        hints = QGuiApplication.styleHints()
        self._system_dark = hints.colorScheme() == Qt.ColorScheme.Dark
        hints.colorSchemeChanged.connect(self._system_changed)

    @Property(str, notify=changed)
    def mode(self) -> str:
        """system, light or dark."""
        return self._mode

    @Property(bool, notify=changed)
    def dark(self) -> bool:
        """Whether it is dark now."""
        return self._mode == "dark" or (self._mode == "system" and self._system_dark)

    @Property(int, notify=changed)
    def scale(self) -> int:
        """The size of the writing in per cent."""
        return self._scale

    @Slot(str)
    def choose(self, mode: str) -> None:
        """Be system, light or dark."""
        if mode in MODES and mode != self._mode:
            self._mode = mode
            self._settings.setValue("mode", mode)
            self.changed.emit()

    @Slot(int)
    def resize(self, per_cent: int) -> None:
        """Write smaller or bigger."""
        self._scale = _per_cent(per_cent)
        self._settings.setValue("scale", self._scale)
        self.changed.emit()

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system_dark = scheme == Qt.ColorScheme.Dark
        self.changed.emit()


def _per_cent(value: object) -> int:
    """A scale that can be used, whatever a settings file holds."""
    try:
        return max(SMALLEST, min(LARGEST, int(str(value))))
    except ValueError:
        return 100
