"""Alice locks her window, or it locks itself; nobody sees anything of her chats until she unlocks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from tests.gui.conftest import Neighbourhood
from tests.gui.screen import Screen

Open = Callable[..., Screen]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Bob is a contact; a passphrase is set."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    neighbourhood.do(lambda node: node.arrive("Bob", "A secret"))
    neighbourhood.do(lambda node: node._spawn(node.set_lock("open sesame")))
    return neighbourhood


def told(screen: Screen) -> list[str]:
    """What can be read of people and what they said, or chosen to be done with them."""
    names = ("Bob", "Carol", "Alice", "secret")
    written = [text for text in screen.texts() if any(name in text for name in names)]
    return written + [item.objectName() for item in screen.items() if item.objectName().startswith(("menu:", "chat:"))]


def is_covered(screen: Screen) -> None:
    """Nothing is seen or found but the question for the passphrase."""
    screen.find("passphrase")
    screen.until(lambda: told(screen) == [])  # menus close in the next turn
    assert (screen.view.title(), screen.maybe("chats"), screen.maybe("composer")) == ("p2pdm", None, None)


def unlocks(screen: Screen, passphrase: str) -> None:
    """Type the passphrase; the field has the focus."""
    screen.find("passphrase")
    screen.press(Qt.Key.Key_A, CTRL)
    screen.type(passphrase)
    screen.press(Qt.Key.Key_Return)


def test_a_node_that_starts_locked_shows_nothing_until_the_passphrase(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.falls_idle())
    screen = open_window(office.profile)
    screen.find("passphrase")
    is_covered(screen)
    unlocks(screen, "sesame")
    screen.sees("This is not the passphrase of the lock.")
    is_covered(screen)
    unlocks(screen, "open sesame")
    screen.gone("passphrase")
    screen.open("Bob")
    screen.bubble("A secret")


def test_what_comes_while_it_is_locked_is_there_afterwards(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("A secret")
    screen.click("composer")
    screen.type("I am")
    screen.click_right("bubble:A secret")
    screen.click("menu:forward")
    screen.find("forward:Carol")
    office.do(lambda node: node.falls_idle())
    is_covered(screen)  # with all that was open before
    office.do(lambda node: node.arrive("Bob", "Another secret"))
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Comma, Qt.Key.Key_K, Qt.Key.Key_N):
        screen.press(key, Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_Escape else CTRL)
    screen.qtbot.wait(100)
    is_covered(screen)
    assert screen.view.property("panel") == ""
    unlocks(screen, "open sesame")
    screen.gone("passphrase")
    screen.bubble("Another secret")
    assert screen.find("composer").property("text") == "I am"


def test_no_menu_stays_open_over_the_lock(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    for at in ("row:Bob", "bubble:A secret"):
        screen.click_right(at)
        screen.until(lambda: any(item.objectName().endswith(":delete") for item in screen.items()))
        office.do(lambda node: node.falls_idle())
        is_covered(screen)
        unlocks(screen, "open sesame")
        screen.gone("passphrase")
    screen.click("chatMenu")
    screen.click("chat:delete")
    screen.sees("Bob keeps theirs")
    office.do(lambda node: node.falls_idle())
    is_covered(screen)


def test_alice_locks_it_herself(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.click("lock")
    is_covered(screen)
    unlocks(screen, "open sesame")
    screen.gone("passphrase")
    screen.find("row:Bob")
    screen.press(Qt.Key.Key_L, CTRL)
    is_covered(screen)
    assert office.node.locked
    screen.press(Qt.Key.Key_Q, CTRL)
    screen.until(lambda: not screen.view.isVisible())


def test_it_stays_covered_while_the_node_restarts(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.find("row:Bob")
    office.do(lambda node: node.falls_idle())
    screen.find("passphrase")
    screen.window.connection.absent.disconnect()
    office.stop()
    screen.until(lambda: screen.window.connection.property("online") is False)
    is_covered(screen)
    office.start()
    screen.until(lambda: screen.window.connection.property("online") is True)
    unlocks(screen, "open sesame")
    screen.gone("passphrase")
    screen.find("row:Bob")


def test_a_passphrase_is_set_with_its_minutes_and_taken_away(neighbourhood: Neighbourhood, open_window: Open) -> None:
    screen = open_window(neighbourhood.profile, size=(1200, 1400))
    screen.click("own")
    assert screen.maybe("lock") is None
    screen.click("lockSet")
    screen.type("open sesame")
    screen.press(Qt.Key.Key_Return)
    screen.type("open sesam")
    screen.sees("These two differ.")
    screen.press(Qt.Key.Key_Return)
    screen.type("e")
    screen.press(Qt.Key.Key_Return)
    screen.find("lockNow")
    screen.find("lock")
    assert neighbourhood.node.passphrase == "open sesame"
    screen.click("lockIdle")
    screen.click("option:30 minutes")
    screen.until(lambda: screen.find("lockIdle").property("text") == "By itself: after 30 minutes")
    assert neighbourhood.node.idle_minutes == 30
    screen.click("lockRemove")
    screen.type("open sesam")
    screen.press(Qt.Key.Key_Return)
    screen.sees("This is not the passphrase of the lock.")
    assert neighbourhood.node.passphrase == "open sesame"
    screen.type("e")
    screen.press(Qt.Key.Key_Return)
    screen.gone("lock")
    assert neighbourhood.node.passphrase == ""


def test_another_passphrase_takes_the_one_until_now(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1200, 1400))
    screen.click("own")
    screen.click("lockSet")
    for given in ("open sesam", "mine now", "mine now"):
        screen.type(given)
        screen.press(Qt.Key.Key_Return)
    screen.sees("This is not the passphrase of the lock.")
    assert office.node.passphrase == "open sesame"
    screen.click("oldPassphrase")
    screen.press(Qt.Key.Key_A, CTRL)
    screen.type("open sesame")
    for _ in range(3):
        screen.press(Qt.Key.Key_Return)
    screen.gone("oldPassphrase")
    assert office.node.passphrase == "mine now"


def test_a_lock_that_is_set_elsewhere_is_there_at_once(neighbourhood: Neighbourhood, open_window: Open) -> None:
    screen = open_window(neighbourhood.profile)
    screen.find("own")
    assert screen.maybe("lock") is None
    neighbourhood.do(lambda node: node._spawn(node.set_lock("open sesame")))
    screen.find("lock")
    screen.press(Qt.Key.Key_L, CTRL)
    is_covered(screen)
    unlocks(screen, "open sesame")
    screen.gone("passphrase")
    neighbourhood.do(lambda node: node._spawn(node.set_lock("", old="open sesame")))
    screen.gone("lock")
