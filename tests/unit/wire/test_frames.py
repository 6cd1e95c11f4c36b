"""Frames arrive as they were sent; what is not a frame, or says what can't be, is refused at the door."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.conversation.entries import MAX_NUMBER
from p2pdm.identity import MAX_NAME, MAX_RECORD
from p2pdm.wire import frames
from p2pdm.wire.frames import (
    MAX_FRAME,
    MAX_STATUS_TEXT,
    Accepts,
    AskPicture,
    Close,
    Entries,
    Frame,
    FrameError,
    Have,
    Head,
    Held,
    Hello,
    Invited,
    Lacking,
    Lane,
    Picture,
    Ping,
    Pong,
    Presence,
    Profile,
    Read,
    Request,
    Room,
    Rooms,
    Tell,
    Typing,
    Want,
    Yours,
    decode_all,
    encode,
    pack,
)
from p2pdm.wire.picture import MAX_PICTURE

ids = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, MAX_NUMBER)
ports = st.integers(1, 65_535)
blobs = st.binary(max_size=50)
heads = st.builds(Head, ids, st.integers(0, 255), numbers, ids)
sendable: dict[type[Frame], st.SearchStrategy[Frame]] = {
    Ping: st.builds(Ping, numbers),
    Pong: st.builds(Pong, numbers),
    Close: st.builds(Close, numbers),
    Lane: st.builds(Lane, st.integers(0, 2**32 - 1), ids, ports),
    Hello: st.builds(Hello, blobs, st.booleans(), ports, st.booleans()),
    Profile: st.builds(Profile, blobs),
    Accepts: st.builds(Accepts, st.booleans()),
    Typing: st.builds(Typing, ids, st.booleans()),
    Presence: st.builds(Presence, st.booleans(), st.text(max_size=16), st.text(max_size=MAX_STATUS_TEXT)),
    AskPicture: st.builds(AskPicture, ids),
    Picture: st.builds(Picture, st.binary(min_size=1, max_size=50)),
    Yours: st.builds(Yours, blobs),
    Have: st.builds(Have, ids, st.lists(heads, max_size=4), st.booleans()),
    Entries: st.builds(Entries, ids, st.lists(blobs, max_size=4)),
    Want: st.builds(Want, ids, ids, st.integers(-1, MAX_NUMBER)),
    Read: st.builds(Read, ids, st.lists(heads, max_size=4)),
    Request: st.builds(Request, blobs, blobs),
    Held: st.builds(Held, ids),
    Invited: st.builds(Invited, ids, ids, ids, st.integers(0, 255)),
    Tell: st.builds(Tell, ids),
    Lacking: st.builds(Lacking, ids, st.lists(ids, max_size=3)),
    Rooms: st.builds(Rooms, st.lists(st.builds(Room, st.text(max_size=MAX_NAME), ids, ids), max_size=3)),
}
any_frame = st.one_of(*sendable.values())
ID = b"i" * 32


def raw(*parts: object) -> bytes:
    """A frame of any parts, its length before it."""
    data = msgspec.msgpack.encode(parts)
    return len(data).to_bytes(3, "big") + data


@given(st.lists(any_frame, max_size=6))
def test_what_is_sent_is_what_arrives(sent: list[Frame]) -> None:
    assert decode_all(b"".join(map(encode, sent))) == sent


def test_every_kind_of_frame_is_tested_here() -> None:
    assert set(sendable) == set(get_args(frames.Frame))


@given(any_frame)
def test_a_later_version_may_add_to_a_frame(frame: Frame) -> None:
    parts = msgspec.msgpack.decode(msgspec.msgpack.encode(frame))
    assert decode_all(raw(*parts, "more", {"and": ["more"]})) == [frame]


@given(st.integers(0, 2**64 - 1).filter(lambda number: number not in frames._KNOWN), st.lists(blobs | numbers))
def test_what_a_later_version_says_is_skipped(number: int, parts: list[bytes | int]) -> None:
    assert decode_all(encode(Ping(1)) + raw(number, *parts) + encode(Ping(2))) == [Ping(1), Ping(2)]


@pytest.mark.parametrize(
    "frame",
    [
        Ping(-1),
        Pong(MAX_NUMBER + 1),
        Close(2**64 - 1),
        Lane(2**32, ID, 1),
        Lane(-1, ID, 1),
        Lane(1, ID[:-1], 1),
        Lane(1, ID, 0),
        Lane(1, ID, 65_536),
        Hello(bytes(MAX_RECORD + 1), True, 1),
        Hello(b"", True, 0),
        Profile(bytes(MAX_RECORD + 1)),
        Presence(False, "a" * 17, ""),
        Presence(False, "busy", "b" * (MAX_STATUS_TEXT + 1)),
        AskPicture(b"p"),
        Picture(b""),
        Picture(bytes(MAX_PICTURE + 1)),
        Typing(ID + b"i", True),
        Have(b"", [], True),
        Have(ID, [Head(b"d", 0, 0, ID)], True),
        Have(ID, [Head(ID, 0, 0, b"")], True),
        Have(ID, [Head(ID, 256, 0, ID)], True),
        Have(ID, [Head(ID, -1, 0, ID)], True),
        Have(ID, [Head(ID, 0, -1, ID)], True),
        Have(ID, [Head(ID, 0, 2**63, ID)], True),
        Entries(b"", []),
        Want(ID, ID, -2),
        Want(ID, ID, 2**63),
        Want(ID, b"h", 0),
        Want(b"c", ID, 0),
        Read(ID, [Head(ID, 0, 2**63, ID)]),
        Held(b""),
    ],
)
def test_what_no_peer_of_ours_would_say_goes_no_further(frame: Frame) -> None:
    """Whoever gets a frame puts its ids and numbers into tables as they are."""
    with pytest.raises(FrameError, match="can't be read"):
        decode_all(encode(frame))


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"\0\0",
        b"\0\0\0",
        b"\0\0\5" + b"\x91\1",
        b"\xff\xff\xff" + bytes(100),
        encode(Ping(1))[:-1],
        encode(Ping(1)) + b"\0",
        raw(),
        raw("1"),
        raw(1),
        raw(1, "2"),
        raw(1, 1.0),
        raw(True, 1),
        raw(None, 1),
        raw(-1.5),
        raw(20, ID, [[ID, 0, 0]], True),
        raw(20, ID, [7], True),
        raw(20, ID, None, True),
        raw(12, 1),
        b"\0\0\3\x92\1\xc1",
        b"\0\0\1\xc0",
        b"\0\0\1\x01",
        b"\0\0\5\xdd\xff\xff\xff\xff",
        b"\0\0\6\x92\2\xc6\xff\xff\xff"[:9],
        b"\0\x40\0" + b"\x91" * 0x4000,
    ],
)
def test_what_is_no_frame_ends_the_record(data: bytes) -> None:
    with pytest.raises(FrameError):
        decode_all(data)


def test_whatever_else_a_later_number_carries_is_skipped_unread() -> None:
    nested = b"\x92\x63" + b"\x91" * 100 + b"\x01"
    assert decode_all(len(nested).to_bytes(3, "big") + nested) == []


@given(st.binary(max_size=200) | st.lists(st.binary(max_size=60)).map(lambda parts: b"".join(map(_framed, parts))))
def test_whatever_comes_only_frame_errors_come_out(data: bytes) -> None:
    try:
        read = decode_all(data)
    except FrameError:
        return
    assert all(isinstance(frame, frames.Frame) for frame in read)


@given(st.lists(any_frame, min_size=1, max_size=3), st.data())
def test_changed_frames_are_other_frames_or_errors(sent: list[Frame], data: st.DataObject) -> None:
    mutated = bytearray(b"".join(map(encode, sent)))
    for _ in range(data.draw(st.integers(1, 4))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = decode_all(bytes(mutated))
    except FrameError:
        return
    assert decode_all(b"".join(map(encode, read))) == read, "it is within all bounds"


def _framed(data: bytes) -> bytes:
    return len(data).to_bytes(3, "big") + data


# --- packing ---


def test_a_frame_fits_a_record() -> None:
    fits = Entries(ID, [bytes(MAX_FRAME - 100)])
    assert decode_all(encode(fits)) == [fits]
    with pytest.raises(ValueError, match="split it"):
        encode(Entries(ID, [bytes(MAX_FRAME)]))


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(30, 90))
def test_packing_keeps_order_and_room(pieces: list[bytes], room: int) -> None:
    payloads = pack(pieces, room)
    assert b"".join(payloads) == b"".join(pieces)
    assert all(0 < len(payload) <= room for payload in payloads)
    joined = [len(one) + len(other) for one, other in pairwise(payloads)]
    assert all(size > room - 30 for size in joined), "no payload is wasted"
