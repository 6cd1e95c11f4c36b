"""Who is typing in chats of several."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from p2pdm.api.types import Notice

FORGOTTEN = 6_500
"""Milliseconds: the node forgets after 6 s that somebody was typing, without another word."""


class Typists(QObject):
    """Learns from notices, and forgets by itself."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timers: dict[str, dict[str, QTimer]] = {}

    def of(self, chat: str) -> list[str]:
        """The ids of those who type in `chat`, whoever began first."""
        return list(self._timers.get(chat, ()))

    def notice(self, notice: Notice) -> None:
        """Somebody types, has stopped, or has said what they typed."""
        if notice.event == "typing" and notice.on:
            self._begin(notice.chat, notice.person)
        elif notice.event in ("typing", "message"):
            self._end(notice.chat, notice.person)

    def _begin(self, chat: str, person: str) -> None:
        timers = self._timers.setdefault(chat, {})
        known = person in timers
        if not known:
            timers[person] = QTimer(self, singleShot=True, interval=FORGOTTEN)
            timers[person].timeout.connect(partial(self._end, chat, person))
        timers[person].start()
        if not known:
            self.changed.emit()

    def _end(self, chat: str, person: str) -> None:
        timer = self._timers.get(chat, {}).pop(person, None)
        if timer is not None:
            timer.deleteLater()
            self.changed.emit()


def typing_in_words(names: list[str]) -> str:
    """A phrase for those who type; empty for nobody."""
    if len(names) > 3:
        return f"{len(names)} people are typing"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]} are typing"
    return f"{names[0]} is typing" if names else ""
