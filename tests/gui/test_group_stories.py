"""Alice at her window among several people: groups and rooms, in a node in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QAccessible

from p2pdm_gui.portrait import MAX_GROUP_BYTES
from tests.fakes.fake_ids import ME, fake_id
from tests.fakes.memory_node import MemoryNode
from tests.gui.conftest import Neighbourhood
from tests.gui.paint import painted
from tests.gui.screen import Screen

Open = Callable[..., Screen]
NOON = "2026-03-02T12:00:00.000Z"


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Ben and Carol are contacts, Ben is online; Dave is a stranger nearby; there is a lobby."""
    neighbourhood.do(lambda node: node.meet("Ben", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Dave", online=True))
    neighbourhood.do(lambda node: node.room("Lobby", 2, entered=True))
    return neighbourhood


def standing(office: Neighbourhood, name: str) -> str:
    """Where Alice stands in a group or room."""
    return office.node._gathering(name).standing


def rights(office: Neighbourhood, name: str) -> dict[str, str]:
    """Who is in a group, by name."""
    people = {person.id: person.name for person in office.node.known.values()} | {ME: "Alice"}
    return {people[who]: rights for who, rights in office.node._gathering(name).rights.items()}


def come_and_go(node: MemoryNode, visitors: int) -> None:
    """So many others are in the music room now."""
    node._gathering("Music").visitors = visitors


def test_what_happens_to_a_group_stands_in_the_middle_among_what_is_said(
    office: Neighbourhood, open_window: Open
) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben", "Carol"))
    office.do(lambda node: node.tells("Lunch", "Ben", "Who comes?"))
    office.do(lambda node: node.happens("Lunch", "Ben", "invited", "Ben invited Dave"))
    screen = open_window(office.profile)
    screen.open("Lunch")
    bubble = screen.bubble("Ben invited Dave")
    ground = bubble.findChild(QObject, "ground")
    assert ground is not None
    assert ground.property("x") == pytest.approx((bubble.property("width") - ground.property("width")) / 2, abs=1)
    assert bubble.property("label").endswith(": Ben invited Dave")
    screen.click_right("bubble:Ben invited Dave")
    screen.qtbot.wait(50)
    assert screen.maybe("menu:delete") is None  # nobody said it: nothing can be done with it
    office.do(lambda node: node.happens("Lunch", "Carol", "left", "Carol left"))
    screen.bubble("Carol left")
    screen.open("Ben")
    office.do(lambda node: node.happens("Lunch", "Ben", "left", "Ben left"))
    office.do(lambda node: node.tells("Lunch", "Ben", "Bye"))
    screen.until(lambda: screen.find("row:Lunch").property("unread") == 1)
    assert screen.find("row:Lunch").property("line") == "Ben: Bye"


def test_alice_joins_a_group_that_she_is_invited_to(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.invited_by("Ben", "Lunch", "Carol"))
    screen = open_window(office.profile)
    screen.until(lambda: screen.find("row:Lunch").property("line") == "Ben invites you")
    assert screen.find("row:Lunch").property("label") == "Ben invites you to Lunch"
    screen.click("row:Lunch")
    screen.sees("Ben invites you to Lunch")
    assert {"Ben", "made it", "Carol", "You", "invited"} <= set(screen.texts())
    assert screen.maybe("composer") is None
    screen.click("joinGroup")
    screen.find("composer")
    screen.sees("3 people, 2 online")
    assert standing(office, "Lunch") == "member"
    office.do(lambda node: node.tells("Lunch", "Ben", "Welcome!"))
    assert screen.bubble("Welcome!").property("showsAuthor")
    assert screen.find("row:Lunch").property("section") == "Chats"


def test_an_invitation_that_is_declined_goes(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.invited_by("Ben", "Lunch"))
    office.do(lambda node: node.invited_by("Ben", "Golf"))
    screen = open_window(office.profile)
    screen.click("row:Lunch")
    screen.click("declineGroup")
    screen.gone("row:Lunch")
    screen.sees("Nothing is open")
    screen.click("decline:Golf")
    screen.gone("row:Golf")
    assert standing(office, "Golf") == "left"


def test_who_says_what_in_a_group_is_shown(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben", "Carol"))
    office.do(lambda node: [node.tells("Lunch", "Ben", text) for text in ("Soup?", "Or cake")])
    office.do(lambda node: node.tells("Lunch", "Carol", "Cake!"))
    screen = open_window(office.profile)
    screen.until(lambda: screen.find("row:Lunch").property("line") == "Carol: Cake!")
    assert screen.find("row:Lunch").property("unread") == 3
    screen.open("Lunch")
    groups = [
        (text, screen.bubble(text).property("first"), screen.bubble(text).property("last"))
        for text in ("Soup?", "Or cake", "Cake!")
    ]
    assert groups == [("Soup?", True, False), ("Or cake", False, True), ("Cake!", True, True)]
    assert [screen.texts().count(name) for name in ("Ben", "Carol")] == [2, 2]  # in the list, and above what they said
    said = QAccessible.queryAccessibleInterface(screen.bubble("Cake!")).text(QAccessible.Text.Name)
    assert said.startswith("Carol, ")
    screen.until(lambda: screen.find("row:Lunch").property("unread") == 0)


def test_those_who_type_are_named_until_they_stop_or_say_it(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben", "Carol"))
    screen = open_window(office.profile)
    screen.open("Lunch")
    screen.sees("3 people, 2 online")
    office.do(lambda node: node.types_in("Lunch", "Ben"))
    screen.until(lambda: screen.find("presence").property("text") == "Ben is typing")
    office.do(lambda node: node.types_in("Lunch", "Carol"))
    screen.until(lambda: screen.find("presence").property("text") == "Ben and Carol are typing")
    screen.sees("Ben and Carol are typing…")  # in the list
    assert not screen.find("row:Ben").property("typing")
    office.do(lambda node: node.tells("Lunch", "Ben", "There"))
    screen.until(lambda: screen.find("presence").property("text") == "Carol is typing")
    office.do(lambda node: node.types_in("Lunch", "Carol", on=False))
    screen.until(lambda: screen.find("presence").property("text") == "3 people, 2 online")
    office.do(lambda node: node.come("Carol"))
    screen.sees("3 people, 3 online")


def test_alice_sees_who_has_her_message_and_who_read_it(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben", "Carol"))
    screen = open_window(office.profile)
    screen.open("Lunch")
    screen.say("Noon?")
    screen.sees("Waiting: Carol is offline")
    sent = office.node.said[-1]
    office.do(lambda node: node.reaches(sent.id, "Ben", "read", NOON))
    screen.sees("Delivered to 1 of 2: Carol is offline")
    assert screen.bubble("Noon?").property("stage") == "sent"
    screen.click("stateSign")
    screen.find("reach:Ben")
    assert {"Read by", "Waiting for", "offline"} <= set(screen.texts())
    office.do(lambda node: node.reaches(sent.id, "Carol", "delivered", NOON))
    screen.until(lambda: "Delivered to" in screen.texts())  # while it is open
    screen.press(Qt.Key.Key_Escape)
    screen.gone("reach:Ben")
    screen.sees("Delivered, read by 1 of 2")
    screen.click_right("bubble:Noon?")
    screen.click("menu:states")
    screen.find("reach:Carol")


def test_alice_makes_a_group_with_the_keyboard(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.find("row:Ben")
    screen.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    screen.find("new:group")
    screen.press(Qt.Key.Key_Down)
    screen.press(Qt.Key.Key_Return)
    screen.find("groupName")
    screen.type("Lunch")
    screen.press(Qt.Key.Key_Tab)
    screen.press(Qt.Key.Key_Space)
    screen.until(lambda: screen.find("pick:Ben").property("picked"))
    screen.press(Qt.Key.Key_Tab)
    screen.press(Qt.Key.Key_Tab)
    screen.press(Qt.Key.Key_Space)
    screen.until(lambda: screen.partner() == "Lunch")
    assert rights(office, "Lunch") == {"Alice": "creator", "Ben": "invited"}
    assert screen.maybe("groupName") is None
    screen.say("Hello")
    screen.bubble("Hello")
    assert office.node.said[-1].chat == fake_id("group Lunch")


def test_alice_finds_whom_to_invite_among_many_by_typing(office: Neighbourhood, open_window: Open) -> None:
    names = ("Dave Miller", "Erin", "Frank Miller", "Grace", "Heidi")
    office.do(lambda node: [node.meet(name, relation="contact") for name in names])
    screen = open_window(office.profile, size=(1200, 1000))
    screen.find("row:Ben")
    screen.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    screen.click("new:group")
    screen.find("pick:Heidi")
    screen.click("pickSearch")
    screen.type("mill fr")
    screen.gone("pick:Dave Miller")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.find("pick:Frank Miller").property("picked"))


def test_an_admin_invites_removes_and_renames(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch"))
    office.do(lambda node: node._gathering("Lunch").rights.update({node._find("Carol").id: "member"}))
    screen = open_window(office.profile, size=(1200, 1000))
    screen.open("Lunch")
    screen.click("more")
    screen.click("inviteMore")
    screen.gone("pick:Carol")
    screen.click("pick:Ben")
    screen.click("inviteNow")
    screen.find("member:Ben")
    assert rights(office, "Lunch")["Ben"] == "invited"
    screen.click("member:Carol")
    screen.click("member:promote")
    screen.until(lambda: screen.find("member:Carol").property("rights") == "admin")
    screen.click("member:Carol")
    screen.click("member:remove")
    screen.sees("Remove Carol?")
    screen.click("yes")
    screen.gone("member:Carol")
    assert "Carol" not in rights(office, "Lunch")
    screen.click("rename")
    screen.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    screen.type("Dinner")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.partner() == "Dinner")
    screen.click("topic")
    screen.type("At eight")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.find("topicShown").property("text") == "At eight")
    assert screen.maybe("leaveIt") is None  # who made it can't leave it


def test_a_member_sees_who_is_there_and_leaves(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben", "Carol"))
    screen = open_window(office.profile, size=(1200, 1000))
    screen.open("Lunch")
    screen.click("more")
    assert screen.find("member:Ben").property("label") == "Ben, made it, online"
    for nothing in ("inviteMore", "rename", "topic"):
        assert screen.maybe(nothing) is None
    screen.click("member:Ben")
    assert screen.maybe("member:remove") is None
    screen.press(Qt.Key.Key_Escape)
    screen.gone("member:write")
    screen.click("ask")
    assert standing(office, "Lunch") == "member"
    screen.click("sure")
    screen.sees("You have left this group. What was said stays here.")
    screen.gone("composer")
    assert standing(office, "Lunch") == "left"


def test_who_is_removed_is_told_and_writes_no_more(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben"))
    office.do(lambda node: node.tells("Lunch", "Ben", "Bye"))
    screen = open_window(office.profile)
    screen.open("Lunch")
    screen.find("composer")
    office.do(lambda node: node.removes("Lunch"))
    screen.sees("You were removed from this group. What was said stays here.")
    screen.gone("composer")
    screen.bubble("Bye")


def test_the_lobby_is_found_before_anybody_said_anything(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.until(lambda: screen.find("row:Lobby").property("line") == "You and 2 others are here")
    screen.open("Lobby")
    screen.sees("Say hello to everybody")
    screen.until(lambda: screen.find("presence").property("text") == "3 people here")
    screen.say("Hello, all")
    screen.bubble("Hello, all")
    office.do(lambda node: node.tells("Lobby", "Dave", "Hi Alice"))
    screen.bubble("Hi Alice")
    screen.until(lambda: screen.find("row:Lobby").property("line") == "Dave: Hi Alice")


def test_an_empty_network_is_diagnosed_although_there_is_a_lobby(
    neighbourhood: Neighbourhood, open_window: Open
) -> None:
    neighbourhood.do(lambda node: node.room("Lobby", 0, entered=True))
    screen = open_window(neighbourhood.profile)
    screen.sees("Nobody else is here yet")
    screen.click("rooms")
    screen.sees("You alone")
    neighbourhood.do(lambda node: node.meet("Dave", online=True))
    screen.find("row:Lobby")


def test_rooms_are_entered_left_and_opened(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.room("Music", 4))
    screen = open_window(office.profile)
    screen.click("rooms")
    screen.find("room:Lobby")
    screen.sees("4 here")
    for visitors in (5, 6):  # of which there is no notice
        office.do(partial(come_and_go, visitors=visitors))
        screen.sees(f"{visitors} here")
    screen.click("enter:Music")
    screen.until(lambda: screen.partner() == "Music")
    assert standing(office, "Music") == "member"
    screen.click("rooms")
    screen.click("leave:Music")
    screen.find("enter:Music")
    screen.click("roomName")
    screen.type("Chess")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.partner() == "Chess")
    screen.say("Anyone?")
    screen.bubble("Anyone?")


def test_only_announcers_write_in_an_announcement(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.room("News", 4, announcement=True))
    office.do(lambda node: node._gathering("News").rights.update({node._find("Ben").id: "creator"}))
    screen = open_window(office.profile)
    screen.click("rooms")
    screen.sees("4 here · only announcers write")
    screen.click("enter:News")
    screen.sees("Only announcers write in this room.")
    assert screen.maybe("composer") is None
    screen.click("rooms")
    screen.click("roomName")
    screen.type("Sales")
    screen.click("announcing")
    screen.click("openRoom")
    screen.until(lambda: screen.partner() == "Sales")
    screen.find("composer")
    screen.click("more")
    screen.click("inviteMore")
    screen.click("pick:Carol")
    screen.click("inviteNow")
    screen.until(lambda: screen.find("member:Carol").property("rights") == "announcer")


def test_in_a_small_window_groups_work_too(office: Neighbourhood, open_window: Open) -> None:
    office.do(lambda node: node.gather("Lunch", "Ben"))
    screen = open_window(office.profile, size=(400, 640))
    screen.open("Lunch")
    screen.click("who")
    screen.find("member:Ben")
    screen.click("closePanel")
    screen.click("back")
    screen.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    screen.click("new:room")
    screen.find("room:Lobby")


def shows_a_picture(screen: Screen, item: str) -> bool:
    """Whether a part of `item` is a picture that has come."""
    waiting = [screen.find(item)]
    while waiting:
        part = waiting.pop()
        if part.objectName() == "face" and part.isVisible():
            return bool(part.property("source").toString())
        waiting += part.childItems()
    return False


def test_a_group_is_known_by_its_picture(office: Neighbourhood, open_window: Open, tmp_path: Path) -> None:
    data = painted(tmp_path / "soup.png").read_bytes()
    office.do(lambda node: node.gather("Lunch", "Ben", picture=data))
    screen = open_window(office.profile)
    screen.until(lambda: shows_a_picture(screen, "row:Lunch"))
    screen.open("Lunch")
    screen.until(lambda: shows_a_picture(screen, "who"))
    screen.click("more")
    screen.find("member:Ben")
    assert screen.maybe("choosePicture") is None  # Alice is no admin
    office.do(lambda node: node._spawn(node.describe("Lunch", picture="")))
    screen.until(lambda: not shows_a_picture(screen, "row:Lunch"))
    assert not shows_a_picture(screen, "who")


def test_who_made_a_group_gives_it_a_picture(office: Neighbourhood, open_window: Open, tmp_path: Path) -> None:
    office.do(lambda node: node.gather("Lunch"))
    screen = open_window(office.profile)
    screen.open("Lunch")
    screen.click("more")
    screen.find("choosePicture")
    assert screen.maybe("hidePicture") is None
    huge = painted(tmp_path / "soup.png", 3_000, 2_000, noisy=True)
    screen.window.circle.show_picture(QUrl.fromLocalFile(str(huge)))  # what the file dialog does
    screen.until(lambda: shows_a_picture(screen, "row:Lunch"))
    assert 0 < len(office.node._gathering("Lunch").picture) <= MAX_GROUP_BYTES
    screen.click("hidePicture")
    screen.until(lambda: not shows_a_picture(screen, "row:Lunch"))
    screen.gone("hidePicture")
    words = tmp_path / "words.png"
    words.write_text("no picture")
    screen.window.circle.show_picture(QUrl.fromLocalFile(str(words)))
    screen.sees("This file is no picture that can be shown")


def test_the_lobby_can_be_done_without(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile, size=(1200, 1400))
    screen.click("own")
    screen.until(lambda: bool(screen.find("lobby").property("on")))
    screen.click("lobby")
    screen.until(lambda: not screen.find("lobby").property("on"))
    assert not office.node.switches.lobby
