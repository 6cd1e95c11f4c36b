"""Alice and bob learn who is there; everyone else learns nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.identity import OPEN_SPACE, Certificate
from p2pdm.wire.errors import WireError
from p2pdm.wire.handshake import AnotherIdentity, AnotherVersion, Established, HandshakeError, SessionHandshake
from p2pdm.wire.noise import NoiseError
from tests.unit.cast import ALICE, BOB, CAROL, MALLORY, Person, keys, seed

DIALLER = (8 + 48, 64 + 272)
"""Bytes of what a dialler sends, in turn."""
ACCEPTOR = (8 + 96 + 272,)


@dataclass
class Side:
    """One end, and all that it has said."""

    machine: SessionHandshake
    established: Established | None = None
    said: list[bytes] = field(default_factory=list)

    def hear(self, data: bytes) -> None:
        self.established = self.machine.receive(data) or self.established

    def speak(self) -> bytes:
        data = self.machine.to_send()
        if data:
            self.said.append(data)
        return data


def side(
    who: Person, *, dialled: bool, expected: bytes | None = None, space: bytes = OPEN_SPACE, random: str = ""
) -> Side:
    party = replace(who.party(space), instance=who.name.encode().ljust(8))
    return Side(SessionHandshake(party, dialled=dialled, expected=expected, keys=keys(f"{who.name} {random}")))


def shake(one: Side, other: Side, cut: int = 10_000) -> None:
    """Carry bytes both ways, `cut` at a time, until nothing is left to say."""
    for _ in range(4):
        data, back = one.speak(), other.speak()
        if not data and not back:
            return
        for at in range(0, len(data), cut):
            other.hear(data[at : at + cut])
        for at in range(0, len(back), cut):
            one.hear(back[at : at + cut])
    raise AssertionError("they never stop talking")


def assert_they_talk(one: Side, other: Side) -> None:
    """Both know who is there, and what one seals the other opens."""
    a, b = one.established, other.established
    assert a is not None
    assert b is not None
    for sender, receiver in ((a, b), (b, a)):
        for text in (b"first", b"second"):
            sealed = sender.send.encrypt_with_ad(b"", text)
            assert receiver.receive.decrypt_with_ad(b"", sealed) == text


def test_alice_dials_bob_and_both_know_who_is_there() -> None:
    alice, bob = side(ALICE, dialled=True, expected=BOB.id), side(BOB, dialled=False)
    shake(alice, bob)
    assert_they_talk(alice, bob)
    assert alice.established is not None
    assert bob.established is not None
    assert (alice.established.peer, alice.established.instance) == (BOB.certificate, b"bob     ")
    assert (bob.established.peer, bob.established.instance) == (ALICE.certificate, b"alice   ")


def test_the_length_of_each_message_tells_nothing() -> None:
    for dialler, acceptor in ((ALICE, BOB), (CAROL, MALLORY)):
        one, other = side(dialler, dialled=True), side(acceptor, dialled=False)
        shake(one, other)
        assert tuple(len(m) for m in one.said) == DIALLER
        assert tuple(len(m) for m in other.said) == ACCEPTOR


def test_nobody_who_listens_reads_who_is_there() -> None:
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    shake(alice, bob)
    heard = b"".join(alice.said + bob.said)
    for person in (ALICE, BOB):
        assert person.id not in heard
        assert person.device.public not in heard


def test_the_handshake_of_this_version_never_changes() -> None:
    """Two releases that differ in it no longer meet: that takes another version in the preface."""
    alice, bob = side(ALICE, dialled=True, expected=BOB.id), side(BOB, dialled=False)
    shake(alice, bob)
    assert (
        hashlib.sha256(b"".join(alice.said + bob.said)).hexdigest()
        == "ac5e6cbffaf92761b65b6a11772efa9130a60423cace6bde5818281f069be35a"
    )


@pytest.mark.parametrize("cut", [1, 7, 56, 57, 375])
def test_the_bytes_may_come_in_any_pieces(cut: int) -> None:
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    shake(alice, bob, cut)
    assert_they_talk(alice, bob)


def test_what_follows_the_handshake_at_once_is_kept() -> None:
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    bob.hear(alice.speak())
    alice.hear(bob.speak())
    bob.hear(alice.speak() + b"first record")
    assert bob.established is not None
    assert bob.established.rest == b"first record"


# --- both dial at once ---


def test_when_both_dial_at_once_one_of_them_answers() -> None:
    """TCP simultaneous open: whoever's ephemeral key is smaller stays the initiator, on both sides alike."""
    initiators = set()
    for attempt in range(6):
        alice = side(ALICE, dialled=True, expected=BOB.id, random=str(attempt))
        bob = side(BOB, dialled=True, expected=ALICE.id, random=str(attempt))
        shake(alice, bob, cut=1 + 40 * attempt)
        assert_they_talk(alice, bob)
        lengths = {name: tuple(len(m) for m in who.said) for name, who in (("alice", alice), ("bob", bob))}
        smaller = min(("alice", alice.said[0][8:40]), ("bob", bob.said[0][8:40]), key=lambda pair: pair[1])[0]
        assert lengths.pop(smaller) == DIALLER
        assert list(lengths.values()) == [(8 + 48, 96 + 272)]
        initiators.add(smaller)
    assert initiators == {"alice", "bob"}, "both orders were tried"


def test_alice_who_hears_herself_hangs_up() -> None:
    alice = side(ALICE, dialled=True)
    with pytest.raises(HandshakeError, match="dialled itself"):
        alice.hear(alice.speak())


# --- who is not talked with ---


def test_somebody_else_at_bobs_address_is_not_told_who_dialled() -> None:
    alice, mallory = side(ALICE, dialled=True, expected=BOB.id), side(MALLORY, dialled=False)
    mallory.hear(alice.speak())
    with pytest.raises(AnotherIdentity):
        alice.hear(mallory.speak())
    assert alice.speak() == b"", "her own certificate stays with her"


def test_bob_who_expects_alice_hangs_up_on_others_that_dialled_at_once() -> None:
    bob, mallory = side(BOB, dialled=True, expected=ALICE.id), side(MALLORY, dialled=True)
    with pytest.raises(AnotherIdentity):
        shake(bob, mallory)


def test_a_dialler_of_another_space_hears_nothing() -> None:
    bob, stranger = side(BOB, dialled=False), side(MALLORY, dialled=True, space=seed("elsewhere"))
    with pytest.raises(NoiseError):
        bob.hear(stranger.speak())
    assert bob.speak() == b""


def test_an_acceptor_says_nothing_before_it_knows_that_the_dialler_may_hear() -> None:
    bob, alice = side(BOB, dialled=False), side(ALICE, dialled=True)
    hello = alice.speak()
    assert bob.speak() == b""
    bob.hear(hello[:-1])
    assert bob.speak() == b""
    bob.hear(hello[-1:])
    assert bob.speak() != b""


def test_both_hear_of_another_version() -> None:
    """The dialler speaks version 9: bob hears it from the preface, and so does the dialler."""
    bob, old = side(BOB, dialled=False), side(ALICE, dialled=True)
    with pytest.raises(AnotherVersion, match=r"protocol 9, this one 1\): update"):
        bob.hear(b"p2pdm\0\x09\x01" + bytes(48))
    answer = bob.speak()
    assert answer == b"p2pdm\0\x01\x00"
    with pytest.raises(AnotherVersion, match="protocol 9"):
        old.hear(b"p2pdm\0\x09\x00")


def test_another_version_that_dialled_at_once_is_told_too() -> None:
    alice = side(ALICE, dialled=True)
    with pytest.raises(AnotherVersion):
        alice.hear(b"p2pdm\0\x02\x01" + bytes(48))


@pytest.mark.parametrize(
    "heard", [b"SSH-2.0-OpenSSH_9", b"HTTP/1.1 400 Bad Request\r\n", b"\0", b"p2p", b"p2pdm\1\1\1"]
)
def test_another_program_is_known_by_its_first_bytes(heard: bytes) -> None:
    for dialled in (True, False):
        one = side(ALICE, dialled=dialled)
        one.speak()
        if heard == b"p2p":
            one.hear(heard)  # it may still become a preface
            heard += b"!"
        with pytest.raises(HandshakeError, match="something else"):
            one.hear(heard)
        assert one.speak() == b""


def test_an_acceptor_takes_only_diallers() -> None:
    with pytest.raises(HandshakeError, match="did not say that it dialled"):
        side(BOB, dialled=False).hear(b"p2pdm\0\x01\x00" + bytes(48))


# --- attacks ---


def test_a_recorded_dialler_gets_nowhere() -> None:
    """Mallory plays all of alice's bytes of yesterday to bob: bob's keys are other ones today."""
    alice, bob = side(ALICE, dialled=True, random="yesterday"), side(BOB, dialled=False, random="yesterday")
    shake(alice, bob)
    today = side(BOB, dialled=False, random="today")
    today.hear(alice.said[0])
    assert today.speak() != bob.said[0]
    with pytest.raises(NoiseError):
        today.hear(alice.said[1])
    assert today.established is None


def test_a_recorded_acceptor_gets_nowhere() -> None:
    alice, bob = side(ALICE, dialled=True, random="yesterday"), side(BOB, dialled=False, random="yesterday")
    shake(alice, bob)
    today = side(ALICE, dialled=True, random="today")
    today.speak()
    with pytest.raises(NoiseError):
        today.hear(b"".join(bob.said))


def test_bobs_own_words_do_not_answer_him() -> None:
    """Role reflection: mallory sends bob's message 2 back to him as message 3."""
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    bob.hear(alice.speak())
    with pytest.raises(WireError):
        bob.hear(bob.speak()[8:])
    assert bob.established is None


class Parrot(SessionHandshake):
    """A dialler that repeats the payload it was given."""

    _heard = b""

    def _check(self, payload: bytes, role: bytes, handshake_hash: bytes) -> tuple[Certificate, bytes]:
        self._heard = payload
        return super()._check(payload, role, handshake_hash)

    def _payload(self, role: bytes, handshake_hash: bytes) -> bytes:
        return self._heard


def test_alices_own_signature_does_not_make_the_dialler_alice() -> None:
    """Her device signed that it answers, over another hash; it did not sign that it dials."""
    alice = side(ALICE, dialled=False)
    parrot = Side(Parrot(MALLORY.party(), dialled=True, expected=None, keys=keys("parrot")))
    with pytest.raises(HandshakeError, match="did not sign this handshake"):
        shake(parrot, alice)
    assert alice.established is None


@pytest.mark.parametrize("what", ["certificate", "signature", "both"])
def test_mallory_cannot_bring_alices_papers(what: str) -> None:
    """Her certificate is public to whoever met her; the signature over this handshake is her device's alone."""
    papers = replace(
        MALLORY.party(),
        certificate=ALICE.certificate if what != "signature" else MALLORY.certificate,
        device=CAROL.device if what != "certificate" else MALLORY.device,
    )
    mallory = Side(SessionHandshake(papers, dialled=True, expected=None, keys=keys("mallory")))
    bob = side(BOB, dialled=False)
    with pytest.raises(HandshakeError, match="did not sign this handshake"):
        shake(mallory, bob)
    assert bob.established is None


@given(both_dialled=st.booleans(), by_alice=st.booleans(), at=st.integers(0, 56 + 368 - 1), bit=st.integers(0, 7))
def test_nobody_takes_part_in_a_handshake_that_was_changed(
    both_dialled: bool, by_alice: bool, at: int, bit: int
) -> None:
    """One flipped bit anywhere: it never ends with two who believe to talk."""
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=both_dialled)
    try:
        for _ in range(3):
            before = sum(map(len, (alice if by_alice else bob).said))
            data, back = bytearray(alice.speak()), bytearray(bob.speak())
            changed = data if by_alice else back
            if 0 <= at - before < len(changed):
                changed[at - before] ^= 1 << bit
            bob.hear(bytes(data))
            alice.hear(bytes(back))
    except WireError:
        return
    if not by_alice and not both_dialled and at == 7 and bit > 0:
        return  # flags of an acceptor that mean nothing yet
    if at < sum(map(len, (alice if by_alice else bob).said)):
        assert alice.established is None or bob.established is None


def test_a_handshake_that_failed_stays_failed() -> None:
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    hello = alice.speak()
    with pytest.raises(AnotherVersion):
        bob.hear(b"p2pdm\0\x09\x01")
    bob.speak()
    with pytest.raises(WireError):
        bob.hear(hello)
    assert bob.speak() == b""


def test_a_handshake_that_is_done_takes_no_more() -> None:
    alice, bob = side(ALICE, dialled=True), side(BOB, dialled=False)
    shake(alice, bob)
    for one in (alice, bob):
        with pytest.raises(WireError):
            one.hear(bytes(1_000))


@given(st.lists(st.binary(max_size=120), max_size=6), st.booleans(), st.booleans())
def test_whatever_comes_only_wire_errors_come_out(pieces: list[bytes], dialled: bool, polite: bool) -> None:
    one = side(ALICE, dialled=dialled)
    one.speak()
    if polite:
        pieces = [b"p2pdm\0\x01" + bytes((not dialled,)), *pieces]
    try:
        for piece in pieces:
            one.hear(piece)
    except WireError:
        pass
    assert one.established is None
