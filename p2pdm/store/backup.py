"""NewBackup and BackupFile: all of a profile in one file, encrypted under a passphrase of its own.

The file is

    label     16 bytes   `p2pdm backup v1` and a zero byte: the format and its version
    passes     4 bytes   of Argon2id, big endian
    memory     4 bytes   of Argon2id, in KiB, big endian
    salt      16 bytes   of Argon2id
    check     16 bytes   BLAKE2b of CHECK_LABEL, keyed with the stretched passphrase: tells a wrong one from damage
    stream    24 bytes   the header of libsodium's secretstream (XChaCha20-Poly1305)
    chunks               of CHUNK bytes each, the last of fewer, and 17 bytes more; the last alone is tagged final

The stream's key is BLAKE2b of STREAM_LABEL, keyed with the stretched passphrase; what stands before the stream's header
is authenticated with each chunk. What the stream holds is

    length     4 bytes   of the manifest, big endian
    manifest             JSON: version, made (milliseconds since 1970), program, and the key of what follows
    database             an encrypted database file, as `database` makes them

The database holds everything that makes a profile: identity, device, record, people, what was said. Neither the
profile's own key nor the high-water file is in a backup.

The database goes first, piece by piece, into a scratch file beside it, under a key that is in memory alone until it
stands in the manifest; so whoever finds the scratch file of a process that was killed can't read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Self

import msgspec
import nacl.bindings as sodium
import nacl.exceptions
import nacl.pwhash.argon2id

from p2pdm.store import keys
from p2pdm.store.connection import KEY_BYTES
from p2pdm.store.database import Database
from p2pdm.store.errors import BackupDamaged, NewerVersion, NoBackup, StoreError, WrongPassphrase
from p2pdm.store.files import OWNER_ONLY, TEMPORARY, explained, sync_folder
from p2pdm.store.keys import MEMORY_MOST, PASSES_MOST, SALT_BYTES, Random

FAMILY: Final = b"p2pdm backup v"
LABEL: Final = FAMILY + b"1\0"
CHECK_LABEL: Final = b"p2pdm backup check v1\0"
STREAM_LABEL: Final = b"p2pdm backup stream v1\0"
CHECK_BYTES: Final = 16
NUMBER_BYTES: Final = 4
HEADER_BYTES: Final = len(LABEL) + 2 * NUMBER_BYTES + SALT_BYTES + CHECK_BYTES
STREAM_BYTES: Final = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
CHUNK: Final = 64 * 1024
OVERHEAD: Final = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
FINAL: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
MESSAGE: Final = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
PAGES: Final = 64
"""Pages copied at a time: 256 KiB, a few milliseconds."""

_DAMAGED: Final = "This backup is damaged: it ends too early, or was changed. Use another copy of it."


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself."""

    version: int
    made: int
    program: str
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class NewBackup:
    """A backup that is being made.

    `check_path`, `stretch`, all of `copy`, all of `seal`, `sync`, `publish`; then always `discard`.
    `stretch` and `sync` take long and may run in another thread.
    """

    def __init__(self, path: Path, scratch: Path, random: Random) -> None:
        """`path` is where the backup comes to stand; an older backup there is replaced, and nothing else is."""
        self._path = path
        self._scratch = scratch
        self._new = path.with_name(path.name + TEMPORARY)
        self._random = random
        self._scratch_key = random(KEY_BYTES)
        self._header, self._key = b"", b""
        self._file: BinaryIO | None = None

    def check_path(self) -> None:
        """Refuse a place that can't be written, or where something else lies; clear what a killed one has left."""
        try:
            _refuse_others(self._path, _beginning(self._path))
            left = _beginning(self._new)
            if left != b"":  # else it was killed as it began
                _refuse_others(self._new, left)
            self._new.unlink(missing_ok=True)
        except OSError as error:
            raise explained(error, self._path) from error
        if not self._path.parent.is_dir():
            raise NoBackup(f"There is no folder {self._path.parent}. Create it, or choose another place.")

    def stretch(self, passphrase: str) -> None:
        """Make the key, slowly."""
        salt = self._random(SALT_BYTES)
        stretched = keys.stretch(passphrase, salt, keys.PASSES, keys.MEMORY)
        numbers = _number(keys.PASSES) + _number(keys.MEMORY >> 10)
        self._header = LABEL + numbers + salt + _derived(stretched, CHECK_LABEL)[:CHECK_BYTES]
        self._key = _derived(stretched, STREAM_LABEL)

    def copy(self, database: Database) -> Generator[None, None, None]:
        """Copy the open database, in pieces of a few milliseconds; commit before each of them."""
        self._scratch.unlink(missing_ok=True)
        copy = Database.open(self._scratch, self._scratch_key)
        try:
            copy.make_scratch()
            yield from database.copy_into(copy, PAGES)
        finally:
            copy.close()

    def seal(self, made: int, program: str) -> Generator[None, None, None]:
        """Write the backup beside its place, in pieces of a few milliseconds."""
        manifest = msgspec.json.encode(Manifest(1, made, program, self._scratch_key))
        state = sodium.crypto_secretstream_xchacha20poly1305_state()
        stream = sodium.crypto_secretstream_xchacha20poly1305_init_push(state, self._key)
        try:
            self._file = open(self._new, "xb", buffering=0, opener=_private)  # noqa: SIM115 -- `discard` closes it
            _write(self._file, self._header + stream)
            with open(self._scratch, "rb") as copied:
                chunk = _number(len(manifest)) + manifest
                chunk += copied.read(CHUNK - len(chunk))
                while True:
                    following = copied.read(CHUNK) if len(chunk) == CHUNK else b""
                    tag = MESSAGE if len(chunk) == CHUNK else FINAL
                    _write(
                        self._file,
                        sodium.crypto_secretstream_xchacha20poly1305_push(state, chunk, self._header, tag),
                    )
                    if tag == FINAL:
                        return
                    chunk = following
                    yield
        except OSError as error:
            raise explained(error, self._path) from error

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        if self._file is None:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise explained(error, self._path) from error

    def publish(self) -> int:
        """Put it in its place, whole; its bytes."""
        try:
            size = self._new.stat().st_size
            os.replace(self._new, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise explained(error, self._path) from error
        return size

    def discard(self) -> None:
        """Remove what was only needed on the way."""
        if self._file is not None:
            self._file.close()
            with contextlib.suppress(OSError):
                self._new.unlink(missing_ok=True)
        for name in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._scratch.with_name(self._scratch.name + name).unlink(missing_ok=True)


class BackupFile:
    """A backup to restore from."""

    def __init__(self, path: Path, header: bytes, key: bytes) -> None:
        """Callers use `open`."""
        self._path = path
        self._header = header
        self._key = key

    @classmethod
    def open(cls, path: Path, passphrase: str) -> Self:
        """Check the passphrase, slowly; NoBackup, NewerVersion, WrongPassphrase or BackupDamaged say why not."""
        with _reading(path) as file:
            header = file.read(HEADER_BYTES)
        if not header.startswith(FAMILY):
            raise NoBackup(f"{path} is no backup of p2pdm. Choose another file.")
        if not header.startswith(LABEL[: len(header)]):
            raise NewerVersion("This backup was made by a newer version of p2pdm. Update p2pdm to restore it.")
        if len(header) < HEADER_BYTES:
            raise BackupDamaged(_DAMAGED)
        at = len(LABEL)
        passes = int.from_bytes(header[at : at + NUMBER_BYTES], "big")
        memory = int.from_bytes(header[at + NUMBER_BYTES : at + 2 * NUMBER_BYTES], "big") << 10
        least = nacl.pwhash.argon2id.MEMLIMIT_MIN
        if not (1 <= passes <= PASSES_MOST and least <= memory <= MEMORY_MOST):
            raise BackupDamaged(_DAMAGED)
        salt = header[at + 2 * NUMBER_BYTES :][:SALT_BYTES]
        stretched = keys.stretch(passphrase, salt, passes, memory)
        if not hmac.compare_digest(_derived(stretched, CHECK_LABEL)[:CHECK_BYTES], header[-CHECK_BYTES:]):
            raise WrongPassphrase("This is not the passphrase of this backup. Try again.")
        return cls(path, header, _derived(stretched, STREAM_LABEL))

    def check(self) -> None:
        """Read it to its end; BackupDamaged unless every byte is as it was written."""
        for _ in self._chunks():
            pass

    def extract(self, path: Path) -> Manifest:
        """Write the database to `path`, still under the key that the manifest names; BackupDamaged as for `check`."""
        chunks = self._chunks()
        first = next(chunks)
        length = NUMBER_BYTES + int.from_bytes(first[:NUMBER_BYTES], "big")
        try:
            manifest = msgspec.json.decode(first[NUMBER_BYTES:length], type=Manifest)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BackupDamaged(_DAMAGED) from error
        try:
            with open(path, "wb", buffering=0, opener=_private) as file:
                _write(file, first[length:])
                for chunk in chunks:
                    _write(file, chunk)
        except OSError as error:
            raise explained(error, path) from error
        return manifest

    def _chunks(self) -> Iterator[bytes]:
        """What the stream holds; BackupDamaged as soon as a byte is wrong, and when the end is not the end."""
        state = sodium.crypto_secretstream_xchacha20poly1305_state()
        with _reading(self._path) as file:
            stream = file.read(HEADER_BYTES + STREAM_BYTES)[HEADER_BYTES:]
            if len(stream) < STREAM_BYTES:
                raise BackupDamaged(_DAMAGED)
            sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, stream, self._key)
            tag = MESSAGE
            while tag == MESSAGE:
                chunk, tag = self._pulled(state, file.read(CHUNK + OVERHEAD))
                yield chunk
            if tag != FINAL or file.read(1):
                raise BackupDamaged(_DAMAGED)

    def _pulled(self, state: sodium.crypto_secretstream_xchacha20poly1305_state, sealed: bytes) -> tuple[bytes, int]:
        if len(sealed) < OVERHEAD:
            raise BackupDamaged(_DAMAGED)
        try:
            return sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, self._header)
        except (nacl.exceptions.CryptoError, ValueError) as error:
            raise BackupDamaged(_DAMAGED) from error


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with open(path, "rb") as file:
            yield file
    except FileNotFoundError:
        raise NoBackup(f"There is no file {path}. Check its name.") from None
    except IsADirectoryError:
        raise NoBackup(f"{path} is a folder. Name the file of the backup.") from None
    except StoreError:
        raise
    except OSError as error:
        raise explained(error, path) from error


def _beginning(path: Path) -> bytes | None:
    """The first bytes of what lies at `path`, if anything does."""
    if path.is_dir():
        raise NoBackup(f"{path} is a folder. Name a file for the backup.")
    if not path.is_file():  # what is no file may never end
        return b"no file" if os.path.lexists(path) else None
    with open(path, "rb") as file:
        return file.read(len(FAMILY))


def _refuse_others(path: Path, beginning: bytes | None) -> None:
    if beginning is not None and not beginning.startswith(FAMILY):
        raise NoBackup(f"{path} is there already and is no backup. Choose another name.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)


def _write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _number(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big")


def _derived(stretched: bytes, label: bytes) -> bytes:
    return hashlib.blake2b(label, key=stretched, digest_size=KEY_BYTES).digest()
