"""Alice answers, edits, takes back, reacts and pins at her window; Bob does the same on the other side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtQuick import QQuickItem

from p2pdm.api.types import ApiError, Message, Sent
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_node import MemoryNode
from tests.gui.conftest import Neighbourhood, all_is_read
from tests.gui.screen import Screen

Open = Callable[..., Screen]
ME = fake_id("me")
BOB = fake_id("Bob")
CAROL = fake_id("Carol")


@pytest.fixture
def office(neighbourhood: Neighbourhood) -> Neighbourhood:
    """Bob and Carol are contacts; Bob is online."""
    neighbourhood.do(lambda node: node.meet("Bob", relation="contact", online=True, accepted_by_them=True))
    neighbourhood.do(lambda node: node.meet("Carol", relation="contact", accepted_by_them=True))
    return neighbourhood


def hears(office: Neighbourhood, text: str) -> Message:
    """Bob says something."""
    return office.do(lambda node: node.arrive("Bob", text))


def becomes(office: Neighbourhood, message: Message, **changes: Any) -> None:
    """A message is different now."""
    office.do(partial(MemoryNode.becomes, id=message.id, **changes))


def kept(office: Neighbourhood, id: str) -> Message:
    """A message as the node has it."""
    return next(message for message in office.node.said if message.id == id)


def within(bubble: QQuickItem, name: str) -> QQuickItem | None:
    """A visible part of one bubble."""
    waiting = [bubble]
    while waiting:
        item = waiting.pop()
        if item.objectName() == name and item.isVisible():
            return item
        waiting += item.childItems()
    return None


def at_menu(screen: Screen, text: str, entry: str) -> None:
    """Right-click a bubble and choose from its menu."""
    screen.click_right(f"bubble:{text}")
    screen.click(entry)
    screen.gone(entry)


def test_an_answer_quotes_what_it_answers(office: Neighbourhood, open_window: Open) -> None:
    question = hears(office, "Tea or coffee?")
    hears(office, "Or nothing?")
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "Tea or coffee?", "menu:reply")
    screen.find("mode:reply")
    screen.sees("Answer Bob")
    screen.type("Tea")  # the composer has the focus again
    screen.press(Qt.Key.Key_Return)
    bubble = screen.bubble("Tea")
    assert (bubble.property("quote_name"), bubble.property("quote_text")) == ("Bob", "Tea or coffee?")
    assert "in answer to Bob: Tea or coffee?" in bubble.property("label")
    screen.gone("mode:reply")
    screen.say("Thanks")
    screen.bubble("Thanks")
    assert [message.reply_to for message in office.node.said] == [None, None, question.id, None]
    becomes(office, question, text="", unsent=True)
    screen.until(lambda: screen.bubble("Tea").property("quote_text") == "Message taken back")


def test_marks_show_as_what_they_mean_or_not_at_all(office: Neighbourhood, open_window: Open) -> None:
    hears(office, "> *Noon* or _one_?\nSee `menu`")
    screen = open_window(office.profile)
    screen.until(lambda: screen.find("row:Bob").property("line") == "Noon or one? See menu")
    screen.open("Bob")
    at_menu(screen, "> *Noon* or _one_?\nSee `menu`", "menu:reply")
    screen.find("mode:reply")
    assert "Noon or one? See menu" in [part.property("text") for part in screen.items()]
    screen.type("One")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.bubble("One").property("quote_text") == "Noon or one? See menu")


def test_a_thumb_alone_is_large_and_beside_words_it_is_not(office: Neighbourhood, open_window: Open) -> None:
    for text in ("Fine", "👍", "Fine 👍"):
        hears(office, text)
    screen = open_window(office.profile)
    screen.open("Bob")
    thumb, fine, both = (within(screen.bubble(text), "ground") for text in ("👍", "Fine", "Fine 👍"))
    assert thumb is not None
    assert fine is not None
    assert both is not None
    assert thumb.height() > fine.height() + 8
    assert both.height() == pytest.approx(fine.height(), abs=4)


def test_esc_and_the_cross_give_up_answering_and_the_words_stay(office: Neighbourhood, open_window: Open) -> None:
    hears(office, "Tea?")
    screen = open_window(office.profile)
    screen.open("Bob")
    ways: list[Callable[[], None]] = [lambda: screen.press(Qt.Key.Key_Escape), lambda: screen.click("cancelMode")]
    for give_up in ways:
        at_menu(screen, "Tea?", "menu:reply")
        screen.find("mode:reply")
        screen.type("y")
        give_up()
        screen.gone("mode:reply")
    assert screen.find("composer").property("text") == "yy"
    at_menu(screen, "Tea?", "menu:reply")
    screen.press(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    screen.until(lambda: screen.partner() == "Carol")
    screen.gone("mode:reply")
    screen.press(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    screen.find("mode:reply")  # the answer waited with its draft


def test_a_quote_jumps_to_what_it_quotes_however_far_up(office: Neighbourhood, open_window: Open) -> None:
    texts = [f"number {i}" for i in range(1_300)]
    first = office.do(lambda node: [node.arrive("Bob", text) for text in texts])[3]
    office.do(lambda node: node.arrive("Bob", "As I said"))
    becomes(office, office.node.said[-1], reply_to=first.id)
    gone = hears(office, "And again")
    becomes(office, gone, reply_to="nowhere")
    office.do(all_is_read)
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.until(lambda: screen.bubble("As I said").property("quote_text") == "number 3")
    screen.until(lambda: "deleted here" in screen.bubble("And again").property("quote_text"))
    screen.click_on(lambda: within(screen.bubble("As I said"), "quote"))
    screen.until(lambda: "number 3" in screen.bubbles())
    assert screen.bubble("number 3").property("pointed")
    screen.find("jump")
    screen.until(lambda: not screen.bubble("number 3").property("pointed"))


def test_up_edits_the_last_own_message_and_the_draft_comes_back(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.say("See you at ten")
    screen.bubble("See you at ten")
    hears(office, "Fine")
    screen.bubble("Fine")
    screen.press(Qt.Key.Key_Up)
    screen.find("mode:edit")
    assert screen.find("composer").property("text") == "See you at ten"
    screen.type("!")
    screen.press(Qt.Key.Key_Escape)
    screen.gone("mode:edit")
    assert screen.find("composer").property("text") == ""
    screen.type("and")
    at_menu(screen, "See you at ten", "menu:edit")
    assert screen.find("composer").property("text") == "See you at ten"
    screen.type("-thirty")
    screen.press(Qt.Key.Key_Return)
    bubble = screen.bubble("See you at ten-thirty")
    assert screen.find("composer").property("text") == "and"
    assert [message.text for message in office.node.said] == ["See you at ten-thirty", "Fine"]
    assert "edited" in bubble.property("label")
    screen.click("edited")
    assert screen.find("version").property("text") == "See you at ten"
    screen.press(Qt.Key.Key_Escape)
    screen.gone("version")
    assert screen.maybe("composer") is not None


def test_what_can_not_be_edited_any_more_is_put_back_with_a_word(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.say("One")
    screen.bubble("One")
    screen.press(Qt.Key.Key_Up)
    screen.find("mode:edit")
    screen.window.connection.absent.disconnect()
    office.stop()
    screen.find("gone")
    screen.type("!")
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: screen.find("composer").property("text") == "One!")
    screen.find("mode:edit")
    office.start()
    screen.gone("gone")
    office.do(lambda node: node.becomes(node.said[-1].id, text="", unsent=True))
    screen.gone("mode:edit")  # taken back from another computer meanwhile
    assert screen.find("composer").property("text") == ""


def test_taking_back_asks_once_more(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.say("oops")
    at_menu(screen, "oops", "menu:unsend")
    screen.press(Qt.Key.Key_Return)  # what the focus is on changes nothing
    screen.gone("yes")
    assert office.node.said[-1].text == "oops"
    at_menu(screen, "oops", "menu:unsend")
    screen.click("yes")
    bubble = screen.bubble("You took this message back")
    assert bubble.property("unsent")
    assert office.node.said[-1].unsent
    screen.until(lambda: screen.find("row:Bob").property("line") == "Message taken back")
    screen.click_right("bubble:You took this message back")
    screen.qtbot.wait(50)
    assert screen.maybe("menu:reply") is None


def test_deleting_for_oneself_asks_first_and_leaves_the_others_theirs(office: Neighbourhood, open_window: Open) -> None:
    gone = hears(office, "Sold out")
    hears(office, "Still here")
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "Sold out", "menu:delete")
    screen.sees("The others keep it.")
    screen.click("no")
    screen.gone("yes")
    assert screen.bubbles() == ["Sold out", "Still here"]
    at_menu(screen, "Sold out", "menu:delete")
    screen.click("yes")
    screen.until(lambda: screen.find("timeline").property("count") == 1)
    assert gone.id not in [message.id for message in office.node.said]
    hears(office, "oops")
    becomes(office, office.node.said[-1], text="", unsent=True)
    at_menu(screen, "Bob took this message back", "menu:delete")  # the only thing that it can be asked
    screen.click("yes")
    screen.until(lambda: screen.find("timeline").property("count") == 1)


def test_what_is_on_its_way_is_taken_back_not_deleted(office: Neighbourhood, open_window: Open) -> None:
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.say("Coming")
    screen.bubble("Coming")
    screen.click_right("bubble:Coming")
    screen.find("menu:unsend")
    assert screen.maybe("menu:delete") is None
    screen.press(Qt.Key.Key_Escape)
    screen.gone("menu:unsend")
    office.do(lambda node: node.advance(node.said[-1].id, "delivered"))
    screen.until(lambda: screen.bubble("Coming").property("stage") == "delivered")
    screen.click_right("bubble:Coming")
    screen.find("menu:delete")


def test_a_message_is_passed_on_to_a_chat_that_is_chosen(office: Neighbourhood, open_window: Open) -> None:
    hears(office, "Doors open at *nine*")
    office.do(lambda node: node.meet("Mallory", relation="blocked"))
    office.do(lambda node: node.meet("Dave", online=True))
    office.do(lambda node: node.gather("Lunch", "Bob", "Carol"))
    office.do(lambda node: node.gather("Golf", "Bob", standing="left"))
    office.do(lambda node: node.room("News", 4, entered=True, announcement=True))
    office.do(lambda node: node.tells("News", "Bob", "Only I write here"))
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "Doors open at *nine*", "menu:forward")
    screen.find("forward:Lunch")
    there = {item.objectName() for item in screen.items() if item.objectName().startswith("forward:")}
    assert there == {"forward:Lunch", "forward:Carol"}  # where Alice may write, and not where it came from
    assert not screen.find("forwardSend").isEnabled()
    screen.click("forward:Carol")
    screen.click("forwardSend")
    screen.gone("forward:Carol")
    screen.sees("Forwarded to Carol")
    assert (office.node.said[-1].chat, office.node.said[-1].text) == (fake_id("chat" + CAROL), "Doors open at *nine*")
    assert screen.partner() == "Bob"
    at_menu(screen, "Doors open at *nine*", "menu:forward")
    screen.find("forward:Carol")
    screen.press(Qt.Key.Key_Escape)
    screen.gone("forward:Carol")
    assert len(office.node.said) == 3


def test_a_message_is_passed_on_to_several_chats_at_once_by_the_keyboard_alone(
    office: Neighbourhood, open_window: Open
) -> None:
    hears(office, "Doors open at nine")
    for name in ("Lunch", "Golf"):
        office.do(partial(MemoryNode.gather, name=name))
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "Doors open at nine", "menu:forward")
    screen.find("forward:Carol")
    for typed, chosen in (("lu", "To Lunch"), ("car", "To Lunch and Carol"), ("go", "To Lunch, Carol and Golf")):
        screen.type(typed)
        screen.press(Qt.Key.Key_Return)
        screen.sees(chosen)
    screen.type("lu")
    screen.until(lambda: screen.maybe("forward:Carol") is None)
    screen.press(Qt.Key.Key_Return)  # not that one after all
    screen.sees("To Carol and Golf")
    assert len(office.node.said) == 1
    screen.press(Qt.Key.Key_Return)
    screen.sees("Forwarded to Carol and Golf")
    screen.gone("forwardSend")
    assert {message.chat for message in office.node.said[1:]} == {fake_id("chat" + CAROL), fake_id("group Golf")}
    assert [message.text for message in office.node.said[1:]] == ["Doors open at nine"] * 2


def test_where_a_message_could_not_be_passed_on_to_is_said_and_can_be_tried_again(
    office: Neighbourhood, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears(office, "Doors open at nine")
    office.do(partial(MemoryNode.gather, name="Golf"))
    send, full = office.node.send, [True]

    async def sent(to: str, text: str, **more: Any) -> Sent:
        if to == fake_id("group Golf") and full[0]:
            raise ApiError("disk", "The disk is full.")
        return await send(to, text, **more)

    monkeypatch.setattr(office.node, "send", sent)
    screen = open_window(office.profile)
    screen.open("Bob")
    at_menu(screen, "Doors open at nine", "menu:forward")
    for name in ("Carol", "Golf"):
        screen.click(f"forward:{name}")
    screen.click("forwardSend")
    screen.until(lambda: screen.find("forwardTrouble").property("text") != "")
    told = screen.find("forwardTrouble").property("text")
    assert told == "Forwarded to Carol. Not forwarded to Golf: The disk is full."
    assert screen.find("forwardChosen").property("text") == "To Golf"
    full[0] = False
    screen.click("forwardSend")
    screen.sees("Forwarded to Golf")
    screen.gone("forwardSend")
    assert [message.chat for message in office.node.said[1:]] == [fake_id("chat" + CAROL), fake_id("group Golf")]


def test_what_bob_takes_back_is_a_placeholder_at_once_and_nothing_else_is_drawn_anew(
    office: Neighbourhood, open_window: Open
) -> None:
    messages = [hears(office, f"number {i}") for i in range(30)]
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    screen.bubble("number 29")
    screen.until(lambda: not office.node.said[-1].unread)
    screen.qtbot.wait(200)
    model = screen.window.conversation.messages
    rows: list[tuple[int, int]] = []
    resets: list[int] = []
    model.dataChanged.connect(lambda first, last: rows.append((first.row(), last.row())))  # type: ignore[attr-defined]
    model.modelReset.connect(lambda: resets.append(1))  # type: ignore[attr-defined]
    becomes(office, messages[28], text="", unsent=True)
    screen.bubble("Bob took this message back")
    assert (rows, resets) == ([(28, 28)], [])


def test_reactions_are_chips_and_a_click_toggles_ones_own(office: Neighbourhood, open_window: Open) -> None:
    cake = hears(office, "Cake in the kitchen")
    office.do(lambda node: node.reacted(cake.id, BOB, "🙏"))
    screen = open_window(office.profile)
    screen.open("Bob")
    chip = screen.find("chip:🙏")
    assert not chip.property("own")
    assert QAccessible.queryAccessibleInterface(chip).text(QAccessible.Text.Name) == "🙏 by Bob"
    screen.click("chip:🙏")
    screen.until(lambda: bool(screen.find("chip:🙏").property("own")))
    assert [(r.person, r.value) for r in kept(office, cake.id).reactions] == [(BOB, "🙏"), (ME, "🙏")]
    assert "🙏 by You, Bob" in screen.bubble("Cake in the kitchen").property("label")
    at_menu(screen, "Cake in the kitchen", "emoji:❤️")
    screen.find("chip:❤️")
    screen.until(lambda: not screen.find("chip:🙏").property("own"))
    assert screen.find("chip:❤️").mapToScene(QPointF(0, 0)).y() == screen.find("chip:🙏").mapToScene(QPointF(0, 0)).y()
    screen.click("chip:❤️")
    screen.gone("chip:❤️")
    office.do(lambda node: node.reacted(cake.id, BOB, ""))
    screen.gone("chip:🙏")


def test_a_pin_is_seen_and_taken_off_again(office: Neighbourhood, open_window: Open) -> None:
    rules = hears(office, "The rules")
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("The rules")
    assert screen.maybe("pinned") is None
    at_menu(screen, "The rules", "menu:pin")
    screen.find("pinned")
    assert kept(office, rules.id).pinned
    at_menu(screen, "The rules", "menu:pin")
    screen.gone("pinned")


def test_only_own_words_can_be_changed_and_any_be_copied(office: Neighbourhood, open_window: Open) -> None:
    hears(office, "My number is 12")
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.point_at("bubble:My number is 12")
    screen.click("bubbleMenu")
    screen.find("menu:copy")
    assert [screen.maybe(f"menu:{entry}") for entry in ("edit", "unsend", "earlier")] == [None, None, None]
    screen.click("menu:copy")
    screen.until(lambda: QGuiApplication.clipboard().text() == "My number is 12")


def test_the_keyboard_alone_is_enough(office: Neighbourhood, open_window: Open) -> None:
    messages = [hears(office, text) for text in ("one", "two", "three")]
    screen = open_window(office.profile)
    screen.open("Bob")
    screen.bubble("three")
    screen.press(Qt.Key.Key_F6)
    screen.press(Qt.Key.Key_F6)
    screen.press(Qt.Key.Key_Up)
    screen.press(Qt.Key.Key_Up)
    assert screen.bubble("two").property("current")
    screen.press(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    row = screen.find("react")
    name = QAccessible.queryAccessibleInterface(row).text(QAccessible.Text.Name)
    assert name == "React: thumbs up, 1 of 6"
    screen.press(Qt.Key.Key_Right)
    screen.press(Qt.Key.Key_Return)
    screen.find("chip:❤️")
    assert [r.value for r in kept(office, messages[1].id).reactions] == ["❤️"]
    screen.gone("react")
    screen.press(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    screen.find("menu:reply")
    for _ in range(4):  # reply, forward, copy, and past what is not offered: pin
        screen.press(Qt.Key.Key_Down)
    screen.press(Qt.Key.Key_Return)
    screen.until(lambda: kept(office, messages[1].id).pinned)
    for name in ("menu:reply", "menu:copy", "menu:pin"):
        screen.press(Qt.Key.Key_Menu)
        entry = QAccessible.queryAccessibleInterface(screen.find(name))
        assert entry.text(QAccessible.Text.Name), f"{name} has no name"
        screen.press(Qt.Key.Key_Escape)
        screen.gone(name)
    assert screen.bubble("two").property("current")
