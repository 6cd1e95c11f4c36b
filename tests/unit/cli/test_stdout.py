"""What becomes of a command whose results nobody takes: a full disk, a reader who has gone, no stdout."""

import os
import shlex
import subprocess
from typing import Any

import pytest

from p2pdm.api.endpoint import log_path
from p2pdm.api.launch import command, environment
from tests.fakes.doors import ThreadedDoor
from tests.unit.cli.runs import Outcome


def run_into(door: ThreadedDoor, stdout: Any, *words: str) -> Outcome:
    """In a process of its own, whose results go to a file."""
    done = subprocess.run(
        command(door.profile, *words), env=environment(), stdout=stdout, stderr=subprocess.PIPE, text=True, check=False
    )
    return Outcome(done.returncode, "", done.stderr)


@pytest.mark.parametrize("words", [["history", "Robin"], ["history", "Robin", "--json"], ["log"]])
def test_a_full_disk_is_told_of(door: ThreadedDoor, words: list[str]) -> None:
    log_path(door.profile).write_text("something\n" * 10_000)
    with open("/dev/full", "w") as full:
        told = run_into(door, full, *words)
    assert told == Outcome(1, "", "p2pdm: stdout can't be written: No space left on device\n")


@pytest.mark.parametrize("words", [["history", "Robin"], ["history", "Robin", "--json"], ["--help"]])
def test_who_has_read_enough_is_told_nothing(door: ThreadedDoor, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert run_into(door, writing, *words) == Outcome(0, "", "")
    os.close(writing)


def test_a_closed_stdout_takes_all(door: ThreadedDoor) -> None:
    words = shlex.join(command(door.profile, "history", "Robin"))
    done = subprocess.run(["sh", "-c", f"{words} >&-"], env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
