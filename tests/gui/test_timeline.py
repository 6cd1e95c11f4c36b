"""How messages become lines of a timeline: neighbours in groups, days, states, quotes and reactions."""

from __future__ import annotations

import msgspec
from PySide6.QtGui import QGuiApplication

from p2pdm.api.types import Reaction
from p2pdm_gui.messages import Around, MessageModel, message_rows
from p2pdm_gui.quotes import LONGEST
from p2pdm_gui.reactions import chips
from p2pdm_gui.timeline import Timeline
from tests.gui.lines import NOW, said, watched


def test_neighbours_of_one_author_within_five_minutes_are_one_group() -> None:
    rows = message_rows(
        [
            said("a", time="2026-03-02T09:00:00.000Z"),
            said("b", time="2026-03-02T09:04:59.000Z"),
            said("c", time="2026-03-02T09:10:01.000Z"),
            said("d", time="2026-03-02T09:10:02.000Z", sender="me"),
        ],
        NOW,
        "",
        complete=True,
    )
    assert [(row.first, row.last) for row in rows] == [(True, False), (False, True), (True, True), (True, True)]


def test_a_day_is_named_where_it_begins_and_only_where_that_is_known() -> None:
    messages = [said("a", time="2026-03-03T12:00:00.000Z"), said("b", time="2026-03-04T12:00:00.000Z")]
    assert [row.day for row in message_rows(messages, NOW, "", complete=True)] == ["Yesterday", "Today"]
    assert [row.day for row in message_rows(messages, NOW, "", complete=False)] == ["", "Today"]
    assert [row.date for row in message_rows(messages, NOW, "", complete=False)] == ["Yesterday", "Today"]


def test_why_is_said_once_for_a_run_and_the_last_own_message_says_its_state() -> None:
    rows = message_rows(
        [
            said("a", sender="me", state="waiting", why="Bob is offline"),
            said("b", sender="me", state="waiting", why="Bob is offline"),
            said("c", sender="me", state="failed", why="too old"),
            said("d", sender="me", state="waiting", why="waiting for Bob to accept"),
            said("e", sender="me", state="read"),
            said("f"),
        ],
        NOW,
        "b",
        complete=True,
    )
    notes = ["", "Waiting: Bob is offline", "Not sent: too old", "Waiting for Bob to accept", "Read", ""]
    assert [row.note for row in rows] == notes
    assert [row.divider for row in rows] == [False, True, False, False, False, False]
    assert rows[1].first
    assert rows[0].last
    assert rows[5].label.startswith("Bob, ")


def test_a_clock_that_lies_breaks_nothing(qapp: QGuiApplication) -> None:
    model = MessageModel()
    tester = watched(model)
    messages = [
        said("a", time="never"),
        said("b", time="9999-12-31T23:59:59.999Z"),
        said("c", time="0001-01-01T00:00:00.000Z"),
    ]
    model.apply(message_rows(messages, NOW, "", complete=True))
    assert model.rowCount() == 3
    del tester


def test_pages_become_one_timeline() -> None:
    everything = [said(str(i)) for i in range(20)]
    timeline = Timeline()
    timeline.merge(everything[10:15], asked=5)
    timeline.prepend(everything[5:10], asked=5)
    assert (timeline.messages, timeline.complete) == (everything[5:15], False)
    timeline.merge(everything[12:17], asked=5)
    assert timeline.messages == everything[5:17]
    late = said("late")
    timeline.merge([everything[13], late, *everything[14:17]], asked=5)
    assert timeline.messages == [*everything[5:14], late, *everything[14:17]]
    timeline.prepend(everything[0:5], asked=100)
    assert timeline.complete
    timeline.merge(everything[18:20], asked=2)
    assert (timeline.messages, timeline.complete) == (everything[18:20], False)


def test_a_quote_is_a_line_and_says_what_is_gone() -> None:
    long = msgspec.structs.replace(said("a", "word  and\n" * 100), reply_to=None)
    gone = msgspec.structs.replace(said("b", sender="me"), text="", unsent=True)
    answers = [msgspec.structs.replace(said(f"to {id}"), reply_to=id) for id in ("a", "b", "far", "lost", "later")]
    around = Around("me", {}, {"far": said("far", "from far up"), "lost": None})
    rows = message_rows([long, gone, *answers], NOW, "", complete=True, around=around)[2:]
    assert rows[0].quote_text.startswith("word and word and")
    assert len(rows[0].quote_text) <= LONGEST
    assert [(row.quote_name, row.quote_text, row.quote_gone) for row in rows[1:]] == [
        ("You", "Message taken back", True),
        ("Bob", "from far up", False),
        ("", "A message that was deleted here", True),
        ("", "\u2026", True),
    ]


def test_equal_reactions_are_one_chip_and_oneself_is_named_first() -> None:
    reactions = [Reaction("bob", "👍"), Reaction("carol", "🎂"), Reaction("me", "👍")]
    assert chips(reactions, "me", {"bob": "Bob", "carol": "Carol"}.__getitem__) == [
        {"value": "👍", "count": 2, "own": True, "names": "You, Bob"},
        {"value": "🎂", "count": 1, "own": False, "names": "Carol"},
    ]
