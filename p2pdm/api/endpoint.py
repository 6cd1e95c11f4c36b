"""Where a profile's door stands: a Unix socket in the user's runtime folder, named by a hash of the profile's path."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from p2pdm.api.types import ApiError


def default_profile() -> Path:
    """P2PDM_PROFILE, else `p2pdm` in the platform's data folder."""
    named = os.environ.get("P2PDM_PROFILE")
    if named:
        return Path(named)
    from platformdirs import user_data_path  # imported late: most commands name their profile

    return user_data_path("p2pdm", appauthor=False)


def log_path(profile: Path) -> Path:
    """Where a node notes its work and what went wrong; never what was said, nor who."""
    return profile / "log"


def stderr_path(profile: Path) -> Path:
    """Where a node in the background says why it can't start: a sentence that may name its folder."""
    return profile / "stderr"


def has_profile(profile: Path) -> bool:
    """Whether a profile was made there; whether it is whole, its node finds out."""
    return (profile / "p2pdm.json").exists()


def node_process(profile: Path) -> int | None:
    """The process that holds the profile now: a node that is starting, running or ending."""
    try:
        noted = (profile / "lock").read_bytes()[:20].strip()
        pid = int(noted) if noted.isdigit() else 0
        if pid > 0:
            os.kill(pid, 0)  # is it alive?
    except (OSError, OverflowError):
        return None
    return pid or None


def socket_path(profile: Path) -> Path:
    """The door of `profile`: at most 108 bytes long wherever the profile lies. Makes its folder, for this user only."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) / "p2pdm" if runtime else Path(tempfile.gettempdir()) / f"p2pdm-{os.getuid()}"
    _make_own(folder)
    name = hashlib.sha256(b"p2pdm endpoint\0" + os.fsencode(profile.resolve())).hexdigest()[:32]
    return folder / f"{name}.sock"


def _make_own(folder: Path) -> None:
    """Make `folder`, or make sure that nobody else can have laid it there: /tmp is everyone's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise ApiError("door", f"the folder {folder} for p2pdm's socket can't be made: {error.strerror}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ApiError("door", f"{folder} belongs to somebody else: p2pdm won't talk through it; remove it")
    if stat.S_IMODE(found.st_mode) != 0o700:
        raise ApiError("door", f"others can look into {folder}: run `chmod 700 {folder}`, then start again")
