"""What is said in words: who types, how far a message came, when it was, where it was forwarded to."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError, MemberState, MessageState
from p2pdm_gui.forwarder import Target, outcome
from p2pdm_gui.reach import reach_in_words
from p2pdm_gui.times import brief, day, last_seen, moment
from p2pdm_gui.typists import typing_in_words
from tests.gui.lines import NOW


def test_typing_is_said_with_the_names() -> None:
    assert [typing_in_words(names) for names in ([], ["Ann"], ["Ann", "Bob"], ["Ann", "Bob", "Carol"], ["x"] * 9)] == [
        "",
        "Ann is typing",
        "Ann and Bob are typing",
        "Ann, Bob and Carol are typing",
        "9 people are typing",
    ]


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["read", "read"], "Read by all"),
        (["read", "delivered"], "Delivered, read by 1 of 2"),
        (["delivered", "delivered"], "Delivered to all"),
        (["read", "waiting"], "Delivered to 1 of 2"),
        (["waiting", "waiting"], ""),
        (["read"], ""),
    ],
)
def test_how_far_a_message_came_in_a_group_in_words(states: list[MessageState], words: str) -> None:
    assert reach_in_words([MemberState(str(i), state, None) for i, state in enumerate(states)]) == words


def test_times_are_said_as_people_say_them() -> None:
    assert [day(moment(f"2026-{there}T12:00:00Z"), NOW) for there in ("03-04", "03-03", "03-01", "01-05")] == [
        "Today",
        "Yesterday",
        "Sunday",
        "5 January",
    ]
    assert day(moment("2025-01-05T12:00:00Z"), NOW) == "5 January 2025"
    assert brief(moment("2026-03-02T12:00:00Z"), NOW) == "Mon"
    assert last_seen(None, NOW) == "offline"
    assert last_seen("2026-03-03T12:00:00Z", NOW).startswith("last seen yesterday at ")


def test_where_something_was_forwarded_to_is_said_in_a_breath() -> None:
    people = [Target(name, "", name) for name in ("Ann", "Bob", "Cid", "Dora", "Eve")]
    off, full = ApiError("gone", "Nobody is at home."), ApiError("disk", "The disk is full.")
    assert outcome([(who, None) for who in people[:3]]) == "Forwarded to Ann, Bob and Cid"
    assert outcome([(who, None) for who in people]) == "Forwarded to Ann, Bob and 3 others"
    assert outcome([(who, off) for who in people[:2]]) == "Not forwarded to Ann and Bob: Nobody is at home."
    several = [(people[0], None), (people[1], off), (people[2], full), (people[3], off)]
    assert outcome(several) == (
        "Forwarded to Ann. Not forwarded to Bob and Dora: Nobody is at home. Not forwarded to Cid: The disk is full."
    )
