"""The functions under the handshake, against Wycheproof's collection of what others got wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.noise import NoiseError, decrypt, dh, encrypt, hkdf, hmac_hash, nonce
from tests.unit.wire.vectors import unhex, wycheproof

if TYPE_CHECKING:
    from tests.conftest import Counts

KEY_AGREEMENTS, CIPHERTEXTS, DERIVATIONS, MACS = 518, 325, 86, 174
LABEL = "primitive vectors"


def test_key_agreement(counts: Counts) -> None:
    ran = 0
    for _, test in wycheproof(counts, LABEL, "x25519", KEY_AGREEMENTS):
        private, public, shared = unhex(test, "private", "public", "shared")
        if shared == bytes(32):
            with pytest.raises(NoiseError, match="low order"):
                dh(private, public)
        else:
            assert dh(private, public) == shared, f"{test['tcId']}: {test['comment']}"
        ran += 1
    counts.ran(LABEL, ran, KEY_AGREEMENTS)


def test_sealing_and_opening(counts: Counts) -> None:
    ran = 0
    for group, test in wycheproof(counts, LABEL, "chacha20_poly1305", CIPHERTEXTS):
        key, iv, ad, message, ciphertext, tag = unhex(test, "key", "iv", "aad", "msg", "ct", "tag")
        if group["ivSize"] != 96:
            with pytest.raises(ValueError, match="nonce of 12"):
                encrypt(key, iv, ad, message)
            with pytest.raises(ValueError, match="nonce of 12"):
                decrypt(key, iv, ad, ciphertext + tag)
        elif test["result"] == "valid":
            assert encrypt(key, iv, ad, message) == ciphertext + tag, f"{test['tcId']}: {test['comment']}"
            assert decrypt(key, iv, ad, ciphertext + tag) == message, f"{test['tcId']}: {test['comment']}"
        else:
            with pytest.raises(NoiseError):
                decrypt(key, iv, ad, ciphertext + tag)
        ran += 1
    counts.ran(LABEL, ran, CIPHERTEXTS)


def test_deriving_keys(counts: Counts) -> None:
    ran = 0
    for _, test in wycheproof(counts, LABEL, "hkdf_sha256", DERIVATIONS):
        ikm, salt, info, okm = unhex(test, "ikm", "salt", "info", "okm")
        outputs = -(-test["size"] // 32)
        if test["result"] == "valid":
            assert b"".join(hkdf(salt, ikm, outputs, info))[: test["size"]] == okm, f"{test['tcId']}: {test['comment']}"
        else:
            with pytest.raises(ValueError, match="1 to 255"):
                hkdf(salt, ikm, outputs, info)
        ran += 1
    counts.ran(LABEL, ran, DERIVATIONS)


def test_authenticating(counts: Counts) -> None:
    ran = 0
    for group, test in wycheproof(counts, LABEL, "hmac_sha256", MACS):
        key, message, tag = unhex(test, "key", "msg", "tag")
        matches = hmac_hash(key, message)[: group["tagSize"] // 8] == tag
        assert matches == (test["result"] == "valid"), f"{test['tcId']}: {test['comment']}"
        ran += 1
    counts.ran(LABEL, ran, MACS)


@given(st.binary(max_size=40).filter(lambda public: len(public) != 32))
def test_a_public_key_of_another_length_never_reaches_the_library(public: bytes) -> None:
    with pytest.raises(NoiseError, match="not 32 bytes"):
        dh(b"\1" * 32, public)


@given(st.binary(max_size=40).filter(lambda private: len(private) != 32))
def test_a_secret_of_another_length_is_our_own_mistake(secret: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        dh(secret, b"\x09" + bytes(31))
    with pytest.raises(ValueError, match="key of 32"):
        encrypt(secret, bytes(12), b"", b"")
    with pytest.raises(ValueError, match="key of 32"):
        decrypt(secret, bytes(12), b"", bytes(16))


@given(st.binary(max_size=100))
def test_bytes_that_nobody_sealed_never_open(ciphertext: bytes) -> None:
    with pytest.raises(NoiseError):
        decrypt(bytes(32), nonce(0), b"", ciphertext)


def test_a_nonce_is_the_number_in_little_endian_after_four_zeros() -> None:
    assert nonce(0x0102030405060708) == bytes.fromhex("00000000 08 07 06 05 04 03 02 01")
