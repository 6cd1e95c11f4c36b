"""Everyone who holds the same entries reads the same page."""

from __future__ import annotations

import random

import msgspec

from p2pdm.conversation.encoding import seal
from p2pdm.conversation.entries import CONTENT, NO_ENTRY, Entry, Header, Kind
from p2pdm.conversation.timeline import line_of
from tests.unit.cast import ALICE, BOB, seed
from tests.unit.ledger import CHAT, MemoryLedger, Writer


def page(entries: list[Entry]) -> list[str]:
    """What a reader sees, top to bottom."""
    lines = [line for entry in entries if (line := line_of(entry)) is not None]
    return [line.text for line in sorted(lines, key=lambda line: line.order)]


def test_the_page_is_the_same_in_whatever_order_it_came() -> None:
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    for turn in range(6):
        alice.say(f"alice {turn}")
        bob.say(f"bob {turn}")
    entries = list(ledger.entries.values())
    expected = [f"{who} {turn}" for turn in range(6) for who in ("alice", "bob")]
    for attempt in range(20):
        random.Random(attempt).shuffle(entries)
        assert page(entries) == expected


def test_an_answer_stands_below_its_question_however_wrong_the_clocks_are() -> None:
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    alice.say("question", time=2**52)  # alice's clock is in the far future
    bob.say("answer", time=5)
    assert page(list(ledger.entries.values())) == ["question", "answer"]


def test_what_was_said_at_once_is_in_order_of_the_clocks() -> None:
    here, there = MemoryLedger(), MemoryLedger()
    late, early = Writer(ALICE, here).say("late", time=9), Writer(BOB, there).say("early", time=8)
    assert late.header.lamport == early.header.lamport
    assert page([late, early]) == ["early", "late"]


def entry(kind: int, body: bytes) -> Entry:
    header = Header(0, CONTENT, kind, CHAT, ALICE.device.public, 1, NO_ENTRY, 2, 3, 0, 0, b"")
    return seal(header, body, seed("salt")[:16], ALICE.device)


def test_only_words_make_a_line() -> None:
    assert line_of(entry(Kind.TEXT, msgspec.msgpack.encode([""]))) is None
    assert line_of(entry(Kind.OPEN, msgspec.msgpack.encode(["", b"certificate", []]))) is None
    assert line_of(entry(77, msgspec.msgpack.encode([""]))) is None
    unknown = line_of(entry(77, msgspec.msgpack.encode(["a drawing", 1])))
    assert unknown is not None
    assert unknown.text == "a drawing"


def test_a_purged_or_broken_body_adds_no_line_and_no_error() -> None:
    said = entry(Kind.TEXT, msgspec.msgpack.encode(["hello"]))
    assert line_of(said) is not None
    assert line_of(msgspec.structs.replace(said, salt=b"", body=None)) is None
    assert line_of(entry(Kind.TEXT, b"\xc1 no MessagePack")) is None
