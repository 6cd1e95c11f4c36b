"""Who belongs to a group: ana makes it, and whatever arrives first, everyone sees the same people in it."""

from __future__ import annotations

from p2pdm.conversation.entries import GROUP, Body, Describe, Invite, Join, Leave, Rank, Remove, Unknown
from p2pdm.conversation.membership import MAX_MEMBERS, Rights
from tests.unit.cast import person
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, Club


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
