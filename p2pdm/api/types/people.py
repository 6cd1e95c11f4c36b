"""People, and who this profile is."""

from __future__ import annotations

from typing import Literal

import msgspec

from p2pdm.api.types.oneself import Availability, ProfileKind

Relation = Literal["nearby", "contact", "request", "blocked"]


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
    """Their own presence, in a live session of this moment; False also while they hide it."""
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
    kind: ProfileKind = "person"
    department: str = ""
    role: str = ""
    status: Availability | None = None
    """How they are here; None while they are not online."""
    status_text: str = ""
    picture: str = ""
    """The id of their picture, if it is here; another picture has another id."""


class SafetyNumber(msgspec.Struct, frozen=True):
    """Sixty digits that two people compare; both see the same ones."""

    number: str
    """Twelve groups of five digits."""
    verified: bool
