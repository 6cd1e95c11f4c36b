"""Replies, edits, reactions, pins and taking back: whatever the order of arrival, every reader sees the same."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.conversation.encoding import decode_body, encode_body, seal
from p2pdm.conversation.entries import (
    CONTENT,
    NO_ENTRY,
    PIN,
    REACTION,
    Edit,
    Entry,
    EntryError,
    Header,
    Kind,
    Mark,
    Said,
    Text,
    Unsend,
)
from p2pdm.conversation.timeline import Authored, Line, fold, target_of
from tests.unit.cast import ALICE, BOB, Person, seed
from tests.unit.ledger import CHAT

TARGET = bytes(range(32))


def said(who: Person, body: Said, lamport: int, time: int = 7) -> Authored:
    """Something that somebody said."""
    kind, encoded = encode_body(body)
    header = Header(0, CONTENT, kind, CHAT, who.device.public, lamport, NO_ENTRY, lamport, time, 0, 0, b"")
    return Authored(seal(header, encoded, seed("salt")[:16], who.device), who.id)


def purged(one: Authored) -> Authored:
    """The same after its body was purged."""
    entry = one.entry
    return Authored(Entry(entry.id, entry.header, entry.signed, entry.signature), one.author)


def shown(message: Authored, *about: Authored) -> Line:
    line = fold(message, about)
    assert line is not None
    return line


def test_the_latest_edit_gives_the_words_and_the_earlier_ones_stay_visible() -> None:
    message = said(ALICE, Text("See you at tne"), 1)
    first = said(ALICE, Edit(message.entry.id, "See you at ten"), 2)
    second = said(ALICE, Edit(message.entry.id, "See you at eleven"), 3)
    line = shown(message, second, first)
    assert line.text == "See you at eleven"
    assert [version.text for version in line.earlier] == ["See you at tne", "See you at ten"]


def test_nobody_edits_or_takes_back_what_somebody_else_said() -> None:
    message = said(ALICE, Text("I owe you nothing"), 1)
    line = shown(message, said(BOB, Edit(message.entry.id, "I owe you 100"), 2), said(BOB, Unsend(message.entry.id), 3))
    assert (line.text, line.earlier, line.unsent) == ("I owe you nothing", (), False)


def test_what_was_taken_back_leaves_only_that_it_was_there() -> None:
    message = said(ALICE, Text("secret", reply_to=TARGET), 1)
    back = said(ALICE, Unsend(message.entry.id), 2)
    late = said(ALICE, Edit(message.entry.id, "secret again"), 3)
    for one in (message, purged(message)):
        line = shown(one, late, back, said(BOB, Mark(message.entry.id, REACTION, "👍"), 2))
        assert (line.unsent, line.text, line.earlier, line.reactions, line.reply_to) == (True, "", (), (), None)


def test_each_person_has_one_reaction_and_may_take_it_back() -> None:
    message = said(ALICE, Text("Cake in the kitchen"), 1)
    id = message.entry.id
    marks = [said(BOB, Mark(id, REACTION, "👍"), 2), said(ALICE, Mark(id, REACTION, "🎂"), 3)]
    assert shown(message, *marks).reactions == ((BOB.id, "👍"), (ALICE.id, "🎂"))
    marks.append(said(BOB, Mark(id, REACTION, "😋"), 4))
    assert shown(message, *marks).reactions == ((ALICE.id, "🎂"), (BOB.id, "😋"))
    marks.append(said(ALICE, Mark(id, REACTION, ""), 5))
    assert shown(message, *marks).reactions == ((BOB.id, "😋"),)


def test_whoever_pins_last_decides() -> None:
    message = said(ALICE, Text("The door code is on the board"), 1)
    pins = [said(BOB, Mark(message.entry.id, PIN, "1"), 2)]
    assert shown(message, *pins).pinned
    pins.append(said(ALICE, Mark(message.entry.id, PIN, ""), 3))
    assert not shown(message, *pins).pinned


def test_a_mark_of_a_later_version_changes_nothing_that_is_known() -> None:
    message = said(ALICE, Text("hello"), 1)
    assert shown(message, said(BOB, Mark(message.entry.id, "sparkle", "1"), 2)) == shown(message)


@given(st.randoms(use_true_random=False), st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=8))
def test_any_order_of_arrival_gives_the_same_line(order: random.Random, story: list[tuple[str, int]]) -> None:
    message = said(ALICE, Text("start"), 1)
    id = message.entry.id
    bodies: list[Said] = [Edit(id, "edited"), Mark(id, REACTION, "👍"), Mark(id, REACTION, ""), Mark(id, PIN, "1")]
    about = [
        said(ALICE if who == "a" else BOB, bodies[which], 2, time=place) for place, (who, which) in enumerate(story)
    ]
    expected = fold(message, about)
    order.shuffle(about)
    assert fold(message, about) == expected


@pytest.mark.parametrize(
    "body",
    [
        Text("hi"),
        Text("hi", TARGET),
        Edit(TARGET, "ho"),
        Unsend(TARGET),
        Mark(TARGET, REACTION, "👩‍👩‍👧‍👦"),
    ],
)
def test_what_was_said_is_what_is_read(body: Said) -> None:
    kind, encoded = encode_body(body)
    assert decode_body(kind, encoded) == body
    assert target_of(body) == (None if isinstance(body, Text) else TARGET)


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (Kind.EDIT, ["words"]),
        (Kind.EDIT, ["", TARGET]),
        (Kind.EDIT, ["words", b"short"]),
        (Kind.UNSEND, [""]),
        (Kind.MARK, ["", TARGET, "reaction"]),
        (Kind.MARK, ["", TARGET, "reaction", "x" * 65]),
        (Kind.MARK, ["", TARGET, 1, "x"]),
    ],
)
def test_what_lacks_what_it_needs_is_refused(kind: Kind, parts: list[object]) -> None:
    with pytest.raises(EntryError):
        decode_body(kind, msgspec.msgpack.encode(parts))
