"""What happened to a group, as lines among what was said in it: who came, who went, what it is called.

A happening is an operation that is valid and changed something, as far as its author knew. It stands before the first
content, by (lamport, time, id), whose author knew of it: its *witness*; after everything that was said, while there is
none. Content that does not count is no witness, nor is an unsend: not everybody holds those. A reader is told what
the first invitation that they took did not know of: so they hold all its witnesses. Only who comes back after having
been away lacks those of that time, and is told what happened in it before the first words after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from p2pdm.conversation.ancestry import Ancestry
from p2pdm.conversation.entries import Create, Describe, Invite, Join, Leave, Rank, Remove
from p2pdm.conversation.rights import Record, Rules, Step
from p2pdm.identity import PeerId, clean_name

What = Literal[
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
Order = tuple[int, int, bytes]
"""(lamport, time, id)."""
AFTER_ALL: Order = (1 << 64, 0, b"")
_DESCRIBED: dict[str, What] = {"name": "named", "topic": "topic", "picture": "picture"}


class Witness(NamedTuple):
    """A membership entry, and the first content that names it."""

    head: bytes
    at: Order


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that changed a group, and where it stands."""

    id: bytes
    """The operation's."""
    author: PeerId
    time: int
    what: What
    who: PeerId | None
    """Whom it is about, where that is somebody else."""
    value: str
    """The new name or topic; of a picture, whether there is one."""
    at: Order
    """The content that it stands before, or AFTER_ALL."""
    order: Order
    """By which it stands among others at the same place."""


def chronicle(rules: Rules, ancestry: Ancestry, reader: PeerId, witnesses: Iterable[Witness]) -> list[Happening]:
    """What a reader is told, in the order in which it is shown; a pure function of the operations and the content."""
    placed = _placed(ancestry, witnesses)
    invitation = _invitation(rules.records.get(reader))
    before = invitation.past if invitation is not None else 0
    told = [
        Happening(
            step.operation.id,
            step.operation.author,
            step.operation.order[1],
            *found,
            placed.get(step.bit, AFTER_ALL),
            step.operation.order,
        )
        for step in rules.valid
        if not step.bit & before and (found := _what(rules, step, invitation)) is not None
    ]
    return sorted(told, key=lambda one: (one.at, one.order))


def _placed(ancestry: Ancestry, witnesses: Iterable[Witness]) -> dict[int, Order]:
    """By its bit, the first content that knew of an operation."""
    placed: dict[int, Order] = {}
    known = 0
    for witness in sorted(witnesses, key=lambda one: one.at):
        new = ancestry.reach((witness.head,)) & ~known
        known |= new
        while new:
            bit = new & -new
            placed[bit] = witness.at
            new ^= bit
    return placed


def _invitation(record: Record | None) -> Step | None:
    """The first that somebody took; while there is none, the last that they may take."""
    if record is None or not record.invites:
        return None
    return record.joins[0][1] if record.joins else record.invites[-1]


def _what(rules: Rules, step: Step, told_from: Step | None) -> tuple[What, PeerId | None, str] | None:
    """What an operation has changed to its author's knowledge, whom of, and to what; None if nothing.

    The invitation from which a reader is told is their first, whoever asked them before.
    """
    author, past = step.operation.author, step.past
    match step.operation.body:
        case Create():
            return "made", None, ""
        case Invite(who) if step is told_from or rules.open_invite(who, past) is None:
            return "invited", who, ""
        case Join() if rules.joined(author, past) is None:
            return "joined", None, ""
        case Leave():
            return _gone(rules, author, past, "left", "declined", None)
        case Remove(who):
            return _gone(rules, who, past, "removed", "withdrawn", who)
        case Rank(who, admin) if rules.was_admin(who, past) != admin:
            return ("promoted" if admin else "demoted"), who, ""
        case Describe(name, value) if name in _DESCRIBED:
            words = "" if name == "picture" else clean_name(value.decode(errors="replace"))
            return _DESCRIBED[name], None, words if name != "picture" else "yes" if value else ""
        case _:
            return None


def _gone(
    rules: Rules, whom: PeerId, past: int, member: What, invited: What, who: PeerId | None
) -> tuple[What, PeerId | None, str] | None:
    if rules.joined(whom, past) is not None:
        return member, who, ""
    return (invited, who, "") if rules.open_invite(whom, past) is not None else None
