"""A list model that becomes what it is told by the fewest row changes, and is never reset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractListModel, QByteArray, QModelIndex, QObject, QPersistentModelIndex, Qt


class Row(Protocol):
    """A value with a key that stays the same while the rest of it changes."""

    @property
    def key(self) -> str:
        """Unique within the list."""
        ...


R = TypeVar("R", bound=Row)
Index = QModelIndex | QPersistentModelIndex
FIRST_ROLE = int(Qt.ItemDataRole.UserRole)


class RowModel(QAbstractListModel, Generic[R]):
    """Rows of one type, their fields as roles. A view keeps its place through every change."""

    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[R] = []
        self._names = {FIRST_ROLE + i: name for i, name in enumerate(self.fields)}

    def rowCount(self, parent: Index | None = None) -> int:
        """As Qt defines it: a list has no children."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def roleNames(self) -> dict[int, QByteArray]:
        """Each field of a row is a role."""
        return {role: QByteArray(name.encode()) for role, name in self._names.items()}

    def data(self, index: Index, role: int = FIRST_ROLE) -> Any:
        """A field of a row; None for what is not there."""
        name = self._names.get(role)
        if name is None or not index.isValid() or index.row() >= len(self.rows):
            return None
        return getattr(self.rows[index.row()], name)

    def find(self, key: str) -> int:
        """The row of `key`, or -1."""
        return next((i for i, row in enumerate(self.rows) if row.key == key), -1)

    def apply(self, target: Sequence[R]) -> None:
        """Become `target`: remove what is gone, then move, insert and change from the top down."""
        self._remove_all_but({row.key for row in target})
        known = {row.key for row in self.rows}
        at = 0
        while at < len(target):
            if target[at].key not in known:
                at = self._insert_run(at, target, known)
                continue
            if self.rows[at].key != target[at].key:
                self._move(next(i for i in range(at, len(self.rows)) if self.rows[i].key == target[at].key), at)
            at = self._change_run(at, target)

    def _remove_all_but(self, keep: set[str]) -> None:
        last = len(self.rows) - 1
        while last >= 0:
            if self.rows[last].key in keep:
                last -= 1
                continue
            first = last
            while first > 0 and self.rows[first - 1].key not in keep:
                first -= 1
            self.beginRemoveRows(QModelIndex(), first, last)
            del self.rows[first : last + 1]
            self.endRemoveRows()
            last = first - 1

    def _insert_run(self, at: int, target: Sequence[R], known: set[str]) -> int:
        end = at
        while end < len(target) and target[end].key not in known:
            end += 1
        self.beginInsertRows(QModelIndex(), at, end - 1)
        self.rows[at:at] = target[at:end]
        self.endInsertRows()
        return end

    def _move(self, source: int, at: int) -> None:
        self.beginMoveRows(QModelIndex(), source, source, QModelIndex(), at)
        self.rows.insert(at, self.rows.pop(source))
        self.endMoveRows()

    def _change_run(self, at: int, target: Sequence[R]) -> int:
        """Change the rows in place from `at` while the keys agree; one signal for each stretch that differs."""
        end, changed = at, -1
        while end < len(target) and end < len(self.rows) and self.rows[end].key == target[end].key:
            if self.rows[end] != target[end]:
                self.rows[end] = target[end]
                changed = end if changed < 0 else changed
            elif changed >= 0:
                self.dataChanged.emit(self.index(changed), self.index(end - 1))
                changed = -1
            end += 1
        if changed >= 0:
            self.dataChanged.emit(self.index(changed), self.index(end - 1))
        return end
