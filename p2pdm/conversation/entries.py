"""Everything that can be said: headers, bodies, entries."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import IntEnum, IntFlag

import msgspec

from p2pdm.identity import PeerId, clean_name

VERSION = 1
MAX_BODY = 32 * 1024
"""Bytes in a body: several pages of text; what is bigger becomes a blob."""
MAX_DEPENDENCIES = 16
"""Dependencies of an entry: enough for every device that spoke at once in a lively group."""
MAX_NUMBER = 2**53 - 1
"""Sequence numbers, lamports and times: what every database and JSON reader holds exactly."""
ID_SIZE = 32
"""Bytes in an entry's id."""
NO_ENTRY = bytes(ID_SIZE)
"""The `prev` of a chain's first entry."""

CONTENT = 0
MEMBERSHIP = 1

GROUP = 0
"""A group's kind: its members read and write."""
ANNOUNCEMENTS = 1
"""A group's kind: everyone in the space reads, its creator and its admins write."""

MAX_FLOORS = 300
"""Floors of an operation: 64 people with some devices each; at 87 bytes each they fit a body."""
MAX_MEMO = 8 * 1024
"""Bytes in a memo's subject and value: how far a conversation of many devices was read."""
MAX_DESCRIPTION = 16 * 1024
"""Bytes of a description: a small picture; two of them would fit a body."""

_DIRECT = b"p2pdm direct conversation\0"
_GROUP = b"p2pdm group\0"
_ROOM = b"p2pdm room\0"
_SELF = b"p2pdm self\0"
_SUBJECT = b"p2pdm memo\0"


class EntryError(Exception):
    """An entry is malformed, forged, or does not fit its chain. It is refused; nothing else happens."""


class Kind(IntEnum):
    """What an entry is. A number that this version does not know is kept, handed on, and shown by its fallback."""

    OPEN = 1
    TEXT = 2
    EDIT = 3
    UNSEND = 4
    MARK = 5
    CREATE = 6
    INVITE = 7
    JOIN = 8
    LEAVE = 9
    REMOVE = 10
    RANK = 11
    DESCRIBE = 12
    MEMO = 13
    SETTING = 16


class Flag(IntFlag):
    """What a program must know before it answers."""

    AUTOMATED = 1
    """Written by a program: no program answers it."""
    BULK = 2
    """Sent to many alike: never makes a request."""


class Header(msgspec.Struct, frozen=True, gc=False):
    """The signed part of an entry; see the package's docstring."""

    flags: int
    chain: int
    kind: int
    conversation: bytes
    device: bytes
    seq: int
    prev: bytes
    lamport: int
    time: int
    """Milliseconds since 1970 by the author's clock."""
    expiry: int
    """Seconds that the body is kept after reading; 0: for good."""
    body_length: int
    commitment: bytes
    membership: tuple[bytes, ...] = ()
    dependencies: tuple[bytes, ...] = ()


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One thing that someone said, as it is stored and handed on."""

    id: bytes
    header: Header
    signed: bytes
    """The header's bytes, as signed."""
    signature: bytes
    salt: bytes = b""
    body: bytes | None = None
    """None when purged or lacking."""

    def encode(self) -> bytes:
        """The entry as it crosses the wire."""
        if self.body is None:
            return self.signed + self.signature
        return self.signed + self.signature + self.salt + self.body


@dataclass(frozen=True, slots=True)
class Open:
    """A device's first entry in a conversation."""

    certificate: bytes
    heads: tuple[bytes, ...] = ()
    """The heads of others that it had seen."""
    record: bytes = b""
    """Its identity's profile record: a name for who has never met them."""


class Mention(msgspec.Struct, frozen=True, array_like=True):
    """A part of a text that names somebody: who is meant, whatever they are called where it is read."""

    start: int
    """In characters (Unicode code points) of the text."""
    length: int
    identity: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    reply_to: bytes | None = None
    """The entry that is answered: its id, never its text."""
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Other words for an own text."""

    target: bytes
    text: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsend:
    """Take an own text back: its body and those of its edits are purged wherever this arrives."""

    target: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """Something small about another entry: a reaction, a pin. The latest counts; an empty value takes it back."""

    target: bytes
    name: str
    value: str


class Floor(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A place in a device's content chain: where somebody's reading begins, or where what counts of them ends."""

    device: bytes
    seq: int
    id: bytes
    lamport: int


@dataclass(frozen=True, slots=True)
class Create:
    """A group begins. Its author, nonce and kind give the conversation's id, so nobody else can have made it."""

    nonce: bytes
    kind: int
    """GROUP or ANNOUNCEMENTS."""
    name: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask somebody in. They belong when they have said yes."""

    who: PeerId
    after: tuple[Floor, ...] = ()
    """The content heads after which the newcomer reads."""


@dataclass(frozen=True, slots=True)
class Join:
    """Say yes."""

    invite: bytes
    """The id of the Invite that is answered."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Go, or decline an invitation."""

    last: tuple[Floor, ...] = ()
    """Own last content entries."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Put somebody out, or withdraw an invitation."""

    who: PeerId
    last: tuple[Floor, ...] = ()
    """Their last content entries that count."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Make somebody an admin, or a plain member again."""

    who: PeerId
    admin: bool
    last: tuple[Floor, ...] = ()
    """In announcements, of whom the rank is taken: their last content entries that count."""


@dataclass(frozen=True, slots=True)
class Describe:
    """How the group presents itself: "name" (UTF-8), "topic", "picture". An empty value takes it back."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Memo:
    """What one device of an identity tells its others, in their own conversation; the latest of each subject counts."""

    name: str
    about: bytes
    """The person or the conversation that it is about."""
    value: bytes

    @property
    def subject(self) -> bytes:
        """By what entries about the same thing find each other, as a target: 32 bytes."""
        return hashlib.sha256(_SUBJECT + self.name.encode() + b"\0" + self.about).digest()


@dataclass(frozen=True, slots=True)
class Setting:
    """How a conversation is from now on, for everybody in it; it is a line of its own, and the latest counts."""

    name: str
    value: str
    sentence: str = ""
    """For versions that do not know this setting."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that a later version said."""

    fallback: str


Change = Create | Invite | Join | Leave | Remove | Rank | Describe
"""What a membership chain says."""
Said = Open | Text | Edit | Unsend | Mark | Memo | Setting | Change
"""What this version can say."""
Body = Said | Unknown
REACTION = "reaction"
"""A mark of a person: its value is an emoji. One a person and message."""
PIN = "pin"
"""A mark of the conversation: whoever set it last decides."""
MAX_MARK = 64
"""Characters in a mark's or setting's name or value, and in a description's name: an emoji of many parts fits."""
MAX_MENTIONS = 64
"""Mentions in a text: everybody in the largest group."""
EXPIRY = "expiry"
"""A setting: the seconds after reading at which what is said from now on disappears; 0: it stays."""
MAX_EXPIRY = 366 * 86_400
"""Seconds: a year; an expiry above it counts as this."""


def direct_conversation(one: PeerId, other: PeerId) -> bytes:
    """The id of the conversation of two people; the same from both sides."""
    low, high = sorted((one, other))
    return hashlib.sha256(_DIRECT + low + high).digest()


def group_conversation(creator: PeerId, nonce: bytes, kind: int) -> bytes:
    """The id of the group that `creator` makes: it says who may have made it."""
    return hashlib.sha256(_GROUP + bytes((kind,)) + creator + nonce).digest()


def room_conversation(name: str) -> bytes:
    """The id of a named room; the same for every spelling that looks alike or differs in case alone."""
    spelt = unicodedata.normalize("NFC", clean_name(name).casefold())
    return hashlib.sha256(_ROOM + spelt.encode()).digest()


def self_conversation(identity: PeerId) -> bytes:
    """The id of what the devices of one identity tell each other, and of notes to oneself."""
    return hashlib.sha256(_SELF + identity).digest()
