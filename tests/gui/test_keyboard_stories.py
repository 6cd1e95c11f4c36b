"""Alice uses the window with the keyboard alone, with writing as large as she needs it, and from right to left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtQuick import QQuickItem

from tests.gui.conftest import Neighbourhood, all_is_read
from tests.gui.screen import Screen

Open = Callable[..., Screen]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Bob and Carol are contacts; Dave asks to be one, and Eve is nearby."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    neighbourhood.do(lambda node: [node.meet(name, online=True) for name in ("Dave", "Eve")])
    neighbourhood.do(lambda node: [node.arrive(who, "Hello") for who in ("Carol", "Bob", "Dave")])
    neighbourhood.do(all_is_read)
    return neighbourhood


def focused(screen: Screen) -> str:
    """The objectName of what has the keyboard."""
    return str(screen.view.activeFocusItem().objectName())


def points_at(screen: Screen, name: str) -> None:
    """Wait until the arrow keys have come to somebody's line."""
    screen.until(lambda: bool(screen.find(f"row:{name}").property("pointed")))


def told(item: QQuickItem) -> bool:
    """Whether a screen reader hears that `item` is where the user is."""
    return bool(QAccessible.queryAccessibleInterface(item).state().focused)


def test_tab_goes_through_the_window_and_writes_nothing(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.until(lambda: focused(screen) == "composer")
    screen.type("Hi")
    seen: list[str] = []
    while not seen or seen[-1] != "composer":
        screen.press(Qt.Key.Key_Tab)
        seen.append(focused(screen))
        assert len(seen) < 40
    assert {"send", "own", "rooms", "add", "search", "row:Bob", "who", "more", "chatMenu", "timeline"} <= set(seen)
    back: list[str] = []
    while not back or back[-1] != "composer":
        screen.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        back.append(focused(screen))
        assert len(back) < 40
    assert {"timeline", "chatMenu", "search", "add", "own"} <= set(back)
    assert screen.find("composer").property("text") == "Hi"


def test_enter_presses_the_button_that_has_the_keyboard(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.find("more").forceActiveFocus(Qt.FocusReason.TabFocusReason)
    screen.press(Qt.Key.Key_Return)
    screen.find("closePanel")
    screen.until(lambda: focused(screen) == "closePanel")
    screen.press(Qt.Key.Key_Enter)
    screen.gone("closePanel")


def test_the_arrow_keys_reach_every_line_of_the_list(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.find("row:Bob")
    screen.press(Qt.Key.Key_K, CTRL)
    for name in ("Dave", "Bob", "Carol", "Eve"):  # a request, two chats, a stranger
        screen.press(Qt.Key.Key_Down)
        points_at(screen, name)
        assert told(screen.find(f"row:{name}"))
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.partner() == "Eve")
    screen.press(Qt.Key.Key_K, CTRL)
    screen.type("ar")
    points_at(screen, "Carol")  # what Enter would open
    screen.press(Qt.Key.Key_Tab)
    screen.until(lambda: focused(screen) == "row:Carol")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.partner() == "Carol")
    screen.find("row:Bob")  # the search is over


def test_at_the_end_the_last_message_is_whole_and_nothing_lies_on_it(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: [node.arrive("Bob", f"number {i}") for i in range(60)])
    office.do(all_is_read)
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("number 59")
    screen.press(Qt.Key.Key_F6)
    screen.press(Qt.Key.Key_F6)
    screen.until(lambda: focused(screen) == "timeline")
    screen.press(Qt.Key.Key_Up)
    assert screen.bubble("number 59").property("current")
    assert screen.maybe("jump") is None


def test_signs_and_pictures_grow_with_the_writing(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1600, 900))
    screen.open("Bob")
    before = {name: screen.find(name).height() for name in ("add", "chatMenu", "send", "row:Bob")}
    screen.window.looks.resize(200)
    screen.until(lambda: screen.find("add").height() == 2 * before["add"])
    for name, height in before.items():
        assert screen.find(name).height() == pytest.approx(2 * height, abs=2), name


def test_from_right_to_left_nothing_is_shortened_that_has_room(
    office: Neighbourhood, open_window: Open, qapp: QGuiApplication
) -> None:
    office.do(lambda node: node.gather("Lunch", "Bob", "Carol"))
    office.do(lambda node: node.tells("Lunch", "Bob", "Soup?"))
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        screen = open_window(office.profile)
        screen.open("Lunch")
        screen.until(lambda: screen.find("presence").property("text") == "3 people, 2 online")
        assert not screen.find("presence").property("truncated")
        assert screen.find("who").mapToScene(screen.find("who").boundingRect().center()).x() > 400
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_a_request_can_be_answered_in_a_window_that_is_too_low_for_it(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(420, 480))
    screen.window.looks.resize(160)
    screen.click("row:Dave")
    place = screen.find("requestPlace")
    assert place.mapToScene(place.boundingRect().topLeft()).y() >= screen.find("who").height()
    assert place.property("contentHeight") > place.height()
    for name in ("block", "accept"):
        place.setProperty("contentY", place.property("contentHeight") - place.height())
        bottom = screen.find(name).mapToScene(screen.find(name).boundingRect().bottomLeft()).y()
        assert bottom <= screen.view.height(), name
    screen.click("accept")
    screen.gone("requestPlace")


def test_keys_go_to_a_chat_by_its_place_and_to_the_next_unread_one(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.until(lambda: screen.window.roster.nth(2) != "")
    for key, name in ((Qt.Key.Key_2, "Carol"), (Qt.Key.Key_1, "Bob")):
        screen.press(key, CTRL)
        screen.until(lambda: screen.partner() == name)  # noqa: B023 -- awaited here
    screen.press(Qt.Key.Key_9, CTRL)  # there are not so many
    office.do(lambda node: node.meet("Fred", relation="contact", accepted_by_them=True))
    office.do(lambda node: [node.arrive(who, "Are you there?") for who in ("Fred", "Carol")])
    screen.until(lambda: screen.find("row:Carol").property("unread") == 1)
    down = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    gone_to = set()
    for _ in range(2):
        unread = screen.window.roster.next_unread(screen.window.conversation.property("chat"), 1)
        screen.press(Qt.Key.Key_Down, down)
        screen.until(lambda: screen.window.conversation.property("chat") == unread)  # noqa: B023 -- awaited here
        gone_to.add(screen.partner())
        screen.until(lambda: screen.find(f"row:{screen.partner()}").property("unread") == 0)
    assert gone_to == {"Fred", "Carol"}
    screen.press(Qt.Key.Key_Down, down)  # nothing is unread any more
    assert screen.partner() in gone_to


def test_the_keys_are_listed(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.press(Qt.Key.Key_Slash, CTRL)
    screen.sees("Previous and next unread chat")
    screen.press(Qt.Key.Key_Escape)
    screen.until(lambda: "Previous and next unread chat" not in screen.texts())
    assert screen.partner() == "Bob"


def test_the_keys_of_the_list_do_what_it_says(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    looks = screen.window.looks
    screen.open("Bob")
    for key, other in ((Qt.Key.Key_Down, Qt.Key.Key_Up), (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)):
        modifier = CTRL if key == Qt.Key.Key_Tab else Qt.KeyboardModifier.AltModifier
        shift = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_Tab else Qt.KeyboardModifier.NoModifier
        screen.press(key, modifier)
        screen.until(lambda: screen.partner() == "Carol")
        screen.press(other, modifier | shift)
        screen.until(lambda: screen.partner() == "Bob")
    for key, scale in ((Qt.Key.Key_Plus, 110), (Qt.Key.Key_Equal, 120), (Qt.Key.Key_Minus, 110), (Qt.Key.Key_0, 100)):
        screen.press(key, CTRL)
        assert looks.property("scale") == scale
    screen.press(Qt.Key.Key_Comma, CTRL)
    screen.find("closePanel")
    screen.press(Qt.Key.Key_Escape)
    screen.gone("closePanel")


def test_what_failed_is_said_for_a_moment(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.window.connection.failed.emit("It did not work")
    screen.sees("It did not work")
    screen.window.care.said.emit("It is kept")
    screen.sees("It is kept")


def test_a_key_closes_the_window(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.press(Qt.Key.Key_Q, CTRL)
    screen.until(lambda: not screen.view.isVisible())
