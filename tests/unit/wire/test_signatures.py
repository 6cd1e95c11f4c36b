"""Signatures are what they claim to be, and nothing else that looks like one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from p2pdm import identity
from tests.unit.wire.vectors import unhex, wycheproof

if TYPE_CHECKING:
    from tests.conftest import Counts

VECTORS = 151
ALICE = identity.SigningKey.from_seed(b"alice".ljust(32, b"."))

SMALL_ORDER = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
"""A point of order 8: a library that takes it as a key takes one signature for many messages."""


def test_every_vector_of_wycheproof(counts: Counts) -> None:
    ran = 0
    for group, test in wycheproof(counts, "signature vectors", "ed25519", VECTORS):
        signature, message = unhex(test, "sig", "msg")
        verified = identity.verify(bytes.fromhex(group["publicKey"]["pk"]), signature, message)
        assert verified == (test["result"] == "valid"), f"{test['tcId']}: {test['comment']}"
        ran += 1
    counts.ran("signature vectors", ran, VECTORS)


def test_a_key_of_small_order_signs_nothing() -> None:
    for key in (SMALL_ORDER, bytes(32), b"\1" + bytes(31)):
        for first_half in (key, b"\1" + bytes(31)):
            assert not any(identity.verify(key, first_half + bytes(32), b"%d" % n) for n in range(32))


def about(size: int) -> st.SearchStrategy[bytes]:
    """Give bytes of any length, and often of the right one."""
    return st.binary(max_size=100) | st.binary(min_size=size, max_size=size)


@given(about(32), about(64), st.binary(max_size=40))
def test_any_bytes_may_be_asked_about(public: bytes, signature: bytes, message: bytes) -> None:
    assert not identity.verify(public, signature, message)


@given(st.binary(max_size=40), st.data())
def test_a_signature_is_for_one_message_of_one_length(message: bytes, data: st.DataObject) -> None:
    signature = ALICE.sign(message)
    assert identity.verify(ALICE.public, signature, message)
    other = data.draw(st.binary(max_size=40).filter(lambda other: other != message))
    assert not identity.verify(ALICE.public, signature, other)
    cut = data.draw(st.integers(0, 63))
    assert not identity.verify(ALICE.public, signature[:cut], message)
    assert not identity.verify(ALICE.public, signature[:cut], signature[cut:] + message)
    assert not identity.verify(ALICE.public, signature + b"\0", message)
    assert not identity.verify(ALICE.public[: cut // 2], signature, message)
    assert not identity.verify(ALICE.public + message + b"\0", signature, message)
