"""What one says of oneself and to whom, from a terminal; against a node in memory behind a real door."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from p2pdm.cli import main
from tests.fakes.doors import ThreadedDoor
from tests.fakes.fake_ids import fake_id

Run = Callable[..., tuple[int, str, str]]
FACE = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def p2pdm(door: ThreadedDoor, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["--profile", str(door.profile), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def told(p2pdm: Run, *words: str) -> Any:
    """The one JSON object that a verb prints."""
    code, out, err = p2pdm(*words, "--json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    return json.loads(out)


def test_alice_says_where_she_works_and_how_she_looks(p2pdm: Run, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "face.png").write_bytes(FACE)
    monkeypatch.chdir(tmp_path)
    said = told(p2pdm, "profile", "set", "--department", "Sales", "--role", "Head", "--picture", "face.png")
    assert (said["name"], said["kind"], said["department"], said["role"]) == ("Alice", "person", "Sales", "Head")
    assert said["picture"]
    assert told(p2pdm, "profile") == said
    shown = p2pdm("profile")[1]
    assert "department  Sales\n" in shown
    assert "picture     yes\n" in shown
    assert p2pdm("picture", fake_id("me"), "copy.png")[0] == 0
    assert (tmp_path / "copy.png").read_bytes() == FACE
    called = p2pdm("call", "picture", f'{{"who":"{fake_id("me")}"}}')[1]
    assert base64.b64decode(json.loads(called)["data"]) == FACE
    said = told(p2pdm, "profile", "set", "--no-picture", "--role", "", "--kind", "organisation")
    assert (said["picture"], said["role"], said["department"], said["kind"]) == ("", "", "Sales", "organisation")


def test_a_file_that_can_not_be_written_is_a_sentence(p2pdm: Run, tmp_path: Path) -> None:
    (tmp_path / "face.png").write_bytes(FACE)
    told(p2pdm, "profile", "set", "--picture", str(tmp_path / "face.png"))
    code, out, err = p2pdm("picture", fake_id("me"), str(tmp_path / "no" / "folder"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert p2pdm("picture", "Robin", "-")[0] == 1


def test_alice_says_how_she_is(p2pdm: Run) -> None:
    assert (
        p2pdm("set-status", "do-not-disturb", "Back", "at", "4")[1] == "others see you as do not disturb: Back at 4\n"
    )
    for typed, status in (("dnd", "do_not_disturb"), ("free", "available"), ("Do not disturb", "do_not_disturb")):
        assert told(p2pdm, "set-status", typed)["status"] == status
    assert "available, away, busy or do-not-disturb (dnd)" in p2pdm("set-status", "asleep")[2]
    said = told(p2pdm, "set-status", "busy")
    assert (said["status"], said["status_text"]) == ("busy", "")
    assert p2pdm("idle", "on") == (0, "", "")
    assert told(p2pdm, "profile")["idle"] is True
    assert "idle" in p2pdm("profile")[1]
    assert p2pdm("idle", "off") == (0, "", "")


def test_the_list_shows_what_people_say_of_themselves(p2pdm: Run, door: ThreadedDoor) -> None:
    says = door.node.says_of_themselves
    door.do(lambda: says("Robin", status="busy", status_text="In a\x1b[2J meeting", department="Law", kind="bot"))
    (line,) = (line for line in p2pdm("people")[1].splitlines() if line.startswith("Robin"))
    assert "contact, bot, verified, busy" in line
    assert "Law, In a\ufffd[2J meeting" in line


def test_what_others_get_to_know_is_turned_off_and_on(p2pdm: Run) -> None:
    before = told(p2pdm, "privacy")
    assert before == {"receipts": True, "typing": True, "presence": True, "lobby": True}
    turned = told(p2pdm, "privacy", "set", "--receipts", "off", "--lobby", "off")
    assert turned == before | {"receipts": False, "lobby": False}
    assert told(p2pdm, "privacy", "set", "--receipts", "on") == before | {"lobby": False}
    shown = p2pdm("privacy")[1].splitlines()
    assert [line.split()[:2] for line in shown] == [
        ["receipts", "on"],
        ["typing", "on"],
        ["presence", "on"],
        ["lobby", "off"],
    ]


@pytest.mark.parametrize(
    "words",
    [
        ["profile", "--department", "Sales"],
        ["profile", "set", "--kind", "cat"],
        ["profile", "set", "--picture", "a.png", "--no-picture"],
        ["profile", "show"],
        ["set-status"],
        ["set-status", "asleep"],
        ["idle"],
        ["idle", "perhaps"],
        ["privacy", "set", "--receipts", "maybe"],
        ["privacy", "set", "--receipts"],
        ["picture", "Robin"],
        ["profile", "set"],
        ["profile", "set", "--json"],
        ["privacy", "set"],
    ],
)
def test_wrong_usage_is_exit_code_2(p2pdm: Run, words: list[str]) -> None:
    code, out, err = p2pdm(*words)
    assert (code, out) == (2, "")
    assert "usage: p2pdm" in err
