"""What crosses the door: every value that a NodeApi call takes, returns or notices.

Ids are lower-case base32 (RFC 4648, no padding); times are ISO 8601 in UTC with a trailing Z.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Relation = Literal["nearby", "contact", "request", "blocked"]
MessageState = Literal["waiting", "sent", "delivered", "read", "failed"]
ChatKind = Literal["direct", "group", "room", "self"]
NoticeEvent = Literal["message", "change", "state", "request", "person", "chat", "typing", "profile", "trouble"]


class ApiError(Exception):
    """A call that did not work: `kind` is for programs, the message is one sentence for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Me(msgspec.Struct, frozen=True):
    """Who this profile is."""

    id: str
    name: str
    fingerprint: str
    """Sixteen groups of four hexadecimal digits, for people to read aloud."""
    invite: str
    """A `p2pdm:` link with the key and the addresses of now."""


class Person(msgspec.Struct, frozen=True):
    """Someone known or seen."""

    id: str
    name: str
    """The user's nickname for them, else the name that they gave themselves."""
    relation: Relation
    online: bool
    """Their own presence, in a live session of this moment."""
    verified: bool
    """The user has compared the safety number."""
    accepted_by_them: bool
    addresses: list[str]
    """Where they were reached or announced themselves, `host:port`, best first."""
    own_name: str = ""
    """The name that they gave themselves; differs from `name` when there is a nickname."""
    last_seen: str | None = None
    request: str | None = None
    """The text of their request while relation is `request`."""
    chat: str = ""
    """The id of the direct chat with them, whether or not anything was said in it."""
    typing: bool = False
    same_name: bool = False
    """Somebody else known here goes by the same name: show the difference loudly."""


class SafetyNumber(msgspec.Struct, frozen=True):
    """Sixty digits that two people compare; both see the same ones."""

    number: str
    """Twelve groups of five digits."""
    verified: bool


class Version(msgspec.Struct, frozen=True):
    """Words that a message had before they were edited."""

    time: str
    text: str


class Reaction(msgspec.Struct, frozen=True):
    """Somebody's emoji on a message."""

    person: str
    value: str


class Message(msgspec.Struct, frozen=True):
    """One message as a reader sees it."""

    id: str
    chat: str
    sender: str = msgspec.field(name="from")
    name: str
    """The sender's name as shown here."""
    time: str
    """The sender's clock when it was written; shown, never trusted."""
    text: str
    state: MessageState
    """Own messages: how far they came. Others': `delivered` until read here, then `read`."""
    why: str
    """For `waiting`, `sent` and `failed`: a sentence, for example `Ben is offline`; else empty."""
    mine: bool
    unread: bool = False
    reply_to: str | None = None
    """The id of the message that it answers."""
    edited: list[Version] = []
    """What it said before, oldest first; empty when it was never edited."""
    reactions: list[Reaction] = []
    pinned: bool = False
    unsent: bool = False
    """Its author took it back; `text` is empty."""


class Chat(msgspec.Struct, frozen=True):
    """One conversation in the list."""

    id: str
    kind: ChatKind
    name: str
    members: list[str]
    """Ids of everyone in it, oneself included."""
    unread: int
    last: Message | None


class Sent(msgspec.Struct, frozen=True):
    """A message that is on this disk now."""

    id: str
    chat: str
    state: MessageState


class Interface(msgspec.Struct, frozen=True):
    """A network interface that the node uses."""

    name: str
    address: str


class Waiting(msgspec.Struct, frozen=True):
    """Messages that have not reached someone, and what is in the way."""

    chat: str
    name: str
    count: int
    why: str


class Status(msgspec.Struct, frozen=True):
    """How the node is doing."""

    id: str
    name: str
    version: str
    profile: str
    port: int
    interfaces: list[Interface]
    online: list[str]
    """Ids of the people online."""
    nearby: int
    """How many people announce themselves on this network now."""
    waiting: list[Waiting]
    trouble: list[str]
    """Each a sentence: what is in the way, and what to do."""
    cursor: int


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something changed: look again.

    `message`, `change` (a message was edited, taken back, pinned or reacted to), `state`, `request`, `person`, `chat`
    and `profile` are durable: a client that was away asks for all since its cursor. `typing` and `trouble` pass by,
    and so does a person's coming and going (`person` with the cursor of the durable notice before it).
    """

    cursor: int
    event: NoticeEvent
    chat: str = ""
    person: str = ""
    id: str = ""
    """The message, for `message` and `state`."""
    state: str = ""
    on: bool | None = None
    """For `typing`: whether they are typing."""
    text: str = ""
    """For `trouble`: the sentence; empty when one is over."""
