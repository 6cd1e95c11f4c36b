"""Who decides in a group: its one creator, the admins, and what becomes of what they decided."""

from __future__ import annotations

import pytest

from p2pdm.conversation.entries import GROUP, Body, Create, Describe, Invite, Leave, Rank, Remove
from p2pdm.conversation.membership import Rights
from tests.unit.cast import seed
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, PHONE, Club, make_admin


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
