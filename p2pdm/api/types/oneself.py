"""What people say of themselves."""

from __future__ import annotations

from typing import Literal

import msgspec

ProfileKind = Literal["person", "bot", "organisation"]
Availability = Literal["available", "away", "busy", "do_not_disturb"]


class Profile(msgspec.Struct, frozen=True):
    """What this profile says of itself."""

    id: str
    name: str
    kind: ProfileKind
    department: str
    role: str
    status: Availability
    """As the user chose it; others see `away` instead of `available` while the user is idle."""
    status_text: str
    idle: bool
    """A client said that nobody sits at this computer now."""
    picture: str
    """The id of the picture; empty when there is none. Another picture has another id."""


class Picture(msgspec.Struct, frozen=True):
    """Somebody's picture."""

    id: str
    type: Literal["image/png", "image/jpeg", "image/webp"]
    """By its first bytes: nobody has looked at the rest, which may be anything."""
    data: bytes
    """In JSON: base64."""
