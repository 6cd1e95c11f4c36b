"""Where a profile's door stands: a Unix socket in the user's runtime folder, named by a hash of the profile's path."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def default_profile() -> Path:
    """P2PDM_PROFILE, else `p2pdm` in the platform's data folder."""
    named = os.environ.get("P2PDM_PROFILE")
    if named:
        return Path(named)
    from platformdirs import user_data_path  # imported late: most commands name their profile

    return user_data_path("p2pdm", appauthor=False)


def socket_path(profile: Path) -> Path:
    """The door of `profile`: at most 108 bytes long wherever the profile lies. Makes its folder, for this user only."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime) / "p2pdm" if runtime else Path(tempfile.gettempdir()) / f"p2pdm-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(b"p2pdm endpoint\0" + os.fsencode(profile.resolve())).hexdigest()[:32]
    return folder / f"{name}.sock"
