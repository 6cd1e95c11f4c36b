"""Alice's drafts survive her window; what is deleted or set shows; who names her stands out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl

from tests.fakes.fake_ids import fake_id
from tests.gui.conftest import Neighbourhood
from tests.gui.screen import Screen

Open = Callable[..., Screen]
ME = fake_id("me")
BOBS = fake_id("chat" + fake_id("Bob"))


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Bob and Carol are contacts."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    return neighbourhood


def kept(office: Neighbourhood) -> list[str]:
    """The drafts that the node has."""
    return [text for text in office.do(lambda node: list(node.drafts.values())) if text]


def test_a_draft_is_there_again_in_another_window(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Hello"))
    screen = open_window(office.profile)
    for name, text in (("Bob", "Dear Bob"), ("Carol", "Dear Carol")):  # Carol: nothing was said yet
        screen.open(name)
        screen.click("composer")
        screen.type(text)
    screen.until(lambda: sorted(kept(office)) == ["Dear Bob", "Dear Carol"])
    screen = open_window(office.profile)
    screen.sees("Draft: Dear Bob")
    for name, text in (("Bob", "Dear Bob"), ("Carol", "Dear Carol")):
        screen.open(name)
        screen.until(lambda: screen.find("composer").property("text") == text)  # noqa: B023 -- awaited here


def test_what_was_sent_is_no_draft_any_more(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.click("composer")
    screen.type("Dear Bob")
    screen.until(lambda: kept(office) == ["Dear Bob"])
    screen.type("!")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("Dear Bob!")
    screen.until(lambda: kept(office) == [])


def test_a_deleted_message_leaves_and_an_answer_says_so(office: Neighbourhood, open_window: Open) -> None:
    question = office.do(lambda node: node.arrive("Bob", "Tea?"))
    answer = office.do(lambda node: node.arrive("Bob", "Or coffee?"))
    office.do(lambda node: node.becomes(answer.id, reply_to=question.id))
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("Tea?")
    office.do(lambda node: node._spawn(node.delete(question.id)))
    shown = screen.find("timeline")  # the list keeps what it showed at hand, so its count is looked at
    screen.until(lambda: shown.property("count") == 1)
    screen.until(lambda: screen.bubble("Or coffee?").property("quote_text") == "A message that was deleted here")
    office.do(lambda node: node._spawn(node.delete_chat("Bob")))
    screen.until(lambda: shown.property("count") == 0)


def test_who_names_alice_stands_out_and_a_setting_is_a_note(office: Neighbourhood, open_window: Open) -> None:
    message = office.do(lambda node: node.arrive("Bob", "ask @Alice"))
    office.do(lambda node: node.becomes(message.id, mentions=[ME], mention_places=[(4, 6)]))
    setting = office.do(lambda node: node.arrive("Bob", "set messages to disappear 1 day after reading"))
    office.do(lambda node: node.becomes(setting.id, expiry_set=86_400))
    screen = open_window(office.profile)
    screen.open("Bob")
    bubble = screen.bubble("ask @Alice")
    assert (bubble.property("named"), bubble.property("markup")) == (True, "ask <b>@Alice</b>")
    screen.bubble("Bob set messages to disappear 1 day after reading")
    screen.say("I answer @Bob")
    screen.bubble("I answer @Bob")
    assert office.do(lambda node: node.said[-1].mentions) == [fake_id("Bob")]


def at_menu(screen: Screen, entry: str) -> None:
    """Choose from the menu of the open chat."""
    screen.click("chatMenu")
    screen.click(entry)
    screen.gone(entry)


def test_a_chat_is_unread_again_and_stays_so(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Call me"))
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.until(lambda: screen.find("row:Bob").property("unread") == 0)
    at_menu(screen, "chat:unread")
    screen.sees("Nothing is open")  # open, it would be read at once
    screen.until(lambda: screen.find("row:Bob").property("unread") == 1)
    screen.click_right("row:Bob")
    assert screen.find("chat:unread").property("text") == "Mark as read"
    screen.click("chat:unread")
    screen.until(lambda: screen.find("row:Bob").property("unread") == 0)
    screen.sees("Nothing is open")


def test_disappearing_messages_are_set_and_seen_in_the_header(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Psst"))
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.find("chatMenu")
    assert screen.maybe("expiry") is None
    at_menu(screen, "chat:expiry")
    assert screen.find("option:Off").property("chosen")
    screen.press(Qt.Key.Key_Down)  # by the keyboard alone
    screen.press(Qt.Key.Key_Down)
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.find("expiry").property("text") == "1 day")
    assert office.node.expiries == {BOBS: 86_400}
    office.do(lambda node: node._spawn(node.expire("Bob", 5_400)))  # on another computer
    screen.until(lambda: screen.find("expiry").property("text") == "90 minutes")
    screen.click("expiry")
    assert screen.find("option:90 minutes").property("chosen")
    screen.click("option:Off")
    screen.gone("expiry")
    assert office.node.expiries == {BOBS: 0}


def test_who_has_not_accepted_alice_yet_has_no_say_in_what_disappears(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.meet("Dave", relation="contact"))
    screen = open_window(office.profile)
    screen.open("Dave")
    screen.click("chatMenu")
    screen.find("chat:keep")
    assert [screen.maybe(f"chat:{entry}") for entry in ("expiry", "unread", "export", "delete")] == [None] * 4


def test_messages_disappear_in_rooms_too_where_alice_may_write(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.room("Lobby", 4, entered=True))
    office.do(lambda node: node.room("News", 4, entered=True, announcement=True))
    office.do(lambda node: [node.tells(room, "Bob", "Hello all") for room in ("Lobby", "News")])
    screen = open_window(office.profile)
    screen.open("Lobby")
    at_menu(screen, "chat:expiry")
    screen.sees("for each person, so long after they read it")
    assert screen.maybe("option:1 week") is None  # by then it has left the room anyway
    screen.click("option:1 hour")
    screen.until(lambda: screen.find("expiry").property("text") == "1 hour")
    assert office.node.expiries == {fake_id("room Lobby"): 3_600}
    screen.open("News")
    screen.click("chatMenu")
    screen.find("chat:keep")
    assert screen.maybe("chat:expiry") is None


def test_keeping_a_chat_for_less_asks_before_it_erases(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.arrive("Bob", "Old news"))
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "chat:keep")
    assert screen.find("option:As usual").property("chosen")
    screen.click("option:1 month")
    screen.sees("Keep only 1 month of this chat?")
    screen.click("no")
    screen.gone("yes")
    assert office.node.days == {}
    at_menu(screen, "chat:keep")
    screen.click("option:1 month")
    screen.click("yes")
    screen.sees("This chat is kept for 1 month")
    assert office.node.days == {BOBS: 30}
    at_menu(screen, "chat:keep")
    screen.until(lambda: bool(screen.find("option:1 month").property("chosen")))
    screen.click("option:1 year")  # for longer: nothing goes
    screen.sees("This chat is kept for 1 year")
    assert office.node.days == {BOBS: 365}


def test_a_chat_is_written_into_a_file(office: Neighbourhood, open_window: Open, tmp_path: Path) -> None:
    office.do(lambda node: [node.arrive("Bob", text) for text in ("One", "Two")])
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "chat:export")
    screen.click("option:Data for programs (JSON)")
    screen.gone("option:Data for programs (JSON)")
    screen.window.care.export(QUrl.fromLocalFile(str(tmp_path / "Bob.json")), "json")  # what the file dialog does
    screen.sees("2 messages are in Bob.json now")
    assert office.node.exported == ("Bob", str(tmp_path / "Bob.json"), "json", True)


def test_deleting_a_chat_asks_first_and_the_contact_stays(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: [node.arrive(who, "Hello") for who in ("Bob", "Carol")])
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.find("bubble:Hello")
    screen.click_right("row:Carol")
    screen.click("chat:delete")
    screen.sees("Carol keeps theirs")
    screen.click("no")
    screen.gone("no")
    at_menu(screen, "chat:delete")
    screen.click("yes")
    screen.sees("Nothing is open")
    screen.until(lambda: screen.find("row:Bob").property("line") == "No messages yet")
    assert [message.name for message in office.node.said] == ["Carol"]


def test_all_chats_can_be_kept_for_less_at_once(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.days.update({None: 400}))
    screen = open_window(office.profile, size=(1200, 1600))
    screen.click("own")
    screen.until(lambda: screen.find("keepAll").property("text") == "400 days")
    screen.click("keepAll")
    screen.click("option:3 months")
    screen.sees("Keep only 3 months of all chats?")
    screen.click("yes")
    screen.until(lambda: screen.find("keepAll").property("text") == "3 months")
    assert office.node.days == {None: 90}
    screen.click("keepAll")
    screen.click("option:For good")
    screen.until(lambda: screen.find("keepAll").property("text") == "For good")
    assert office.node.days == {None: 0}
