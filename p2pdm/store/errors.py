"""Whatever goes wrong on the disk, said in one sentence to the person at the machine.

Nothing else than a StoreError leaves the store room for reasons outside the program.
"""

from __future__ import annotations


class StoreError(Exception):
    """Something on the disk is in the way; the message is for the user, the details are the cause's."""


# The database


class DiskFull(StoreError):
    """No room was left; what was being written is undone, what was committed before stays."""


class ReadFailed(StoreError):
    """The disk or its file system refused a read or a write; the open transaction is undone."""


class ReadOnly(StoreError):
    """The files can be read but not written."""


class CannotOpen(StoreError):
    """There is no database here, or it can't be reached."""


class WrongKey(StoreError):
    """The database is not readable with this key (another key, or a damaged first page: they look alike)."""


class Damaged(StoreError):
    """Bytes on the disk are not those that were written."""


class InUse(StoreError):
    """Another program holds the files."""


class OutOfMemory(StoreError):
    """The machine had no memory left for the database."""


class Conflict(StoreError):
    """A row broke a constraint of its table (unique, foreign key, not null, check)."""


class NewerVersion(StoreError):
    """The files were written by a later version of p2pdm."""


class StoreDefect(StoreError):
    """The program asked the database for something impossible: a mistake of ours, never of the user's."""


class FileThere(StoreError):
    """There is a file of this name already; it is left as it is."""


# The key


class KeyUnavailable(StoreError):
    """The key exists, but where it is kept does not give it out now."""


class KeyDamaged(StoreError):
    """The file that says where the key is can't be understood."""


class PassphraseNeeded(StoreError):
    """The key is wrapped by a passphrase and none was given."""


class WrongPassphrase(StoreError):
    """The passphrase does not unwrap the key."""


# A backup


class NoBackup(StoreError):
    """There is no such file, or it is none of ours."""


class BackupDamaged(StoreError):
    """The file ends too early, or its bytes are not those that were written."""


# The profile's folder


class ProfileExists(StoreError):
    """There is a profile here already; it is left as it is."""


class NoProfile(StoreError):
    """There is no (finished) profile in this folder."""


class ProfileWiped(StoreError):
    """The user has destroyed the key; what is left of the profile is unreadable for good."""


class ProfileDamaged(StoreError):
    """The file that says what this folder is can't be understood."""


class ProfileInUse(StoreError):
    """Another node runs on this profile."""

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class NotPermitted(StoreError):
    """The folder or a file in it belongs to somebody else, or may not be written."""
