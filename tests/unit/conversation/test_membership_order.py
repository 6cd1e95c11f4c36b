"""Whatever arrives first, and however much, everyone sees the same people in a group."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import msgspec

from p2pdm.conversation.encoding import check_signature, encode_body, seal
from p2pdm.conversation.entries import (
    MEMBERSHIP,
    NO_ENTRY,
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
from p2pdm.conversation.membership import MAX_OPERATIONS, MAX_OPERATIONS_OF_ONE, Operation, fold_group, operation_of
from tests.unit.cast import ALICE, person, seed
from tests.unit.conversation.club import ANA, BEN, CLEO, MALLORY, Club, make_admin
from tests.unit.quickest import quickest


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
    kind, body = encode_body(Describe("topic", b"Sundays"))
    header = Header(0, MEMBERSHIP, kind, seed("chat"), ALICE.device.public, 1, seed("prev"), 9, 8, 0, 0, b"")
    entry = seal(header, body, bytes(16), ALICE.device)

    def signatures() -> None:
        for _ in range(len(club.operations) // 4):
            check_signature(entry)

    folding, checking = quickest(club.now, signatures, runs=15)
    assert folding < checking, "a fraction of what it costs to check once who wrote them all"
    assert len(club.now().members) == 61
