"""Messages and chats."""

from __future__ import annotations

from typing import Literal

import msgspec

MessageState = Literal["waiting", "sent", "delivered", "read", "failed"]
ChatStanding = Literal["member", "invited", "left", "removed"]
WhatHappened = Literal[
    "made",
    "invited",
    "joined",
    "declined",
    "left",
    "removed",
    "withdrawn",
    "promoted",
    "demoted",
    "named",
    "topic",
    "picture",
]
ChatKind = Literal["direct", "group", "room", "self"]


class Version(msgspec.Struct, frozen=True):
    """Words that a message had before they were edited."""

    time: str
    text: str


class Reaction(msgspec.Struct, frozen=True):
    """Somebody's emoji on a message."""

    person: str
    value: str


class MemberState(msgspec.Struct, frozen=True):
    """How far an own message came with one of several recipients, by that person's own word."""

    person: str
    state: MessageState
    time: str | None
    """When they said so; for `waiting` null."""
    why: str = ""
    """For `waiting`: what is in the way."""


class Happening(msgspec.Struct, frozen=True):
    """What somebody did to a group."""

    what: WhatHappened
    sentence: str
    """The whole of it in words, for example `Alice invited Carol`."""
    who: str | None = None
    """Whom it is about, where that is somebody else."""


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
    states: list[MemberState] = []
    """Own messages in a group: each member's state, of which `state` is the least."""
    automated: bool = False
    """Written by a program: no program answers it."""
    bulk: bool = False
    """Sent to many alike."""
    mentions: list[str] = []
    """The ids of the people whom it names."""
    mention_places: list[tuple[int, int]] = []
    """Where they stand in `text`, in the same order: start and length in characters (Unicode code points)."""
    expiry: int = 0
    """Seconds after reading (an own one: after delivery) at which it disappears; 0: it stays."""
    expiry_set: int | None = None
    """For a line that says how long messages of this chat stay from now on (`text` says so in words): the seconds."""
    happening: Happening | None = None
    """For a line that nobody said, but that tells of a change of the group: then `text` is empty, `state` is `read` and
    `mine` false, and nothing can be done with it."""


class Chat(msgspec.Struct, frozen=True):
    """One conversation in the list."""

    id: str
    kind: ChatKind
    name: str
    members: list[str]
    """Ids of everyone in it, oneself included."""
    unread: int
    last: Message | None
    standing: ChatStanding = "member"
    """Whether the user belongs to it: `invited` until they say yes; `removed` by somebody else."""
    draft: str = ""
    """What is typed here and not sent."""
    expiry: int = 0
    """Seconds after reading at which what is said here from now on disappears; 0: it stays."""
    retention: int = 0
    """Days that this chat is kept on this disk by a wish of its own; 0: it has none."""
    picture: str = ""
    """The id of a group's picture; empty when it has none. A person has their own."""


class Sent(msgspec.Struct, frozen=True):
    """A message that is on this disk now."""

    id: str
    chat: str
    state: MessageState
