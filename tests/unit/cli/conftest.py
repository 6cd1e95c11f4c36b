"""What the tests of the command line get for the asking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pdm.cli import main
from tests.fakes.doors import ThreadedDoor, door_in_thread
from tests.unit.cli.runs import Outcome, Run


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ThreadedDoor]:
    """A populated node in memory, behind a real door."""
    with door_in_thread(tmp_path / "alice") as door:
        yield door


@pytest.fixture
def p2pdm(door: ThreadedDoor, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command there."""

    def run(*words: str) -> Outcome:
        code = main(["--profile", str(door.profile), *words])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run
