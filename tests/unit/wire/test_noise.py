"""Alice and Bob shake hands as the Noise document says, and Mallory gets nothing but refusals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise.connection import Keypair as OracleKeypair
from noise.connection import NoiseConnection

from p2pdm.wire.errors import WireError
from p2pdm.wire.noise import (
    MAX_MESSAGE,
    MAX_NONCE,
    MAX_PLAINTEXT,
    OVERHEAD,
    PROTOCOL,
    CipherState,
    Handshake,
    KeyPair,
    NoiseError,
)
from tests.unit.wire.vectors import Vector, load

if TYPE_CHECKING:
    from tests.conftest import Counts

SPACE = b"the office".ljust(32, b".")
PROLOGUE = b"p2pdm, in a test"
HASHES = ("SHA256", "SHA512", "BLAKE2s", "BLAKE2b")
LOW_ORDER = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
APPLICABLE = {"cacophony": 8, "snow": 20, "bitchat-xx-sha256": 2, "xxpsk0-crossgen": 3}
"""How many vectors of each file speak XX, with or without psk, over 25519 and ChaChaPoly."""


def key_pair(of: str) -> KeyPair:
    return KeyPair.from_private(hashlib.sha256(of.encode()).digest())


def alice(**changes: Any) -> Handshake:
    """Give the side that dials."""
    return person("alice", initiator=True, **changes)


def bob(**changes: Any) -> Handshake:
    """Give the side that is dialled."""
    return person("bob", initiator=False, **changes)


def person(name: str, **changes: Any) -> Handshake:
    ours = {"static": key_pair(name), "ephemeral": key_pair(f"{name} now"), "prologue": PROLOGUE, "psks": [SPACE]}
    return Handshake(**{**ours, **changes})


def saying(payload: bytes) -> Callable[[bytes], bytes]:
    """Give this payload whatever the handshake hash is."""
    return lambda _: payload


def shake_hands(first: Handshake, second: Handshake, messages: int = 3) -> list[bytes]:
    """Exchange so many messages, and give them."""
    sent = []
    for number in range(messages):
        writer, reader = (first, second) if number % 2 == 0 else (second, first)
        sent.append(writer.write_message(saying(b"payload %d" % number)))
        assert reader.read_message(sent[-1]).payload == b"payload %d" % number
    return sent


# --- other people's vectors --------------------------------------------------------------------------


def applicable(vectors: list[Vector]) -> list[Vector]:
    names = ("Noise_XX_25519_ChaChaPoly_", "Noise_XXpsk")
    return [v for v in vectors if v["protocol_name"].startswith(names) and "_25519_ChaChaPoly_" in v["protocol_name"]]


def side(vector: Vector, prefix: str) -> Handshake:
    return Handshake(
        initiator=prefix == "init",
        static=KeyPair.from_private(bytes.fromhex(vector[f"{prefix}_static"])),
        ephemeral=KeyPair.from_private(bytes.fromhex(vector[f"{prefix}_ephemeral"])),
        prologue=bytes.fromhex(vector[f"{prefix}_prologue"]),
        psks=[bytes.fromhex(psk) for psk in vector.get(f"{prefix}_psks", [])],
        protocol=vector["protocol_name"],
    )


def play(vector: Vector) -> None:
    """Write and read every message of the vector, each by the side whose turn it is."""
    sides = (side(vector, "init"), side(vector, "resp"))
    messages = [(bytes.fromhex(m["payload"]), bytes.fromhex(m["ciphertext"])) for m in vector["messages"]]
    assert len(messages) > 3
    for number, (payload, ciphertext) in enumerate(messages[:3]):
        writer, reader = sides[number % 2], sides[1 - number % 2]
        assert writer.write_message(saying(payload)) == ciphertext
        assert reader.read_message(ciphertext).payload == payload
    for handshake in sides:
        assert handshake.handshake_hash.hex() == vector.get("handshake_hash", sides[0].handshake_hash.hex())
    states = [handshake.split() for handshake in sides]
    for number, (payload, ciphertext) in enumerate(messages[3:], start=3):
        send, receive = states[number % 2][0], states[1 - number % 2][1]
        assert send.encrypt_with_ad(b"", payload) == ciphertext
        assert receive.decrypt_with_ad(b"", ciphertext) == payload


@pytest.mark.parametrize("file", APPLICABLE)
def test_every_applicable_vector(file: str, counts: Counts) -> None:
    content = load(counts, "noise vectors", f"noise/{file}.json", APPLICABLE[file])
    vectors = applicable(content["vectors"] if isinstance(content, dict) else content)
    for vector in vectors:
        play(vector)
    counts.ran("noise vectors", len(vectors), APPLICABLE[file])


# --- a live exchange with another implementation -----------------------------------------------------


class Oracle:
    """The other implementation, `noiseprotocol`, as one side of a handshake."""

    def __init__(self, protocol: str, initiator: bool, psks: list[bytes]) -> None:
        self.connection = NoiseConnection.from_name(protocol.encode())
        if psks:
            self.connection.set_psks(psks=psks)
        self.connection.set_prologue(PROLOGUE)
        if initiator:
            self.connection.set_as_initiator()
        else:
            self.connection.set_as_responder()
        self.connection.set_keypair_from_private_bytes(OracleKeypair.STATIC, key_pair("oracle").private)
        self.connection.start_handshake()

    def write(self, payload: bytes) -> bytes:
        return bytes(self.connection.write_message(payload))

    def read(self, message: bytes) -> bytes:
        return bytes(self.connection.read_message(message))


@pytest.mark.parametrize("hash_name", HASHES)
@pytest.mark.parametrize("modifier", ["", "psk0", "psk1", "psk2", "psk3", "psk0+psk2"])
@pytest.mark.parametrize("we_dial", [True, False])
def test_a_conversation_with_another_implementation(modifier: str, hash_name: str, we_dial: bool) -> None:
    protocol = f"Noise_XX{modifier}_25519_ChaChaPoly_{hash_name}"
    psks = [hashlib.sha256(psk.encode()).digest() for psk in modifier.split("+") if psk]
    ours = (alice if we_dial else bob)(protocol=protocol, psks=psks)
    oracle = Oracle(protocol, initiator=not we_dial, psks=psks)
    for number in range(3):
        payload = b"message %d" % number
        if ours.writes_next:
            assert oracle.read(ours.write_message(saying(payload))) == payload
        else:
            assert ours.read_message(oracle.write(payload)).payload == payload
    assert ours.finished
    assert ours.handshake_hash == oracle.connection.get_handshake_hash()
    assert ours.remote_static == key_pair("oracle").public
    send, receive = ours.split()
    for text in (b"", b"hello", b"x" * 60_000):
        assert oracle.connection.decrypt(send.encrypt_with_ad(b"", text)) == text
        assert receive.decrypt_with_ad(b"", oracle.connection.encrypt(text)) == text


# --- Alice and Bob -----------------------------------------------------------------------------------


def test_alice_and_bob_learn_each_others_keys_and_share_two_directions() -> None:
    a, b = alice(), bob()
    assert (a.writes_next, b.writes_next, a.finished, b.finished) == (True, False, False, False)
    shake_hands(a, b)
    assert a.finished
    assert b.finished
    assert (a.writes_next, b.writes_next) == (False, False)
    assert a.remote_static == key_pair("bob").public
    assert b.remote_static == key_pair("alice").public
    assert a.handshake_hash == b.handshake_hash
    (a_send, a_receive), (b_send, b_receive) = a.split(), b.split()
    assert b_receive.decrypt_with_ad(b"ad", a_send.encrypt_with_ad(b"ad", b"hi bob")) == b"hi bob"
    assert a_receive.decrypt_with_ad(b"", b_send.encrypt_with_ad(b"", b"hi alice")) == b"hi alice"
    with pytest.raises(NoiseError):
        a_receive.decrypt_with_ad(b"", a_send.encrypt_with_ad(b"", b"sent back to its sender"))


def test_each_message_adds_the_bytes_that_were_promised() -> None:
    messages = shake_hands(alice(), bob())
    assert tuple(len(message) - len(b"payload 0") for message in messages) == OVERHEAD


def test_a_payload_can_sign_the_handshake_as_it_stands_before_it() -> None:
    a, b = alice(), bob()
    given: list[bytes] = []

    def signed(handshake_hash: bytes) -> bytes:
        given.append(handshake_hash)
        return b"signature"

    for writer, reader in ((a, b), (b, a), (a, b)):
        message = writer.write_message(signed)
        received = reader.read_message(message)
        assert received == (b"signature", given[-1])
        sealed = message[-len(b"signature") - 16 :]
        assert writer.handshake_hash == hashlib.sha256(given[-1] + sealed).digest()
    assert len(set(given)) == 3


def test_nobody_of_another_space_or_version_gets_through() -> None:
    for stranger in (bob(psks=[b"another office".ljust(32, b".")]), bob(prologue=b"version 2")):
        with pytest.raises(NoiseError):
            stranger.read_message(alice().write_message())


def test_alice_sees_when_somebody_else_changed_bobs_prologue() -> None:
    a, b = (make(psks=[], protocol="Noise_XX_25519_ChaChaPoly_SHA256") for make in (alice, bob))
    eve = bob(psks=[], protocol="Noise_XX_25519_ChaChaPoly_SHA256", prologue=b"version 2")
    first = a.write_message()
    b.read_message(first)
    eve.read_message(first)  # without a psk nothing in the first message is sealed
    with pytest.raises(NoiseError):
        a.read_message(eve.write_message())


def test_a_private_key_is_not_shown() -> None:
    pair = key_pair("alice")
    assert repr(pair.private) not in repr(pair)
    assert repr(pair.public) in repr(pair)


# --- Mallory -----------------------------------------------------------------------------------------


@st.composite
def tampered(draw: st.DrawFn, original: bytes) -> bytes:
    """Give anything but the original: bits turned over, cut, lengthened, or something else altogether."""
    kind = draw(st.sampled_from(["turned", "cut", "extended", "prefixed", "random"]))
    if kind == "turned":
        place, bits = draw(st.integers(0, len(original) - 1)), draw(st.integers(1, 255))
        return original[:place] + bytes((original[place] ^ bits,)) + original[place + 1 :]
    if kind == "cut":
        return original[: draw(st.integers(0, len(original) - 1))]
    if kind == "extended":
        return original + draw(st.binary(min_size=1, max_size=100))
    if kind == "prefixed":
        return draw(st.binary(min_size=1, max_size=100)) + original
    return draw(st.binary(max_size=300).filter(lambda other: other != original))


@pytest.mark.parametrize("number", [0, 1, 2])
@given(data=st.data())
def test_a_changed_handshake_message_ends_the_handshake(number: int, data: st.DataObject) -> None:
    a, b = alice(), bob()
    shake_hands(a, b, number)
    writer, reader = (a, b) if number % 2 == 0 else (b, a)
    message = writer.write_message(saying(b"payload"))
    with pytest.raises(NoiseError):
        reader.read_message(data.draw(tampered(message)))
    assert not reader.finished
    assert not reader.writes_next
    with pytest.raises(NoiseError):
        reader.read_message(message)
    with pytest.raises(RuntimeError):
        reader.write_message()
    with pytest.raises(RuntimeError):
        reader.split()


ANY_LENGTH = st.binary(max_size=100) | st.binary(min_size=64, max_size=200)


@given(ANY_LENGTH, ANY_LENGTH)
def test_without_a_psk_bytes_from_anywhere_cause_only_our_error(first: bytes, third: bytes) -> None:
    with pytest.raises(WireError):
        answer(bob(psks=[], protocol="Noise_XX_25519_ChaChaPoly_SHA256"), first, third)


def answer(b: Handshake, first: bytes, third: bytes) -> None:
    b.read_message(first)  # passes if it is long enough: without a psk nothing in it is sealed
    b.write_message()
    b.read_message(third)


def test_a_message_too_short_for_the_keys_in_it_is_refused_at_once() -> None:
    plain = "Noise_XX_25519_ChaChaPoly_SHA256"  # no tag at the end of its first message would tell
    for size in range(32):
        with pytest.raises(NoiseError, match="too short"):
            bob(psks=[], protocol=plain).read_message(bytes(size))


@given(st.data())
def test_a_changed_record_is_refused_and_the_true_one_still_reads(data: st.DataObject) -> None:
    a, b = alice(), bob()
    shake_hands(a, b)
    (send, _), (_, receive) = a.split(), b.split()
    for number in range(3):
        record = send.encrypt_with_ad(b"", b"record %d" % number)
        with pytest.raises(NoiseError):
            receive.decrypt_with_ad(b"", data.draw(tampered(record)))
        assert receive.decrypt_with_ad(b"", record) == b"record %d" % number


def test_records_repeated_skipped_or_under_other_data_are_refused() -> None:
    key = bytes(32)
    send, receive = CipherState(key), CipherState(key)
    first, second, third = (send.encrypt_with_ad(b"ad", b"hi") for _ in range(3))
    assert len({first, second, third}) == 3
    receive.decrypt_with_ad(b"ad", first)
    for ad, record in ((b"ad", first), (b"ad", third), (b"", second), (b"other", second)):
        with pytest.raises(NoiseError):
            receive.decrypt_with_ad(ad, record)
    assert receive.decrypt_with_ad(b"ad", second) == b"hi"


def test_an_ephemeral_key_of_low_order_is_refused() -> None:
    for point in (LOW_ORDER, bytes(32), b"\1" + bytes(31)):
        b = bob()
        mallory = alice(ephemeral=replace(key_pair("mallory"), public=point))
        b.read_message(mallory.write_message())
        with pytest.raises(NoiseError, match="low order"):  # Bob's answer is the first to use that key
            b.write_message()
        assert not b.writes_next
        a = alice()
        mallory = bob(ephemeral=replace(key_pair("mallory"), public=point))
        mallory.read_message(a.write_message())
        with pytest.raises(NoiseError, match="low order"):
            a.read_message(mallory.write_message())


def test_a_static_key_of_low_order_is_refused() -> None:
    a, b = alice(static=replace(key_pair("mallory"), public=LOW_ORDER)), bob()
    shake_hands(a, b, 2)
    with pytest.raises(NoiseError, match="low order"):
        b.read_message(a.write_message())


def test_a_message_out_of_turn_is_refused() -> None:
    a, b = alice(), bob()
    first = a.write_message()
    with pytest.raises(NoiseError):
        alice().read_message(first)
    b.read_message(first)
    with pytest.raises(NoiseError):
        b.read_message(first)
    assert b.writes_next  # the peer spoke too early, which changed nothing here


# --- limits ------------------------------------------------------------------------------------------


def test_the_last_number_is_never_used() -> None:
    send, receive = CipherState(bytes(32), MAX_NONCE - 1), CipherState(bytes(32), MAX_NONCE - 1)
    assert receive.decrypt_with_ad(b"", send.encrypt_with_ad(b"", b"the last")) == b"the last"
    assert (send.n, receive.n) == (MAX_NONCE, MAX_NONCE) == (2**64 - 1, 2**64 - 1)
    with pytest.raises(NoiseError, match="as many messages"):
        send.encrypt_with_ad(b"", b"one too many")
    with pytest.raises(NoiseError, match="as many messages"):
        receive.decrypt_with_ad(b"", bytes(100))


def test_a_message_has_at_most_65535_bytes() -> None:
    send, receive = CipherState(bytes(32)), CipherState(bytes(32))
    longest = send.encrypt_with_ad(b"", bytes(MAX_PLAINTEXT))
    assert len(longest) == MAX_MESSAGE == 65_535
    assert receive.decrypt_with_ad(b"", longest) == bytes(MAX_PLAINTEXT)
    with pytest.raises(ValueError, match="65,519"):
        send.encrypt_with_ad(b"", bytes(MAX_PLAINTEXT + 1))
    with pytest.raises(NoiseError, match="65,535"):
        receive.decrypt_with_ad(b"", longest + b"\0")


def test_a_handshake_message_has_at_most_65535_bytes() -> None:
    a, b = alice(), bob()
    longest = a.write_message(saying(bytes(MAX_MESSAGE - OVERHEAD[0])))
    assert len(longest) == MAX_MESSAGE
    with pytest.raises(NoiseError, match="65,535"):
        bob().read_message(longest + b"\0")
    assert b.read_message(longest).payload == bytes(MAX_MESSAGE - OVERHEAD[0])
    with pytest.raises(ValueError, match="65,535"):
        alice().write_message(saying(bytes(MAX_MESSAGE - OVERHEAD[0] + 1)))


def test_wrong_use_is_said_at_once() -> None:
    a, b = alice(), bob()
    with pytest.raises(RuntimeError, match="nothing to write"):
        b.write_message()
    with pytest.raises(RuntimeError, match="not finished"):
        a.split()
    with pytest.raises(ValueError, match="32 bytes"):
        KeyPair.from_private(bytes(31))
    with pytest.raises(ValueError, match="32 bytes"):
        alice(psks=[bytes(33)])
    with pytest.raises(ValueError, match="number of pre-shared keys"):
        alice(psks=[])
    for unknown in ("Noise_XX_448_ChaChaPoly_SHA256", "Noise_IKpsk0_25519_ChaChaPoly_SHA256", PROTOCOL + "\n"):
        with pytest.raises(ValueError, match="not a protocol"):
            alice(protocol=unknown)
