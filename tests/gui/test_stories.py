"""Alice at her window; who else is there lives in a node in memory, behind a real socket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication

from tests.fakes.memory_node import MemoryNode
from tests.gui.conftest import Neighbourhood, all_is_read
from tests.gui.screen import Screen

Open = Callable[..., Screen]


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Bob is a contact and online, Carol one who is away, Dave a stranger nearby."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Dave", online=True))
    return neighbourhood


def test_alice_sees_what_is_unread_and_reading_it_takes_the_badge_away(
    office: Neighbourhood, open_window: Open
) -> None:
    office.do(lambda node: [node.arrive("Bob", text) for text in ("Are you there?", "Lunch at noon")])
    screen = open_window(office.profile)
    row = screen.find("row:Bob")
    screen.until(lambda: row.property("unread") == 2)
    screen.sees("Lunch at noon")
    assert screen.view.title() == "(2) p2pdm"
    screen.open("Bob")
    screen.until(lambda: screen.bubbles() == ["Are you there?", "Lunch at noon"])
    screen.sees("New messages")
    screen.until(lambda: screen.find("row:Bob").property("unread") == 0)
    assert all(not message.unread for message in office.node.said)
    assert screen.view.title() == "p2pdm"


def test_what_alice_sends_appears_with_its_state_and_the_state_moves_on(
    office: Neighbourhood, open_window: Open
) -> None:
    screen = open_window(office.profile)
    screen.open("Carol")
    screen.say("Your parcel is here")
    assert screen.bubble("Your parcel is here").property("stage") == "waiting"
    screen.sees("Waiting: Carol is offline")
    assert screen.find("composer").property("text") == ""
    sent = office.node.said[-1]
    for state, words in (
        ("sent", "Sent"),
        ("delivered", "Delivered"),
        ("read", "Read"),
        ("failed", "Not sent: no room"),
    ):
        why = "no room" if state == "failed" else ""
        office.do(partial(MemoryNode.advance, id=sent.id, state=state, why=why))
        screen.sees(words)
        assert screen.bubble("Your parcel is here").property("stage") == state


def test_shift_enter_begins_a_line_and_enter_on_nothing_sends_nothing(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.click("composer")
    low = screen.find("composer").height()
    screen.type("one")
    screen.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    screen.type("two")
    assert screen.find("composer").property("text") == "one\ntwo"
    assert screen.find("composer").height() > low
    screen.press(Qt.Key.Key_Return)
    screen.bubble("one\ntwo")
    screen.type("  ")
    screen.press(Qt.Key.Key_Return)
    screen.say("three")
    screen.bubble("three")
    assert [message.text for message in office.node.said] == ["one\ntwo", "three"]


def test_a_request_is_held_apart_until_alice_accepts(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Dave", "Hello, I am new here"))
    screen = open_window(office.profile)
    screen.sees("Requests")
    screen.click("row:Dave")
    screen.sees("Dave would like to write to you")
    assert screen.maybe("composer") is None
    screen.click("accept")
    screen.bubble("Hello, I am new here")
    screen.say("Welcome")
    screen.bubble("Welcome")
    assert "Requests" not in screen.texts()


def test_a_declined_request_goes_and_a_blocked_person_can_be_found_and_unblocked(
    office: Neighbourhood, open_window: Open
) -> None:
    office.do(lambda node: node.arrive("Dave", "Buy now!"))
    office.do(lambda node: node.arrive(node.meet("Eve", online=True).id, "Hi"))
    screen = open_window(office.profile)
    screen.click("decline:Eve")
    screen.until(lambda: screen.find("row:Eve").property("section") == "Nearby")
    screen.click("row:Dave")
    screen.click("block")
    screen.gone("row:Dave")
    screen.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    screen.type("dav")
    assert screen.find("row:Dave").property("section") == "Blocked"
    screen.gone("row:Bob")
    screen.click("row:Dave")
    screen.sees("You have blocked Dave.")
    screen.press(Qt.Key.Key_Escape)
    screen.find("row:Bob")


def test_typing_is_shown_while_it_lasts(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.until(lambda: screen.find("presence").property("text") == "online")
    office.do(lambda node: node.types("Bob"))
    screen.until(lambda: screen.find("presence").property("text") == "typing")
    screen.until(lambda: bool(screen.find("row:Bob").property("typing")))
    office.do(lambda node: node.types("Bob", on=False))
    screen.until(lambda: screen.find("presence").property("text") == "online")
    office.do(lambda node: node.come("Bob", online=False))
    screen.until(lambda: screen.find("presence").property("text") == "offline")


def test_a_draft_stays_with_its_chat(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: [node.arrive(name, "Hi") for name in ("Carol", "Bob")])
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.type("not yet")  # the composer has the focus when a chat opens
    screen.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    screen.until(lambda: screen.partner() == "Carol")
    assert screen.find("composer").property("text") == ""
    screen.sees("Draft: not yet")
    screen.press(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    screen.until(lambda: screen.find("composer").property("text") == "not yet")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("not yet")
    assert office.node.said[-1].text == "not yet"


def test_the_window_says_that_the_node_has_gone_and_finds_it_again(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "before"))
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("before")
    screen.window.connection.absent.disconnect()  # nobody starts another one here
    office.stop()
    screen.find("gone")
    screen.say("into the void")
    screen.until(lambda: screen.find("composer").property("text") == "into the void")
    office.do(lambda node: node.arrive("Bob", "meanwhile"))
    office.start()
    screen.gone("gone")
    screen.bubble("meanwhile")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("into the void")
    assert [message.text for message in office.node.said] == ["before", "meanwhile", "into the void"]


def test_who_reads_further_up_keeps_the_place_and_is_told_what_is_new(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: [node.arrive("Bob", f"number {i}") for i in range(300)])
    office.do(all_is_read)
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("number 299")
    timeline = screen.find("timeline")
    end = timeline.property("contentY")
    screen.roll("timeline", 1)
    screen.qtbot.wait(50)
    assert 60 <= end - timeline.property("contentY") <= 120
    screen.find("jump")
    screen.roll("timeline", -2)
    screen.gone("jump")
    screen.press(Qt.Key.Key_F6)
    screen.press(Qt.Key.Key_F6)
    for _ in range(40):
        screen.press(Qt.Key.Key_PageUp)
        screen.qtbot.wait(5)
    screen.bubble("number 0")
    assert timeline.property("count") == 300
    for _ in range(3):
        screen.press(Qt.Key.Key_PageDown)
    seen = screen.bubbles()[2]
    place = screen.bubble(seen).mapToScene(QPointF(0, 0)).y()
    office.do(lambda node: [node.arrive("Bob", f"new {i}") for i in range(3)])
    screen.until(lambda: screen.find("fresh").property("text") in (3, "3"))
    assert screen.bubble(seen).mapToScene(QPointF(0, 0)).y() == place
    assert office.node.said[-1].unread
    screen.click("jump")
    screen.bubble("new 2")
    screen.gone("jump")
    screen.until(lambda: not office.node.said[-1].unread)


def test_going_from_a_long_chat_to_another_shows_nothing_of_the_long_one(
    office: Neighbourhood, open_window: Open
) -> None:
    office.do(lambda node: [node.arrive("Bob", f"Bob says {i}") for i in range(60)])
    office.do(lambda node: [node.arrive("Carol", f"Carol says {i}") for i in range(3)])
    office.do(all_is_read)
    screen = open_window(office.profile)
    for _ in range(2):
        screen.open("Bob")
        screen.until(lambda: "Bob says 59" in screen.bubbles())
        screen.open("Carol")
        screen.until(lambda: screen.bubbles() == [f"Carol says {i}" for i in range(3)])


def test_a_chat_opens_at_its_first_unread_message(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: [node.arrive("Bob", f"old {i}") for i in range(30)])
    office.do(all_is_read)
    office.do(lambda node: [node.arrive("Bob", f"new {i}") for i in range(80)])
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.sees("New messages")
    assert screen.bubbles()[0] in ("old 29", "new 0")
    assert office.node.said[-1].unread
    screen.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    screen.bubble("new 79")
    screen.until(lambda: not office.node.said[-1].unread)


def test_markup_from_a_peer_is_only_text_and_links_open_what_they_show(
    office: Neighbourhood, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "p2pdm_gui.conversation.QDesktopServices", SimpleNamespace(openUrl=lambda url: opened.append(url.toString()))
    )
    evil = '<b>bold</b> <img src="http://evil/x.png"> <a href="http://evil">bank</a>'
    office.do(lambda node: node.arrive("Bob", evil))
    office.do(lambda node: node.arrive("Bob", "see https://example.org/a?b=1&c=<2 now"))
    screen = open_window(office.profile)
    screen.open("Bob")
    bubble = screen.bubble(evil)
    assert bubble.property("markup").count("<a ") == bubble.property("markup").count('<a href="')
    assert "<img" not in bubble.property("markup")
    link = screen.bubble("see https://example.org/a?b=1&c=<2 now")
    screen.window.conversation.follow_link(link.property("key"), 0)
    screen.window.conversation.follow_link(link.property("key"), 7)
    assert opened == ["https://example.org/a?b=1&c="]


def test_they_match_and_it_stays_so(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.click("more")
    screen.click("match")
    screen.find("verified")
    screen.click("closePanel")
    screen.gone("verified")
    screen.click("who")
    screen.find("verified")
    assert next(person for person in office.node.known.values() if person.name == "Bob").verified


def test_alice_names_blocks_and_forgets_people(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Hi"))
    screen = open_window(office.profile, size=(1200, 1000))
    screen.open("Bob")
    screen.click("more")
    screen.click("nickname")
    screen.type("Bobby")
    screen.press(Qt.Key.Key_Return)
    screen.find("row:Bobby")
    screen.sees("calls themselves Bob")
    screen.click("ask")
    screen.sees("can't be brought back")
    screen.click("sure")
    screen.gone("row:Bobby")
    screen.sees("Nothing is open")
    assert [message.text for message in office.node.said] == []


def test_two_of_one_name_are_shown_loudly(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.meet("Bob", online=True))
    screen = open_window(office.profile)
    screen.until(lambda: screen.texts().count("Bob") == 2)
    screen.open("Bob")
    screen.sees("Somebody else here is called Bob too.")


def test_an_invitation_is_pasted_and_a_wrong_one_explained(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    screen.find("new:person")
    screen.press(Qt.Key.Key_Return)
    screen.find("link")
    screen.type("hello")
    screen.press(Qt.Key.Key_Return)
    screen.sees("An invitation begins with p2pdm:")
    QGuiApplication.clipboard().setText("p2pdm:abcdefgh?a=10.0.0.7:53530")
    screen.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    screen.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    screen.click("join")
    screen.until(lambda: screen.partner() == "Newcomer")
    screen.find("composer")


def test_alice_changes_her_name_and_how_it_looks(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1200, 1900))
    screen.click("own")
    screen.click("ownName")
    screen.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    screen.type("Alicia")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.find("own").property("name") == "Alicia")
    assert office.node.name == "Alicia"
    light = screen.view.grabWindow().pixelColor(5, 300).lightness()
    screen.click("choice:dark")
    screen.until(lambda: screen.view.grabWindow().pixelColor(5, 300).lightness() < light - 100)


def test_in_a_small_window_one_thing_is_seen_at_a_time(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(420, 640))
    screen.open("Bob")
    screen.gone("row:Bob")
    screen.say("hi")
    screen.bubble("hi")
    screen.click("back")
    screen.find("row:Bob")
    assert screen.maybe("composer") is None


def test_nobody_is_there_yet(neighbourhood: Neighbourhood, open_window: Open) -> None:
    screen = open_window(neighbourhood.profile)
    screen.sees("Nobody else is here yet")
    screen.sees("./run demo")
    neighbourhood.do(lambda node: node.meet("Bob", online=True))
    screen.find("row:Bob")
    screen.sees("Nearby on this network")


def test_a_screen_reader_is_told_who_said_what(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Lunch?"))
    screen = open_window(office.profile)
    screen.open("Bob")
    said = QAccessible.queryAccessibleInterface(screen.bubble("Lunch?")).text(QAccessible.Text.Name)
    assert said.startswith("Bob, ")
    assert said.endswith(": Lunch?")
    for name in ("composer", "send", "more", "add", "own", "search", "row:Bob"):
        interface = QAccessible.queryAccessibleInterface(screen.find(name))
        assert interface.text(QAccessible.Text.Name), f"{name} has no name"


def test_nothing_is_drawn_while_nothing_happens(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Hi"))
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("Hi")
    screen.press(Qt.Key.Key_F6)  # away from the composer: its cursor blinks
    screen.press(Qt.Key.Key_F6)
    screen.qtbot.wait(800)
    drawn: list[int] = []
    screen.view.frameSwapped.connect(lambda: drawn.append(1))
    screen.qtbot.wait(600)
    assert len(drawn) == 0
