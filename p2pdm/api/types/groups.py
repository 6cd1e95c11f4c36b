"""Groups and rooms."""

from __future__ import annotations

from typing import Literal

import msgspec

from p2pdm.api.types.messages import ChatStanding

Rights = Literal["invited", "member", "admin", "creator"]


class Member(msgspec.Struct, frozen=True):
    """Somebody in a group, or invited to it."""

    id: str
    name: str
    rights: Rights
    online: bool


class Former(msgspec.Struct, frozen=True):
    """Somebody who was in a group."""

    id: str
    name: str
    removed_by: str | None
    """Who has removed them; null: they have left."""


class Group(msgspec.Struct, frozen=True):
    """A group, or an announcement: who belongs to it."""

    id: str
    name: str
    topic: str
    standing: ChatStanding
    members: list[Member]
    """The creator first, then admins, members and the invited, each by name."""
    picture: str = ""
    """The id of its picture; empty when it has none."""
    invited_by: str | None = None
    """Who has invited the user, while `standing` is `invited`."""
    former: list[Former] = []
    """Who was in it and is no more, the user included, by name."""


class Room(msgspec.Struct, frozen=True):
    """A room of this network: one that the user is in, or that somebody here is in."""

    id: str
    name: str
    entered: bool
    announcement: bool
    """Only named announcers write in it."""
    people: int
    """How many of those connected now are in it, oneself included."""
