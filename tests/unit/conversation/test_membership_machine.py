"""Five people decide about a group at once, each knowing a part: the fold is what a naive reading of the rules says."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    GROUP,
    Body,
    Describe,
    Invite,
    Join,
    Leave,
    Rank,
    Remove,
)
from p2pdm.conversation.membership import Group, Operation, Rights, fold_group
from tests.unit.cast import seed
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, Club, floor

PEOPLE = (ANA, BEN, CLEO, DAN, MALLORY)
people = st.sampled_from(PEOPLE)
picks = st.integers(0, 199)
LAPTOP = seed("laptop")
Past = frozenset[bytes]


class Reading:
    """The rules as they are written down, with sets and searches: slow, and of another build than the fold."""

    def __init__(self, operations: list[Operation], kind: int) -> None:
        self.all = {one.id: one for one in sorted(operations, key=lambda one: one.order)}
        self.kind = kind
        self.past: dict[bytes, Past] = {}
        for one in self.all.values():
            known = [parent for parent in one.parents if parent in self.past]
            self.past[one.id] = frozenset(known).union(*(self.past[parent] for parent in known))
        self.valid: dict[bytes, bool] = {}
        for one in self.all.values():
            self.valid[one.id] = self._is_valid(one)

    def members(self) -> dict[bytes, Rights]:
        everything = frozenset(self.all)
        found = {who: self.rights(who, everything, None) for who in PEOPLE}
        return {who: Rights(rights) for who, rights in found.items() if rights}

    def invited(self) -> set[bytes]:
        everything = frozenset(self.all)
        invites = [(one, body) for one in self.all.values() if isinstance(body := one.body, Invite)]
        asked = {
            body.who
            for one, body in invites
            if self.valid[one.id] and self._ends(body.who, everything) <= self.past[one.id]
        }
        return asked - set(self.members())

    def counts(self, who: bytes, seq: int, known: Past) -> bool:
        """Of an entry of the laptop, which knows of these."""
        everything = frozenset(self.all)
        against = self._ends(who, everything)
        if self.kind == ANNOUNCEMENTS:
            promotions = [id for id in known if self._promotes(self.all[id], who)]
            against |= {one.id for one in self.all.values() if one.author == ANA and _demotes(one.body, who)}
        else:
            yes = [one for id in known if (one := self.all[id]).author == who and self.valid[id]]
            promotions = [one.body.invite for one in yes if isinstance(one.body, Join)]
        shown = [
            all(id in self.past[since] or _covers(self.all[id].body, seq) for id in against) for since in promotions
        ]
        return who == ANA or any(shown)

    def rights(self, who: bytes, past: Past, judged: bytes | None) -> int:
        if who == ANA:
            return 3
        if self._is_admin(who, past, judged):
            return 2
        return 1 if self._is_member(who, past) else 0

    def _is_member(self, who: bytes, past: Past) -> bool:
        for id in past:
            body = self.all[id].body
            said_yes = isinstance(body, Join) and self.all[id].author == who and self.valid[id]
            if isinstance(body, Join) and said_yes and self._ends(who, past) <= self.past[body.invite]:
                return True
        return False

    def _ends(self, who: bytes, past: Past) -> set[bytes]:
        return {id for id in past if self._ends_one(self.all[id], who) and self.valid[id]}

    def _ends_one(self, one: Operation, who: bytes) -> bool:
        match one.body:
            case Remove(target):
                return target == who
            case Leave():
                return one.author == who
            case _:
                return False

    def _is_admin(self, who: bytes, past: Past, judged: bytes | None) -> bool:
        if self.kind == GROUP and not self._is_member(who, past):
            return False
        return any(self._holds(self.all[id], who, past, judged) for id in past)

    def _holds(self, rank: Operation, who: bytes, past: Past, judged: bytes | None) -> bool:
        if not self._promotes(rank, who):
            return False
        demotions = [one for one in self.all.values() if one.author == ANA and _demotes(one.body, who) and who != ANA]
        before = self.past[rank.id]
        return (
            all(one.id in before or judged in self.past[one.id] for one in demotions)
            and self._ends(who, past) <= before
        )

    def _promotes(self, one: Operation, who: bytes) -> bool:
        return one.author == ANA and one.body == Rank(who, admin=True)

    def _is_valid(self, one: Operation) -> bool:
        past, author = self.past[one.id], one.author
        by = self.rights(author, past, one.id)
        match one.body:
            case Invite(who):
                return by >= 2 and who != ANA and not self._is_member(who, past)
            case Join(invite):
                asked = self.all.get(invite)
                if asked is None or not isinstance(asked.body, Invite) or asked.body.who != author:
                    return False
                return invite in past and self.valid[invite] and self._ends(author, past) <= self.past[invite]
            case Leave():
                return author != ANA
            case Remove(who):
                return who != ANA and (author == ANA or (by >= 2 and by > self.rights(who, past, one.id)))
            case Rank(who):
                return author == ANA != who
            case Describe():
                return by >= 2
            case _:
                return False


def _demotes(body: Body, who: bytes) -> bool:
    return (isinstance(body, Remove) or (isinstance(body, Rank) and not body.admin)) and body.who == who


def _covers(body: Body, seq: int) -> bool:
    return isinstance(body, Leave | Remove | Rank) and any(one.seq >= seq for one in body.last)


class Membership(RuleBasedStateMachine):
    """Everyone holds a part of the operations: whatever they hold, they hold all that came before it."""

    @initialize(kind=st.sampled_from([GROUP, GROUP, ANNOUNCEMENTS]))
    def ana_has_begun(self, kind: int) -> None:
        """Ben is an admin, cleo a member; dan and mallory are outside."""
        self.club = Club(kind)
        for who in (BEN, CLEO):
            self.club.asks_in(ANA, who, knowing=self.club.operations)
        self.club.does(ANA, Rank(BEN, admin=True))
        self.held: dict[bytes, set[bytes]] = {who: {one.id for one in self.club.operations} for who in PEOPLE}

    @rule(who=people, pick=picks, told=st.sets(people))
    def decides(self, who: bytes, pick: int, told: set[bytes]) -> None:
        """Somebody does what their node lets them, sees at once that it is so, and tells whoever is there."""
        group = self._sees(who)
        allowed = [body for body in self._bodies(who, pick % 8) if group.refusal(who, body) is None]
        if allowed:
            done = self.club.does(who, allowed[pick % len(allowed)], knowing=self._holding(who))
            self._tell(who, done, told)
            assert TAKES_EFFECT[type(done.body)](self._sees(who), done), f"{done.body} did nothing"

    @rule(who=people, pick=picks, told=st.sets(people), order=st.randoms(use_true_random=False))
    def cheats(self, who: bytes, pick: int, told: set[bytes], order: random.Random) -> None:
        """A changed node signs anything, as if it knew of no more than it likes."""
        seen = self._before(order.choice(self._holding(who)))
        done = self.club.does(who, order.choice(self._bodies(who, pick % 8)), knowing=seen, time=order.randrange(3))
        self._tell(who, done, told)

    @rule(one=people, other=people)
    def meet(self, one: bytes, other: bytes) -> None:
        """Both tell each other all."""
        self.held[one] |= self.held[other]
        self.held[other] |= self.held[one]

    @rule(one=people, other=people, order=st.randoms(use_true_random=False))
    def meet_in_passing(self, one: bytes, other: bytes, order: random.Random) -> None:
        """One gets a part of what the other has."""
        self.held[one] |= {operation.id for operation in self._before(order.choice(self._holding(other)))}

    @invariant()
    def it_is_what_the_rules_say(self) -> None:
        for who in PEOPLE:
            group, reading = self._sees(who), Reading(self._holding(who), self.club.now().kind)
            assert group.members == reading.members()
            assert set(group.invited) == reading.invited()
            for known in (self.held[who], self.held[ANA] & self.held[who]):
                for author, seq in product(PEOPLE, (3, 6)):
                    assert group.counts(author, LAPTOP, seq, known) == reading.counts(author, seq, frozenset(known))

    @invariant()
    def any_order_gives_the_same(self) -> None:
        shuffled = self.club.operations[:]
        random.Random(len(shuffled)).shuffle(shuffled)
        assert fold_group(self.club.conversation, shuffled) == self.club.now()

    @invariant()
    def nobody_is_in_who_should_not_be(self) -> None:
        group = self.club.now()
        assert group.creator == ANA
        assert [who for who, rights in group.members.items() if rights == Rights.CREATOR] == [ANA]
        for who in set(group.members) - {ANA}:
            ranked = any(one.author == ANA and one.body == Rank(who, admin=True) for one in self.club.operations)
            assert ranked or group.members[who] == Rights.MEMBER
            if group.kind == GROUP:
                assert self._asked_again_after_every_removal(group, who)

    @invariant()
    def who_may_write_is_never_taken_back(self) -> None:
        for who in PEOPLE:
            assert self._sees(who).authors <= self.club.now().authors
        group = self.club.now()
        assert {*group.members, *group.invited} <= group.authors

    def _asked_again_after_every_removal(self, group: Group, who: bytes) -> bool:
        done = self.club.operations
        yes = [one.body.invite for one in done if one.author == who and isinstance(one.body, Join)]
        out = [one.id for one in done if one.author == ANA and isinstance(one.body, Remove) and one.body.who == who]
        return any(all(group.is_ancestor(removal, invite) for removal in out) for invite in yes)

    def _bodies(self, who: bytes, seq: int) -> list[Body]:
        invitations = [one.id for one in self.club.operations if isinstance(one.body, Invite) and one.body.who == who]
        last = (floor("laptop", seq),)
        bodies: list[Body] = [*(Join(invite) for invite in invitations[-2:]), Leave(last), Describe("topic", b"x")]
        for whom in PEOPLE:
            invite = Invite(whom, last)
            bodies += [invite, invite, Remove(whom, last), Rank(whom, admin=True), Rank(whom, False, last)]
        return bodies

    def _tell(self, who: bytes, done: Operation, told: set[bytes]) -> None:
        self.held[who].add(done.id)
        for other in told:
            self.held[other] |= self.held[who]

    def _sees(self, who: bytes) -> Group:
        return fold_group(self.club.conversation, self._holding(who))

    def _holding(self, who: bytes) -> list[Operation]:
        return [one for one in self.club.operations if one.id in self.held[who]]

    def _before(self, last: Operation) -> list[Operation]:
        """An operation and all that it knew of."""
        wanted = {last.id}
        for one in sorted(self.club.operations, key=lambda one: one.order, reverse=True):
            if one.id in wanted:
                wanted.update(one.parents)
        return [one for one in self.club.operations if one.id in wanted]


def _ranked(group: Group, done: Operation) -> bool:
    body = done.body
    assert isinstance(body, Rank)
    return (group.members.get(body.who, 0) == Rights.ADMIN) == body.admin


def _removed(group: Group, done: Operation) -> bool:
    body = done.body
    assert isinstance(body, Remove)
    return body.who not in group.members and body.who not in group.invited


TAKES_EFFECT: dict[type[Body], Callable[[Group, Operation], bool]] = {
    Invite: lambda group, done: done.id in group.invitations.values(),
    Join: lambda group, done: done.author in group.members,
    Leave: lambda group, done: done.author not in group.members and done.author not in group.invited,
    Remove: _removed,
    Rank: _ranked,
    Describe: lambda group, done: isinstance(done.body, Describe) and group.described["topic"] == done.body.value,
}

Membership.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestMembership = Membership.TestCase
