"""Who someone is: keys, certificates, profile records, and what people compare.

An identity is a long-term Ed25519 key pair; its public key, 32 bytes, is the `PeerId`. A device is one
installation: an Ed25519 key pair bound to the identity by a certificate signed both ways (the identity
vouches for the device, and the device says that it wants to be this identity's). A profile record is
what an identity says of itself, numbered so that the newest wins.

Every signature and hash has its own ASCII label that ends in a zero byte, so that no signature made for
one purpose can be shown for another. Pure: secrets and times are passed in.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import msgspec
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

PeerId = bytes
KEY_SIZE = 32
SIGNATURE_SIZE = 64
MAX_NAME = 64
"""Characters in a name: what fits a line of the window; also keeps a record within a datagram."""
MAX_DETAIL = 64
"""Characters of a department or a role, for the same reasons."""
MAX_RECORD = 1_000
"""Bytes in a profile record: it crosses in every greeting and fits one datagram."""

PICTURE_ID_SIZE = 32

_IDENTITY_CERTIFIES = b"p2pdm identity certifies device\0"
_DEVICE_CERTIFIES = b"p2pdm device belongs to identity\0"
_PROFILE = b"p2pdm profile record\0"
_FINGERPRINT = b"p2pdm fingerprint\0"
_SAFETY = b"p2pdm safety number\0"
_SAFETY_ROUNDS = 5_200
"""As Signal's numeric fingerprints: makes a search for a key with like digits dearer."""

CACHED_IDS = 4_096
"""Ids kept in both spellings: each crosses the door many times, and base32 costs as much as half a signature."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(one + other for one in _LETTERS for other in _LETTERS)

OPEN_SPACE = hashlib.sha256(b"p2pdm open space\0").digest()
"""The open space's key: public, so that anyone on the network can meet."""


class IdentityError(Exception):
    """Something that claims to be from an identity is malformed or not signed by it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key pair."""

    public: bytes
    secret: bytes
    """Libsodium's 64 bytes: seed, then public key."""

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The pair of a 32-byte seed (RFC 8032)."""
        if len(seed) != KEY_SIZE:
            raise IdentityError("a key seed has 32 bytes")
        public, secret = crypto_sign_seed_keypair(seed)
        return cls(public, secret)

    def __repr__(self) -> str:
        """Never shows the secret."""
        return f"SigningKey({encode_id(self.public)})"

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`, which begins with a label."""
        return crypto_sign(message, self.secret)[:SIGNATURE_SIZE]


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message` by `public`. Any bytes may be asked about."""
    if len(public) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except (BadSignatureError, ValueError):
        return False
    return True


@lru_cache(CACHED_IDS)
def encode_id(raw: bytes) -> str:
    """Bytes as people's scripts see ids: base32 in lower case without padding."""
    if len(raw) != KEY_SIZE:
        return base64.b32encode(raw).decode("ascii").rstrip("=").lower()
    number = int.from_bytes(raw, "big") << 4  # 26 pairs of letters: a quarter of the time that base64 takes
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(250, -1, -10)])


@lru_cache(CACHED_IDS)
def decode_id(text: str) -> bytes:
    """The 32 bytes of an id; IdentityError otherwise."""
    if len(text) != 52 or not text.isascii():
        raise IdentityError("an id has 52 letters and digits")
    try:
        raw = base64.b32decode(text.upper() + "====")
    except ValueError as error:
        raise IdentityError("an id has only the letters a-z and the digits 2-7") from error
    if encode_id(raw) != text.lower():
        raise IdentityError("the last letter of this id can't be right")
    return raw


_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]")
"""Characters of visible categories that show nothing: names of them alone, or that differ by them, look alike."""
_EMOJI = "[\u2190-\u2bff\u3030-\u3299\U0001f000-\U0001faff]"
_STRAY = re.compile(f"(?<!{_EMOJI})(?<!{_EMOJI}\ufe0f)\u200d|\u200d(?!{_EMOJI})|(?<!{_EMOJI})\ufe0f")
"""Joiners that join no emoji and selectors that follow none: elsewhere they show nothing either."""


def id_range(prefix: str) -> tuple[bytes, bytes]:
    """The lowest and the highest 32 bytes whose id begins with `prefix`; IdentityError if none can."""
    if len(prefix) > 52 or not prefix.isascii():
        raise IdentityError("an id has 52 letters and digits")
    try:
        low, high = (base64.b32decode(prefix.upper().ljust(52, fill) + "====") for fill in "A7")
    except ValueError as error:
        raise IdentityError("an id has only the letters a-z and the digits 2-7") from error
    return low[:KEY_SIZE], high[:KEY_SIZE]


def clean_name(name: str) -> str:
    """A name as it may be shown: one line, no control or invisible characters, composed, trimmed, at most MAX_NAME."""
    return clean_line(name, MAX_NAME)


def clean_line(text: str, most: int) -> str:
    """What somebody says in one line, made as harmless as `clean_name` makes a name; at most `most` characters."""
    if text.isascii() and text.isprintable():  # mostly, and then there is nothing to look for
        return " ".join(text.split())[:most].strip()
    shown = "".join(" " if c.isspace() else c for c in text if c.isspace() or _may_show(c))
    composed = unicodedata.normalize("NFC", _STRAY.sub("", _BLANK.sub("", shown)))
    return _STRAY.sub("", " ".join(composed.split())[:most]).strip()


def _may_show(character: str) -> bool:
    # Cf holds the direction overrides that let one name pose as another; emoji sequences need the joiner.
    return character in "\u200d\ufe0f" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A device of an identity, vouched for both ways."""

    identity: PeerId
    device: bytes
    created: int
    """Milliseconds since 1970 by the device's clock: shown, never trusted."""
    by_identity: bytes
    by_device: bytes

    SIZE = 2 * KEY_SIZE + 8 + 2 * SIGNATURE_SIZE

    @classmethod
    def issue(cls, identity: SigningKey, device: SigningKey, created: int) -> Certificate:
        """Bind `device` to `identity`."""
        stamp = created.to_bytes(8, "big")
        return cls(
            identity.public,
            device.public,
            created,
            identity.sign(_IDENTITY_CERTIFIES + device.public + stamp),
            device.sign(_DEVICE_CERTIFIES + identity.public + stamp),
        )

    def encode(self) -> bytes:
        """SIZE bytes: identity, device, created, both signatures."""
        return self.identity + self.device + self.created.to_bytes(8, "big") + self.by_identity + self.by_device

    @classmethod
    def decode(cls, data: bytes) -> Certificate:
        """Read and check; IdentityError for anything but a certificate that both keys signed."""
        if len(data) != cls.SIZE:
            raise IdentityError("a certificate has another length")
        identity, device, stamp = data[:32], data[32:64], data[64:72]
        certificate = cls(identity, device, int.from_bytes(stamp, "big"), data[72:136], data[136:200])
        if not verify(identity, certificate.by_identity, _IDENTITY_CERTIFIES + device + stamp):
            raise IdentityError("the identity did not sign this certificate")
        if not verify(device, certificate.by_device, _DEVICE_CERTIFIES + identity + stamp):
            raise IdentityError("the device did not sign this certificate")
        return certificate


ProfileKind = Literal["person", "bot", "organisation"]
_KINDS: dict[str, ProfileKind] = {"person": "person", "bot": "bot", "organisation": "organisation"}


class _Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """The signed part of a profile record; unknown fields are kept out of sight, for later versions."""

    number: int
    name: str
    kind: str = "person"
    department: str = ""
    role: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """What an identity says of itself."""

    identity: PeerId
    number: int
    """Grows with each change; the highest counts. Two devices may give the same one: see `replaces`."""
    name: str
    kind: ProfileKind
    department: str
    role: str
    picture: bytes
    """The id of their picture, 32 bytes, or empty; its bytes are asked for apart."""
    encoded: bytes
    """As it was signed and is handed on: signature, then the record."""

    def replaces(self, other: ProfileRecord) -> bool:
        """Whether this counts and `other` does not; of two with one number everybody chooses the same."""
        return (self.number, self.encoded) > (other.number, other.encoded)

    @classmethod
    def issue(
        cls,
        identity: SigningKey,
        number: int,
        name: str,
        kind: str = "person",
        department: str = "",
        role: str = "",
        picture: bytes = b"",
    ) -> ProfileRecord:
        """Say something new of oneself."""
        details = clean_line(department, MAX_DETAIL), clean_line(role, MAX_DETAIL)
        payload = msgspec.msgpack.encode(_Record(number, clean_name(name), kind, *details, picture))
        return cls.decode(identity.public, identity.sign(_PROFILE + payload) + payload)

    @classmethod
    def decode(cls, identity: PeerId, encoded: bytes) -> ProfileRecord:
        """Read and check; IdentityError unless `identity` signed it and it has a name."""
        if not SIGNATURE_SIZE < len(encoded) <= MAX_RECORD:
            raise IdentityError("a profile record has another length")
        signature, payload = encoded[:SIGNATURE_SIZE], encoded[SIGNATURE_SIZE:]
        if not verify(identity, signature, _PROFILE + payload):
            raise IdentityError("the identity did not sign this profile record")
        return cls.stored(identity, encoded)

    @classmethod
    def stored(cls, identity: PeerId, encoded: bytes) -> ProfileRecord:
        """Read one that was checked before it was stored: also what a version before this one could not show of it."""
        payload = encoded[SIGNATURE_SIZE:]
        try:
            record = msgspec.msgpack.decode(payload, type=_Record)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise IdentityError("a profile record can't be read") from error
        name = clean_name(record.name)
        if not name or not 0 <= record.number < 2**53:
            raise IdentityError("a profile record has no name or no number")
        details = clean_line(record.department, MAX_DETAIL), clean_line(record.role, MAX_DETAIL)
        picture = record.picture if len(record.picture) == PICTURE_ID_SIZE else b""
        return cls(identity, record.number, name, _KINDS.get(record.kind, "person"), *details, picture, encoded)


def fingerprint(identity: PeerId) -> str:
    """Sixteen groups of four hexadecimal digits, for one key."""
    digits = hashlib.sha256(_FINGERPRINT + identity).hexdigest()
    return " ".join(digits[i : i + 4] for i in range(0, 64, 4))


def safety_number(one: PeerId, other: PeerId) -> str:
    """Twelve groups of five digits that both people compute alike, whoever is `one`."""
    low, high = sorted((one, other))
    digits = _thirty_digits(low) + _thirty_digits(high)
    return " ".join(digits[i : i + 5] for i in range(0, 60, 5))


def _thirty_digits(identity: PeerId) -> str:
    # The construction of Signal's NumericFingerprintGenerator: iterated SHA-512, six groups of 40 bits modulo 100,000.
    state = _SAFETY + identity
    for _ in range(_SAFETY_ROUNDS):
        state = hashlib.sha512(state + identity).digest()
    return "".join(f"{int.from_bytes(state[i : i + 5], 'big') % 100_000:05d}" for i in range(0, 30, 5))
