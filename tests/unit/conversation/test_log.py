"""What may join a chain: everything that its author said after what it names, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import msgspec
import pytest

from p2pdm.conversation.encoding import encode_body, seal
from p2pdm.conversation.entries import (
    CONTENT,
    MEMBERSHIP,
    NO_ENTRY,
    Entry,
    EntryError,
    Header,
    Kind,
    Open,
    Text,
    direct_conversation,
)
from p2pdm.conversation.log import authorise, compose, lacking, place_of
from p2pdm.identity import Certificate
from tests.unit.cast import ALICE, BOB, MALLORY, Person, person, seed
from tests.unit.ledger import CHAT, MemoryLedger, Writer


def signed(by: Person = ALICE, text: str = "hello", **fields: object) -> Entry:
    """An entry with any header that one likes, correctly signed."""
    header = Header(0, CONTENT, Kind.TEXT, CHAT, by.device.public, 1, NO_ENTRY, 2, 3, 0, 0, b"")
    body = encode_body(Text(text))[1]
    return seal(msgspec.structs.replace(header, **fields), body, seed(text)[:16], by.device)


def opening(by: Person = ALICE, certificate: Certificate | None = None, **fields: object) -> Entry:
    fields = {"kind": Kind.OPEN, "seq": 0, "lamport": 1, **fields}
    header = Header(0, CONTENT, Kind.OPEN, CHAT, by.device.public, 0, NO_ENTRY, 1, 3, 0, 0, b"")
    body = encode_body(Open((certificate or by.certificate).encode()))[1]
    return seal(msgspec.structs.replace(header, **fields), body, seed("opening")[:16], by.device)


@pytest.fixture
def ledger() -> MemoryLedger:
    """What alice said: an opening, two sentences."""
    ledger = MemoryLedger()
    Writer(ALICE, ledger).say("one")
    Writer(ALICE, ledger).say("two")
    return ledger


def last(ledger: MemoryLedger) -> Entry:
    return max(ledger.entries.values(), key=lambda entry: entry.header.lamport)


def test_alice_and_bob_talk_and_each_entry_is_above_what_it_answers() -> None:
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    talk = [alice.say("hi"), bob.say("hello"), alice.say("how are you?"), bob.say("fine")]
    assert [entry.header.lamport for entry in talk] == [2, 4, 5, 6], "bob's opening came between"
    assert [entry.header.seq for entry in talk] == [1, 1, 2, 2]


def test_bob_holds_the_same_whatever_comes_first() -> None:
    """Entries that lack their parents are held back, and offered again when these are there."""
    origin = MemoryLedger()
    alice, bob = Writer(ALICE, origin), Writer(BOB, origin)
    alice.say("hi")
    bob.say("hello")
    everything = list(origin.entries.values())
    assert len(everything) == 4
    for order in permutations(everything):
        ledger, waiting = MemoryLedger(), list(order)
        for _ in everything:
            waiting = [entry for entry in waiting if ledger.accept(entry)]
        assert waiting == []
        assert ledger.entries == origin.entries


def test_what_is_lacking_is_named(ledger: MemoryLedger) -> None:
    prev, dependency = seed("prev"), seed("dependency")
    entry = signed(seq=9, prev=prev, lamport=77, dependencies=(dependency, last(ledger).id))
    assert lacking(entry, ledger.find) == [prev, dependency]


def test_nobody_jumps_ahead(ledger: MemoryLedger) -> None:
    top = last(ledger)
    for lamport in (0, 1, top.header.lamport, top.header.lamport + 2, 2**53 - 1):
        with pytest.raises(EntryError, match="lamport"):
            ledger.accept(signed(seq=3, prev=top.id, lamport=lamport))
    assert ledger.accept(signed(seq=3, prev=top.id, lamport=top.header.lamport + 1)) == []


def test_an_opening_begins_at_one_and_above_what_it_names(ledger: MemoryLedger) -> None:
    with pytest.raises(EntryError, match="lamport"):
        ledger.accept(opening(BOB, lamport=2))
    with pytest.raises(EntryError, match="lamport"):
        ledger.accept(opening(BOB, lamport=1, dependencies=(last(ledger).id,)))
    assert ledger.accept(opening(BOB, lamport=4, dependencies=(last(ledger).id,))) == []


def test_a_chain_goes_on_from_its_own_last_entry_only(ledger: MemoryLedger) -> None:
    bobs = Writer(BOB, ledger).say("mine")
    top = last(ledger)
    assert top is bobs
    for entry in (
        signed(seq=3, prev=bobs.id, lamport=bobs.header.lamport + 1),  # somebody else's
        signed(BOB, seq=3, prev=bobs.id, lamport=bobs.header.lamport + 1),  # skips a number
        signed(BOB, seq=1, prev=bobs.id, lamport=bobs.header.lamport + 1),  # repeats it
        signed(BOB, seq=2, prev=bobs.id, lamport=bobs.header.lamport + 1, chain=MEMBERSHIP),
    ):
        with pytest.raises(EntryError, match="continue the chain"):
            ledger.accept(entry)


def test_a_chain_begins_with_an_opening() -> None:
    for entry in (signed(seq=0, lamport=1), opening(prev=seed("before"))):
        with pytest.raises(EntryError, match="does not begin"):
            MemoryLedger().accept(entry)


def test_an_entry_depends_on_its_own_conversation_alone(ledger: MemoryLedger) -> None:
    elsewhere = direct_conversation(ALICE.id, MALLORY.id)
    with pytest.raises(EntryError, match="another conversation"):
        ledger.accept(opening(lamport=4, conversation=elsewhere, dependencies=(last(ledger).id,)))
    with pytest.raises(EntryError, match="another conversation"):
        ledger.accept(signed(seq=3, lamport=4, prev=last(ledger).id, conversation=elsewhere))


def test_the_membership_heads_that_an_entry_names_have_to_be_here_and_raise_no_lamport(ledger: MemoryLedger) -> None:
    head, top = opening(BOB, chain=MEMBERSHIP), last(ledger)
    entry = signed(seq=3, prev=top.id, lamport=top.header.lamport + 1, membership=(head.id,))
    assert lacking(entry, ledger.find) == [head.id]
    assert ledger.accept(head) == []
    grown = signed(BOB, kind=Kind.LEAVE, chain=MEMBERSHIP, seq=1, prev=head.id, lamport=2)
    assert lacking(grown, ledger.find) == []
    assert ledger.accept(entry) == []


def test_what_is_no_membership_head_of_this_conversation_is_refused_as_one(ledger: MemoryLedger) -> None:
    top = last(ledger)
    elsewhere = opening(BOB, chain=MEMBERSHIP, conversation=direct_conversation(BOB.id, MALLORY.id))
    assert ledger.accept(elsewhere) == []
    for head in (top, elsewhere):
        with pytest.raises(EntryError, match="membership head"):
            ledger.accept(signed(seq=3, prev=top.id, lamport=top.header.lamport + 1, membership=(head.id,)))


def test_what_was_said_and_what_was_decided_are_in_chains_of_their_own(ledger: MemoryLedger) -> None:
    top = last(ledger)
    above = top.header.lamport + 1
    with pytest.raises(EntryError, match="its chain"):
        ledger.accept(signed(kind=Kind.INVITE, seq=3, prev=top.id, lamport=above))
    head = opening(BOB, chain=MEMBERSHIP)
    ledger.accept(head)
    for kind, fits in ((Kind.TEXT, False), (Kind.MARK, False), (Kind.RANK, True), (77, True)):
        entry = signed(BOB, kind=kind, chain=MEMBERSHIP, seq=1, prev=head.id, lamport=2)
        if fits:
            assert lacking(entry, ledger.find) == []
            continue
        with pytest.raises(EntryError, match="its chain"):
            ledger.accept(entry)


def test_one_writes_into_the_chain_and_with_the_heads_and_the_expiry_that_one_names() -> None:
    head = place_of(opening(chain=MEMBERSHIP))
    entry = compose(
        ALICE.device, CHAT, Kind.DESCRIBE, b"", after=head, dependencies=(), time=7, salt=bytes(16),
        chain=MEMBERSHIP, membership=(seed("head"),), expiry=60,
    )  # fmt: skip
    assert (entry.header.chain, entry.header.membership, entry.header.expiry) == (MEMBERSHIP, (seed("head"),), 60)
    assert (entry.header.prev, entry.header.seq, entry.header.lamport) == (head.id, 1, 2)


def test_contradictions_show_although_other_parents_are_lacking(ledger: MemoryLedger) -> None:
    """Nothing that can never join waits for parents that may never come."""
    with pytest.raises(EntryError, match="continue the chain"):
        lacking(signed(seq=7, prev=last(ledger).id, lamport=9, dependencies=(seed("unknown"),)), ledger.find)
    with pytest.raises(EntryError, match="does not begin"):
        lacking(signed(seq=0, lamport=9, dependencies=(seed("unknown"),)), ledger.find)


def test_both_branches_of_a_fork_are_kept_and_go_on(ledger: MemoryLedger) -> None:
    """Alice's profile was copied: both copies signed."""
    one, two = sorted((e for e in ledger.entries.values() if e.header.seq), key=lambda e: e.header.seq)
    alice = Writer(ALICE, ledger)
    other_two = alice.say("another two", after=one)
    other_three = alice.say("another three", after=other_two)
    assert {head.id for head in ledger.heads(CHAT)} == {two.id, other_three.id}
    three = alice.say("three", after=two)
    assert {head.id for head in ledger.heads(CHAT)} == {three.id, other_three.id}
    assert [entry.header.seq for entry in (other_two, three, other_three)] == [2, 3, 3]


# --- who may write ---


def test_the_opening_says_whose_device_it_is() -> None:
    assert authorise(opening(), {ALICE.id, BOB.id}) == ALICE.certificate
    assert authorise(signed(), ()) is None, "later entries are authorised by their parent"


def test_mallory_does_not_belong_here() -> None:
    with pytest.raises(EntryError, match="does not belong"):
        authorise(opening(MALLORY), {ALICE.id, BOB.id})


def test_mallory_cannot_open_with_alices_certificate() -> None:
    with pytest.raises(EntryError, match="another device"):
        authorise(opening(MALLORY, ALICE.certificate), {ALICE.id, BOB.id})


def test_mallory_cannot_certify_a_device_as_alices() -> None:
    certificate = replace(MALLORY.certificate, identity=ALICE.id)
    with pytest.raises(EntryError, match="identity did not sign"):
        authorise(opening(MALLORY, certificate), {ALICE.id, BOB.id})


def test_nobody_goes_on_with_alices_chain_but_her_device(ledger: MemoryLedger) -> None:
    """Later entries need no certificate: their parent is hers, and so must the signature be."""
    top = last(ledger)
    hers = signed(text="send money", seq=3, prev=top.id, lamport=top.header.lamport + 1)
    forged = seal(hers.header, encode_body(Text("send money"))[1], seed("send money")[:16], MALLORY.device)
    assert forged.id == hers.id
    with pytest.raises(EntryError, match="not signed by its device"):
        ledger.accept(forged)
    assert ledger.accept(hers) == []


def test_nobody_opens_a_chain_for_alices_device() -> None:
    hers = opening()
    with pytest.raises(EntryError, match="not signed by its device"):
        authorise(msgspec.structs.replace(hers, signature=opening(MALLORY).signature), {ALICE.id})
    assert authorise(hers, {ALICE.id})


def test_alices_second_device_writes_a_chain_of_its_own(ledger: MemoryLedger) -> None:
    phone = Writer(person("alice", "phone"), ledger)
    said = phone.say("on my way")
    assert said.header.seq == 1
    assert len(ledger.heads(CHAT)) == 2


def test_an_opening_without_its_body_proves_nothing() -> None:
    purged = msgspec.structs.replace(opening(), salt=b"", body=None)
    with pytest.raises(EntryError, match="without its body"):
        authorise(purged, {ALICE.id})


def test_an_opening_that_carries_something_else_is_refused() -> None:
    header = opening().header
    for body in (b"", b"\x93\xa0\xc4\x01c\x90", b"\x91\xa0"):
        with pytest.raises(EntryError):
            authorise(seal(header, body, bytes(16), ALICE.device), {ALICE.id})


def test_places_are_of_the_header() -> None:
    entry = signed(seq=4, lamport=9)
    place = place_of(entry)
    assert (place.id, place.conversation, place.device) == (entry.id, CHAT, ALICE.device.public)
    assert (place.chain, place.seq, place.lamport) == (CONTENT, 4, 9)
