"""Who someone is: nobody becomes somebody else by cutting, swapping, signing or naming."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2pdm import identity
from p2pdm.identity import (
    MAX_NAME,
    MAX_RECORD,
    Certificate,
    IdentityError,
    ProfileRecord,
    SigningKey,
    clean_name,
    decode_id,
    encode_id,
    fingerprint,
    safety_number,
)
from tests.unit.cast import ALICE, BOB, CREATED, MALLORY

PROFILE_LABEL = b"p2pdm profile record\0"

# --- certificates ---


def test_bob_reads_whose_device_this_is() -> None:
    read = Certificate.decode(ALICE.certificate.encode())
    assert read == ALICE.certificate
    assert (read.identity, read.device, read.created) == (ALICE.id, ALICE.device.public, CREATED)


def test_every_changed_byte_of_a_certificate_is_noticed() -> None:
    encoded = ALICE.certificate.encode()
    assert len(encoded) == Certificate.SIZE
    for at in range(len(encoded)):
        for flip in (1, 0x80):
            changed = encoded[:at] + bytes((encoded[at] ^ flip,)) + encoded[at + 1 :]
            with pytest.raises(IdentityError):
                Certificate.decode(changed)


def test_mallory_cannot_claim_alices_device_nor_make_her_device_alices() -> None:
    claimed = Certificate.issue(MALLORY.identity, ALICE.device, CREATED)
    stolen = replace(claimed, by_device=ALICE.certificate.by_device)  # signed for alice, not for mallory
    with pytest.raises(IdentityError, match="device did not sign"):
        Certificate.decode(stolen.encode())
    forged = replace(ALICE.certificate, device=MALLORY.device.public, by_device=MALLORY.certificate.by_device)
    with pytest.raises(IdentityError, match="identity did not sign"):
        Certificate.decode(forged.encode())


def test_the_two_signatures_of_a_certificate_are_not_interchangeable() -> None:
    """Even for a key that is identity and device at once: each signature has its own label."""
    own = Certificate.issue(ALICE.identity, ALICE.identity, CREATED)
    assert Certificate.decode(own.encode()) == own
    with pytest.raises(IdentityError):
        Certificate.decode(replace(own, by_identity=own.by_device, by_device=own.by_identity).encode())


def test_a_certificate_under_another_label_is_none() -> None:
    stamp = CREATED.to_bytes(8, "big")
    for label in (b"p2pdm device belongs to identity\0", b"p2pdm entry\0", b""):
        signed = replace(ALICE.certificate, by_identity=ALICE.identity.sign(label + ALICE.device.public + stamp))
        with pytest.raises(IdentityError, match="identity did not sign"):
            Certificate.decode(signed.encode())


def test_a_secret_key_is_not_shown() -> None:
    assert encode_id(ALICE.id) in repr(ALICE.identity)
    assert ALICE.identity.secret.hex() not in repr(ALICE.identity)
    assert repr(ALICE.identity.secret) not in repr(ALICE.identity)


@given(st.binary(max_size=40).filter(lambda seed: len(seed) != 32))
def test_a_seed_has_32_bytes(seed: bytes) -> None:
    with pytest.raises(IdentityError, match="32 bytes"):
        SigningKey.from_seed(seed)


# --- profile records ---


def sign_record(payload: bytes, key: SigningKey = ALICE.identity) -> bytes:
    return key.sign(PROFILE_LABEL + payload) + payload


def test_bob_reads_alices_name() -> None:
    record = ProfileRecord.issue(ALICE.identity, 3, "Alice  Liddell ", "bot")
    read = ProfileRecord.decode(ALICE.id, record.encoded)
    assert read == record
    assert (read.number, read.name, read.kind) == (3, "Alice Liddell", "bot")


def test_a_record_says_nothing_of_somebody_else() -> None:
    record = ProfileRecord.issue(ALICE.identity, 3, "Alice")
    with pytest.raises(IdentityError, match="did not sign"):
        ProfileRecord.decode(BOB.id, record.encoded)


@given(st.data())
def test_a_changed_record_is_refused(data: st.DataObject) -> None:
    encoded = ProfileRecord.issue(ALICE.identity, 3, "Alice").encoded
    at = data.draw(st.integers(0, len(encoded) - 1))
    changed = encoded[:at] + bytes((encoded[at] ^ data.draw(st.integers(1, 255)),)) + encoded[at + 1 :]
    with pytest.raises(IdentityError, match="did not sign"):
        ProfileRecord.decode(ALICE.id, changed)


def test_a_record_says_what_people_put_on_a_door() -> None:
    picture = bytes(range(32))
    issued = ProfileRecord.issue(ALICE.identity, 3, "Alice", "person", " Human\u202e  Resources\n", "Head", picture)
    read = ProfileRecord.decode(ALICE.id, issued.encoded)
    assert (read.department, read.role, read.picture) == ("Human Resources", "Head", picture)
    assert ProfileRecord.stored(ALICE.id, issued.encoded) == read


def test_a_record_of_a_version_before_says_nothing_of_it() -> None:
    read = ProfileRecord.decode(ALICE.id, sign_record(msgspec.msgpack.encode({"number": 1, "name": "Alice"})))
    assert (read.kind, read.department, read.role, read.picture) == ("person", "", "", b"")


def test_a_picture_that_is_named_otherwise_is_none() -> None:
    said = {"number": 1, "name": "Alice", "picture": b"a longer hash of a later version, or a shorter"}
    assert ProfileRecord.decode(ALICE.id, sign_record(msgspec.msgpack.encode(said))).picture == b""


def test_what_a_later_version_says_more_does_no_harm() -> None:
    payload = msgspec.msgpack.encode({"number": 1, "name": "Alice", "kind": "oracle", "mood": {"of": ["the", "day"]}})
    read = ProfileRecord.decode(ALICE.id, sign_record(payload))
    assert (read.name, read.kind) == ("Alice", "person")
    assert read.encoded == sign_record(payload), "it is handed on as it was signed"


@pytest.mark.parametrize(
    "said",
    [
        {"number": 1, "name": ""},
        {"number": 1, "name": "\u202e\u200d\u3164 "},
        {"number": -1, "name": "Alice"},
        {"number": 2**53, "name": "Alice"},
        {"number": 2**64 - 1, "name": "Alice"},
        {"number": "1", "name": "Alice"},
        {"number": 1.5, "name": "Alice"},
        {"name": "Alice"},
        {"number": 1},
        {"number": 1, "name": "Alice", "department": 7},
        {"number": 1, "name": "Alice", "role": ["a", "list"]},
        {"number": 1, "name": "Alice", "picture": "text"},
        ["Alice", 1],
        None,
    ],
)
def test_a_record_without_a_name_or_a_number_is_refused(said: object) -> None:
    with pytest.raises(IdentityError):
        ProfileRecord.decode(ALICE.id, sign_record(msgspec.msgpack.encode(said)))


def test_a_record_that_is_no_text_is_refused_though_it_is_signed() -> None:
    for payload in (
        b"\x82\xa6number\x01\xa4name\xa1\xff",
        b"\x82\xa6number\x01\xa4name\xa3\xed\xa0\x80",
        b"\x91" * 900,
    ):
        with pytest.raises(IdentityError, match="can't be read"):
            ProfileRecord.decode(ALICE.id, sign_record(payload))


def test_a_record_fits_a_datagram() -> None:
    payload = msgspec.msgpack.encode({"number": 1, "name": "Alice", "more": "x" * MAX_RECORD})
    with pytest.raises(IdentityError, match="length"):
        ProfileRecord.decode(ALICE.id, sign_record(payload))
    long = "\U0001f600" * 100
    longest = ProfileRecord.issue(ALICE.identity, 2**53 - 1, long, "organisation", long, long, bytes(32))
    assert len(longest.encoded) <= MAX_RECORD


@given(st.binary(max_size=120))
def test_whatever_alice_signs_only_identity_errors_come_out(payload: bytes) -> None:
    try:
        record = ProfileRecord.decode(ALICE.id, sign_record(payload))
    except IdentityError:
        return
    assert record.name


# --- names ---


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("  Alice \t Liddell\n", "Alice Liddell"),
        ("Al\u202eeci", "Aleci"),
        ("\u2066Bob\u2069", "Bob"),
        ("Bob\u200b\u200c\u200d\ufeff", "Bob"),
        ("Bo\u034fb\u2800", "Bob"),
        ("\u3164", ""),
        ("Bob\x1b[31m\x07", "Bob[31m"),
        ("e\u0301va", "\u00e9va"),
        ("e\u200d\u0301va", "\u00e9va"),
        ("\U0001f469\u200d\U0001f680 Ada", "\U0001f469\u200d\U0001f680 Ada"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
        ("\U0001f469\u200d\u200d\u200d", "\U0001f469"),
        ("Zoë Åström 山田 Мария مريم", "Zoë Åström 山田 Мария مريم"),
        ("\ud800half", "half"),
    ],
)
def test_names_are_shown_as_one_line_without_what_cannot_be_seen(said: str, shown: str) -> None:
    assert clean_name(said) == shown


def test_a_name_cut_to_its_length_keeps_no_loose_end() -> None:
    assert clean_name("x" * 63 + " tail") == "x" * 63
    assert clean_name("x" * 62 + "\U0001f469\u200d\U0001f680") == "x" * 62 + "\U0001f469"


@given(st.text())
@example("\u2764\ufe0f\u200d")
@example("a\ufe0f\u200d\U0001f469")
def test_a_cleaned_name_is_clean(said: str) -> None:
    name = clean_name(said)
    assert clean_name(name) == name
    assert len(name) <= MAX_NAME
    assert name.isprintable() or "\u200d" in name
    assert not set(name) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\n\r\x1b")


# --- what people compare ---


def test_alice_and_bob_read_the_same_safety_number_to_each_other() -> None:
    number = safety_number(ALICE.id, BOB.id)
    assert number == safety_number(BOB.id, ALICE.id)
    groups = number.split(" ")
    assert len(groups) == 12
    assert all(len(group) == 5 and group.isdecimal() for group in groups)
    assert number != safety_number(ALICE.id, MALLORY.id)
    assert set(safety_number(ALICE.id, MALLORY.id).split(" ")) & set(groups), "each half is one key's"


def test_the_numbers_that_people_have_compared_never_change() -> None:
    """A release that computed them otherwise would tell everyone that everyone's key has changed."""
    zero, one = bytes(32), b"\1" * 32
    assert safety_number(zero, one) == "72110 91414 37758 36031 49102 95127 51412 16457 98536 36357 61432 30237"
    assert fingerprint(zero) == "fb71 be90 4aad b6d6 d9bb 770c f2d0 16a8 a990 ad36 6f78 ef23 76c3 d293 3052 20d1"
    assert encode_id(identity.OPEN_SPACE) == "klyt2rnxszvi55vao5pwhwzspp5md4tt6zfscaas76tyuiy5jliq"


def test_a_fingerprint_is_of_one_key() -> None:
    print_of_alice = fingerprint(ALICE.id)
    assert len(print_of_alice.split(" ")) == 16
    assert print_of_alice != fingerprint(BOB.id)


# --- ids ---


@given(st.binary(min_size=32, max_size=32))
def test_an_id_is_read_as_it_was_written_in_either_case(raw: bytes) -> None:
    assert decode_id(encode_id(raw)) == raw
    assert decode_id(encode_id(raw).upper()) == raw
    assert encode_id(raw).isascii()
    assert len(encode_id(raw)) == 52


@given(st.text(max_size=60) | st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=52, max_size=52))
def test_whatever_is_typed_as_an_id_only_identity_errors_come_out(text: str) -> None:
    try:
        raw = decode_id(text)
    except IdentityError:
        return
    assert encode_id(raw) == text.lower(), "no two ids mean one person"
