"""What a reader is told of what happened to a group, and where it stands among what was said."""

from __future__ import annotations

import random

import pytest

from p2pdm.conversation.chronicle import AFTER_ALL, Happening, Order, Witness
from p2pdm.conversation.entries import Body, Describe, Invite, Join, Leave, Rank, Remove
from p2pdm.conversation.membership import Operation
from p2pdm.identity import PeerId
from tests.unit.conversation.club import ANA, BEN, CLEO, DAN, MALLORY, Club

NAMES = {ANA: "ana", BEN: "ben", CLEO: "cleo", DAN: "dan", MALLORY: "mallory"}


@pytest.fixture
def club() -> Club:
    """Ana made a group and ben said yes."""
    club = Club()
    club.asks_in(ANA, BEN)
    return club


def told(club: Club, reader: PeerId = ANA, *witnesses: Witness) -> list[Happening]:
    return club.now().chronicle(reader, witnesses)


def words(club: Club, reader: PeerId = ANA) -> list[str]:
    """All that a reader is told, in short."""
    found = ((NAMES[one.author], one.what, NAMES[one.who] if one.who else one.value) for one in told(club, reader))
    return [" ".join(part for part in parts if part) for parts in found]


def says(lamport: int, *heads: Operation) -> list[Witness]:
    """Somebody says something, and knows of these operations."""
    return [Witness(head.id, (lamport, 0, bytes(32))) for head in heads]


def places(club: Club, reader: PeerId, *witnesses: Witness) -> dict[bytes, Order]:
    return {one.id: one.at for one in told(club, reader, *witnesses)}


# --- what is told ---


def test_who_came_and_went_is_told_in_order(club: Club) -> None:
    club.asks_in(ANA, CLEO)
    club.does(ANA, Rank(CLEO, admin=True))
    club.does(CLEO, Describe("name", b"Hikers"))
    club.does(CLEO, Describe("topic", b"Where to?"))
    club.does(CLEO, Describe("picture", b"\x89PNG"))
    club.does(BEN, Leave())
    club.does(ANA, Rank(CLEO, admin=False))
    club.does(ANA, Remove(CLEO))
    assert words(club) == [
        "ana made",
        "ana invited ben",
        "ben joined",
        "ana invited cleo",
        "cleo joined",
        "ana promoted cleo",
        "cleo named Hikers",
        "cleo topic Where to?",
        "cleo picture yes",
        "ben left",
        "ana demoted cleo",
        "ana removed cleo",
    ]


def test_an_invitation_that_came_to_nothing_is_no_leaving(club: Club) -> None:
    club.does(ANA, Invite(CLEO))
    club.does(CLEO, Leave())
    club.does(ANA, Invite(DAN))
    club.does(ANA, Remove(DAN))
    assert words(club)[3:] == ["ana invited cleo", "cleo declined", "ana invited dan", "ana withdrawn dan"]


@pytest.mark.parametrize(
    "useless",
    [Invite(BEN), Leave(), Remove(DAN), Rank(BEN, admin=False), Describe("colour", b"blue"), Join(bytes(32))],
)
def test_what_changes_nothing_is_not_told(club: Club, useless: Body) -> None:
    before = words(club)
    club.does(ANA, useless)
    assert words(club) == before


def test_what_nobody_had_the_right_to_do_did_not_happen(club: Club) -> None:
    before = words(club)
    club.does(MALLORY, Invite(DAN))
    club.does(BEN, Remove(ANA))
    club.does(BEN, Describe("name", b"Ben's"))
    assert words(club) == before


def test_what_a_demoted_admin_did_without_knowing_never_happened(club: Club) -> None:
    promoted = club.does(ANA, Rank(BEN, admin=True))
    club.does(BEN, Describe("name", b"Ben's"), knowing=[promoted])
    assert "ben named Ben's" in words(club)
    club.does(ANA, Rank(BEN, admin=False), knowing=[promoted])
    assert words(club)[-1] == "ana demoted ben"
    assert "ben named Ben's" not in words(club)


def test_who_is_promoted_again_is_told_of_each_time(club: Club) -> None:
    for admin in (True, False, True, True):
        club.does(ANA, Rank(BEN, admin=admin))
    assert words(club)[3:] == ["ana promoted ben", "ana demoted ben", "ana promoted ben"]


def test_a_newcomer_is_told_nothing_from_before_their_invitation(club: Club) -> None:
    club.does(BEN, Leave())
    club.asks_in(ANA, CLEO)
    club.asks_in(ANA, BEN)
    assert words(club, CLEO) == ["ana invited cleo", "cleo joined", "ana invited ben", "ben joined"]
    assert words(club, BEN)[:2] == ["ana invited ben", "ben joined"], "ben knows of his first time"


def test_who_took_a_later_invitation_is_told_from_that_one_on(club: Club) -> None:
    club.does(ANA, Invite(DAN))
    club.asks_in(ANA, CLEO)
    assert words(club, DAN) == ["ana invited dan", "ana invited cleo", "cleo joined"]
    club.asks_in(ANA, DAN)
    club.does(CLEO, Leave())
    assert words(club, DAN) == ["ana invited dan", "dan joined", "cleo left"]


def test_who_is_asked_again_and_took_no_invitation_yet_is_told_of_one(club: Club) -> None:
    for _ in range(2):
        club.does(ANA, Invite(DAN))
    assert words(club, DAN) == words(club)[3:] == ["ana invited dan"]


# --- where it stands ---


def test_what_happened_before_the_words_that_a_newcomer_reads_stands_alike_for_all(club: Club) -> None:
    """Dan reads nothing that was said before the invitation that he took: it alone tells who joined first."""
    club.does(ANA, Invite(DAN))
    ben_goes = club.does(BEN, Leave(), time=2)
    cleo_comes = club.does(ANA, Invite(CLEO), knowing=[club.made], time=1)
    invite = club.does(ANA, Invite(DAN))
    joined = club.does(DAN, Join(invite.id))
    before, after = [*says(3, cleo_comes), *says(4, ben_goes)], says(9, joined)
    anas, dans = told(club, ANA, *before, *after), told(club, DAN, *after)
    both = {one.id for one in anas} & {one.id for one in dans}
    assert both == {joined.id}
    assert [one.id for one in anas if one.id in both] == [one.id for one in dans if one.id in both]


def test_it_stands_before_the_first_who_knew_of_it(club: Club) -> None:
    invite = club.does(ANA, Invite(CLEO))
    assert places(club, ANA)[invite.id] == AFTER_ALL
    unknowing, knowing, later = says(7, club.made), says(8, invite), says(9, invite)
    assert places(club, ANA, *unknowing)[invite.id] == AFTER_ALL
    assert places(club, ANA, *later, *unknowing, *knowing)[invite.id] == (8, 0, bytes(32))


def test_who_knew_of_a_later_change_knew_of_those_before(club: Club) -> None:
    left = club.does(BEN, Leave())
    found = places(club, ANA, *says(5, left), *says(9, club.made))
    assert set(found.values()) == {(5, 0, bytes(32))}


def test_the_order_is_that_of_the_set_whatever_came_first(club: Club) -> None:
    club.asks_in(ANA, CLEO)
    club.does(BEN, Leave(), knowing=[club.made])
    witnesses = [one for at, op in enumerate(club.operations) for one in says(20 - at, op)]
    expected = told(club, ANA, *witnesses)
    for seed in range(5):
        random.Random(seed).shuffle(club.operations)
        random.Random(seed).shuffle(witnesses)
        assert told(club, ANA, *witnesses) == expected


def test_what_happened_since_one_came_back_stands_alike_for_all_whatever_was_missed(club: Club) -> None:
    """Ben lacks what was said while he was away: what happened then stands before what he reads first."""
    club.does(BEN, Leave())
    named = club.does(ANA, Describe("name", b"Hikers"))
    back = club.asks_in(ANA, BEN)
    topic = club.does(ANA, Describe("topic", b"Where to?"))
    missed, read = says(3, named), [*says(8, back), *says(9, topic)]
    anas, bens = places(club, ANA, *missed, *read), places(club, BEN, *read)
    assert (anas[named.id], bens[named.id]) == (missed[0].at, read[0].at)
    assert {id: at for id, at in anas.items() if at > missed[0].at} == {
        id: at for id, at in bens.items() if id in anas and anas[id] > missed[0].at
    }
