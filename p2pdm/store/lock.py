"""Lock: one process at a time holds a file, by the operating system's word, which ends with the process."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

from p2pdm.store.errors import ProfileInUse
from p2pdm.store.files import OWNER_ONLY, explained

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKED_BYTE: Final = 1 << 30
"""Windows locks bytes, and nobody else may read those: far behind the process id, which others shall read."""


class Lock:
    """A lock file: taken when made, until `release` or the end of the process, however it comes."""

    def __init__(self, path: Path) -> None:
        """Take the lock; ProfileInUse names the process that has it."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        except OSError as error:
            raise explained(error, path) from error
        try:
            _lock(self._descriptor)
        except BlockingIOError:
            os.close(self._descriptor)
            raise _in_use(path) from None
        except OSError as error:
            os.close(self._descriptor)
            raise explained(error, path) from error
        self._note_process()

    def release(self) -> None:
        """Let others take it; the file stays, since removing it would let two processes hold two files of one name."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def _note_process(self) -> None:
        """Write our process id for others to read; a full disk leaves it out, and the lock holds all the same."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, b"%d\n" % os.getpid())


def _holder(path: Path) -> int | None:
    """The process id that the holder of the lock at `path` has noted, if any."""
    try:
        noted = path.read_bytes()[:20].strip()
    except OSError:
        return None
    return int(noted) if noted.isdigit() else None


def _in_use(path: Path) -> ProfileInUse:
    pid = _holder(path)
    process = "another process" if pid is None else f"process {pid}"
    return ProfileInUse(
        f"The profile {path.parent} is in use by {process}. Only one node runs on a profile: use that one, or stop it.",
        pid,
    )


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)

else:

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
