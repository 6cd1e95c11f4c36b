"""Alice's drafts survive her window; what is deleted or set shows; who names her stands out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt

from tests.fakes.fake_ids import fake_id
from tests.gui.conftest import Neighbourhood
from tests.gui.screen import Screen

Open = Callable[..., Screen]
ME = fake_id("me")


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
