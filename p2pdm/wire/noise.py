"""The Noise Protocol Framework, revision 34 (noiseprotocol.org/noise.html): handshake, then two cipher states.

Only what a session needs: the pattern XX with its psk modifiers, 25519, ChaChaPoly. The names are those of
that document (section numbers below are its own). Key pairs are given: nothing random happens here.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from nacl.bindings import (
    crypto_aead_chacha20poly1305_ietf_decrypt,
    crypto_aead_chacha20poly1305_ietf_encrypt,
    crypto_scalarmult,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError

from p2pdm.wire.errors import WireError

PROTOCOL = "Noise_XXpsk0_25519_ChaChaPoly_SHA256"
OVERHEAD = (48, 96, 64)
"""The bytes that each handshake message of PROTOCOL adds to its payload."""

DH_BYTES = 32
KEY_BYTES = 32
PSK_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
MAX_MESSAGE = 65_535  # section 3: every message, in the handshake and after it
MAX_PLAINTEXT = MAX_MESSAGE - TAG_BYTES
MAX_NONCE = 2**64 - 1  # section 5.1: reserved, never used for a message
MAX_HKDF_OUTPUTS = 255  # RFC 5869: the counter is one byte

HashName = Literal["sha256", "sha512", "blake2s", "blake2b"]
Secret = Literal["ee", "es", "se", "psk"]
Token = Literal["e", "s"] | Secret

_HASHES: dict[str, HashName] = {"SHA256": "sha256", "SHA512": "sha512", "BLAKE2s": "blake2s", "BLAKE2b": "blake2b"}
_XX: tuple[tuple[Token, ...], ...] = (("e",), ("e", "ee", "s", "es"), ("s", "se"))
_PROTOCOL_NAME = re.compile(r"Noise_XX(psk[0-3](?:\+psk[0-3])*)?_25519_ChaChaPoly_(SHA256|SHA512|BLAKE2s|BLAKE2b)")


class NoiseError(WireError):
    """A message is not what the other side of this handshake or key would have sent, or a key is used up."""


# --- functions (section 4) --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An X25519 key pair; `private` is never shown."""

    private: bytes = field(repr=False)
    public: bytes

    @classmethod
    def from_private(cls, private: bytes) -> "KeyPair":
        """Take 32 random bytes, or a private key that was stored."""
        if len(private) != DH_BYTES:
            raise ValueError("an X25519 private key has 32 bytes")
        return cls(private, crypto_scalarmult_base(private))


def dh(private: bytes, public: bytes) -> bytes:
    """Agree on a secret; a public key of another length, or one that gives only zeros, is a NoiseError."""
    if len(private) != DH_BYTES:
        raise ValueError("an X25519 private key has 32 bytes")
    if len(public) != DH_BYTES:  # libsodium would read beyond a shorter one
        raise NoiseError("a public key has not 32 bytes")
    try:
        return crypto_scalarmult(private, public)
    except RuntimeError:
        raise NoiseError("a public key is a point of low order") from None


def nonce(counter: int) -> bytes:
    """Give the nonce of message number `counter` (ChaChaPoly, section 12.3)."""
    return b"\0\0\0\0" + counter.to_bytes(8, "little")


def encrypt(key: bytes, nonce: bytes, ad: bytes, plaintext: bytes) -> bytes:
    """Seal with ChaCha20-Poly1305 (RFC 8439): the ciphertext is 16 bytes longer."""
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("ChaCha20-Poly1305 takes a key of 32 bytes and a nonce of 12")
    return crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, ad, nonce, key)


def decrypt(key: bytes, nonce: bytes, ad: bytes, ciphertext: bytes) -> bytes:
    """Open what `encrypt` sealed; anything else is a NoiseError."""
    if len(key) != KEY_BYTES or len(nonce) != NONCE_BYTES:
        raise ValueError("ChaCha20-Poly1305 takes a key of 32 bytes and a nonce of 12")
    if len(ciphertext) < TAG_BYTES:
        raise NoiseError("a ciphertext is shorter than its tag")
    try:
        return crypto_aead_chacha20poly1305_ietf_decrypt(ciphertext, ad, nonce, key)
    except CryptoError:
        raise NoiseError("a ciphertext does not verify") from None


def hmac_hash(key: bytes, data: bytes, hash_name: HashName = "sha256") -> bytes:
    """HMAC (RFC 2104)."""
    return hmac.digest(key, data, hash_name)


def hkdf(
    chaining_key: bytes, ikm: bytes, outputs: int, info: bytes = b"", hash_name: HashName = "sha256"
) -> tuple[bytes, ...]:
    """Derive keys, each as long as the hash: HKDF (section 4.3), which is RFC 5869 with `info` empty."""
    if not 0 < outputs <= MAX_HKDF_OUTPUTS:
        raise ValueError("HKDF gives 1 to 255 outputs")
    secret = hmac_hash(chaining_key, ikm, hash_name)
    blocks = [b""]
    for number in range(1, outputs + 1):
        blocks.append(hmac_hash(secret, blocks[-1] + info + bytes((number,)), hash_name))
    return tuple(blocks[1:])


# --- cipher state (section 5.1) ---------------------------------------------------------------------


class CipherState:
    """One key and the number of its next message."""

    __slots__ = ("_key", "_n")

    def __init__(self, key: bytes, n: int = 0) -> None:
        self._key = key
        self._n = n

    @property
    def n(self) -> int:
        """The number of the next message."""
        return self._n

    def encrypt_with_ad(self, ad: bytes, plaintext: bytes) -> bytes:
        """Seal the next message, at most MAX_PLAINTEXT bytes."""
        if len(plaintext) > MAX_PLAINTEXT:
            raise ValueError("a Noise message holds at most 65,519 bytes")
        ciphertext = encrypt(self._key, self._next_nonce(), ad, plaintext)
        self._n += 1
        return ciphertext

    def decrypt_with_ad(self, ad: bytes, ciphertext: bytes) -> bytes:
        """Open the next message. One that does not verify is a NoiseError and does not count."""
        if len(ciphertext) > MAX_MESSAGE:
            raise NoiseError("a message is longer than 65,535 bytes")
        plaintext = decrypt(self._key, self._next_nonce(), ad, ciphertext)
        self._n += 1
        return plaintext

    def _next_nonce(self) -> bytes:
        if self._n >= MAX_NONCE:
            raise NoiseError("a key has been used for as many messages as it may")
        return nonce(self._n)


# --- symmetric state (section 5.2) ------------------------------------------------------------------


class SymmetricState:
    """The chaining key and the hash of all that both sides have said."""

    def __init__(self, protocol_name: str, hash_name: HashName) -> None:
        name = protocol_name.encode("ascii")
        self._hash_name = hash_name
        size = hashlib.new(hash_name).digest_size
        self.h = name.ljust(size, b"\0") if len(name) <= size else hashlib.new(hash_name, name).digest()
        self._chaining_key = self.h
        self._cipher: CipherState | None = None

    @property
    def tag_bytes(self) -> int:
        """By how much a ciphertext is longer than its plaintext now."""
        return TAG_BYTES if self._cipher else 0

    def mix_hash(self, data: bytes) -> None:
        self.h = hashlib.new(self._hash_name, self.h + data).digest()

    def mix_key(self, ikm: bytes) -> None:
        self._chaining_key, key = self._hkdf(ikm, 2)
        self._cipher = CipherState(key[:KEY_BYTES])

    def mix_key_and_hash(self, ikm: bytes) -> None:
        self._chaining_key, mixed, key = self._hkdf(ikm, 3)
        self.mix_hash(mixed)
        self._cipher = CipherState(key[:KEY_BYTES])

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        ciphertext = self._cipher.encrypt_with_ad(self.h, plaintext) if self._cipher else plaintext
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        plaintext = self._cipher.decrypt_with_ad(self.h, ciphertext) if self._cipher else ciphertext
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """Give the keys of both directions, the initiator's first."""
        first, second = self._hkdf(b"", 2)
        return CipherState(first[:KEY_BYTES]), CipherState(second[:KEY_BYTES])

    def _hkdf(self, ikm: bytes, outputs: int) -> tuple[bytes, ...]:
        return hkdf(self._chaining_key, ikm, outputs, hash_name=self._hash_name)


# --- handshake state (section 5.3) ------------------------------------------------------------------


class Received(NamedTuple):
    """A handshake message that verified."""

    payload: bytes
    hash_before: bytes
    """The handshake hash as it stood before this payload: what a signature in the payload covers."""


class Handshake:
    """One side of an XX handshake: three messages in turn, the initiator's first, then `split`.

    What the peer sends wrong is a NoiseError, after which this handshake does nothing any more.
    """

    def __init__(
        self,
        *,
        initiator: bool,
        static: KeyPair,
        ephemeral: KeyPair,
        prologue: bytes = b"",
        psks: Sequence[bytes] = (),
        protocol: str = PROTOCOL,
    ) -> None:
        self._messages, hash_name = _parse_protocol(protocol)
        if len(psks) != sum(tokens.count("psk") for tokens in self._messages):
            raise ValueError(f"{protocol} takes another number of pre-shared keys")
        if any(len(psk) != PSK_BYTES for psk in psks):
            raise ValueError("a pre-shared key has 32 bytes")
        self._initiator = initiator
        self._keys = {"s": static, "e": ephemeral}
        self._remote: dict[str, bytes] = {}
        self._psk_mode = bool(psks)
        self._psks = iter(psks)
        self._symmetric = SymmetricState(protocol, hash_name)
        self._symmetric.mix_hash(prologue)
        self._done = 0
        self._failed = False

    @property
    def finished(self) -> bool:
        """All messages have been written and read."""
        return self._done == len(self._messages) and not self._failed

    @property
    def writes_next(self) -> bool:
        """The next message is this side's to write."""
        return not self._failed and self._done < len(self._messages) and (self._done % 2 == 0) == self._initiator

    @property
    def remote_static(self) -> bytes | None:
        """The peer's static public key, once it is known."""
        return self._remote.get("s")

    @property
    def handshake_hash(self) -> bytes:
        """The hash of everything so far; when finished, it names this session to both sides alike."""
        return self._symmetric.h

    def write_message(self, payload_for: Callable[[bytes], bytes] = lambda _: b"") -> bytes:
        """Write the next message; `payload_for` is given the handshake hash and answers with the payload.

        A NoiseError says that the ephemeral key which the peer sent before is of low order.
        """
        if not self.writes_next:
            raise RuntimeError("this side of the handshake has nothing to write now")
        self._failed = True  # until it is through: half a message leaves no usable state
        parts = [self._write_token(token) for token in self._messages[self._done]]
        parts.append(self._symmetric.encrypt_and_hash(payload_for(self._symmetric.h)))
        message = b"".join(parts)
        if len(message) > MAX_MESSAGE:
            raise ValueError("a Noise message has at most 65,535 bytes")
        self._done += 1
        self._failed = False
        return message

    def read_message(self, message: bytes) -> Received:
        """Read the peer's next message."""
        if self._failed or self.finished or self.writes_next:
            raise NoiseError("a handshake message came out of turn")
        self._failed = True
        if len(message) > MAX_MESSAGE:
            raise NoiseError("a message is longer than 65,535 bytes")
        rest = message
        for token in self._messages[self._done]:
            rest = self._read_token(token, rest)
        hash_before = self._symmetric.h
        payload = self._symmetric.decrypt_and_hash(rest)
        self._done += 1
        self._failed = False
        return Received(payload, hash_before)

    def split(self) -> tuple[CipherState, CipherState]:
        """Give the cipher states of a finished handshake: to send with, and to receive with."""
        if not self.finished:
            raise RuntimeError("the handshake is not finished")
        first, second = self._symmetric.split()
        return (first, second) if self._initiator else (second, first)

    def _write_token(self, token: Token) -> bytes:
        match token:
            case "e":
                return self._mix_ephemeral(self._keys["e"].public)
            case "s":
                return self._symmetric.encrypt_and_hash(self._keys["s"].public)
            case secret:
                self._mix_secret(secret)
                return b""

    def _read_token(self, token: Token, message: bytes) -> bytes:
        """Take what the token stands for off the front of the message; give the rest."""
        match token:
            case "e":
                public, rest = _take(message, DH_BYTES)
                self._remote["e"] = self._mix_ephemeral(public)
                return rest
            case "s":
                ciphertext, rest = _take(message, DH_BYTES + self._symmetric.tag_bytes)
                self._remote["s"] = self._symmetric.decrypt_and_hash(ciphertext)
                return rest
            case secret:
                self._mix_secret(secret)
                return message

    def _mix_ephemeral(self, public: bytes) -> bytes:
        self._symmetric.mix_hash(public)
        if self._psk_mode:  # section 9.2: else two handshakes under one psk would share a key
            self._symmetric.mix_key(public)
        return public

    def _mix_secret(self, secret: Secret) -> None:
        """Mix in a pre-shared key, or the agreement of two keys, the initiator's named first."""
        match secret:
            case "psk":
                self._symmetric.mix_key_and_hash(next(self._psks))
            case pair:
                mine, theirs = (pair[0], pair[1]) if self._initiator else (pair[1], pair[0])
                self._symmetric.mix_key(dh(self._keys[mine].private, self._remote[theirs]))


def _take(message: bytes, size: int) -> tuple[bytes, bytes]:
    if len(message) < size:
        raise NoiseError("a handshake message is too short")
    return message[:size], message[size:]


def _parse_protocol(name: str) -> tuple[tuple[tuple[Token, ...], ...], HashName]:
    """Give the tokens of each message, and the hash (sections 8 and 9.4)."""
    match = _PROTOCOL_NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is not a protocol that is spoken here")
    modifiers, hash_name = match.groups(default="")
    return tuple(_with_psks(modifiers.split("+"))), _HASHES[hash_name]


def _with_psks(modifiers: Sequence[str]) -> Iterator[tuple[Token, ...]]:
    """Place psk0 at the start of the first message, psk1 at its end, psk2 at the end of the second..."""
    for number, tokens in enumerate(_XX, start=1):
        if number == 1 and "psk0" in modifiers:
            tokens = ("psk", *tokens)
        if f"psk{number}" in modifiers:
            tokens = (*tokens, "psk")
        yield tokens
