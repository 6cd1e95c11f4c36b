"""What people say of themselves, at Alice's window: faces, departments, how they are; and what she says herself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAccessible, QColor, QGuiApplication

from p2pdm.api.types import Picture
from p2pdm_gui.faces import LARGEST, decoded, rounded
from p2pdm_gui.idle import IDLE_AFTER
from p2pdm_gui.portrait import MAX_BYTES, WIDTH, portrait
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_node import MemoryNode
from tests.gui.conftest import Neighbourhood
from tests.gui.paint import painted
from tests.gui.screen import Screen

Open = Callable[..., Screen]


@pytest.fixture
def office(neighbourhood: Neighbourhood, tmp_path: Path) -> Neighbourhood:
    """Bob is a contact with a face, and busy; Carol is one who is away from her desk; Dave has left."""
    face = portrait(str(painted(tmp_path / "bob.png")))

    def move_in(node: MemoryNode) -> None:
        bob = node.meet("Bob", relation="contact", online=True, accepted_by_them=True)
        node.pictures[bob.id] = face
        work = {"department": "Human Resources", "role": "Head", "picture": fake_id("face")}
        node.says_of_themselves("Bob", status="busy", status_text="In a meeting", **work)
        node.meet("Carol", relation="contact", online=True, accepted_by_them=True, status="away")
        node.meet("Dave", relation="contact", accepted_by_them=True)

    neighbourhood.do(move_in)
    return neighbourhood


def name_of(screen: Screen, item: str) -> str:
    """What a screen reader says."""
    return str(QAccessible.queryAccessibleInterface(screen.find(item)).text(QAccessible.Text.Name))


def middle(screen: Screen, item: str, across: float = 0.5) -> QColor:
    """A colour in the window: of the middle of an item's height, so far across it."""
    found = screen.find(item)
    place = found.mapToScene(found.boundingRect().center()).toPoint()
    left = found.mapToScene(found.boundingRect().topLeft()).toPoint()
    return screen.view.grabWindow().pixelColor(int(left.x() + found.width() * across), place.y())


def is_bobs_face(colour: QColor) -> bool:
    return abs(colour.red() - 0xC0) + abs(colour.green() - 0x40) + abs(colour.blue() - 0x80) < 20


def test_bobs_face_stands_where_his_initials_would_and_his_panel_says_what_he_does(
    office: Neighbourhood, open_window: Open
) -> None:
    screen = open_window(office.profile)
    screen.until(lambda: is_bobs_face(middle(screen, "face")))
    screen.open("Bob")
    screen.click("who")
    screen.until(lambda: screen.find("work").property("text") == "Head, Human Resources")
    assert screen.find("cardPresence").property("text") == "busy · In a meeting"
    assert "BO" not in screen.texts()
    office.do(lambda node: node.says_of_themselves("Bob", picture="", role="", kind="bot"))
    screen.until(lambda: screen.find("work").property("text") == "Bot, Human Resources")
    screen.gone("face")


def test_how_people_are_is_said_in_words_too_and_at_once(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.until(lambda: name_of(screen, "row:Bob").startswith("Bob, busy · In a meeting"))
    assert name_of(screen, "row:Carol").startswith("Carol, away")
    assert name_of(screen, "row:Dave").startswith("Dave, No messages")
    shown = {name: screen.find(f"row:{name}").property("status") for name in ("Bob", "Carol", "Dave")}
    assert shown == {"Bob": "busy", "Carol": "away", "Dave": ""}
    screen.open("Bob")
    assert screen.find("presence").property("text") == "busy · In a meeting"
    assert name_of(screen, "who") == "Bob, busy · In a meeting"
    office.do(lambda node: node.says_of_themselves("Bob", status="do_not_disturb", status_text=""))
    screen.until(lambda: screen.find("presence").property("text") == "do not disturb")
    office.do(lambda node: node.come("Bob", online=False))
    screen.until(lambda: screen.find("presence").property("text") == "offline")


def test_alice_says_what_she_does_and_how_she_is(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1200, 1900))
    screen.click("own")
    for field, words in (("role", "Caretaker"), ("department", "Facility"), ("statusText", "On the roof")):
        screen.click(field)
        screen.type(words)
        screen.press(Qt.Key.Key_Return)
    screen.click("status:do_not_disturb")
    screen.until(lambda: office.node.own.status == "do_not_disturb")
    own = office.node.own
    assert (own.role, own.department, own.status_text) == ("Caretaker", "Facility", "On the roof")
    screen.until(lambda: name_of(screen, "own") == "You, Alice, do not disturb: your profile")
    assert name_of(screen, "status:do_not_disturb") == "Do not disturb"


def test_what_alice_is_writing_in_her_profile_is_not_lost_when_something_else_happens(
    office: Neighbourhood, open_window: Open
) -> None:
    screen = open_window(office.profile, size=(1200, 1900))
    screen.click("own")
    screen.click("role")
    screen.type("Careta")
    office.do(lambda node: node._note("profile"))
    screen.qtbot.wait(300)
    screen.type("ker")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: office.node.own.role == "Caretaker")


def test_alice_keeps_to_herself_what_she_likes(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1200, 1900))
    screen.click("own")
    for switch in ("receipts", "typing", "presence"):
        screen.until(lambda: screen.find(switch).property("on") is True)  # noqa: B023 -- waited for here
        screen.click(switch)
        screen.until(lambda: screen.find(switch).property("on") is False)  # noqa: B023
    switches = office.node.switches
    assert (switches.receipts, switches.typing, switches.presence) == (False, False, False)
    screen.sees("Nobody sees it while your presence is hidden")
    screen.until(lambda: name_of(screen, "own") == "You, Alice: your profile")
    screen.click("presence")
    screen.until(lambda: office.node.switches.presence)


def test_alice_shows_a_picture_and_takes_it_away(office: Neighbourhood, open_window: Open, tmp_path: Path) -> None:
    screen = open_window(office.profile, size=(1200, 1900))
    screen.click("own")
    assert screen.maybe("hidePicture") is None
    screen.window.oneself.show_picture(QUrl.fromLocalFile(str(painted(tmp_path / "me.png", 4_000, 3_000))))
    screen.until(lambda: office.node.own.picture != "")
    assert len(office.node.pictures[fake_id("me")]) <= MAX_BYTES
    screen.click("hidePicture")
    screen.until(lambda: office.node.own.picture == "")
    screen.gone("hidePicture")
    words = tmp_path / "words.png"
    words.write_text("no picture")
    screen.window.oneself.show_picture(QUrl.fromLocalFile(str(words)))
    screen.sees("This file is no picture that can be shown")


def falls_idle(screen: Screen, office: Neighbourhood) -> None:
    """Nothing is done at the window for long enough."""
    screen.window.idle._quiet.start(50)
    screen.until(lambda: office.node.own.idle)
    screen.window.idle._quiet.setInterval(IDLE_AFTER)


def test_alice_is_away_after_a_while_without_a_key_and_back_with_the_first(
    office: Neighbourhood, open_window: Open
) -> None:
    screen = open_window(office.profile)
    screen.find("row:Bob")
    assert not office.node.own.idle
    ways: list[Callable[[], None]] = [lambda: screen.press(Qt.Key.Key_X), lambda: screen.point_at("row:Bob")]
    for come_back in ways:
        falls_idle(screen, office)
        come_back()
        screen.until(lambda: not office.node.own.idle)
    falls_idle(screen, office)
    screen.until(lambda: name_of(screen, "own") == "You, Alice, away: your profile")
    office.stop()
    screen.until(lambda: screen.window.connection.property("online") is False)
    office.do(lambda node: node._says(idle=False))
    office.start()
    screen.until(lambda: office.node.own.idle)
    screen.press(Qt.Key.Key_F6)
    screen.until(lambda: not office.node.own.idle)
    screen.until(lambda: name_of(screen, "own") == "You, Alice, online: your profile")


def test_the_node_hears_now_and_then_that_alice_only_reads(
    office: Neighbourhood, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = open_window(office.profile)
    screen.find("row:Bob")
    monkeypatch.setattr("p2pdm_gui.idle.STILL_HERE", 1)
    office.do(lambda node: node._says(idle=True))  # as only a word of hers takes back
    screen.until(lambda: office.node.own.idle)
    screen.until(lambda: screen.window.idle._told.hasExpired(1))
    screen.press(Qt.Key.Key_F6)
    screen.until(lambda: not office.node.own.idle)


# Pictures


@pytest.mark.parametrize("shape", [(2_000, 1_500), (300, 2_000), (16, 16)])
def test_a_picture_is_made_as_small_as_a_node_takes(
    qapp: QGuiApplication, tmp_path: Path, shape: tuple[int, int]
) -> None:
    made = portrait(str(painted(tmp_path / "noise.png", *shape, noisy=True)))
    assert 0 < len(made) <= MAX_BYTES
    image = decoded(Picture("p", "image/jpeg", made))
    assert (image.width(), image.height()) == (WIDTH, WIDTH)


def test_what_is_no_picture_makes_none(qapp: QGuiApplication, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    assert portrait(str(tmp_path / "words.png")) == portrait(str(tmp_path / "missing")) == portrait("") == b""


def test_only_what_was_made_to_be_a_face_is_decoded(qapp: QGuiApplication, tmp_path: Path) -> None:
    fits = painted(tmp_path / "fits.png", LARGEST, 10).read_bytes()
    assert not decoded(Picture("p", "image/png", fits)).isNull()
    bomb = painted(tmp_path / "bomb.png", LARGEST + 1, LARGEST + 1).read_bytes()
    assert len(bomb) < MAX_BYTES
    assert decoded(Picture("p", "image/png", bomb)).isNull()
    assert decoded(Picture("p", "image/png", fits[:40])).isNull()
    assert decoded(Picture("p", "image/webp", b"RIFF\x10\0\0\0WEBPVP8 ")).isNull()
    disc = rounded(decoded(Picture("p", "image/png", fits)), 40)
    assert (disc.pixelColor(0, 0).alpha(), disc.pixelColor(20, 20).alpha()) == (0, 255)
