"""The verbs about the safety of a profile: passphrases come from where scripts and people give them."""

from __future__ import annotations

import getpass
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from p2pdm.api.types import ApiError, Backup, Device
from p2pdm.cli import main
from p2pdm.node import run
from p2pdm.store import keys
from p2pdm.store.profile import state
from tests.fakes.doors import ThreadedDoor
from tests.fakes.memory_node import MemoryNode

DEVICES = [
    Device("aaaaaaaaaaaaaaaa", "2026-01-01T00:00:00Z", False, "This profile was restored.", "2026-01-02T00:00:00Z"),
    Device("bbbbbbbbbbbbbbbb", "2026-01-02T00:00:00Z", True, ""),
    Device("cccccccccccccccc", "2026-01-03T00:00:00Z", False, "", None, "2026-01-04T00:00:00Z"),
    Device("dddddddddddddddd", "2026-01-03T00:00:00Z", False, "It was copied.", *["2026-01-04T00:00:00Z"] * 2),
    Device("eeeeeeeeeeeeeeee", "2026-01-03T00:00:00Z", False, "It was copied.", "2026-01-04T00:00:00Z", "2026-01-05"),
]


@dataclass
class Outcome:
    code: int
    out: str
    err: str


class Stdin(io.StringIO):
    """What a script gives; or a terminal, where somebody sits."""

    somebody = False

    def isatty(self) -> bool:
        return self.somebody


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)
    monkeypatch.delenv("P2PDM_BACKUP_PASSPHRASE", raising=False)
    monkeypatch.delenv("P2PDM_PASSPHRASE", raising=False)
    monkeypatch.delenv("P2PDM_LOCK_PASSPHRASE", raising=False)
    monkeypatch.delenv("P2PDM_OLD_LOCK_PASSPHRASE", raising=False)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What the node was asked."""
    calls: list[tuple[object, ...]] = []

    def answer(name: str, value: object) -> None:
        async def call(self: MemoryNode, *args: object, **kwargs: object) -> object:
            calls.append((name, *args, *kwargs.values()))
            return value

        monkeypatch.setattr(MemoryNode, name, call, raising=False)

    answer("backup", Backup("/tmp/a.backup", 12_345))  # noqa: S108 -- nothing is written there
    answer("devices", DEVICES)
    answer("wipe", "")
    return calls


@pytest.fixture
def p2pdm(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*words: str, given: str = "") -> Outcome:
        monkeypatch.setattr("sys.stdin", Stdin(given))
        code = main(["--profile", str(tmp_path / "alice"), *words])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Somebody sits there and types; returns the questions."""
    questions: list[str] = []
    waiting = list(answers)

    def ask(question: str = "") -> str:
        questions.append(question)
        return waiting.pop(0)

    monkeypatch.setattr(Stdin, "somebody", True)
    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr("builtins.input", ask)
    return questions


@pytest.mark.usefixtures("door")
def test_a_backup_takes_its_passphrase_from_stdin_or_the_environment(
    p2pdm: Run, asked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "12,345 bytes" in p2pdm("backup", "a.backup", given="geheim\n").out
    monkeypatch.setenv("P2PDM_BACKUP_PASSPHRASE", "streng geheim")
    assert json.loads(p2pdm("backup", "a.backup", "--json").out)["bytes"] == 12_345
    assert asked == [("backup", str(tmp_path / "a.backup"), word) for word in ("geheim", "streng geheim")]


@pytest.mark.usefixtures("door")
def test_a_passphrase_is_asked_for_twice_and_an_empty_one_is_none(
    p2pdm: Run, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "empty passphrase" in p2pdm("backup", "a.backup").err
    questions = at_a_terminal(monkeypatch, "one", "two", "same", "same")
    assert "differ; no backup was made" in p2pdm("backup", "a.backup").err
    assert asked == []
    assert p2pdm("backup", "a.backup").code == 0
    assert questions == ["Passphrase for the backup: ", "The same again: "] * 2


@pytest.mark.usefixtures("door", "asked")
def test_devices_are_told_apart(p2pdm: Run) -> None:
    old, this, other, met_before, met_since = p2pdm("devices").out.splitlines()
    assert "retired" in old
    assert "This profile was restored." in old
    assert this.endswith("this one")
    assert "another one, last seen" in other
    assert "retired" in met_before
    assert "goes on elsewhere, last seen" in met_since
    assert "retired" not in met_since
    assert [json.loads(line)["id"] for line in p2pdm("devices", "--json").out.splitlines()] == [d.id for d in DEVICES]


def test_the_lock_is_set_used_and_taken_off(p2pdm: Run, door: ThreadedDoor) -> None:
    assert p2pdm("lock", "--off").out == "there is no lock\n"
    assert p2pdm("lock", "--set", "--idle", "3", given="geheim\n").out.startswith("unlocked; locks by itself after 3")
    assert p2pdm("lock", "--idle", "0").out == "unlocked\n"
    assert p2pdm("lock").out.startswith("locked")
    for change in ("--set", "--off"):
        assert "unlock it first" in p2pdm("lock", change, given="geheim\nneu\n").err
    assert p2pdm("unlock", given="geheim\n").out == "unlocked\n"
    assert p2pdm("lock", "--off", given="geheim\n").code == 0
    assert json.loads(p2pdm("lock", "--show", "--json").out)["set"] is False
    assert p2pdm("lock", "--idle", "-1").code == 2


def test_the_lock_is_changed_and_taken_off_with_the_passphrase_that_it_has(
    p2pdm: Run, door: ThreadedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    p2pdm("lock", "--set", given="geheim\n")
    for words, given in (
        (["--set"], "guess\nmine\n"),
        (["--set"], "\nmine\n"),
        (["--off"], "guess\n"),
        (["--off"], ""),
    ):
        assert "not the passphrase of the lock" in p2pdm("lock", *words, given=given).err
        assert door.node.passphrase == "geheim"
    assert p2pdm("lock", "--set", given="geheim\nneu\n").code == 0
    assert door.node.passphrase == "neu"
    with monkeypatch.context() as script:
        script.setenv("P2PDM_OLD_LOCK_PASSPHRASE", "neu")
        script.setenv("P2PDM_LOCK_PASSPHRASE", "streng geheim")
        assert p2pdm("lock", "--set").code == 0
        assert door.node.passphrase == "streng geheim"
    questions = at_a_terminal(monkeypatch, "streng geheim", "new", "other", "streng geheim")
    assert p2pdm("lock", "--set").err == "p2pdm: the two passphrases differ; the lock is as it was\n"
    assert p2pdm("lock", "--off").out == "there is no lock\n"
    asked_first = "Passphrase of the lock until now: "
    assert questions == [asked_first, "Passphrase for the lock: ", "The same again: ", "Passphrase of the lock: "]


# Without a node


def test_a_profile_is_wiped_after_two_answers(p2pdm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert p2pdm("init", "--name", "Alice").code == 0
    assert "--yes-really" in p2pdm("wipe").err
    questions = at_a_terminal(monkeypatch, "no", "yes", "Bob", "yes", "alice")
    for _ in range(2):
        assert p2pdm("wipe").err == "p2pdm: nothing was erased\n"
        assert state(tmp_path / "alice") == "made"
    assert p2pdm("wipe").out.endswith("the profile is wiped; backups of it, if there are any, are not\n")
    assert len(questions) == 5
    assert not (tmp_path / "alice").exists()
    assert "no profile" in p2pdm("wipe", "--yes-really").err


def test_a_script_wipes_without_being_asked(p2pdm: Run, tmp_path: Path) -> None:
    p2pdm("init", "--name", "Alice", "--passphrase", given="geheim\n")
    assert p2pdm("wipe", "--yes-really").code == 0
    assert not (tmp_path / "alice").exists()


def test_a_running_node_is_asked_to_wipe_by_its_name(
    p2pdm: Run, door: ThreadedDoor, asked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alice" / "lock").write_text(f"{os.getpid()}\n")

    async def wipe(self: MemoryNode, sure: str) -> str:
        if sure != "Alice":
            raise ApiError("not_sure", "give its own name")
        (tmp_path / "alice" / "lock").unlink()
        self.stopped.set()
        return "The keyring still holds the key."

    monkeypatch.setattr(MemoryNode, "wipe", wipe)
    at_a_terminal(monkeypatch, "yes", "alice", "yes", "Alice")
    assert p2pdm("wipe").err == "p2pdm: nothing was erased\n"
    assert p2pdm("wipe").out.endswith("The keyring still holds the key.\n")


def test_a_backup_of_nothing_is_told_in_a_sentence(p2pdm: Run, tmp_path: Path) -> None:
    failed = p2pdm("restore", str(tmp_path / "nothing"), given="geheim\n")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err == f"p2pdm: There is no file {tmp_path / 'nothing'}. Check its name.\n"


def test_a_restore_reads_both_passphrases(p2pdm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def restore(*arguments: object) -> str:
        given.extend(arguments)
        return "Alice"

    monkeypatch.setattr(run, "restore", restore)
    assert p2pdm("restore", "a.backup", "--passphrase", given="of the backup\nof the profile\n").code == 0
    assert given == [Path("a.backup"), tmp_path / "alice", "of the backup", "of the profile"]
    given.clear()
    answer = p2pdm("restore", "a.backup", "--json", given="of the backup\n")
    assert json.loads(answer.out) == {"name": "Alice", "profile": str(tmp_path / "alice")}
    assert given[2:] == ["of the backup", None]


def test_a_new_profile_takes_its_passphrase_from_where_its_node_does(
    p2pdm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2PDM_PASSPHRASE", "geheim")
    assert p2pdm("init", "--name", "Alice", "--passphrase").code == 0
    assert run.needs_passphrase(tmp_path / "alice")


def test_the_log_is_printed_with_the_one_before_it(p2pdm: Run, tmp_path: Path) -> None:
    assert "no node has run there yet" in p2pdm("log").err
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "log.1").write_text("first\n")
    (tmp_path / "alice" / "log").write_text("then \x1b[31m\n")
    assert p2pdm("log").out == "first\nthen \ufffd[31m\n"
