"""Who may do what in a group: each operation is judged by what its author knew. The rules: `membership`.

A past is a bitset of `ancestry`; NOW is the past that holds everything. A `bit` is the judged operation's own, by
which later ones know of it; what is only asked about has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from p2pdm.conversation.ancestry import Ancestry, Operation
from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    Body,
    Create,
    Describe,
    Floor,
    Invite,
    Join,
    Leave,
    Rank,
    Remove,
)
from p2pdm.identity import PeerId

MAX_MEMBERS = 64
"""People in a group, those who were asked and did not answer yet included: all of them exchange with each other."""
NOW = -1
"""The past of what would be said now: all bits."""


class Rights(IntEnum):
    """What somebody is in a group. An operation about a person is valid only from strictly above."""

    MEMBER = 1
    ADMIN = 2
    CREATOR = 3


NOBODY = 0


@dataclass(frozen=True, slots=True)
class Step:
    """An operation and its place in the ancestry."""

    operation: Operation
    bit: int
    past: int

    def covers(self, device: bytes, seq: int) -> bool:
        """Whether a removal, a leaving or a rank taken away lets this content entry count."""
        body = self.operation.body
        return _is_below(body.last if isinstance(body, Leave | Remove | Rank) else (), device, seq)

    def is_after(self, device: bytes, seq: int) -> bool:
        """Whether an invitation says that this content entry is from before it."""
        body = self.operation.body
        return _is_below(body.after if isinstance(body, Invite) else (), device, seq)


def _is_below(floors: Iterable[Floor], device: bytes, seq: int) -> bool:
    return any(floor.device == device and floor.seq >= seq for floor in floors)


@dataclass(slots=True)
class Record:
    """What was validly done about one person, in order."""

    invites: list[Step] = field(default_factory=list)
    joins: list[tuple[Step, Step]] = field(default_factory=list)
    """Each yes, and the invitation that it answers."""
    ends: list[Step] = field(default_factory=list)
    """Removals and leavings."""
    ended: int = 0
    """Their bits."""
    promotions: list[Step] = field(default_factory=list)
    demotions: list[Step] = field(default_factory=list)
    """By the creator: a lower rank, or a removal."""

    def end(self, step: Step) -> None:
        self.ends.append(step)
        self.ended |= step.bit


class Rules:
    """The valid operations of a group, and what follows from them for any past."""

    def __init__(self, made: Operation, kind: int, operations: Iterable[Operation], ancestry: Ancestry) -> None:
        self.creator = made.author
        self.kind = kind
        self.records: dict[PeerId, Record] = {}
        self.described: dict[str, bytes] = {}
        self.valid: list[Step] = []
        """All that was validly done, in order; first, that the group was made."""
        self._made = made.id
        self._invites: dict[bytes, Step] = {}
        steps = [Step(one, ancestry.bit[one.id], ancestry.past[one.id]) for one in operations]
        for step in steps:
            self._decree(step)
        for step in steps:
            self._take(step)
        for record in self.records.values():
            record.ends.sort(key=lambda step: step.bit)  # decrees were taken first

    def rights(self, who: PeerId, past: int = NOW, bit: int = 0) -> int:
        """What `who` is to an operation with this past; NOBODY for an outsider."""
        if who == self.creator:
            return Rights.CREATOR
        if self._is_admin(who, past, bit):
            return Rights.ADMIN
        return Rights.MEMBER if self.joined(who, past) else NOBODY

    def joined(self, who: PeerId, past: int = NOW) -> tuple[Step, Step] | None:
        """The first yes by which `who` is a member in this past, and the invitation that it answers."""
        record = self.records.get(who, _NOTHING)
        ended = record.ended & past
        return next((pair for pair in record.joins if pair[0].bit & past and not ended & ~pair[1].past), None)

    def open_invite(self, who: PeerId, past: int = NOW) -> Step | None:
        """The last invitation of `who` in this past that nothing has ended, answered or not."""
        record = self.records.get(who, _NOTHING)
        ended = record.ended & past
        return next((one for one in reversed(record.invites) if one.bit & past and not ended & ~one.past), None)

    def shows(self, author: PeerId, device: bytes, seq: int, past: int) -> bool:
        """Whether a content entry counts whose author knew of this past."""
        if author == self.creator:
            return True
        record = self.records.get(author, _NOTHING)
        against = record.ends + record.demotions if self.kind == ANNOUNCEMENTS else record.ends
        return any(
            all(end.bit & grant.past or end.covers(device, seq) for end in against)
            for grant in self._grants(record, past)
        )

    def readers(self, device: bytes, seq: int, past: int) -> Iterator[PeerId]:
        """Who ever said yes, and a content entry was for them whose author knew of this past."""
        for who, record in self.records.items():
            if any(
                not record.ended & past & ~invite.past and (invite.bit & past or not invite.is_after(device, seq))
                for _, invite in record.joins
            ):
                yield who

    def refusal(self, actor: PeerId, body: Body, past: int = NOW, bit: int = 0) -> str | None:
        """Why `actor`, who knows of this past, may not do this; None when it is valid."""
        match body:
            case Create():
                return "the group exists already"
            case Invite(who):
                return self._refuse_invite(actor, who, past, bit)
            case Join(invite):
                return self._refuse_join(actor, invite, past)
            case Leave():
                return "whoever made the group can't leave it" if actor == self.creator else None
            case Remove(who):
                return self._refuse_remove(actor, who, past, bit)
            case Rank(who):
                return self._refuse_rank(actor, who)
            case Describe() if self.rights(actor, past, bit) < Rights.ADMIN:
                return "only admins may change how it presents itself"
            case _:
                return None

    def _refuse_invite(self, actor: PeerId, who: PeerId, past: int, bit: int) -> str | None:
        if self.rights(actor, past, bit) < Rights.ADMIN:
            return "only admins may invite"
        if who == self.creator or self.joined(who, past):
            return "this person is in the group already"
        return None if self._has_room(who, past) else f"it has {MAX_MEMBERS} people, and more don't fit"

    def _refuse_join(self, actor: PeerId, invite: bytes, past: int) -> str | None:
        record = self.records.get(actor, _NOTHING)
        step = self._invites.get(invite)
        if step is None or not step.bit & past or step not in record.invites:
            return "there is no such invitation"
        return "the invitation was withdrawn or declined" if record.ended & past & ~step.past else None

    def _refuse_remove(self, actor: PeerId, who: PeerId, past: int, bit: int) -> str | None:
        own, target = self.rights(actor, past, bit), self.rights(who, past, bit)
        if target == Rights.CREATOR:
            return "nobody can remove whoever made the group"
        if own < Rights.ADMIN:
            return "only admins may remove people"
        return None if own > target else "only its creator may remove an admin"

    def _refuse_rank(self, actor: PeerId, who: PeerId) -> str | None:
        if actor != self.creator:
            return "only its creator may say who is an admin"
        return "whoever made the group stays its creator" if who == self.creator else None

    # --- the valid operations ---

    def _decree(self, step: Step) -> None:
        """Take a rank or removal by the creator: valid whatever else was said, it may void what others did."""
        body = step.operation.body
        if step.operation.author != self.creator or not isinstance(body, Rank | Remove) or self._refuses(step):
            return
        record = self._record(body.who)
        if isinstance(body, Rank) and body.admin:
            record.promotions.append(step)
            return
        record.demotions.append(step)
        if isinstance(body, Remove):
            record.end(step)

    def _take(self, step: Step) -> None:
        """Take what others than the creator may do as well, when all in its past was taken."""
        author, body = step.operation.author, step.operation.body
        if step.operation.id != self._made and self._refuses(step):
            return
        self.valid.append(step)
        match body:
            case Invite(who):
                self._invites[step.operation.id] = step
                self._record(who).invites.append(step)
            case Join(invite):
                self._record(author).joins.append((step, self._invites[invite]))
            case Leave():
                self._record(author).end(step)
            case Remove(who) if author != self.creator:
                self._record(who).end(step)
            case Describe(name, value):
                self.described[name] = value

    def _refuses(self, step: Step) -> bool:
        return self.refusal(step.operation.author, step.operation.body, step.past, step.bit) is not None

    def _record(self, who: PeerId) -> Record:
        return self.records.setdefault(who, Record())

    # --- who is what ---

    def was_admin(self, who: PeerId, past: int) -> bool:
        """Whether `who` was an admin as far as this past knows, whatever was decided since."""
        record = self.records.get(who, _NOTHING)
        against = record.ended
        for demotion in record.demotions:
            against |= demotion.bit
        against &= past
        return any(one.bit & past and not against & ~one.past for one in record.promotions)

    def _is_admin(self, who: PeerId, past: int, bit: int) -> bool:
        record = self.records.get(who, _NOTHING)
        if not record.promotions or (self.kind != ANNOUNCEMENTS and not self.joined(who, past)):
            return False
        against = record.ended & past
        for demotion in record.demotions:
            if not demotion.past & bit:
                against |= demotion.bit
        return any(one.bit & past and not against & ~one.past for one in reversed(record.promotions))

    def _grants(self, record: Record, past: int) -> Iterator[Step]:
        """What let somebody write, in this past: promotions to announce, else answered invitations."""
        if self.kind == ANNOUNCEMENTS:
            return (one for one in record.promotions if one.bit & past)
        return (invite for join, invite in record.joins if join.bit & past)

    def _has_room(self, who: PeerId, past: int) -> bool:
        if len(self.records) + 1 < MAX_MEMBERS:
            return True
        others = sum(1 for one in self.records if one != who and self.open_invite(one, past))
        return others + 2 <= MAX_MEMBERS  # the creator and the newcomer


_NOTHING = Record()
