"""Single messages, asked for by id: those that changed, and those that others answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PySide6.QtCore import QObject

from p2pdm.api.types import ApiError, Message
from p2pdm_gui.connection import Connection
from p2pdm_gui.refresh import Refresh

ROUND = 50
"""So many at once: a burst of changes neither floods the node nor is shown one by one."""


class Lookup(QObject):
    """`took` is called with each round's messages; None stands for one that is not on this machine."""

    def __init__(
        self, connection: Connection, took: Callable[[Mapping[str, Message | None]], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self._took = took
        self._wanted: dict[str, None] = {}
        self._left = 0
        self._found: dict[str, Message | None] = {}
        self._refresh = Refresh(self._ask, self)

    def want(self, ids: Iterable[str]) -> None:
        """Look at these again."""
        before = len(self._wanted)
        self._wanted.update(dict.fromkeys(ids))
        if len(self._wanted) > before:
            self._refresh.ask()

    def _ask(self) -> None:
        ids = list(self._wanted)[:ROUND]
        self._left, self._found = len(ids), {}
        for id in ids:
            del self._wanted[id]
            self._connection.call("message", partial(self._answered, id), partial(self._failed, id), id=id)
        if not ids:
            self._refresh.done()

    def _answered(self, id: str, message: Message) -> None:
        self._found[id] = message
        self._count()

    def _failed(self, id: str, error: ApiError) -> None:
        if error.kind != "gone":
            self._found[id] = None
        self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left:
            return
        self._refresh.done()
        if self._wanted:
            self._refresh.ask()
        self._took(self._found)
