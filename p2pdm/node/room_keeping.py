"""Room keeping: a room is a place to talk and no archive: its last messages stay on this disk, and nobody's fill it.

What goes is only the words; the chains stay, so that what follows can be verified and nothing comes back. Messages of
more than DAYS go by `retention`, unless the user wishes otherwise.
"""

from __future__ import annotations

from p2pdm.node.circles import Circles
from p2pdm.node.erasing import Erasing
from p2pdm.node.later import Later
from p2pdm.store.tables import Store

KEPT = 5_000
"""Messages of one room: days of a lively event."""
KEPT_OF_ONE = 500
"""Of one device: nobody's flood pushes out what all others said."""
DAYS = 7
AT_ONCE = 50
"""Messages erased in one piece, some 15 ms."""
PAUSE = 2.0
"""Seconds from a message until its room is looked at."""
GO_ON = 0.02
"""Seconds between two pieces."""


class RoomKeeping:
    """Looks at rooms in which something was said."""

    def __init__(self, store: Store, circles: Circles, erasing: Erasing, later: Later) -> None:
        self._store = store
        self._circles = circles
        self._erasing = erasing
        self._later = later
        self._rooms: dict[bytes, None] = {}

    def said(self, conversation: bytes) -> None:
        """Something was said somewhere, with words or without."""
        if self._circles.is_room(conversation):
            if not self._rooms:
                self._later.after(PAUSE, self._tidy)
            self._rooms[conversation] = None

    def _tidy(self) -> None:
        conversation = next(iter(self._rooms), None)
        if conversation is None:
            return
        surplus = self._store.keeping.surplus(conversation, KEPT, KEPT_OF_ONE, AT_ONCE)
        if not surplus:
            del self._rooms[conversation]
            self._go_on()
            return
        lines = [line for id in surplus if (line := self._store.lines.line(id)) is not None]

        def erase() -> None:
            self._erasing.erase(lines)
            self._store.lines.hide(surplus)  # what had come without its words is no line

        self._later.write(erase, self._go_on, self._tidy)

    def _go_on(self) -> None:
        if self._rooms:
            self._later.after(GO_ON, self._tidy)
