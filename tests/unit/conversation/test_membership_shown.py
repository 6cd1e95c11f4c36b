"""What of a group each of them reads, and whose words count up to where."""

from __future__ import annotations

import pytest

from p2pdm.conversation.entries import ANNOUNCEMENTS, Body, Describe, Invite, Leave, Rank, Remove, Text
from p2pdm.conversation.membership import Rights
from tests.unit.cast import seed
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, PHONE, Club, floor


def test_newcomers_read_from_their_invitation_on(club: Club) -> None:
    club.asks_in(ANA, CLEO, floor("ana's laptop", 4), floor("ben's phone", 7), floor("ben's phone", 6))
    group = club.now()
    assert group.floors(CLEO) == {f.device: f for f in (floor("ana's laptop", 4), floor("ben's phone", 7))}
    assert group.floors(ANA) == {}
    with pytest.raises(KeyError):
        group.floors(DAN)


def test_an_entry_was_for_those_who_were_in_by_what_its_author_knew(club: Club) -> None:
    laptop, first = seed("ana's laptop"), club.operations[-1]
    asked = club.asks_in(ANA, CLEO, floor("ana's laptop", 4))
    gone = club.does(CLEO, Leave())
    back = club.asks_in(ANA, CLEO, floor("ana's laptop", 9))
    group = club.now()
    assert group.may_hold(laptop, 4, [first.id]) == {ANA, BEN}, "from before Cleo"
    assert group.may_hold(laptop, 5, [first.id]) == {ANA, BEN, CLEO}, "not known to be from before her"
    assert group.may_hold(laptop, 4, [asked.id]) == {ANA, BEN, CLEO}, "whoever knew that she was asked in was later"
    assert group.may_hold(laptop, 9, [gone.id]) == {ANA, BEN}, "she had gone, and was not back"
    assert group.may_hold(laptop, 10, [gone.id]) == group.may_hold(laptop, 9, [back.id]) == {ANA, BEN, CLEO}
    assert DAN not in group.may_hold(laptop, 99, [back.id])


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
