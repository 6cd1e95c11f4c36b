"""Files beside the database: replaced whole or not at all, readable by their owner only."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
import time
from pathlib import Path
from typing import Final

from p2pdm.store.errors import CannotOpen, DiskFull, FileThere, NotPermitted, ReadFailed, ReadOnly, StoreError

OWNER_ONLY: Final = 0o600
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Disk full, quota used up, file-size limit reached: for the user, all one."""
SYNCED_EVERY: Final = 256 * 1024
"""Bytes after which a growing file is to be synced: the database's own commits wait for as much on the same disk."""
TEMPORARY: Final = ".new"
"""What is added to a file's name while its replacement is written."""

LEFT_BEHIND: Final = 600.0
"""Seconds without a write after which nobody finishes a file any more."""
_BESIDE: Final = ".p2pdm-"
_BY_NUMBER: Final = "/proc/self/fd"
"""Where a file that is open and has no name can be given one."""


def replace_file(path: Path, data: bytes, *, durable: bool) -> None:
    """Put `data` at `path` atomically; if durable, it survives a power cut from when this returns.

    Not durable, a power cut may leave the old content, the new, or (on some file systems) an empty file.
    """
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        _write(temporary, data, durable)
        os.replace(temporary, path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise explained(error, path) from error


def overwrite_file(path: Path, data: bytes) -> None:
    """Put `data`, filled up with spaces, over the very bytes of a file, durably; a missing one stays missing."""
    try:
        with open(path, "r+b", buffering=0) as file:
            file.write(data.ljust(os.fstat(file.fileno()).st_size))
            file.truncate()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except OSError as error:
        raise explained(error, path) from error


class NewFile:
    """A file that grows in pieces beside its place and moves there whole, readable by its owner only.

    Where the system can, it has no name until then: of a process that is killed nothing is left. Elsewhere the next
    such file in that folder clears it.

    `write`, and `sync` when it `wants_sync` and at the end; then `finish`, or `discard`, after which nothing of it is
    left.
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        """Begin; FileThere if there is a file at `path` already, unless it is to be replaced."""
        self._path = path
        self._replace = replace
        self._unsynced = 0
        if path.is_dir():
            raise CannotOpen(f"{path} is a folder. Name a file in it.")
        self._refuse_if_there()
        self._temporary = ""
        try:
            self._descriptor = self._begun()
        except OSError as error:
            raise explained(error, path) from error

    def _begun(self) -> int:
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and os.path.isdir(_BY_NUMBER):
            with contextlib.suppress(OSError):  # not every file system can; what else is amiss the other way says, too
                return os.open(self._path.parent, nameless | os.O_WRONLY, OWNER_ONLY)
        _clear_left_behind(self._path.parent)
        descriptor, self._temporary = tempfile.mkstemp(dir=self._path.parent, prefix=_BESIDE, suffix=TEMPORARY)
        return descriptor

    def _give_name(self) -> None:
        name = self._path.with_name(f"{_BESIDE}{secrets.token_hex(8)}{TEMPORARY}")
        # With a folder's descriptor, though the path needs none: without one, Python links the symbolic link.
        os.link(f"{_BY_NUMBER}/{self._descriptor}", name, src_dir_fd=self._descriptor, follow_symlinks=True)
        self._temporary = str(name)

    def write(self, data: bytes) -> None:
        """Add to its end."""
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
            self._unsynced += len(data)
        except OSError as error:
            raise explained(error, self._path) from error

    @property
    def wants_sync(self) -> bool:
        """Whether so much came together that the sync of it already takes a while."""
        return self._unsynced >= SYNCED_EVERY

    def sync(self) -> None:
        """Wait, in any thread, until the disk has all of it: a busy one takes a second for a few bytes."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise explained(error, self._path) from error
        self._unsynced = 0

    def finish(self) -> None:
        """Put it, synced, in its place; FileThere if another file has come there meanwhile."""
        try:
            self._refuse_if_there()
            if not self._temporary:
                self._give_name()
            os.close(self._descriptor)
            self._descriptor = -1
            os.replace(self._temporary, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise explained(error, self._path) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing of what is not finished."""
        with contextlib.suppress(OSError):
            if self._descriptor >= 0:
                os.close(self._descriptor)
            if self._temporary:
                os.unlink(self._temporary)
        self._descriptor = -1

    def _refuse_if_there(self) -> None:
        if not self._replace and os.path.lexists(self._path):
            raise FileThere(f"There is already a file {self._path}. Choose another name, or have it replaced.")


def read_file(path: Path) -> bytes:
    """All of a file; FileNotFoundError passes through, everything else is ours."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise explained(error, path) from error


def read_given(path: Path, most: int) -> bytes:
    """A file that the user names, up to `most` bytes and one more that tells it is longer; StoreError if it is none."""
    try:
        if not path.is_file():  # what is no file may never end
            raise CannotOpen(f"There is no file {path}. Give the whole path of one.")
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise explained(error, path) from error


def restrict(path: Path, mode: int = OWNER_ONLY) -> bool:
    """Take away what `mode` does not allow on `path`; whether it is so now (not every file system can)."""
    if os.name == "nt":
        return True
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o777 & ~mode:
            path.chmod(path.stat().st_mode & mode)
        return not path.stat().st_mode & 0o777 & ~mode
    return False


def sync_folder(folder: Path) -> None:
    """Make names created, replaced or removed in `folder` durable; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explained(error: OSError, path: Path) -> StoreError:
    """The sentence for what the operating system said about `path`."""
    if error.errno in NO_ROOM:
        return DiskFull(f"There is no room left on the disk for {path}. Free some space and try again.")
    if error.errno == errno.EROFS:
        return ReadOnly(f"{path} is on a disk that is mounted read-only. Use a folder that can be written.")
    if isinstance(error, PermissionError):
        return NotPermitted(f"You may not use {path}. Check who owns it and its permissions.")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return CannotOpen(f"There is no folder {path.parent}. Create it, or choose another place.")
    return ReadFailed(f"The disk refused to read or write {path} ({error.strerror}). Check the disk.")


def _clear_left_behind(folder: Path) -> None:
    """Remove what was never finished, of this user; what is written to is younger than that."""
    for left in folder.glob(f"{_BESIDE}*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            found = left.lstat()
            own = os.name == "nt" or found.st_uid == os.getuid()
            if own and stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > LEFT_BEHIND:
                left.unlink()


def _write(path: Path, data: bytes, durable: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with open(descriptor, "wb", buffering=0) as file:
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]
        if durable:
            os.fsync(descriptor)
