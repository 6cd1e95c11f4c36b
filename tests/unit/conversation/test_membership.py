"""Who belongs to a group: ana makes it, and whatever arrives first, everyone sees the same people in it."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import permutations

import msgspec
import pytest

from p2pdm.conversation.encoding import encode_body, seal
from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    GROUP,
    MEMBERSHIP,
    NO_ENTRY,
    Body,
    Create,
    Describe,
    Header,
    Invite,
    Join,
    Leave,
    Open,
    Rank,
    Remove,
    Text,
    Unknown,
)
from p2pdm.conversation.membership import (
    MAX_MEMBERS,
    MAX_OPERATIONS,
    MAX_OPERATIONS_OF_ONE,
    Operation,
    Rights,
    fold_group,
    operation_of,
)
from tests.unit.cast import ALICE, person, seed
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, Club, floor

PHONE = seed("ben's phone")


@pytest.fixture
def club() -> Club:
    """Ana made a group and ben said yes."""
    club = Club()
    club.asks_in(ANA, BEN)
    return club


def make_admin(club: Club, who: bytes) -> Operation:
    club.asks_in(ANA, who)
    return club.does(ANA, Rank(who, admin=True))


# --- in and out ---


def test_ana_makes_a_group_and_ben_says_yes() -> None:
    club = Club()
    assert club.now().members == {ANA: Rights.CREATOR}
    invite = club.does(ANA, Invite(BEN))
    asked = club.now()
    assert (asked.members, asked.invited, asked.invitations) == ({ANA: Rights.CREATOR}, {BEN: ANA}, {BEN: invite.id})
    club.does(BEN, Join(invite.id))
    group = club.now()
    assert group.members == {ANA: Rights.CREATOR, BEN: Rights.MEMBER}
    assert (group.creator, group.kind, group.name) == (ANA, GROUP, "Climbers")
    assert not group.invited
    assert not group.invitations
    assert group.authors == {ANA, BEN}


def test_who_did_not_answer_is_no_member_and_may_decline() -> None:
    club = Club()
    club.does(ANA, Invite(BEN))
    assert BEN in club.now().authors, "to say yes is to write"
    club.does(BEN, Leave())
    assert club.now().members == {ANA: Rights.CREATOR}
    assert club.now().invited == {}


def test_an_invitation_can_be_withdrawn_before_the_yes_and_while_it_is_on_its_way() -> None:
    club = Club()
    invite = club.does(ANA, Invite(BEN))
    withdrawn = club.does(ANA, Remove(BEN))
    assert club.now().invited == {}
    late = club.does(BEN, Join(invite.id), knowing=[invite])
    assert BEN not in club.now().members
    assert BEN in club.now(withdrawn).members
    assert club.now().refusal(BEN, Join(invite.id)) == "the invitation was withdrawn or declined"
    club.does(BEN, Join(invite.id), knowing=[withdrawn, late])
    assert BEN not in club.now().members, "nor by another yes to the old invitation"


def test_the_last_invitation_is_the_one_to_answer(club: Club) -> None:
    club.does(ANA, Rank(BEN, admin=True))
    before = list(club.operations)
    club.does(ANA, Invite(CLEO), knowing=before)
    second = club.does(BEN, Invite(CLEO), knowing=before, time=1)
    assert club.now().invited == {CLEO: BEN}
    assert club.now().invitations == {CLEO: second.id}


def test_former_members_went_by_themselves_or_by_somebody(club: Club) -> None:
    for who in (CLEO, DAN):
        club.asks_in(ANA, who)
    club.does(ANA, Invite(MALLORY))
    club.does(MALLORY, Leave())
    club.does(BEN, Leave())
    club.does(ANA, Remove(CLEO))
    assert club.now().former == {BEN: BEN, CLEO: ANA}
    club.asks_in(ANA, CLEO)
    assert club.now().former == {BEN: BEN}


def test_who_was_removed_after_an_earlier_no_is_told_to_be_removed(club: Club) -> None:
    club.does(ANA, Invite(CLEO))
    club.does(CLEO, Leave())
    club.asks_in(ANA, CLEO)
    club.does(ANA, Remove(CLEO))
    assert club.now().former == {CLEO: ANA}


def test_nobody_joins_by_an_invitation_of_somebody_else(club: Club) -> None:
    invite = club.does(ANA, Invite(CLEO))
    club.does(MALLORY, Join(invite.id))
    club.does(BEN, Join(invite.id))
    assert MALLORY not in club.now().members
    assert club.now().refusal(MALLORY, Join(invite.id)) == "there is no such invitation"


def test_a_yes_that_did_not_know_of_its_invitation_is_none(club: Club) -> None:
    invite = club.does(ANA, Invite(CLEO))
    for known in (club.operations[:1], [club.does(DAN, Unknown(""), knowing=club.operations[:-1])]):
        club.does(CLEO, Join(invite.id), knowing=known)
        assert club.now().invited == {CLEO: ANA}


def test_plain_members_do_nothing_but_leave(club: Club) -> None:
    before = club.now().members
    nothing: list[Body] = [Invite(CLEO), Remove(ANA), Remove(BEN), Rank(BEN, admin=True), Describe("name", b"Ben's")]
    for body in nothing:
        assert club.now().refusal(BEN, body)
        club.does(BEN, body)
    assert (club.now().members, club.now().invited, club.now().name) == (before, {}, "Climbers")
    assert club.now().authors == {ANA, BEN}
    club.does(BEN, Leave())
    assert club.now().members == {ANA: Rights.CREATOR}


def test_a_concurrent_removal_beats_an_addition(club: Club) -> None:
    """Ben asks cleo back in without knowing that ana removed her again: she is out, however it comes together."""
    club.does(ANA, Rank(BEN, admin=True))
    club.asks_in(ANA, CLEO)
    first = club.does(ANA, Remove(CLEO))
    again = club.does(ANA, Remove(CLEO), knowing=[first])
    yes = club.asks_in(BEN, CLEO, knowing=[first])
    assert CLEO not in club.now().members
    assert CLEO in club.now(again).members
    assert club.now().invited == {}
    club.asks_in(ANA, CLEO, knowing=[yes, again])
    assert CLEO in club.now().members, "whoever knows of both decides anew"


def test_back_in_after_a_removal_and_after_leaving(club: Club) -> None:
    for actor, body in ((ANA, Remove(BEN)), (BEN, Leave())):
        club.does(actor, body)
        assert BEN not in club.now().members
        assert club.now().refusal(ANA, Invite(BEN)) is None
        club.asks_in(ANA, BEN)
        assert club.now().members[BEN] == Rights.MEMBER


def test_a_group_holds_64_people_with_those_who_were_asked() -> None:
    club = Club()
    people = [person(f"guest {n}").id for n in range(MAX_MEMBERS)]
    for who in people[:40]:
        club.asks_in(ANA, who)
    for who in people[40:]:
        club.does(ANA, Invite(who))
    group = club.now()
    assert len(group.members) + len(group.invited) == MAX_MEMBERS
    assert people[-1] not in group.invited
    assert group.refusal(ANA, Invite(people[-1])) == "it has 64 people, and more don't fit"
    assert group.refusal(ANA, Invite(people[-2])) is None, "asking again takes no more room"
    club.does(people[0], Leave())
    assert club.now().refusal(ANA, Invite(people[-1])) is None


# --- one creator ---


def test_a_forged_creation_makes_nobody_the_creator() -> None:
    club = Club()
    real, *_ = club.operations
    for author, nonce, kind in ((MALLORY, club.nonce, GROUP), (ANA, seed("other"), GROUP), (ANA, club.nonce, 1)):
        club.operations = []
        club.does(author, Create(nonce, kind, "Mallory's"))
        club.asks_in(author, MALLORY)
        group = club.now()
        assert group.creator is None
        assert not group.members
        assert not group.invited
        assert not group.authors
        assert (group.name, group.counts(author, PHONE, 1, group.frontier)) == ("", False)
        assert group.refusal(MALLORY, Invite(BEN)) == "it is not known yet who made the group"
        with pytest.raises(KeyError):
            group.floors(MALLORY)
        club.operations.append(real)
        assert club.now().creator == ANA


def test_the_creator_stays(club: Club) -> None:
    make_admin(club, CLEO)
    gone: list[tuple[bytes, Body]] = [
        (ANA, Leave()),
        (ANA, Remove(ANA)),
        (ANA, Rank(ANA, admin=False)),
        (CLEO, Remove(ANA)),
        (ANA, Invite(ANA)),
        (ANA, Create(club.nonce, GROUP, "Again")),
    ]
    for actor, body in gone:
        assert club.now().refusal(actor, body)
        club.does(actor, body)
    assert club.now().members[ANA] == Rights.CREATOR
    assert club.now().name == "Climbers"


# --- admins ---


def test_an_admin_invites_removes_and_describes(club: Club) -> None:
    make_admin(club, CLEO)
    club.asks_in(CLEO, DAN)
    club.does(CLEO, Remove(BEN))
    club.does(CLEO, Describe("name", "Boulder  \u202eers".encode()))
    club.does(CLEO, Describe("topic", b"Sundays"))
    group = club.now()
    assert group.members == {ANA: Rights.CREATOR, CLEO: Rights.ADMIN, DAN: Rights.MEMBER}
    assert (group.name, group.described["topic"]) == ("Boulder ers", b"Sundays")
    assert group.refusal(CLEO, Rank(DAN, admin=True)) == "only its creator may say who is an admin"


def test_the_latest_description_counts_and_an_empty_one_takes_it_back(club: Club) -> None:
    before = list(club.operations)
    club.does(ANA, Describe("topic", b"late"), knowing=before, time=9)
    club.does(ANA, Describe("topic", b"early"), knowing=before, time=1)
    assert club.now().described["topic"] == b"late"
    club.does(ANA, Describe("topic", b""))
    club.does(ANA, Describe("name", b"\xff"))
    assert "topic" not in club.now().described
    assert club.now().name == "\ufffd"
    club.does(ANA, Describe("name", b""))
    assert club.now().name == "Climbers"


def test_admins_do_not_remove_each_other(club: Club) -> None:
    """Both try at once: ranks are above strictly, and only ana's removals reach them."""
    make_admin(club, BEN)
    make_admin(club, CLEO)
    before = list(club.operations)
    club.does(BEN, Remove(CLEO), knowing=before)
    club.does(CLEO, Remove(BEN), knowing=before)
    assert club.now().refusal(BEN, Remove(CLEO)) == "only its creator may remove an admin"
    assert club.now().members == {ANA: Rights.CREATOR, BEN: Rights.ADMIN, CLEO: Rights.ADMIN}
    club.does(ANA, Remove(BEN))
    assert BEN not in club.now().members


def test_what_a_demoted_admin_did_meanwhile_is_void_with_all_that_came_of_it(club: Club) -> None:
    promoted = make_admin(club, CLEO)
    club.asks_in(CLEO, DAN)
    known = list(club.operations)
    demoted = club.does(ANA, Rank(CLEO, admin=False))
    joined = club.asks_in(CLEO, MALLORY, knowing=known)
    club.does(CLEO, Remove(BEN), knowing=known)
    club.does(CLEO, Describe("name", b"Cleo's"), knowing=known)
    group = club.now()
    assert group.members == {ANA: Rights.CREATOR, BEN: Rights.MEMBER, CLEO: Rights.MEMBER, DAN: Rights.MEMBER}
    assert group.name == "Climbers"
    assert MALLORY in club.now(demoted).members
    assert BEN not in club.now(demoted).members
    assert MALLORY in group.authors, "what mallory wrote is stored wherever it came first"
    assert not group.counts(MALLORY, PHONE, 0, [joined.id])
    club.does(ANA, Rank(CLEO, admin=True))
    assert club.now().members[CLEO] == Rights.ADMIN
    assert MALLORY not in club.now().members, "the new rank brings nothing back"
    assert club.now().is_ancestor(promoted.id, demoted.id)
    assert not club.now().is_ancestor(demoted.id, promoted.id)
    assert not club.now().is_ancestor(demoted.id, joined.id)


def test_what_an_admin_did_before_the_demotion_stays(club: Club) -> None:
    make_admin(club, CLEO)
    club.asks_in(CLEO, DAN)
    club.does(CLEO, Remove(BEN))
    club.does(ANA, Remove(CLEO))
    assert club.now().members == {ANA: Rights.CREATOR, DAN: Rights.MEMBER}


def test_a_promotion_that_did_not_know_of_the_demotion_is_none(club: Club) -> None:
    """Ana's two laptops: one promotes, one demotes."""
    before = list(club.operations)
    club.does(ANA, Rank(BEN, admin=True), knowing=before)
    club.does(ANA, Rank(BEN, admin=False), knowing=before)
    assert club.now().members[BEN] == Rights.MEMBER


@pytest.mark.parametrize("by", ["creator", "admin", "self"])
def test_a_rank_ends_with_the_membership_that_it_was_given_to(club: Club, by: str) -> None:
    make_admin(club, CLEO)
    if by == "admin":  # cleo did not know that ben was being promoted
        promoted = club.does(ANA, Rank(BEN, admin=True))
        club.does(CLEO, Remove(BEN), knowing=[one for one in club.operations if one is not promoted])
    else:
        club.does(ANA, Rank(BEN, admin=True))
        club.does(ANA, Remove(BEN)) if by == "creator" else club.does(BEN, Leave())
    assert BEN not in club.now().members
    club.asks_in(CLEO, BEN)
    assert club.now().members[BEN] == Rights.MEMBER
    club.does(BEN, Invite(DAN))
    assert DAN not in club.now().invited


def test_leaving_takes_back_nothing_that_was_done_meanwhile(club: Club) -> None:
    """Else an admin could void what he did long ago, by leaving as if it were before that."""
    promoted = club.does(ANA, Rank(BEN, admin=True))
    club.asks_in(BEN, DAN)
    club.does(BEN, Leave(), knowing=[promoted])
    assert club.now().members == {ANA: Rights.CREATOR, DAN: Rights.MEMBER}


# --- what of theirs is shown ---


def test_newcomers_read_from_their_invitation_on(club: Club) -> None:
    club.asks_in(ANA, CLEO, floor("ana's laptop", 4), floor("ben's phone", 7), floor("ben's phone", 6))
    group = club.now()
    assert group.floors(CLEO) == {f.device: f for f in (floor("ana's laptop", 4), floor("ben's phone", 7))}
    assert group.floors(ANA) == {}
    with pytest.raises(KeyError):
        group.floors(DAN)


def test_asked_again_while_in_changes_nothing_of_what_one_reads(club: Club) -> None:
    club.does(ANA, Rank(BEN, admin=True))
    before = list(club.operations)
    club.asks_in(ANA, CLEO, floor("ana's laptop", 4), knowing=before)
    club.asks_in(BEN, CLEO, floor("ana's laptop", 2), floor("ben's phone", 9), knowing=before)
    first = next(one.body for one in sorted(club.operations, key=lambda o: o.order) if one.body in _invites(club, CLEO))
    assert isinstance(first, Invite)
    assert set(club.now().floors(CLEO).values()) == set(first.after)
    club.does(ANA, Remove(CLEO))
    club.asks_in(ANA, CLEO, floor("ana's laptop", 8))
    assert list(club.now().floors(CLEO).values()) == [floor("ana's laptop", 8)]


def _invites(club: Club, who: bytes) -> list[Body]:
    return [one.body for one in club.operations if isinstance(one.body, Invite) and one.body.who == who]


def test_what_a_member_writes_is_shown_from_the_yes_to_the_last_that_counts(club: Club) -> None:
    joined = club.operations[-1]
    assert club.now().counts(BEN, PHONE, 3, [joined.id])
    assert not club.now().counts(BEN, PHONE, 3, [joined.parents[0]]), "before the yes"
    assert not club.now().counts(BEN, PHONE, 3, [])
    assert not club.now().counts(BEN, PHONE, 3, [seed("unknown")])
    assert not club.now().counts(MALLORY, PHONE, 3, [joined.id])
    removed = club.does(ANA, Remove(BEN, (floor("ben's phone", 5),)))
    for known in ([joined.id], [removed.id]):
        assert [club.now().counts(BEN, PHONE, seq, known) for seq in (0, 5, 6)] == [True, True, False]
    assert not club.now().counts(BEN, seed("ben's other phone"), 0, [joined.id])
    back = club.asks_in(ANA, BEN)
    assert club.now().counts(BEN, PHONE, 99, [back.id])
    assert not club.now().counts(BEN, PHONE, 6, [joined.id]), "what was written in between stays out"
    club.does(BEN, Leave((floor("ben's phone", 120),)))
    assert [club.now().counts(BEN, PHONE, seq, [back.id]) for seq in (120, 121)] == [True, False]
    assert club.now().counts(ANA, PHONE, 1, [])


def test_in_announcements_the_creator_and_the_announcers_write() -> None:
    club = Club(ANNOUNCEMENTS, "Canteen")
    assert club.now().refusal(ANA, Rank(BEN, admin=True)) is None, "without joining"
    promoted = club.does(ANA, Rank(BEN, admin=True))
    assert club.now().refusal(ANA, Invite(BEN)) == "this person is in the group already"
    group = club.now()
    assert (group.kind, group.members) == (ANNOUNCEMENTS, {ANA: Rights.CREATOR, BEN: Rights.ADMIN})
    assert group.authors == {ANA, BEN}
    assert (group.refusal(BEN, Text("Soup")), group.refusal(CLEO, Text("!"))) == (None, "only its announcers may write")
    assert (group.floors(CLEO), group.floors(ANA)) == ({}, {}), "everyone reads everything"
    assert group.counts(BEN, PHONE, 1, [promoted.id])
    assert not group.counts(BEN, PHONE, 1, [club.made.id])
    assert not group.counts(CLEO, PHONE, 1, [promoted.id])
    club.does(BEN, Describe("topic", b"Soup today"))
    assert club.now().described["topic"] == b"Soup today"


def test_an_announcer_who_was_removed_is_read_up_to_the_last_that_counts() -> None:
    club = Club(ANNOUNCEMENTS)
    promoted = club.does(ANA, Rank(BEN, admin=True))
    club.does(ANA, Remove(BEN, (floor("ben's phone", 5),)))
    assert [club.now().counts(BEN, PHONE, seq, [promoted.id]) for seq in (5, 6)] == [True, False]
    assert BEN not in club.now().members
    again = club.does(ANA, Rank(BEN, admin=True))
    assert club.now().counts(BEN, PHONE, 6, [again.id])


def test_an_announcer_whose_rank_was_taken_away_is_read_up_to_the_last_that_counts() -> None:
    club = Club(ANNOUNCEMENTS)
    promoted = club.does(ANA, Rank(BEN, admin=True))
    demoted = club.does(ANA, Rank(BEN, False, (floor("ben's phone", 5),)))
    for known in (promoted.id, demoted.id):  # whatever Ben says to have known
        assert [club.now().counts(BEN, PHONE, seq, [known]) for seq in (5, 6)] == [True, False]
    assert not club.now().counts(BEN, seed("ben's laptop"), 1, [promoted.id])
    assert club.now().authors == {ANA, BEN}
    again = club.does(ANA, Rank(BEN, admin=True))
    assert club.now().counts(BEN, PHONE, 6, [again.id])
    assert not club.now().counts(BEN, PHONE, 6, [promoted.id])
    club.does(ANA, Rank(BEN, admin=False))
    assert not club.now().counts(BEN, PHONE, 5, [promoted.id]), "as an earlier version took a rank away"


def test_who_may_write_is_said_before_it_is_written(club: Club) -> None:
    group = club.now()
    assert group.refusal(BEN, Text("hello")) is None
    assert group.refusal(CLEO, Text("hello")) == "only its members may write"
    assert group.refusal(CLEO, Leave()) == "only who is in the group can leave it"
    assert group.refusal(ANA, Remove(CLEO)) == "this person is not in the group"
    assert group.refusal(ANA, Rank(CLEO, admin=True)) == "this person is not in the group"
    assert group.refusal(ANA, Invite(BEN)) == "this person is in the group already"


# --- any set of them, in any order ---


def test_any_order_of_arrival_gives_the_same_group() -> None:
    club = Club()
    invite = club.does(ANA, Invite(BEN))
    club.does(BEN, Join(invite.id))
    club.does(ANA, Remove(BEN), knowing=[invite])
    club.does(ANA, Invite(BEN))
    club.does(ANA, Describe("name", b"New"), knowing=[invite])
    groups = [fold_group(club.conversation, order) for order in permutations(club.operations)]
    assert all(group == groups[0] for group in groups)
    assert fold_group(club.conversation, club.operations * 2) == groups[0], "nor does twice"


def test_what_a_creator_decided_is_the_last_of_a_frontier_that_is_too_long_to_be_named(club: Club) -> None:
    many = [person(f"member {n}").id for n in range(20)]
    invites = [club.does(ANA, Invite(who, ())) for who in many]
    decided = club.does(ANA, Describe("name", b"Divers"))
    for who, invite in zip(many, invites, strict=True):
        yes = club.does(who, Join(invite.id), knowing=[invite])
        club.does(who, Text("later"), knowing=[yes, invites[-1]])
    frontier = club.now().frontier
    assert len(frontier) > 16
    assert frontier[-1] == decided.id


def test_the_frontier_is_what_nobody_knew_of(club: Club) -> None:
    top = club.operations[-1]
    assert club.now().frontier == (top.id,)
    opening = club.does(CLEO, Open(b""), knowing=[club.made])
    assert set(club.now().frontier) == {top.id, opening.id}
    merged = club.does(ANA, Unknown("from a later version"))
    assert club.now().frontier == (merged.id,)
    assert club.now().is_ancestor(opening.id, merged.id)


def test_what_names_unknown_parents_or_later_ones_or_itself_knows_nothing_of_them(club: Club) -> None:
    good = club.does(ANA, Invite(CLEO))
    odd = replace(good, id=seed("odd"), parents=(seed("nowhere"), seed("odd"), good.id), order=(0, 0, b""))
    club.operations.append(odd)
    assert not club.now().is_ancestor(good.id, odd.id)
    assert club.now().invitations == {CLEO: good.id}


def test_a_flood_pushes_out_nothing_that_others_decided(club: Club) -> None:
    """Mallory was removed, and writes thousands of operations as if they had come long before that."""
    make_admin(club, CLEO)
    asked = club.does(ANA, Invite(MALLORY))
    club.does(MALLORY, Join(asked.id))
    removed = club.does(CLEO, Remove(MALLORY))
    before = club.now()
    template = club.does(MALLORY, Leave(), knowing=[club.made])
    flood = [replace(template, id=seed(f"{n}"), order=(2, 0, seed(f"{n}"))) for n in range(MAX_OPERATIONS + 9)]
    club.operations += flood
    after = club.does(ANA, Describe("topic", b"flooded"), knowing=[*flood[-1:], *club.operations[: -len(flood) - 1]])
    group = club.now()
    assert (group.members, group.authors) == (before.members, before.authors)
    assert group.described["topic"] == b"flooded"
    assert group.is_ancestor(removed.id, after.id)
    through = club.does(ANA, Unknown(""), knowing=[max(flood, key=lambda one: one.order)])
    assert club.now().is_ancestor(club.made.id, through.id), "what does not count carries ancestry"
    assert len(group.frontier) <= MAX_OPERATIONS_OF_ONE + 1


def test_the_last_rank_decides_whose_operations_count_when_there_are_too_many() -> None:
    club = Club()
    make_admin(club, CLEO)
    ordinary = [person(f"guest {n}").id for n in range(9)]
    template = club.does(BEN, Leave(), knowing=[club.made])
    for who in ordinary:
        ids = [seed(f"{who.hex()} {n}") for n in range(MAX_OPERATIONS_OF_ONE)]
        club.operations += [replace(template, id=id, author=who, order=(2, 0, id)) for id in ids]
    known = [one for one in club.operations if one.author in (ANA, CLEO)]
    club.does(CLEO, Describe("topic", b"still here"), knowing=known)
    assert club.now().described["topic"] == b"still here"
    assert len(club.now().frontier) <= MAX_OPERATIONS


def test_an_entry_becomes_an_operation() -> None:
    kind, body = encode_body(Describe("topic", b"Sundays"))
    header = Header(0, MEMBERSHIP, kind, seed("chat"), ALICE.device.public, 1, seed("prev"), 9, 8, 0, 0, b"")
    entry = seal(header, body, bytes(16), ALICE.device)
    operation = operation_of(entry, ALICE.id)
    assert operation == Operation(entry.id, ALICE.id, (seed("prev"),), (9, 8, entry.id), Describe("topic", b"Sundays"))
    first = seal(msgspec.structs.replace(header, kind=1, seq=0, prev=NO_ENTRY), b"", bytes(16), ALICE.device)
    assert operation_of(first, ALICE.id).parents == ()
    assert operation_of(first, ALICE.id).body == Unknown("")


def test_a_thousand_operations_are_folded_at_once() -> None:
    """A group of 64 with changes over years: it is folded at each of them, so it must not show."""
    club = Club()
    people = [person(f"guest {n}").id for n in range(60)]
    yes = [club.asks_in(ANA, who, knowing=club.operations[-1:]) for who in people]
    for who in people[:10]:
        club.does(ANA, Rank(who, admin=True), knowing=[*club.operations[-1:], *yes])
    while len(club.operations) < 1_000:
        n = len(club.operations)
        by, who = people[n % 10], people[10 + n % 50]
        club.does(by, Remove(who), knowing=club.operations[-1:])
        club.asks_in(by, who, knowing=club.operations[-1:])
        club.does(by, Describe("topic", str(n).encode()), knowing=club.operations[-1:])
    started = time.perf_counter()
    group = club.now()
    assert time.perf_counter() - started < 0.2, "some 7 ms on a machine with nothing else to do"
    assert len(group.members) == 61
