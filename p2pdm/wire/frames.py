"""Frames: what two peers say to each other inside a session, and their bytes.

A record (and a datagram) holds whole frames: `length 3 | MessagePack array`, whose first element is the frame's
number. A number that this version does not know is skipped, so that later versions may say more; anything
malformed raises FrameError. So does a field outside its bounds (an id of another length than 32 bytes, a number that
no database holds), and whoever gets a frame need not look again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from p2pdm.conversation.entries import MAX_NUMBER
from p2pdm.identity import MAX_NAME, MAX_RECORD
from p2pdm.wire.errors import WireError
from p2pdm.wire.picture import MAX_PICTURE

MAX_FRAME = 60_000
"""Bytes in a frame: a full record less its overhead."""
MAX_ROOMS = 100
"""Rooms that one node says it is in: what fits a frame, and more than anybody follows."""
MAX_LACKING = 100
"""Entries without a body that are named at once: they are rare, and the next are named when these have come."""
MAX_STATUS_TEXT = 80
"""Characters beside a status: one short line."""
_LENGTH = 3


_Id = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""An identity, a device, a conversation, an entry or a key."""
_Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
_Port = Annotated[int, Meta(ge=1, le=65_535)]
_Record = Annotated[bytes, Meta(max_length=MAX_RECORD)]


class FrameError(WireError):
    """A peer sent bytes that are no frame."""


class Ping(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Say that you are there."""

    number: _Number


class Pong(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """I am, in answer to your ping."""

    number: _Number


class Close(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """The orderly end. Reasons: the constants below; an end without it is a truncation."""

    reason: _Number


LEAVING = 0
"""The node ends: the peer is gone at once."""
REPLACED = 1
"""Another link between the same two stays."""
CLONED = 2
"""We are one device, as the handshakes prove: each becomes a new one. From anybody else it means nothing."""
BUSY = 3
"""No room for strangers now."""
VIOLATION = 4
"""You sent something that can't be."""
RESTING = 5
"""Others were talked with more recently: until either side has something to say."""


class Lane(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Where and how to send me datagrams."""

    index: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    key: _Id
    port: _Port


class Hello(msgspec.Struct, frozen=True, array_like=True, tag=10):
    """The first frame each way."""

    profile: _Record
    accepts: bool
    """Whether I have accepted you."""
    port: _Port
    """Where I listen."""
    hidden: bool = False
    """Show nobody that I am here."""


class Profile(msgspec.Struct, frozen=True, array_like=True, tag=11):
    """My profile record changed."""

    profile: _Record


class Accepts(msgspec.Struct, frozen=True, array_like=True, tag=12):
    """Whether I have accepted you, when that changes."""

    accepts: bool


class Typing(msgspec.Struct, frozen=True, array_like=True, tag=13):
    """I am typing in this conversation, or have stopped."""

    conversation: _Id
    on: bool


class Presence(msgspec.Struct, frozen=True, array_like=True, tag=14):
    """How I am here, while I am. Before the first one: available, and hidden or not as the Hello said."""

    hidden: bool = False
    """Show nobody that I am here; the others below say nothing then."""
    status: Annotated[str, Meta(max_length=16)] = "available"
    """One of the words of p2pdm.api.types.Availability; one of a later version means available."""
    text: Annotated[str, Meta(max_length=MAX_STATUS_TEXT)] = ""


class AskPicture(msgspec.Struct, frozen=True, array_like=True, tag=15):
    """Send me the picture that your profile record names; or the one that mine does, which I have lost."""

    picture: _Id


class Picture(msgspec.Struct, frozen=True, array_like=True, tag=16):
    """The picture that you asked for."""

    data: Annotated[bytes, Meta(min_length=1, max_length=MAX_PICTURE)]


class Yours(msgspec.Struct, frozen=True, array_like=True, tag=17):
    """Your own profile record, newer than the one in your hello: you seem to have gone back to an older copy."""

    profile: _Record


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The last entry of one branch of a chain."""

    device: _Id
    chain: Annotated[int, Meta(ge=0, le=255)]
    seq: _Number
    id: _Id


class Have(msgspec.Struct, frozen=True, array_like=True, tag=20):
    """The heads durably on my disk: of every chain in this conversation (`whole`), or of those that changed."""

    conversation: _Id
    heads: list[Head]
    whole: bool


class Entries(msgspec.Struct, frozen=True, array_like=True, tag=21):
    """Entries of one conversation that you lack, parents first."""

    conversation: _Id
    entries: list[bytes]


class Want(msgspec.Struct, frozen=True, array_like=True, tag=22):
    """Send me the ancestors of this head (itself included) with sequence numbers above `after`."""

    conversation: _Id
    head: _Id
    after: Annotated[int, Meta(ge=-1, le=MAX_NUMBER)]


class Read(msgspec.Struct, frozen=True, array_like=True, tag=23):
    """I have read this far in each chain named."""

    conversation: _Id
    heads: list[Head]


class Request(msgspec.Struct, frozen=True, array_like=True, tag=24):
    """A stranger's one message: the opening and the first content entry of our direct conversation."""

    opening: bytes
    entry: bytes


class Held(msgspec.Struct, frozen=True, array_like=True, tag=25):
    """Your request is on my disk and waits for me."""

    entry: _Id


class Invited(msgspec.Struct, frozen=True, array_like=True, tag=26):
    """You are invited to this group, or belong to it: ask me what there is of it. Its id proves its creator."""

    conversation: _Id
    creator: _Id
    nonce: _Id
    kind: Annotated[int, Meta(ge=0, le=255)]


class Tell(msgspec.Struct, frozen=True, array_like=True, tag=27):
    """Tell me all your heads in this conversation: I did not share it yet when you last did."""

    conversation: _Id


class Rooms(msgspec.Struct, frozen=True, array_like=True, tag=28):
    """The rooms that I am in."""

    rooms: Annotated[list[Room], Meta(max_length=MAX_ROOMS)]


class Room(msgspec.Struct, frozen=True, array_like=True):
    """A room: open, by its name alone, or an announcement of its creator."""

    name: Annotated[str, Meta(max_length=MAX_NAME)]
    creator: Annotated[bytes, Meta(max_length=32)] = b""
    nonce: Annotated[bytes, Meta(max_length=32)] = b""


class Lacking(msgspec.Struct, frozen=True, array_like=True, tag=29):
    """Entries of which I hold no more than that they were said, and not what: whoever has it, send it."""

    conversation: _Id
    entries: Annotated[list[_Id], Meta(max_length=MAX_LACKING)]


Frame = (
    Ping
    | Pong
    | Close
    | Lane
    | Hello
    | Profile
    | Accepts
    | Typing
    | Presence
    | AskPicture
    | Picture
    | Yours
    | Have
    | Entries
    | Want
    | Read
    | Request
    | Held
    | Invited
    | Tell
    | Rooms
    | Lacking
)

_KNOWN = frozenset({1, 2, 3, 4, *range(10, 18), *range(20, 30)})
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_peek = msgspec.msgpack.Decoder(list[msgspec.Raw])
_number = msgspec.msgpack.Decoder(int)


def encode(frame: Frame) -> bytes:
    """One frame's bytes, its length before it."""
    data = _encoder.encode(frame)
    if len(data) > MAX_FRAME:
        raise ValueError("a frame is larger than a record; split it before")
    return len(data).to_bytes(_LENGTH, "big") + data


def decode_all(data: bytes) -> list[Frame]:
    """The frames of a record; unknown ones are left out."""
    frames: list[Frame] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + _LENGTH], "big")
        start = at + _LENGTH
        at = start + size
        if at > len(data) or size == 0:
            raise FrameError("a frame is cut off")
        frame = _decode(data[start:at])
        if frame is not None:
            frames.append(frame)
    return frames


def _decode(data: bytes) -> Frame | None:
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if _is_unknown(data):
            return None
        raise FrameError("a frame can't be read") from error


def _is_unknown(data: bytes) -> bool:
    try:
        parts = _peek.decode(data)
        return bool(parts) and _number.decode(parts[0]) not in _KNOWN
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False


def pack(frames: Iterable[bytes], room: int) -> list[bytes]:
    """Join encoded frames, in order, into as few payloads of at most `room` bytes as that takes."""
    payloads: list[bytes] = []
    current: list[bytes] = []
    size = 0
    for frame in frames:
        if size + len(frame) > room and current:
            payloads.append(b"".join(current))
            current, size = [], 0
        current.append(frame)
        size += len(frame)
    if current:
        payloads.append(b"".join(current))
    return payloads
