"""Starts a node for a profile in the background, and notices when that does not work. Blocks nothing.

For every kind of client, also ones with an event loop of their own: knock at the door, look at `failure`, again.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from p2pdm.api.endpoint import has_profile, log_path, node_process, socket_path, stderr_path
from p2pdm.api.types import ApiError

PATIENCE = 10.0
"""Seconds for a node to open its door; on a slow disk it takes one."""

COMING_OR_GOING = 3.0
"""Seconds for which a node may hold a profile without a door: it ends within two."""
LAST_WORDS = 64 * 1024
"""Bytes that are read of what a node said before it ended."""


def command(profile: Path, *words: str) -> list[str]:
    """The command line that runs p2pdm for `profile`; -P: what lies in the current folder is never imported."""
    return [sys.executable, "-P", "-m", "p2pdm", "--profile", str(profile.absolute()), *words]


def environment() -> dict[str, str]:
    """This process's environment, in which `python -P` finds this very p2pdm."""
    home = Path(__file__).resolve().parents[2]
    if home.name in ("site-packages", "dist-packages"):
        return dict(os.environ)
    paths = [os.environ.get("PYTHONPATH", ""), str(home)]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


class Launch:
    """A node that was started just now, detached: it outlives this process and hears none of its signals."""

    @classmethod
    def begin(cls, profile: Path, insist: bool = False) -> Launch | None:
        """Start a node; None while another client does so, or (unless `insist`) while a node comes up or goes down."""
        if not has_profile(profile):
            raise ApiError("no_profile", f"there is no profile in {profile}: make one with `p2pdm init --name NAME`")
        if not insist and node_process(profile) is not None:
            return None
        turn = os.open(socket_path(profile).with_suffix(".start"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return cls(profile, turn)
        except BlockingIOError:
            os.close(turn)
            return None
        except ApiError:
            os.close(turn)
            raise

    def __init__(self, profile: Path, turn: int) -> None:
        self._log = log_path(profile)
        self._turn = turn
        said = stderr_path(profile)
        try:
            self._output = os.open(said, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o600)
        except OSError as error:
            raise ApiError("profile", f"{said} can't be written: {error.strerror}") from None
        self._process = subprocess.Popen(
            command(profile, "node"),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._output,
            start_new_session=True,
        )

    def failure(self) -> ApiError | None:
        """Why the node has ended already, in its own sentence; None while it runs."""
        if self._process.poll() is None:
            return None
        said = os.pread(self._output, LAST_WORDS, 0).decode(errors="replace").strip().splitlines()
        return ApiError("not_started", said[-1].removeprefix("p2pdm: ") if said else f"the node ended: see {self._log}")

    def give_up(self) -> ApiError:
        """End a node that has not opened its door in time."""
        self._process.terminate()
        return ApiError("not_started", f"the node did not open its door within {PATIENCE:.0f} seconds: see {self._log}")

    def leave(self) -> None:
        """Whatever came of it, look after it no longer. Exactly once."""
        os.close(self._output)
        os.close(self._turn)
        self._process.returncode = 0  # else Popen warns that a child is left, which is what we want
