"""Choosing people out of the contacts."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm_gui.narrowing import matching
from p2pdm_gui.presence import status
from p2pdm_gui.roster import Roster
from p2pdm_gui.rows import RowModel

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


class PickRow(msgspec.Struct, frozen=True):
    """One contact."""

    key: str
    name: str
    status: str
    picture: str
    picked: bool


class PickModel(RowModel[PickRow]):
    """The contacts that can be chosen."""

    fields = PickRow.__struct_fields__


@QmlElement
class Picker(QObject):
    """The contacts without those whom `taken` names, narrowed by a search; follows the roster."""

    changed = Signal()

    def __init__(self, roster: Roster, parent: QObject, taken: Callable[[], Collection[str]] = tuple) -> None:
        super().__init__(parent)
        self._roster = roster
        self._taken = taken
        self._model = PickModel(self)
        self._picked: dict[str, None] = {}
        self._search = ""
        self._contacts = 0
        roster.changed.connect(self._show)

    @Property(QObject, notify=changed)
    def rows(self) -> QObject:
        """Who can be chosen."""
        return self._model

    @Property(int, notify=changed)
    def count(self) -> int:
        """How many are chosen."""
        return len(self._picked)

    @Property(int, notify=changed)
    def contacts(self) -> int:
        """How many there are to choose from, whatever the search says."""
        return self._contacts

    @Slot()
    def begin(self) -> None:
        """Nobody is chosen yet."""
        self._picked.clear()
        self._search = ""
        self._show()

    @Slot(str)
    def narrow(self, search: str) -> None:
        """Show only those whose name holds all words of `search`."""
        self._search = search
        self._show()

    @Slot(str)
    def toggle(self, who: str) -> None:
        """Choose somebody, or not after all."""
        if self._picked.pop(who, who) is not None:
            self._picked[who] = None
        self._show()

    @Slot()
    def toggle_first(self) -> None:
        """The same with the first that the search leaves."""
        if self._model.rows:
            self.toggle(self._model.rows[0].key)

    def picked(self) -> list[str]:
        """Who is chosen, in that order."""
        return list(self._picked)

    def _show(self) -> None:
        taken = self._taken()
        people = [p for p in self._roster.people.values() if p.relation == "contact" and p.id not in taken]
        self._contacts = len(people)
        matches = matching(self._search)
        found = sorted((p for p in people if matches(p.name)), key=lambda p: (p.name.casefold(), p.id))
        self._model.apply(
            [PickRow(p.id, p.name, status(p), self._roster.picture(p), p.id in self._picked) for p in found]
        )
        self.changed.emit()
