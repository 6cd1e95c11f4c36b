"""HighWater: how far this device's own chains had come, kept outside the database and its backups.

A database that is behind this file was restored from somewhere; a file from another machine came with a copied profile.
What the heads are, and what follows, is not known here.

The file `heads` has two slots of equal size, written in turn, so that the older stays whole while the newer is written.
A slot is a length (4 bytes, big endian) and an XSalsa20-Poly1305 secretbox, nonce first, of
`label | count (8) | machine id (32) | heads`; of the slots that open, the one with the higher count is the latest. The
key is one of its own (StoreKey.highwater), since heads tell of conversations.

It is written after each commit and never synced: one lost in a power cut only means that a restore right then goes
unnoticed here (peers, who know better, still tell). So a missing, torn or foreign file reads as none, never as an
error. Replacing the file by renaming would be simpler, but ext4 flushes at such a rename: measured, that costs as
much as the commit itself, and a slot a fortieth of it.
"""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nacl.exceptions
import nacl.secret

from p2pdm.store.files import explained, read_file, replace_file

MACHINE_BYTES: Final = 32
FILE_LABEL: Final = b"p2pdm high-water file v1\0"
MACHINE_LABEL: Final = b"p2pdm machine v1\0"
COUNT_BYTES: Final = 8
LENGTH_BYTES: Final = 4
SLOT_BYTES: Final = 4096
"""At first; doubled when the heads outgrow it."""
NONCE_BYTES: Final = nacl.secret.SecretBox.NONCE_SIZE
UNKNOWN_MACHINE: Final = b"unknown"
"""Of a machine that has no lasting number: nothing is noticed there, and no false alarm raised."""


@dataclass(frozen=True, slots=True)
class _Record:
    count: int
    machine: bytes
    heads: bytes


class HighWater:
    """The heads of one profile's database, on one machine."""

    def __init__(self, path: Path, key: bytes, machine: bytes, random: Callable[[int], bytes]) -> None:
        """`machine` is this machine's id (see `machine_id`), which `write` records."""
        if len(machine) != MACHINE_BYTES:
            raise ValueError("a machine id has 32 bytes")
        self._path = path
        self._machine = machine
        self._random = random
        self._box = nacl.secret.SecretBox(key)
        self._count: int | None = None
        self._slot_bytes = 0

    def read(self) -> tuple[bytes, bytes] | None:
        """The id of the machine that wrote last, and its heads; None if there is no whole file of this profile."""
        latest = self._latest()
        return None if latest is None else (latest.machine, latest.heads)

    def write(self, heads: bytes) -> None:
        """Note the heads; call it when the commit that made them is on the disk, never before."""
        if self._count is None:
            latest = self._latest()
            self._count = 0 if latest is None else latest.count
        self._count += 1
        slot = self._sealed(self._count, heads)
        if not (len(slot) <= self._slot_bytes and self._overwrite(self._count % 2, slot)):
            self._begin_file(self._count % 2, slot)

    def _latest(self) -> _Record | None:
        try:
            content = read_file(self._path)
        except FileNotFoundError:
            content = b""
        self._slot_bytes = len(content) // 2
        records = [self._opened(content[: self._slot_bytes]), self._opened(content[self._slot_bytes :])]
        return max((record for record in records if record), key=lambda record: record.count, default=None)

    def _sealed(self, count: int, heads: bytes) -> bytes:
        content = FILE_LABEL + count.to_bytes(COUNT_BYTES, "big") + self._machine + heads
        box = bytes(self._box.encrypt(content, self._random(NONCE_BYTES)))
        return len(box).to_bytes(LENGTH_BYTES, "big") + box

    def _opened(self, slot: bytes) -> _Record | None:
        length = int.from_bytes(slot[:LENGTH_BYTES], "big")
        try:
            content = self._box.decrypt(slot[LENGTH_BYTES : LENGTH_BYTES + length])
        except (nacl.exceptions.CryptoError, ValueError):
            return None
        if not content.startswith(FILE_LABEL):
            return None
        content = content.removeprefix(FILE_LABEL)
        count, content = content[:COUNT_BYTES], content[COUNT_BYTES:]
        return _Record(int.from_bytes(count, "big"), content[:MACHINE_BYTES], content[MACHINE_BYTES:])

    def _overwrite(self, place: int, slot: bytes) -> bool:
        """Put a slot in its place; False if the file is gone."""
        try:
            with open(self._path, "r+b", buffering=0) as file:
                file.seek(place * self._slot_bytes)
                return file.write(slot) == len(slot)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise explained(error, self._path) from error

    def _begin_file(self, place: int, slot: bytes) -> None:
        """Make the file, with room to grow."""
        self._slot_bytes = max(SLOT_BYTES, 2 * len(slot))
        slots = [bytes(self._slot_bytes)] * 2
        slots[place] = slot.ljust(self._slot_bytes, b"\0")
        replace_file(self._path, b"".join(slots), durable=False)


def machine_id() -> bytes:
    """32 bytes that stay the same on this machine and differ on others, and don't give away the system's own number."""
    return hashlib.blake2b(MACHINE_LABEL + _system_number(), digest_size=MACHINE_BYTES).digest()


def _system_number() -> bytes:
    """What the platform calls this machine; else its network card's address, unless Python had to invent one."""
    found = _platform_number()
    if found:
        return found
    node = uuid.getnode()
    invented = node >> 40 & 1  # RFC 9562, section 6.10: the multicast bit marks a random one
    return UNKNOWN_MACHINE if invented else node.to_bytes(6, "big")


if sys.platform == "win32":
    import winreg

    def _platform_number() -> bytes:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
                return str(winreg.QueryValueEx(key, "MachineGuid")[0]).encode()
        except OSError:
            return b""

elif sys.platform == "darwin":
    import ctypes

    def _platform_number() -> bytes:
        number = ctypes.create_string_buffer(16)
        no_wait = (ctypes.c_long * 2)(0, 0)
        failed = ctypes.CDLL(None).gethostuuid(number, no_wait)
        return b"" if failed else number.raw

else:
    MACHINE_FILES: Final = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))

    def _platform_number() -> bytes:
        for path in MACHINE_FILES:
            try:
                number = path.read_bytes().strip()
            except OSError:
                continue
            if number and number != b"uninitialized":  # machine-id(5): so during the first boot
                return number
        return b""
