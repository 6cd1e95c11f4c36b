"""Alice at her window and Bob on another node: both real, over real sockets, from the very first start."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl

from p2pdm.api.types import ApiError
from tests.gui.neighbour import Neighbour, call
from tests.gui.screen import Screen

Open = Callable[..., Screen]


@pytest.fixture
def bob(tmp_path: Path) -> Iterator[Neighbour]:
    """Bob's node; his name is his own, whoever else is on this network."""
    neighbour = Neighbour(tmp_path / "bob", f"Bob {secrets.token_hex(3)}")
    yield neighbour
    neighbour.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Where Alice's profile will be; the node that her window starts outlives the window, so it is ended here."""
    profile = tmp_path / "alice"
    yield profile
    with contextlib.suppress(ApiError):
        call(profile, "stop")


def test_from_the_first_start_to_a_conversation(bob: Neighbour, home: Path, open_window: Open) -> None:
    screen = open_window(home)
    screen.sees("What should others call you?")
    screen.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    screen.type("Alice")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.maybe("own") is not None and screen.find("own").property("name") == "Alice")

    screen.find(f"row:{bob.name}")  # nearby, by itself
    screen.open(bob.name)
    screen.sees("held apart until")
    screen.say("Hello, may I?")
    screen.sees(f"waiting for {bob.name} to accept")

    alice = call(home, "me").id
    screen.until(lambda: bob.call("person", alice).request == "Hello, may I?")
    bob.call("accept", alice)
    screen.sees("Delivered")
    bob.call("typing", alice, True)
    screen.until(lambda: screen.find("presence").property("text") == "typing")
    bob.call("send", alice, "Of course 🙂")
    screen.bubble("Of course 🙂")
    bob.call("read", alice)
    screen.sees("Read")
    screen.until(lambda: bob.call("chats")[0].last.state == "read")


def test_bob_leaves_and_what_alice_says_waits_for_him(bob: Neighbour, home: Path, open_window: Open) -> None:
    Neighbour(home, "Alice").stop()
    screen = open_window(home)  # it starts her node
    screen.open(bob.name)
    screen.say("one")
    alice = call(home, "me").id
    screen.until(lambda: bob.call("person", alice).relation == "request")
    bob.call("accept", alice)
    screen.sees("Delivered")
    bob.stop()
    screen.until(lambda: screen.find("presence").property("text").startswith("last seen today"))
    screen.say("two")
    screen.sees(f"Waiting: {bob.name} is offline")
    bob.start()
    screen.sees("Delivered")
    assert [message.text for message in bob.call("history", alice)] == ["one", "two"]


def test_a_strangers_request_is_answered_at_the_window(bob: Neighbour, home: Path, open_window: Open) -> None:
    alice = Neighbour(home, "Alice")
    screen = open_window(home)
    bob.call("join", alice.call("me").invite)
    bob.call("send", alice.call("me").id, "It's me")
    screen.sees("Requests")
    screen.click(f"row:{bob.name}")
    screen.click("accept")
    screen.bubble("It's me")
    screen.say("Good to see you")
    screen.until(lambda: [m.text for m in bob.call("history", alice.call("me").id)] == ["It's me", "Good to see you"])
    screen.sees("Delivered")
    screen.click("more")
    screen.click("match")
    screen.find("verified")
    assert alice.call("person", bob.name).verified
    alice.stop()
    screen.window.connection.absent.disconnect()
    screen.find("gone")


def test_what_is_answered_edited_taken_back_and_reacted_to_is_so_on_both_sides(
    bob: Neighbour, home: Path, open_window: Open
) -> None:
    Neighbour(home, "Alice").stop()
    screen = open_window(home)  # it starts her node
    screen.find(f"row:{bob.name}")
    alice = call(home, "me")
    bob.call("send", alice.id, "Tea or coffee?")
    screen.sees("Requests")
    screen.click(f"row:{bob.name}")
    screen.click("accept")
    screen.click_right("bubble:Tea or coffee?")
    screen.click("menu:reply")
    screen.type("Coffee")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("Coffee")
    screen.press(Qt.Key.Key_Up)
    screen.type(", please")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("Coffee, please")
    screen.until(lambda: bob.call("history", alice.id)[-1].text == "Coffee, please")
    question, answer = bob.call("history", alice.id)
    assert answer.reply_to == question.id
    assert [version.text for version in answer.edited] == ["Coffee"]
    bob.call("react", answer.id, "👍")
    screen.find("chip:👍")
    bob.call("edit", question.id, "Tea or beer?")
    screen.until(lambda: screen.bubble("Coffee, please").property("quote_text") == "Tea or beer?")
    screen.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    screen.type("bee")
    screen.sees("Messages")  # it was found, and by its new words
    screen.press(Qt.Key.Key_Escape)
    bob.call("unsend", question.id)
    screen.bubble(f"{bob.name} took this message back")
    screen.click_right("bubble:Coffee, please")
    screen.click("menu:unsend")
    screen.click("yes")
    screen.until(lambda: bob.call("message", answer.id).unsent)


def test_why_the_node_does_not_start_is_said_in_its_own_words(home: Path, open_window: Open) -> None:
    home.mkdir()
    (home / "holiday.jpg").touch()
    screen = open_window(home)
    screen.find("gone")
    screen.sees("no profile in")
    screen.sees("Try again")


def test_what_bob_says_while_alice_has_locked_her_window_is_seen_once_she_unlocks_it(
    bob: Neighbour, home: Path, open_window: Open
) -> None:
    Neighbour(home, "Alice").stop()
    screen = open_window(home)  # it starts her node
    screen.find(f"row:{bob.name}")
    bob.call("send", call(home, "me").id, "First")
    screen.sees("Requests")
    screen.click(f"row:{bob.name}")
    screen.click("accept")
    screen.bubble("First")
    call(home, "set_lock", "open sesame")
    screen.click("lock")
    screen.find("passphrase")
    bob.call("send", bob.call("chats")[0].id, "Second")
    assert not [text for text in screen.texts() if bob.name in text or "First" in text]
    screen.type("open sesame")
    screen.press(Qt.Key.Key_Return)
    screen.bubble("Second")


def test_a_chat_is_set_to_disappear_taken_out_unread_again_and_deleted(
    bob: Neighbour, home: Path, open_window: Open, tmp_path: Path
) -> None:
    Neighbour(home, "Alice").stop()
    screen = open_window(home)  # it starts her node
    screen.find(f"row:{bob.name}")
    alice = call(home, "me").id
    bob.call("send", alice, "Hello")
    screen.click(f"row:{bob.name}")
    screen.click("accept")
    screen.bubble("Hello")
    screen.until(lambda: bob.call("person", alice).accepted_by_them)
    screen.click("chatMenu")
    screen.click("chat:expiry")
    screen.click("option:1 week")
    screen.until(lambda: screen.find("expiry").property("text") == "1 week")
    screen.until(lambda: bob.call("chats")[0].expiry == 604_800)
    screen.window.care.export(QUrl.fromLocalFile(str(tmp_path / "bob.html")), "html")  # what the file dialog does
    screen.sees("bob.html now")
    assert "Hello" in (tmp_path / "bob.html").read_text()
    screen.click_right("bubble:Hello")
    screen.click("menu:delete")
    screen.click("yes")
    screen.until(lambda: [m.text for m in call(home, "history", bob.name) if m.text == "Hello"] == [])
    bob.call("send", alice, "Still there?")
    screen.bubble("Still there?")
    screen.until(lambda: screen.find(f"row:{bob.name}").property("unread") == 0)
    screen.click("chatMenu")
    screen.click("chat:unread")
    screen.until(lambda: screen.find(f"row:{bob.name}").property("unread") == 1)
    screen.click_right(f"row:{bob.name}")
    screen.click("chat:delete")
    screen.click("yes")
    screen.until(lambda: screen.find(f"row:{bob.name}").property("line") == "No messages yet")
    assert [message.text for message in bob.call("history", alice) if message.text] != []
