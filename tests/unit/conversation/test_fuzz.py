"""Whatever bytes come, only EntryError comes out, and what is read can be shown, stored and handed on."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2pdm.conversation.encoding import MAX_ENTRY, check_signature, decode, decode_body, encode_body, seal
from p2pdm.conversation.entries import (
    CONTENT,
    MAX_NUMBER,
    NO_ENTRY,
    Edit,
    Entry,
    EntryError,
    Header,
    Kind,
    Mark,
    Open,
    Text,
    Unknown,
    Unsend,
)
from p2pdm.conversation.log import authorise, lacking
from p2pdm.conversation.timeline import Authored, body_of, fold, line_of
from p2pdm.identity import Certificate, IdentityError
from tests.unit.cast import ALICE, BOB, seed
from tests.unit.ledger import CHAT

ids = st.binary(min_size=32, max_size=32)
texts = st.text(max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts | st.binary(max_size=40) | ids,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.integers(0, 9), inner, max_size=3),
    max_leaves=10,
)
kinds = st.sampled_from([*Kind, 0, 13, 255])
arrays = st.builds(lambda text, rest: [text, *rest], texts, st.lists(anything, max_size=4))
numbers = st.sampled_from([0, 7, MAX_NUMBER, MAX_NUMBER + 1, -1, 2**64 - 1, True, 1.0, None])
floors = st.lists(st.tuples(ids, numbers, ids, numbers) | anything, max_size=3)
changes = st.lists(ids | numbers | floors | texts | st.booleans() | anything, max_size=4).map(lambda rest: ["", *rest])
bodies = (
    changes.map(msgspec.msgpack.encode)
    | st.binary(max_size=60)
    | arrays.map(msgspec.msgpack.encode)
    | anything.map(msgspec.msgpack.encode)
)
targeted = [Text("a", seed("t")), Edit(seed("t"), "a"), Unsend(seed("t")), Mark(seed("t"), "pin", "1")]
DEEP = b"\x92\xa0" + b"\x91" * 30_000
HUGE = [b"\x92\xa0" + marker + b"\xff" * 4 for marker in (b"\xc6", b"\xc9", b"\xdb", b"\xdd", b"\xdf")]


def entry(kind: int, body: bytes) -> Entry:
    header = Header(0, CONTENT, kind, CHAT, ALICE.device.public, 1, NO_ENTRY, 2, 3, 0, 0, b"")
    return seal(header, body, seed("salt")[:16], ALICE.device)


@given(st.binary(max_size=400) | st.binary(max_size=400).map(lambda rest: b"\1" + rest))
def test_bytes_from_anywhere_are_no_entry(data: bytes) -> None:
    with pytest.raises(EntryError):
        check_signature(decode(data))


@given(kinds, bodies, st.data())
def test_changed_entries_are_refused(kind: int, body: bytes, data: st.DataObject) -> None:
    encoded = bytearray(entry(kind, body).encode())
    before = bytes(encoded)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        encoded[at : at + 1] = data.draw(st.binary(max_size=2))
    if bytes(encoded) != before:
        with pytest.raises(EntryError):
            check_signature(decode(bytes(encoded)))


@given(st.binary(min_size=168, max_size=168), st.binary(max_size=120))
def test_a_header_of_any_bytes_is_within_all_bounds_or_refused(header: bytes, rest: bytes) -> None:
    """The numbers go into tables as they are."""
    try:
        read = decode(b"\1" + header + rest)
    except EntryError:
        return
    assert max(read.header.seq, read.header.lamport, read.header.time) <= MAX_NUMBER
    assert read.header.chain in (0, 1)
    assert read.encode() == b"\1" + header + rest


@given(kinds, bodies)
@example(Kind.TEXT, DEEP)
@example(Kind.OPEN, DEEP)
@example(77, HUGE[0])
@example(77, HUGE[1])
@example(77, HUGE[2])
@example(77, HUGE[3])
@example(77, HUGE[4])
@example(77, b"\x92\xa0\x81\x80\x01")
@example(77, b"\x92\xa0\xd7\xff" + b"\xff" * 8)
@example(Kind.TEXT, b"\x91\xa3\xed\xa0\x80")
@example(Kind.TEXT, b"\x91\xa1\xff")
def test_a_body_of_any_bytes_is_read_or_refused(kind: int, data: bytes) -> None:
    try:
        body = decode_body(kind, data)
    except EntryError:
        assert line_of(entry(kind, data)) is None
        return
    if isinstance(body, Unknown):
        assert kind not in list(Kind)
        return
    assert decode_body(*encode_body(body)) == body, "what is read can be said again"


@given(st.lists(st.tuples(kinds, bodies, st.sampled_from([ALICE.id, BOB.id])), max_size=4), kinds, bodies)
def test_a_line_is_folded_of_anything(about: list[tuple[int, bytes, bytes]], kind: int, body: bytes) -> None:
    message = Authored(entry(kind, body), ALICE.id)
    line = fold(message, [Authored(entry(k, b), author) for k, b, author in about])
    assert line is None or line.unsent or line.text


@given(st.sampled_from(targeted), st.data())
def test_an_id_of_another_length_is_no_target(body: Text | Edit | Unsend | Mark, data: st.DataObject) -> None:
    kind, encoded = encode_body(body)
    short = data.draw(st.binary(max_size=31))
    parts = [short if part == seed("t") else part for part in msgspec.msgpack.decode(encoded)]
    changed = entry(kind, msgspec.msgpack.encode(parts))
    assert body_of(changed) == (Text("a") if kind == Kind.TEXT else None)


@given(bodies)
def test_an_opening_of_any_body_authorises_nobody(body: bytes) -> None:
    opening = seal(_opening(), body, seed("salt")[:16], ALICE.device)
    assert lacking(opening, lambda _: None) == []
    with pytest.raises(EntryError):
        authorise(opening, {ALICE.id})


@given(st.binary(max_size=Certificate.SIZE + 1) | st.binary(min_size=Certificate.SIZE, max_size=Certificate.SIZE))
def test_bytes_from_anywhere_are_no_certificate(data: bytes) -> None:
    with pytest.raises(IdentityError):
        Certificate.decode(data)
    with pytest.raises(EntryError):
        authorise(seal(_opening(), encode_body(Open(data))[1], bytes(16), ALICE.device), {ALICE.id})


def _opening() -> Header:
    return Header(0, CONTENT, Kind.OPEN, CHAT, ALICE.device.public, 0, NO_ENTRY, 1, 3, 0, 0, b"")


def test_the_largest_that_can_come_is_refused_quickly() -> None:
    with pytest.raises(EntryError, match="too large"):
        decode(bytes(MAX_ENTRY + 1))
