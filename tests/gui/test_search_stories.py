"""Alice finds what was said, in whichever chat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickItem

from tests.fakes.memory_node import MemoryNode
from tests.gui.conftest import Neighbourhood, all_is_read
from tests.gui.screen import Screen

Open = Callable[..., Screen]


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Long ago, Bob said where the key is; much was said since, in a group too."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    neighbourhood.do(partial(MemoryNode.gather, name="Lunch"))
    neighbourhood.do(lambda node: node.arrive("Bob", "The spare key hangs\nbehind the *clock*"))
    neighbourhood.do(lambda node: [node.arrive("Bob", f"number {i}") for i in range(400)])
    neighbourhood.do(lambda node: node.tells("Lunch", "Carol", "Who has a spare umbrella?"))
    neighbourhood.do(lambda node: node.arrive("Carol", "Hello"))
    neighbourhood.do(all_is_read)
    return neighbourhood


def found(screen: Screen) -> list[tuple[str, str]]:
    """The messages that are listed: where they were said, and their lines."""
    rows = [item for item in screen.items() if item.objectName().startswith("row:") and item.property("message")]
    places = [(row.mapToScene(row.boundingRect().center()).y(), row) for row in rows]
    return [(row.property("name"), row.property("line")) for _, row in sorted(places, key=lambda place: place[0])]


def result(screen: Screen, chat: str) -> QQuickItem | None:
    """The line of a message that was found in a chat."""
    rows = (item for item in screen.items() if item.objectName() == f"row:{chat}" and item.property("message"))
    return next(rows, None)


def test_a_word_finds_messages_of_all_chats_and_a_click_goes_there(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Carol")
    screen.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    screen.type("spare")
    both = [("Lunch", "Carol: Who has a spare umbrella?"), ("Bob", "The spare key hangs behind the clock")]
    screen.until(lambda: found(screen) == both)
    screen.sees("Messages")
    screen.click_on(lambda: result(screen, "Bob"))
    screen.until(lambda: screen.partner() == "Bob")
    screen.until(lambda: bool(screen.bubble("The spare key hangs\nbehind the *clock*").property("pointed")))
    assert "The spare key hangs\nbehind the *clock*" in screen.bubbles()
    assert found(screen) == both  # for the next one
    screen.press(Qt.Key.Key_Escape)
    screen.until(lambda: found(screen) == [])


def test_what_is_taken_back_is_found_no_more_and_nothing_at_all_is_said_so(
    office: Neighbourhood, open_window: Open
) -> None:
    screen = open_window(office.profile)
    screen.find("row:Bob")
    screen.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    screen.type("umbr")
    screen.until(lambda: [name for name, _ in found(screen)] == ["Lunch"])
    screen.press(Qt.Key.Key_Down)  # past the chat, whose last message it is
    screen.press(Qt.Key.Key_Return)
    screen.bubble("Who has a spare umbrella?")
    (asked,) = [message.id for message in office.node.said if "umbrella" in message.text]
    office.do(lambda node: node.becomes(asked, text="", unsent=True))
    screen.until(lambda: found(screen) == [])
    screen.sees("No name and no message holds")
