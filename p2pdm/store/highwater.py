"""HighWater: how far this device's own chains had come, kept outside the database and its backups.

A database that is behind this file was restored from somewhere; a file from another machine came with a copied profile.
What the heads are, and what follows, is not known here.

The file `heads` is an XSalsa20-Poly1305 secretbox, nonce first, of `label | machine id (32) | heads`, under a key of
its own (StoreKey.highwater), since heads tell of conversations. It is replaced atomically, and not synced: it is
written after each commit, and one lost in a power cut only means that a restore right then goes unnoticed here (peers,
who know better, still tell). So a missing, torn or foreign file reads as none, never as an error.
"""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import nacl.exceptions
import nacl.secret

from p2pdm.store.files import read_file, replace_file

MACHINE_BYTES: Final = 32
FILE_LABEL: Final = b"p2pdm high-water file v1\0"
MACHINE_LABEL: Final = b"p2pdm machine v1\0"
NONCE_BYTES: Final = nacl.secret.SecretBox.NONCE_SIZE
UNKNOWN_MACHINE: Final = b"unknown"
"""Of a machine that has no lasting number: nothing is noticed there, and no false alarm raised."""


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

    def read(self) -> tuple[bytes, bytes] | None:
        """The id of the machine that wrote last, and its heads; None if there is no whole file of this database."""
        try:
            opened = self._box.decrypt(read_file(self._path))
        except (FileNotFoundError, nacl.exceptions.CryptoError, ValueError):
            return None
        if not opened.startswith(FILE_LABEL):
            return None
        content = opened.removeprefix(FILE_LABEL)
        return content[:MACHINE_BYTES], content[MACHINE_BYTES:]

    def write(self, heads: bytes) -> None:
        """Replace the file; call it when the commit that made these heads is on the disk, never before."""
        content = FILE_LABEL + self._machine + heads
        replace_file(self._path, bytes(self._box.encrypt(content, self._random(NONCE_BYTES))), durable=False)


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
