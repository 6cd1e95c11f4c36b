"""Everything that can be said: headers, bodies, entries."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, IntFlag

import msgspec

from p2pdm.identity import PeerId

VERSION = 1
MAX_BODY = 32 * 1024
"""Bytes in a body: several pages of text; what is bigger becomes a blob."""
MAX_DEPENDENCIES = 16
"""Dependencies of an entry: enough for every device that spoke at once in a lively group."""
MAX_NUMBER = 2**53 - 1
"""Sequence numbers, lamports and times: what every database and JSON reader holds exactly."""
NO_ENTRY = bytes(32)
"""The `prev` of a chain's first entry."""

CONTENT = 0
MEMBERSHIP = 1

_DIRECT = b"p2pdm direct conversation\0"


class EntryError(Exception):
    """An entry is malformed, forged, or does not fit its chain. It is refused; nothing else happens."""


class Kind(IntEnum):
    """What an entry is. A number that this version does not know is kept, handed on, and shown by its fallback."""

    OPEN = 1
    TEXT = 2
    EDIT = 3
    UNSEND = 4
    MARK = 5


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


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    reply_to: bytes | None = None
    """The entry that is answered: its id, never its text."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Other words for an own text."""

    target: bytes
    text: str


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


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that a later version said."""

    fallback: str


Said = Open | Text | Edit | Unsend | Mark
"""What this version can say."""
Body = Said | Unknown
REACTION = "reaction"
"""A mark of a person: its value is an emoji. One a person and message."""
PIN = "pin"
"""A mark of the conversation: whoever set it last decides."""
MAX_MARK = 64
"""Characters in a mark's name or value: an emoji of many parts fits."""


def direct_conversation(one: PeerId, other: PeerId) -> bytes:
    """The id of the conversation of two people; the same from both sides."""
    low, high = sorted((one, other))
    return hashlib.sha256(_DIRECT + low + high).digest()
