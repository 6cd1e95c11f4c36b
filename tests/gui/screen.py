"""What a person at the window does and sees: finds things by name, reads, clicks, types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from p2pdm_gui.window import Window

SOON = 10_000
"""Milliseconds that a busy machine may need for what takes a few."""


class Screen:
    """One open window."""

    def __init__(self, qtbot: QtBot, profile: Path, settings: Path, size: tuple[int, int] = (1200, 800)) -> None:
        self.qtbot = qtbot
        self.window = Window(profile, QSettings(str(settings), QSettings.Format.IniFormat))
        self.view = self.window.show()
        self.view.resize(*size)
        self.view.requestActivate()
        self.until(self.view.isActive)

    # Seeing.

    def items(self) -> Iterator[QQuickItem]:
        """Everything that can be seen, from the back to the front."""
        waiting = [self.view.contentItem()]
        while waiting:
            item = waiting.pop()
            if item.isVisible() and item.opacity() > 0:
                yield item
                waiting += reversed(item.childItems())

    def maybe(self, name: str) -> QQuickItem | None:
        """The visible item of that objectName, if there is one."""
        return next((item for item in self.items() if item.objectName() == name), None)

    def find(self, name: str) -> QQuickItem:
        """The same, once it is there."""
        self.until(lambda: self.maybe(name) is not None)
        found = self.maybe(name)
        assert found is not None
        return found

    def gone(self, name: str) -> None:
        """Wait until there is none."""
        self.until(lambda: self.maybe(name) is None)

    def texts(self) -> list[str]:
        """All visible writing."""
        found = []
        for item in self.items():
            text = item.property("text")
            if isinstance(text, str) and text and item.width() > 0:
                found.append(text)
        return found

    def sees(self, text: str) -> None:
        """Wait until `text` is part of the visible writing."""
        self.until(lambda: any(text in written for written in self.texts()))

    def bubbles(self) -> list[str]:
        """What the visible bubbles say, from the top down."""
        view = self.find("timeline")
        there = view.mapRectToScene(view.boundingRect())
        found = [item for item in self.items() if item.objectName().startswith("bubble:")]
        places = [(item.mapRectToScene(item.boundingRect()), str(item.property("text"))) for item in found]
        seen = [(place.top(), text) for place, text in places if there.intersects(place)]  # the list keeps more at hand
        return [text for _, text in sorted(seen)]

    def bubble(self, text: str) -> QQuickItem:
        """The bubble that says `text`."""
        return self.find(f"bubble:{text}")

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        self.qtbot.waitUntil(true, timeout=SOON)

    # Doing.

    def click(self, name: str) -> None:
        """Click on the middle of an item, once it stands still."""
        self.click_on(lambda: self.find(name))

    def click_right(self, bubble: str) -> None:
        """The same with the other button; on what is said, if it is a bubble that spans the list."""
        self.click_on(lambda: self._ground(bubble), Qt.MouseButton.RightButton)

    def click_on(
        self, find: Callable[[], QQuickItem | None], button: Qt.MouseButton = Qt.MouseButton.LeftButton
    ) -> None:
        """Click on the middle of what `find` finds, once it stands still."""
        place, before = self._middle(find()), None
        while place != before:
            self.qtbot.wait(20)
            place, before = self._middle(find()), place
        assert self.view.geometry().translated(-self.view.position()).contains(place), f"{place} is out of sight"
        QTest.mouseClick(self.view, button, Qt.KeyboardModifier.NoModifier, place)

    def point_at(self, name: str) -> None:
        """Move the pointer over an item."""
        QTest.mouseMove(self.view, self._place(name))

    def _ground(self, bubble: str) -> QQuickItem:
        item = self.find(bubble)
        return next((part for part in item.childItems() if part.objectName() == "ground"), item)

    def _middle(self, item: QQuickItem | None) -> QPoint:
        assert item is not None
        return item.mapToScene(item.boundingRect().center()).toPoint()

    def _place(self, name: str) -> QPoint:
        return self._middle(self.find(name))

    def roll(self, name: str, notches: int) -> None:
        """Turn the mouse wheel over an item; upwards is positive."""
        QTest.wheelEvent(self.view, QPointF(self._place(name)), QPoint(0, 120 * notches))

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key."""
        QTest.keyClick(self.view, key, modifiers)

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        for letter in text:
            QTest.keyClick(self.view, letter)  # type: ignore[call-overload] # the stubs know only key codes

    def open(self, name: str) -> None:
        """Open the chat with somebody; once more, if another row has just moved to where theirs was."""
        conversation = self.window.conversation
        for _ in range(3):
            self.click(f"row:{name}")
            self.until(lambda: bool(conversation.property("chat")) and bool(conversation.property("loaded")))
            if self.partner() == name:
                break

    def partner(self) -> str:
        """Whom the open chat is with."""
        return str(self.find("partner").property("text"))

    def say(self, text: str) -> None:
        """Type and send."""
        self.click("composer")
        self.type(text)
        self.press(Qt.Key.Key_Return)

    def close(self) -> None:
        """Close the window."""
        self.view.close()
        self.window.close()
