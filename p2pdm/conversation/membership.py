"""Who belongs to a group: the fold of a conversation's membership chains, the same on every machine that holds the
same set, whatever order it came in.

Nobody decides for all, so there is no "before" and "after" but what each author knew: an operation's past, all that
its parents reach. An operation is judged by its past, once and for all. Only what the creator decides reaches
further: it takes effect against operations that did not know of it. There is one creator, for good, who can't be
removed, so that this never turns in a circle.

    Create    valid if its author, nonce and kind give the conversation's id
    Invite    by the creator or an admin, for somebody who is no member; at most MAX_MEMBERS people in all
    Join      by the invited person, naming the invitation
    Leave     by anybody but the creator, about themself
    Remove    by somebody strictly above; also withdraws an invitation
    Rank      by the creator
    Describe  by the creator or an admin; the latest by (lamport, time, id) of each name counts

A **member** in a past has said yes in it to a valid invitation that every valid removal or leaving of theirs in that
past came before. What is concurrent is not before: a removal beats an addition that did not know of it.

An **admin** to an operation X was promoted in its past, was not removed nor left since as far as that past knows, is a
member in it, and every demotion (or removal by the creator) came before the promotion or after X. So what a demoted
admin did without knowing of the demotion is void, and what only that had carried goes with it. In announcements
an admin need not be a member.

A **content entry** names membership heads. It is shown if they reach a yes by which its author is a member, and every
later or concurrent removal or leaving of theirs names it, or one after it on its device, as their last that counts.
In announcements a promotion stands for the yes, and a rank taken away names the last that count as a removal does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from p2pdm.conversation.ancestry import (
    MAX_KEPT_OF_ONE,
    MAX_OPERATIONS,
    MAX_OPERATIONS_OF_ONE,
    Ancestry,
    Operation,
    counted,
    in_order,
    operation_of,
)
from p2pdm.conversation.chronicle import Happening, Witness, chronicle
from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    GROUP,
    Body,
    Create,
    Edit,
    Floor,
    Invite,
    Leave,
    Mark,
    Rank,
    Remove,
    Text,
    Unsend,
    group_conversation,
)
from p2pdm.conversation.rights import MAX_MEMBERS, NOBODY, Rights, Rules
from p2pdm.identity import PeerId, clean_name

__all__ = [
    "MAX_KEPT_OF_ONE",
    "MAX_MEMBERS",
    "MAX_OPERATIONS",
    "MAX_OPERATIONS_OF_ONE",
    "Group",
    "Operation",
    "Rights",
    "fold_group",
    "operation_of",
]


@dataclass(frozen=True, slots=True)
class Group:
    """Who belongs and who may do what, by the operations that are here."""

    creator: PeerId | None
    """None while no valid Create is here: then nobody belongs."""
    kind: int
    described: Mapping[str, bytes]
    """By name, what was not taken back; "name" is that of the Create else."""
    members: Mapping[PeerId, Rights]
    """Who said yes and is in now; in announcements also who may write."""
    invited: Mapping[PeerId, PeerId]
    """Who was asked and did not answer yet, and by whom."""
    invitations: Mapping[PeerId, bytes]
    """The invitation that each of them names to say yes."""
    authors: frozenset[PeerId]
    """Who may write entries at all. Grows only, so that the same entries are stored whatever came first."""
    frontier: tuple[bytes, ...]
    """The operations that no other knew of: those of creator and admins last, else highest order last."""
    _rules: Rules | None = field(repr=False, compare=False)
    _ancestry: Ancestry = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The name as it may be shown; empty when it shows nothing."""
        return clean_name(self.described.get("name", b"").decode(errors="replace"))

    def floors(self, who: PeerId) -> Mapping[bytes, Floor]:
        """By device, after which content entries a member reads; KeyError for somebody who does not."""
        if self._rules is None or (who not in self.members and self.kind != ANNOUNCEMENTS):
            raise KeyError(who)
        joined = self._rules.joined(who)
        if joined is None or self.kind == ANNOUNCEMENTS:
            return {}
        invite = joined[1].operation.body
        after = invite.after if isinstance(invite, Invite) else ()
        return {floor.device: floor for floor in sorted(after, key=lambda one: one.seq)}

    def may_hold(self, device: bytes, seq: int, known: Collection[bytes]) -> frozenset[PeerId]:
        """Who a content entry of `device` that names `known` was for: not those to whom it was said before they were
        asked in, or when it was known that they had gone again, as often as they came."""
        if self._rules is None or self.creator is None:
            return frozenset()
        return frozenset({self.creator, *self._rules.readers(device, seq, self._ancestry.reach(known))})

    def is_after(self, who: PeerId, known: Collection[bytes]) -> bool:
        """Whether a content entry that names `known` was written by somebody who knew that a member was invited: no
        floor of theirs is above it, whatever the invitation says."""
        joined = self._rules.joined(who) if self._rules is not None else None
        return joined is not None and bool(self._ancestry.reach(known) & joined[1].bit)

    def counts(self, author: PeerId, device: bytes, seq: int, known: Collection[bytes]) -> bool:
        """Whether a content entry that names `known` as its membership heads is shown."""
        return self._rules is not None and self._rules.shows(author, device, seq, self._ancestry.reach(known))

    def proofs(self, who: PeerId) -> tuple[bytes, ...]:
        """The operations that `who` must have in the past of what they do, to have the right to do it."""
        if self._rules is None:
            return ()
        joined = self._rules.joined(who)
        record = self._rules.records.get(who)
        promotions = record.promotions[-1:] if record else []
        return (*((joined[0].operation.id,) if joined else ()), *(step.operation.id for step in promotions))

    def partings(self, who: PeerId) -> tuple[bytes, ...]:
        """How `who` has left or was removed, as often as that was."""
        record = self._rules.records.get(who) if self._rules is not None else None
        return tuple(step.operation.id for step in record.ends) if record else ()

    @property
    def former(self) -> Mapping[PeerId, PeerId]:
        """Who was in it and is no more, and who ended that: they themselves have left."""
        records = self._rules.records if self._rules is not None else {}
        return {
            who: record.ends[-1].operation.author
            for who, record in records.items()
            if who not in self.members and record.joins and record.ends
        }

    @property
    def contested(self) -> Mapping[PeerId, Mapping[bytes, int]]:
        """Of whom some content may not count, and by device, up to where all of it does all the same."""
        found: dict[PeerId, Mapping[bytes, int]] = {}
        for who, record in self._rules.records.items() if self._rules is not None else ():
            if record.demotions and self.kind == ANNOUNCEMENTS:
                found[who] = {}
            elif record.ends:
                lasts = [_last_of(step.operation.body) for step in record.ends]
                everywhere = set(lasts[0]).intersection(*lasts)
                found[who] = {device: min(last[device] for last in lasts) for device in everywhere}
        return found

    def refusal(self, actor: PeerId, body: Body) -> str | None:
        """Why `actor` may not do this now, as a part of a sentence; None when they may."""
        if self._rules is None:
            return "it is not known yet who made the group"
        return self._refuse_useless(actor, body) or self._rules.refusal(actor, body)

    def chronicle(self, reader: PeerId, witnesses: Iterable[Witness]) -> list[Happening]:
        """What happened to the group, as `reader` is told it among what was said."""
        return [] if self._rules is None else chronicle(self._rules, self._ancestry, reader, witnesses)

    def is_ancestor(self, older: bytes, younger: bytes) -> bool:
        """Whether the author of `younger` knew of `older`."""
        return self._ancestry.is_ancestor(older, younger)

    def _refuse_useless(self, actor: PeerId, body: Body) -> str | None:
        """Why this would change nothing, although the fold minds it not."""
        match body:
            case Invite(who) if who in self.members:
                return "this person is in the group already"
            case Leave() if actor not in self.members and actor not in self.invited:
                return "only who is in the group can leave it"
            case Remove(who) if who not in self.members and who not in self.invited:
                return "this person is not in the group"
            case Rank(who) if who not in self.members and self.kind != ANNOUNCEMENTS:
                return "this person is not in the group"
            case Text() | Edit() | Unsend() | Mark() if self.members.get(actor, NOBODY) < self._least_to_write:
                return "only its announcers may write" if self.kind == ANNOUNCEMENTS else "only its members may write"
            case _:
                return None

    @property
    def _least_to_write(self) -> Rights:
        return Rights.ADMIN if self.kind == ANNOUNCEMENTS else Rights.MEMBER


def fold_group(conversation: bytes, operations: Iterable[Operation]) -> Group:
    """The group that these operations make; a pure function of their set."""
    ordered = in_order(operations)
    made = next((one for one in ordered if _makes(one, conversation)), None)
    counting = counted(ordered, made.author if made else None)
    ancestry = Ancestry(ordered, counting)
    if made is None or not isinstance(create := made.body, Create):
        return Group(None, GROUP, {}, {}, {}, {}, frozenset(), ancestry.frontier, None, ancestry)
    creator = made.author
    rules = Rules(made, create.kind, counting, ancestry)
    described = {"name": create.name.encode()} | {name: value for name, value in rules.described.items() if value}
    members = {who: Rights(rights) for who in (creator, *rules.records) if (rights := rules.rights(who))}
    asked = {who: invite for who in rules.records if who not in members and (invite := rules.open_invite(who))}
    return Group(
        creator,
        create.kind,
        MappingProxyType(described),
        MappingProxyType(members),
        MappingProxyType({who: invite.operation.author for who, invite in asked.items()}),
        MappingProxyType({who: invite.operation.id for who, invite in asked.items()}),
        _authors(creator, create.kind, counting, rules, ancestry),
        _frontier(members, counting, ancestry),
        rules,
        ancestry,
    )


def _frontier(
    members: Mapping[PeerId, Rights], operations: Sequence[Operation], ancestry: Ancestry
) -> tuple[bytes, ...]:
    """Who names fewer than all of them takes the last: what decides over others is known soonest."""
    authors = {operation.id: operation.author for operation in operations}
    return tuple(sorted(ancestry.frontier, key=lambda id: members.get(authors[id], NOBODY) >= Rights.ADMIN))


def _last_of(body: Body) -> dict[bytes, int]:
    floors = body.last if isinstance(body, Leave | Remove) else ()
    return {floor.device: max(f.seq for f in floors if f.device == floor.device) for floor in floors}


def _makes(operation: Operation, conversation: bytes) -> bool:
    body = operation.body
    return isinstance(body, Create) and group_conversation(operation.author, body.nonce, body.kind) == conversation


def _authors(
    creator: PeerId, kind: int, operations: Sequence[Operation], rules: Rules, ancestry: Ancestry
) -> frozenset[PeerId]:
    """The creator and whoever was named in an invitation by the creator, or by somebody promoted before it.

    A demotion that comes later does not change this: else a machine that has it first would refuse what others hold.
    """
    authors = {creator}
    for operation in operations:
        if not isinstance(operation.body, Invite):
            continue
        record = rules.records.get(operation.author)
        promotions = record.promotions if record else ()
        past = ancestry.past[operation.id]
        if operation.author == creator or any(one.bit & past for one in promotions):
            authors.add(operation.body.who)
    if kind == ANNOUNCEMENTS:
        authors |= {who for who, record in rules.records.items() if record.promotions}
    return frozenset(authors)
