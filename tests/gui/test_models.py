"""The list models, watched by Qt's own model tester, and the plain functions that compute what is shown."""

from __future__ import annotations

import re
import sys
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from p2pdm.api.types import ApiError, Chat, Member, MemberState, Message, MessageState, Person, Reaction, Room
from p2pdm.api.types.groups import Rights
from p2pdm_gui.forwarder import Target, outcome
from p2pdm_gui.markup import links, marked, marked_up, plain
from p2pdm_gui.members import member_row
from p2pdm_gui.messages import Around, MessageModel, message_rows
from p2pdm_gui.quotes import LONGEST
from p2pdm_gui.reach import member_lines, reach_in_words
from p2pdm_gui.reactions import chips
from p2pdm_gui.rows import RowModel
from p2pdm_gui.sidebar import Shared, sidebar_rows
from p2pdm_gui.timeline import Timeline
from p2pdm_gui.times import brief, day, last_seen, moment
from p2pdm_gui.typists import typing_in_words

NOW = date(2026, 3, 4)


class Fruit(msgspec.Struct, frozen=True):
    """A row of these tests."""

    key: str
    ripe: bool = False


class FruitModel(RowModel[Fruit]):
    """A list of fruit."""

    fields = ("key", "ripe")


def watched(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """A tester that ends the test at the first broken promise."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


baskets = st.lists(st.builds(Fruit, key=st.sampled_from("abcdefgh"), ripe=st.booleans()), unique_by=lambda f: f.key)


@given(st.lists(baskets, max_size=5))
def test_a_model_becomes_what_it_is_told_without_ever_being_reset(
    qapp: QGuiApplication, lists: list[list[Fruit]]
) -> None:
    model = FruitModel()
    tester = watched(model)
    resets: list[int] = []
    mirror: list[str] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.rowsInserted.connect(lambda _, a, b: mirror.__setitem__(slice(a, a), [f.key for f in model.rows[a : b + 1]]))
    model.rowsRemoved.connect(lambda _, a, b: mirror.__delitem__(slice(a, b + 1)))
    model.rowsMoved.connect(lambda _, a, _b, _p, to: mirror.insert(to, mirror.pop(a)))
    for basket in lists:
        model.apply(basket)
        assert model.rows == basket
        assert mirror == [fruit.key for fruit in basket]
    assert not resets
    del tester


def test_an_equal_list_changes_nothing_and_one_change_is_one_signal(qapp: QGuiApplication) -> None:
    model = FruitModel()
    model.apply([Fruit(key) for key in "abcd"])
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    model.apply([Fruit(key) for key in "abcd"])
    assert changes == []
    model.apply([Fruit("a"), Fruit("b", ripe=True), Fruit("c", ripe=True), Fruit("d")])
    assert changes == [(1, 2)]


def test_a_field_is_a_role_and_what_is_not_there_is_none(qapp: QGuiApplication) -> None:
    model = FruitModel()
    model.apply([Fruit("a", ripe=True)])
    roles = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    assert model.data(model.index(0), roles["ripe"]) is True
    assert model.data(model.index(0), 1) is None
    assert model.data(QModelIndex(), roles["ripe"]) is None
    assert model.rowCount(model.index(0)) == 0


def test_calling_qt_loses_no_reference_to_none(qapp: QGuiApplication) -> None:
    """One release of PySide drops one at every void call, until the process dies."""
    model = FruitModel()
    before = sys.getrefcount(None)
    for _ in range(2_000):
        model.layoutChanged.emit()
        model.setObjectName("fruit")
        model.blockSignals(False)
    assert abs(sys.getrefcount(None) - before) < 500


# Messages.


def said(
    id: str, text: str = "", time: str = "2026-03-02T09:00:00.000Z", sender: str = "bob", **more: object
) -> Message:
    """A message; Bob's unless it says otherwise."""
    state: MessageState = more.pop("state", "delivered")  # type: ignore[assignment]
    mine = sender == "me"
    name = "Me" if mine else sender.capitalize()
    return Message(
        id, "c", sender, name, time, text or id, state, str(more.pop("why", "")), mine, bool(more.pop("unread", False))
    )


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


# Links.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.org/b?c=d&e=f.", ["https://a.org/b?c=d&e=f"]),
        ("(www.a.org) and HTTP://B.ORG!", ["https://www.a.org", "HTTP://B.ORG"]),
        ("https://en.org/x_(y)", ["https://en.org/x_(y)"]),
        ("nothing here: javascript:alert(1) file:///etc/passwd", []),
        ("*https://a.org/x_y_z*, mailto:a@b.org!", ["https://a.org/x_y_z", "mailto:a@b.org"]),
        ("`https://a.org` is code", []),
        ("http:// www. mailto:", []),
    ],
)
def test_links_are_found_without_the_sentence_around_them(text: str, found: list[str]) -> None:
    assert links(text) == found


@given(st.text(alphabet="<>&\"'/ab= \n", max_size=40))
def test_no_markup_of_a_peer_survives(text: str) -> None:
    written = marked_up(f"https://a.org {text}")
    assert written.startswith('<a href="0">')
    rest = written.replace('<a href="0">', "", 1).replace("</a>", "", 1).replace("<br/>", "")
    assert "<" not in rest
    assert ">" not in rest


def test_text_without_links_stays_plain() -> None:
    assert marked_up("<b>bold</b> & more") == ""


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a *b c* d", "a <b>b c</b> d"),
        ("_a_, *_b_*", "<i>a</i>, <b><i>b</i></b>"),
        ("x `*y* <z>` x", "x <code>*y*&nbsp;&lt;z&gt;</code> x"),
        ("so:\n```\n<a>\n  b\n```\nc", "so:<pre>&lt;a&gt;\n  b</pre>c"),
        ("> *said*\nno > quote", "\u258e <b>said</b><br/>no &gt; quote"),
    ],
)
def test_a_little_markdown_is_shown(text: str, markup: str) -> None:
    assert marked(text).markup == markup
    assert marked(text).rich == ("`" in text)


@pytest.mark.parametrize(
    "text",
    ["2*3*4", "a_file_name", "* a list *", "**", "__init__", "*a\nb*", "`", "``````", ">:(", "1 > 0", "# no", "[a](b)"],
)
def test_what_is_no_markdown_stays_as_typed(text: str) -> None:
    assert marked(text).markup == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a *b c* d", "a b c d"),
        ("_a_, *_b_* and `c  <d>`", "a, b and c  <d>"),
        ("so:\n```\n<a>\n  b\n```\nc", "so:\n<a>\n  b\nc"),
        ("> *said*\nno > quote", "said\nno > quote"),
        ("www.a.org/x_y_z & *more* &lt;", "www.a.org/x_y_z & more &lt;"),
        ("2*3*4 <b> &amp;", "2*3*4 <b> &amp;"),
    ],
)
def test_where_there_is_no_room_the_words_stand_without_marks(text: str, words: str) -> None:
    assert plain(text) == words


TAGS = re.compile(r'</?(?:b|i|code|pre)>|<br/>|<a href="\d+">|</a>')


@given(
    st.text(alphabet="*_`<>&\"'\n @a/:.hpst\ue000\ue001", max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9))),
)
def test_whatever_is_typed_no_other_tag_comes_out(text: str, named: list[tuple[int, int]]) -> None:
    rest = TAGS.sub("", marked(text, tuple(named)).markup)
    assert not set(rest) & set("<>\ue000\ue001")


def test_who_is_named_stands_out() -> None:
    assert marked("hi @Bob <b>", ((3, 4),)).markup == "hi <b>@Bob</b> &lt;b&gt;"


# The list at the left.


def person(name: str, **fields: object) -> Person:
    """Somebody."""
    known = {
        "relation": "contact",
        "online": False,
        "verified": False,
        "accepted_by_them": True,
        "addresses": [],
    } | fields
    return Person(id=name.lower(), name=name, chat=f"chat-{name.lower()}", **known)  # type: ignore[arg-type]


def test_requests_come_first_then_chats_then_contacts_then_who_is_nearby() -> None:
    people = {
        p.id: p
        for p in (
            person("Ann"),
            person("Bob"),
            person("Carol", relation="nearby", online=True),
            person("Dave", relation="request", request="Hi\nthere"),
            person("Eve", relation="blocked"),
        )
    }
    chats = [Chat("chat-bob", "direct", "Bob", ["me", "bob"], 2, said("x", "hello", sender="bob"))]
    rows = sidebar_rows(chats, people, {"chat-bob": "half a"}, "", NOW)
    assert [(row.section, row.name, row.line) for row in rows] == [
        ("Requests", "Dave", "Hi there"),
        ("Chats", "Bob", "half a"),
        ("Chats", "Ann", "No messages yet"),
        ("Nearby", "Carol", "On this network. Say hello"),
    ]
    assert rows[1].draft
    assert "2 unread" in rows[1].label
    assert [row.name for row in sidebar_rows(chats, people, {}, "EVE", NOW)] == ["Eve"]
    assert [row.name for row in sidebar_rows(chats, people, {}, "bob hel", NOW)] == ["Bob"]


def test_groups_stand_among_chats_invitations_among_requests_and_a_silent_lobby_behind_them() -> None:
    people = {p.id: p for p in (person("Ann"), person("Bob", relation="nearby", online=True))}
    hello = said("x", "hello", sender="ann")
    chats = [
        Chat("g1", "group", "Lunch", ["me", "ann"], 1, hello),
        Chat("g2", "group", "Golf", ["ann"], 0, None, standing="invited"),
    ]
    lobby = Room("r1", "Lobby", entered=True, announcement=False, people=2)
    shared = Shared(lobby, lambda _chat: "Ann", typing=lambda chat: "Ann is typing" if chat == "g1" else "")
    rows = sidebar_rows(chats, people, {}, "", NOW, shared=shared)
    assert [(row.section, row.name, row.line) for row in rows] == [
        ("Requests", "Golf", "Ann invites you"),
        ("Chats", "Lunch", f"{hello.name}: hello"),
        ("Chats", "Lobby", "You and 1 other are here"),
        ("Chats", "Ann", "No messages yet"),
        ("Nearby", "Bob", "On this network. Say hello"),
    ]
    assert rows[0].label == "Ann invites you to Golf"
    assert "group, 1 unread, Ann is typing" in rows[1].label
    alone = Shared(Room("r1", "Lobby", entered=True, announcement=False, people=1))
    assert sidebar_rows([], {}, {}, "", NOW, shared=alone) == []  # the empty list says what may be in the way
    assert [row.name for row in sidebar_rows([], {}, {}, "lob", NOW, shared=alone)] == ["Lobby"]


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


def test_who_has_a_message_is_listed_by_how_far_it_came_with_them() -> None:
    names = {"a": "Ann", "b": "Bob", "c": "Carol", "d": "Dave"}
    noon = "2026-03-03T12:00:00Z"
    states = [
        MemberState("a", "waiting", None, "Ann is offline"),
        MemberState("b", "read", noon),
        MemberState("c", "waiting", None, "Carol can't be reached: no route"),
        MemberState("d", "read", noon),
    ]
    lines = member_lines(states, names.__getitem__, NOW)
    assert [(line["title"], line["name"]) for line in lines] == [
        ("Read by", "Bob"),
        ("", "Dave"),
        ("Waiting for", "Ann"),
        ("", "Carol"),
    ]
    assert lines[0]["when"].startswith("Yesterday, ")
    assert [line["when"] for line in lines[2:]] == ["offline", "can't be reached: no route"]


def test_only_who_stands_above_a_member_can_do_something_about_them() -> None:
    ranks: list[Rights] = ["creator", "admin", "member", "invited"]
    may = {}
    for mine in (3, 2, 1):
        rows = [
            member_row(Member(rank, rank, rank, online=True), "me", mine, None, announcement=False) for rank in ranks
        ]
        may[mine] = [(row.may_remove, row.may_promote, row.may_demote) for row in rows]
    nothing = (False, False, False)
    assert may[3] == [nothing, (True, False, True), (True, True, False), (True, False, False)]
    assert may[2] == [nothing, nothing, (True, False, False), (True, False, False)]
    assert may[1] == [nothing] * 4


# Times.


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
