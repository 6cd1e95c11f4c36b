"""The members of a group as rows, each with what the user may do about them."""

from __future__ import annotations

import msgspec

from p2pdm.api.types import Member, Person
from p2pdm_gui.presence import SPOKEN
from p2pdm_gui.rows import RowModel

RANKS = {"invited": 0, "member": 1, "admin": 2, "creator": 3}


class MemberRow(msgspec.Struct, frozen=True):
    """One person in a group."""

    key: str
    name: str
    own: bool
    status: str
    """How they are here; empty while they are not, and for oneself."""
    picture: str
    """Where QML finds their picture."""
    rights: str
    """In words; empty for an ordinary member."""
    chat: str
    """The direct chat with them, empty if there can be none."""
    may_remove: bool
    may_promote: bool
    may_demote: bool
    label: str
    """For a screen reader."""


class MemberModel(RowModel[MemberRow]):
    """The members in the node's order."""

    fields = MemberRow.__struct_fields__


def member_row(
    member: Member, me: str, mine: int, person: Person | None, announcement: bool, picture: str = ""
) -> MemberRow:
    """What is shown of a member to somebody whose rank is `mine`."""
    own, rank = member.id == me, RANKS[member.rights]
    admin = "announcer" if announcement else "admin"
    words = {"invited": "invited", "admin": admin, "creator": "opened it" if announcement else "made it"}
    rights = words.get(member.rights, "")
    here = "" if own or not member.online else (person.status if person else "") or "available"
    parts = ["You" if own else member.name, rights, SPOKEN.get(here, "")]
    return MemberRow(
        key=member.id,
        name=member.name,
        own=own,
        status=here,
        picture=picture,
        rights=rights,
        chat="" if own or person is None else person.chat,
        may_remove=not own and mine >= RANKS["admin"] and rank < mine and not announcement,
        may_promote=not own and mine == RANKS["creator"] and rank == RANKS["member"],
        may_demote=not own and mine == RANKS["creator"] and rank == RANKS["admin"],
        label=", ".join(part for part in parts if part),
    )
