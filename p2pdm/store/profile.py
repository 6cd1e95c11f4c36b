"""ProfileFolder: the folder of one profile, owned by one process at a time.

    p2pdm.json  {"state": "unfinished" | "made" | "wiped", "version": 1}: says that this folder is a profile
    lock        locked by the operating system while a node runs; holds that node's process id in digits
    key         where the database's key is (keys.py)
    messages    the encrypted database, beside it messages-wal (database.py)
    heads       the high-water file (highwater.py)
    log         what the node notes about its work: no text, no names; log.1 is the one before it
    stderr      what a node in the background said before it could not start
    copy        only while a backup is made or restored: the database under a key that lives in memory alone (backup.py)

A profile is made in the order lock, `p2pdm.json` unfinished, everything else, `p2pdm.json` made. A process killed in
between leaves `unfinished`, in which nobody has written anything yet: the next `create` clears it and begins again.
Only files of the names above are ever cleared, and only on that word.

A profile is wiped in the order key (which says so itself), `p2pdm.json` wiped, everything else, `p2pdm.json` gone. A
process killed in between leaves `wiped`, which the next `discard` or `create` clears.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

import msgspec
import platformdirs

from p2pdm.store.errors import (
    NewerVersion,
    NoProfile,
    NotPermitted,
    ProfileDamaged,
    ProfileExists,
    ProfileWiped,
    StoreError,
)
from p2pdm.store.files import TEMPORARY, explained, read_file, replace_file, restrict, sync_folder
from p2pdm.store.keys import WIPED, KeyFile
from p2pdm.store.lock import Lock

State = Literal["absent", "unfinished", "made", "wiped"]

MARKER: Final = "p2pdm.json"
LOCK: Final = "lock"
FORMAT: Final = 1
FOLDER_MODE: Final = 0o700
LOGS: Final = ("log", "log.1", "stderr")
CLEARED: Final = ("key", "messages", "messages-wal", "messages-shm", "messages-journal", "heads", *LOGS, "copy")
"""What an unfinished profile may hold besides its marker and its lock."""

EXPOSED_WARNING: Final = (
    "Other users of this machine can look into the profile's folder, and its file system does not let p2pdm forbid it. "
    "Keep the profile in a folder of your own."
)


class _Marker(msgspec.Struct, frozen=True):
    version: int
    state: Literal["unfinished", "made", "wiped"]


class ProfileFolder:
    """A profile's folder, locked for this process until `close`; made by `create` or `open`."""

    def __init__(self, path: Path, lock: Lock) -> None:
        """Take over a folder that is locked; callers use `create` or `open`."""
        self.path: Final = path
        self.warning: Final = "" if restrict(path, FOLDER_MODE) else EXPOSED_WARNING
        """A sentence for the status and the log when others can look into the folder, else empty."""
        self.key: Final = path / "key"
        self.database: Final = path / "messages"
        self.highwater: Final = path / "heads"
        self.log: Final = path / "log"
        self.scratch: Final = path / "copy"
        self._lock = lock

    @classmethod
    def create(cls, path: Path) -> Self:
        """Begin a profile in a new or empty folder (or one where this was begun and never finished).

        The caller makes the key, the database and what must be in it, then calls `finish`.
        """
        path = _absolute(path)
        _make_folder(path)
        _check_access(path)
        _check_unused(path)
        folder = cls(path, Lock(path / LOCK))
        try:
            _check_unused(path)  # again: another process may have made one until we had the lock
            folder._mark("unfinished")
            folder._clear()
        except StoreError:
            folder.close()
            raise
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """Take the finished profile at `path`; NoProfile if there is none, ProfileInUse if a node has it."""
        path = _absolute(path)
        found = state(path)
        if found == "absent":
            raise NoProfile(f"There is no profile in {path}. Make one with: p2pdm init --name NAME")
        if found == "wiped":
            raise ProfileWiped(WIPED)
        if found == "unfinished":
            raise NoProfile(f"Making the profile in {path} was interrupted. Make it again with: p2pdm init --name NAME")
        _check_access(path)
        folder = cls(path, Lock(path / LOCK))
        with contextlib.suppress(OSError):
            folder.scratch.unlink(missing_ok=True)  # of a backup that was killed
        return folder

    @classmethod
    def seize(cls, path: Path) -> Self:
        """Take the folder of a profile to wipe it, in whatever state it is; NoProfile if there is none."""
        path = _absolute(path)
        if not (path / MARKER).exists():
            raise NoProfile(f"There is no profile in {path}.")
        _check_access(path)
        return cls(path, Lock(path / LOCK))

    def finish(self) -> None:
        """The profile is whole: from when this returns, it is there for good."""
        self._mark("made")

    def wipe(self) -> None:
        """Remove what is left of a profile whose key is destroyed."""
        with contextlib.suppress(StoreError):  # a full disk: the key's own file says it, too
            self._mark("wiped")
        self.discard()

    def discard(self) -> None:
        """Remove the profile, its marker last, and the folder if it holds nothing else; `close` comes after."""
        self._clear()
        try:
            (self.path / MARKER).unlink(missing_ok=True)
            sync_folder(self.path)
            with contextlib.suppress(OSError):  # other things are in it, or another process holds it on Windows
                (self.path / LOCK).unlink(missing_ok=True)
                self.path.rmdir()
        except OSError as error:
            raise explained(error, self.path) from error

    def close(self) -> None:
        """Release the folder for other processes."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mark(self, state: Literal["unfinished", "made", "wiped"]) -> None:
        replace_file(self.path / MARKER, msgspec.json.encode(_Marker(FORMAT, state)) + b"\n", durable=True)

    def _clear(self) -> None:
        """Remove what an interrupted creation has left."""
        try:
            for name in CLEARED:
                (self.path / name).unlink(missing_ok=True)
                (self.path / (name + TEMPORARY)).unlink(missing_ok=True)
            sync_folder(self.path)
        except OSError as error:
            raise explained(error, self.path) from error


def state(path: Path) -> State:
    """Whether there is a profile at `path`; locks and changes nothing."""
    try:
        marker = msgspec.json.decode(read_file(path / MARKER), type=_Marker)
    except FileNotFoundError:
        return "absent"
    except msgspec.MsgspecError as error:
        raise ProfileDamaged(
            f"{path / MARKER} is damaged. If {path} is your profile, restore it from a backup."
        ) from error
    if marker.version > FORMAT:
        raise NewerVersion(f"The profile {path} was last used by a newer version of p2pdm. Update p2pdm to open it.")
    if marker.state == "made" and KeyFile(path / "key", os.urandom, lambda: None).is_destroyed():
        return "wiped"  # killed before the marker could say so
    return marker.state


def default_path() -> Path:
    """Where this platform keeps a user's data: the profile of those who name none."""
    return Path(platformdirs.user_data_dir("p2pdm", appauthor=False))


def _absolute(path: Path) -> Path:
    """One name for one folder, since locks and sockets go by it."""
    return path.expanduser().resolve()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        sync_folder(path.parent)
    except FileExistsError:
        raise NotPermitted(f"{path} is a file. Choose another folder for the profile.") from None
    except OSError as error:
        raise explained(error, path) from error


def _check_unused(path: Path) -> None:
    """Refuse a folder with a profile, or with anything else that we did not put there."""
    found = state(path)
    if found == "made":
        raise ProfileExists(f"There is already a profile in {path}. It is left as it is; choose another folder.")
    if found == "absent":
        strange = sorted(set(os.listdir(path)) - {LOCK, MARKER + TEMPORARY})
        if strange:
            raise ProfileExists(f"{path} is not empty: it holds {strange[0]}. Choose an empty or a new folder.")


def _check_access(path: Path) -> None:
    """Say in a sentence whose folder this is, before something fails halfway."""
    if sys.platform != "win32" and path.stat().st_uid != os.geteuid():
        raise NotPermitted(f"The folder {path} belongs to another user. Use a profile of your own.")
    effective = os.access in os.supports_effective_ids
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective):
        raise NotPermitted(f"The folder {path} can't be written. Check its permissions, or use another folder.")
