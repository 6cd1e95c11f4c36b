"""KeyKeeper: where the random key of all that a profile stores is kept, and its in-memory twin.

The file `key` of a profile is one JSON object, `{"kept": ..., "version": 1, ...}`, replaced atomically and durably and
readable by its owner only. `kept` is one of

- `keyring`: the desktop's keyring has the key under `account`, a random name; the file holds no secret.
- `passphrase`: `box` is an XSalsa20-Poly1305 secretbox (nonce first) of the key; its own key is Argon2id of the
  passphrase (NFC, UTF-8) with `salt`, `passes` and `memory` in bytes, recorded so that later defaults may grow.
- `file`: `key` is the key itself. For machines that offer neither; the user is warned.
- `wiped`: there is no key any more. The file was overwritten in its place, so that no block of it keeps the key (on a
  disk that writes elsewhere, as flash does, a trace may survive; a passphrase protects from that, too). `account` is
  what the keyring is still to forget, if it did not yet.

Bytes are base64. A passphrase given at creation is what the user wants; without one the keyring is tried, and the file
is the last resort. Each keeps the same 32 random bytes, so that one can be changed for another and the database stays.
What encrypts is never these bytes but keys derived from them, one for each purpose (StoreKey).
"""

from __future__ import annotations

import contextlib
import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol

import msgspec
import nacl.exceptions
import nacl.pwhash.argon2id
import nacl.secret

from p2pdm.store.connection import KEY_BYTES
from p2pdm.store.desktop import Keyring
from p2pdm.store.errors import (
    KeyDamaged,
    KeyUnavailable,
    NewerVersion,
    OutOfMemory,
    PassphraseNeeded,
    ProfileWiped,
    StoreError,
    WrongPassphrase,
)
from p2pdm.store.files import overwrite_file, read_file, replace_file, restrict

Place = Literal["keyring", "passphrase", "file", "memory"]

FORMAT: Final = 1
PASSES: Final = 4
MEMORY: Final = 64 * 1024 * 1024
"""RFC 9106 says 64 MiB and 3 passes over 4 lanes where memory is scarce; libsodium has one lane, so one pass more."""
MEMORY_MOST: Final = 1024 * 1024 * 1024
"""A damaged or forged file must not make the start swallow all memory."""
PASSES_MOST: Final = 32
ACCOUNT_BYTES: Final = 16
NONCE_BYTES: Final = nacl.secret.SecretBox.NONCE_SIZE
SALT_BYTES: Final = nacl.pwhash.argon2id.SALTBYTES
BOX_BYTES: Final = NONCE_BYTES + nacl.secret.SecretBox.MACBYTES + KEY_BYTES

LOCKED: Final = (
    "This profile is protected by a passphrase: start its node with `p2pdm node` in a terminal, which asks for it, or "
    "with the passphrase in P2PDM_PASSPHRASE."
)
FILE_WARNING: Final = (
    "No desktop keyring and no passphrase protect this profile: its key lies in a file beside the messages, which only "
    "this account can read. Whoever takes the disk can read them, unless the disk itself is encrypted."
)
WIPED: Final = "This profile was wiped, and nothing can read it any more. Make a new one with: p2pdm init --name NAME"
EXPOSED_WARNING: Final = (
    "The key of this profile lies in a file that other users of this machine can read, and the file system does not "
    "let p2pdm forbid it. Keep the profile in a folder of your own."
)

Random = Callable[[int], bytes]
"""That many fresh random bytes, fit for keys (`os.urandom`)."""


@dataclass(frozen=True, slots=True)
class StoreKey:
    """The key of all that a profile stores, and how it is kept."""

    root: bytes = field(repr=False)
    """What the keeper keeps; it only ever goes into `derive`."""
    place: Place
    warning: str = ""
    """A sentence for the status and the log when the key is less safe than it could be, else empty."""

    @property
    def database(self) -> bytes:
        """The database's key."""
        return self.derive(b"p2pdm database key v1\0")

    @property
    def highwater(self) -> bytes:
        """The high-water file's key."""
        return self.derive(b"p2pdm high-water key v1\0")

    def derive(self, label: bytes) -> bytes:
        """32 bytes for one purpose: BLAKE2b of its label, keyed with the root."""
        return hashlib.blake2b(label, key=self.root, digest_size=KEY_BYTES).digest()


class KeyKeeper(Protocol):
    """Keeps one profile's key."""

    def create(self, passphrase: str | None = None) -> StoreKey:
        """Make a random key and keep it durably; on return it can be loaded, before it can't."""
        ...

    def load(self, passphrase: str | None = None) -> StoreKey:
        """The key that was created; PassphraseNeeded, WrongPassphrase, KeyUnavailable or KeyDamaged say why not."""
        ...

    def needs_passphrase(self) -> bool:
        """Whether `load` takes a passphrase: ask the user first."""
        ...


class MemoryKeys:
    """The twin for tests: forgets everything with the process."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._kept: tuple[bytes, str | None] | None = None

    def create(self, passphrase: str | None = None) -> StoreKey:
        """See KeyKeeper."""
        self._kept = (self._random(KEY_BYTES), passphrase)
        return StoreKey(self._kept[0], "memory")

    def load(self, passphrase: str | None = None) -> StoreKey:
        """See KeyKeeper."""
        if self._kept is None:
            raise KeyDamaged("The key of this profile was never made.")
        key, wanted = self._kept
        if wanted is not None and passphrase is None:
            raise PassphraseNeeded(LOCKED)
        if wanted != passphrase:
            raise WrongPassphrase("This is not the passphrase of this profile. Try again.")
        return StoreKey(key, "memory")

    def needs_passphrase(self) -> bool:
        """See KeyKeeper."""
        return self._kept is not None and self._kept[1] is not None


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kept"):
    version: Literal[1]


class _InKeyring(_Kept, frozen=True, tag="keyring"):
    account: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class _Wrapped(_Kept, frozen=True, tag="passphrase"):
    salt: Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    passes: Annotated[int, msgspec.Meta(ge=1, le=PASSES_MOST)]
    memory: Annotated[int, msgspec.Meta(ge=nacl.pwhash.argon2id.MEMLIMIT_MIN, le=MEMORY_MOST)]
    box: Annotated[bytes, msgspec.Meta(min_length=BOX_BYTES, max_length=BOX_BYTES)]


class _InFile(_Kept, frozen=True, tag="file"):
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class _Wiped(_Kept, frozen=True, tag="wiped"):
    account: Annotated[str, msgspec.Meta(max_length=100)] = ""


class _Head(msgspec.Struct, frozen=True):
    version: int


class KeyFile:
    """The KeyKeeper of a real profile: the file at `path` holds the key, or says where it is."""

    def __init__(self, path: Path, random: Random, keyring: Callable[[], Keyring | None]) -> None:
        """`keyring` is called only when one is wanted: looking for a desktop's takes time."""
        self._path = path
        self._random = random
        self._keyring = keyring

    def create(self, passphrase: str | None = None) -> StoreKey:
        """See KeyKeeper."""
        key = self._random(KEY_BYTES)
        if passphrase is not None:
            kept: _Kept = self._wrap(key, passphrase)
            made = StoreKey(key, "passphrase")
        elif (in_keyring := self._into_keyring(key)) is not None:
            kept, made = in_keyring, StoreKey(key, "keyring")
        else:
            kept, made = _InFile(FORMAT, key), StoreKey(key, "file", FILE_WARNING)
        replace_file(self._path, msgspec.json.encode(kept) + b"\n", durable=True)
        return made

    def load(self, passphrase: str | None = None) -> StoreKey:
        """See KeyKeeper."""
        kept = self._read()
        if isinstance(kept, _Wiped):
            raise ProfileWiped(WIPED)
        if isinstance(kept, _Wrapped):
            return StoreKey(_unwrap(kept, passphrase), "passphrase")
        if isinstance(kept, _InKeyring):
            return StoreKey(self._from_keyring(kept.account), "keyring")
        return StoreKey(kept.key, "file", FILE_WARNING if restrict(self._path) else EXPOSED_WARNING)

    def needs_passphrase(self) -> bool:
        """See KeyKeeper."""
        return isinstance(self._read(), _Wrapped)

    def destroy(self) -> str:
        """Make an end of the key: once this returns (or the process is killed within), nothing opens the profile again.

        Returns a sentence if the keyring would not forget its part; `destroy` again may make it.
        """
        account = ""
        with contextlib.suppress(KeyDamaged, NewerVersion):
            kept = self._read()
            account = kept.account if isinstance(kept, _InKeyring | _Wiped) else ""
        overwrite_file(self._path, msgspec.json.encode(_Wiped(FORMAT, account)) + b"\n")
        if account:
            keyring = self._keyring()
            try:
                if keyring is None:
                    raise KeyUnavailable("There is no keyring here.")
                keyring.remove(account)
            except KeyUnavailable:
                return (
                    f"The keyring of your desktop still holds the key (p2pdm, {account}), as it does not answer here: "
                    "remove it there by hand."
                )
            overwrite_file(self._path, msgspec.json.encode(_Wiped(FORMAT)) + b"\n")
        return ""

    def is_destroyed(self) -> bool:
        """Whether `destroy` was here."""
        try:
            return isinstance(self._read(), _Wiped)
        except StoreError:
            return False

    def _read(self) -> _InKeyring | _Wrapped | _InFile | _Wiped:
        try:
            content = read_file(self._path)
            if msgspec.json.decode(content, type=_Head).version > FORMAT:
                raise NewerVersion("The key of this profile was kept by a newer version of p2pdm. Update p2pdm.")
            return msgspec.json.decode(content, type=_InKeyring | _Wrapped | _InFile | _Wiped)
        except FileNotFoundError:
            raise KeyDamaged(
                f"{self._path} is missing, and with it the key of this profile. Restore a backup."
            ) from None
        except msgspec.MsgspecError as error:
            raise KeyDamaged(
                f"{self._path} is damaged, and with it the key of this profile. Restore a backup."
            ) from error

    def _wrap(self, key: bytes, passphrase: str) -> _Wrapped:
        salt = self._random(SALT_BYTES)
        wrapping = nacl.secret.SecretBox(stretch(passphrase, salt, PASSES, MEMORY))
        return _Wrapped(FORMAT, salt, PASSES, MEMORY, bytes(wrapping.encrypt(key, self._random(NONCE_BYTES))))

    def _into_keyring(self, key: bytes) -> _InKeyring | None:
        """Keep the key in the desktop's keyring if it takes it and gives it back, else None."""
        keyring = self._keyring()
        if keyring is None:
            return None
        account = self._random(ACCOUNT_BYTES).hex()
        try:
            keyring.put(account, key.hex())
            kept = keyring.get(account) == key.hex()
        except KeyUnavailable:
            return None
        return _InKeyring(FORMAT, account) if kept else None

    def _from_keyring(self, account: str) -> bytes:
        keyring = self._keyring()
        if keyring is None:
            raise KeyUnavailable(
                "The key of this profile is in the keyring of your desktop, which can't be reached from here. "
                "Start p2pdm once from the desktop that it was made on."
            )
        secret = keyring.get(account)
        if secret is None:
            raise KeyUnavailable(
                f"The keyring of your desktop no longer has the key of this profile (p2pdm, {account}). "
                "Restore the keyring, or restore a backup of the profile."
            )
        try:
            key = bytes.fromhex(secret)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyDamaged(
                f"What the keyring of your desktop holds for p2pdm ({account}) is no key. Restore a backup."
            )
        return key


def _unwrap(kept: _Wrapped, passphrase: str | None) -> bytes:
    if passphrase is None:
        raise PassphraseNeeded(LOCKED)
    try:
        return nacl.secret.SecretBox(stretch(passphrase, kept.salt, kept.passes, kept.memory)).decrypt(kept.box)
    except nacl.exceptions.CryptoError as error:
        raise WrongPassphrase("This is not the passphrase of this profile. Try again.") from error


def stretch(passphrase: str, salt: bytes, passes: int, memory: int) -> bytes:
    """A key from a passphrase, by Argon2id, slowly.

    In NFC, so that the same passphrase typed on another keyboard or system is the same bytes (RFC 8265).
    """
    password = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    if not password:
        raise PassphraseNeeded("A passphrase can't be empty.")
    try:
        return nacl.pwhash.argon2id.kdf(KEY_BYTES, password, salt, opslimit=passes, memlimit=memory)
    except nacl.exceptions.RuntimeError as error:
        raise OutOfMemory(
            f"Checking the passphrase takes {memory >> 20} MiB of memory. Close some programs."
        ) from error
