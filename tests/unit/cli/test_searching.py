"""`search` and `export`, against a node in memory behind a real door."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pdm.api.endpoint import socket_path
from p2pdm.cli import output
from tests.fakes.doors import ThreadedDoor
from tests.unit.cli.runs import Run


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here is a place where clocks are put forward on 29 March 2026."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_what_is_found_is_shown_with_whose_it_is_and_where(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.arrive("Robin", "The heron\nis back"))
    (hit,) = p2pdm("search", "hero", "--json").lines
    assert (hit["snippet"], hit["matched"]) == ("The heron\nis back", [[4, 9]])
    assert hit["message"]["name"] == "Robin"
    head, text = p2pdm("search", "hero").out.splitlines()
    assert "Robin" in head
    assert hit["message"]["id"][:8] in head
    assert text == "    The heron is back"
    assert p2pdm("search", "albatross").out == ""


def test_what_was_found_is_painted_on_a_terminal(
    p2pdm: Run,
    door: ThreadedDoor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door.do(lambda: door.node.arrive("Robin", "A heron, \x1b[31mred\x1b[0m heron"))
    monkeypatch.setattr(output, "colourful", lambda: True)
    text = p2pdm("search", "heron").out.splitlines()[1]
    assert text.strip() == "A \x1b[1;33mheron\x1b[0m, \ufffd[31mred\ufffd[0m \x1b[1;33mheron\x1b[0m"


def test_filters_are_handed_on_and_days_are_those_here(p2pdm: Run, door: ThreadedDoor, berlin: None) -> None:
    words = ["search", "good morning", "all", "--chat", "Robin", "--person", "me", "--best", "--limit", "7"]
    assert p2pdm(*words, "--since", "2026-03-29", "--until", "2026-03-29", "--before", "abcd").code == 0
    assert door.node.searched == (
        '"good morning" all',
        "Robin",
        "me",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
        "best",
        7,
        "abcd",
    )
    p2pdm("search", "a", "--since", "2026-03-29T12:30", "--until", "2026-03-29T12:30+00:00")
    assert door.node.searched[3:5] == ("2026-03-29T10:30:00Z", "2026-03-29T12:30:00Z")


@pytest.mark.parametrize("words", [[], [""], ["  ", ""], ["", "--best"]])
def test_who_looks_for_nothing_is_told_what_to_say(p2pdm: Run, door: ThreadedDoor, words: list[str]) -> None:
    outcome = p2pdm("search", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert "say which words to find, or of which --chat, --person or time" in outcome.err


@pytest.mark.parametrize("words", [["--person", "Robin"], ["", "--person", "Robin"], ["--person", "Robin", ""]])
def test_without_words_filters_are_enough(p2pdm: Run, door: ThreadedDoor, words: list[str]) -> None:
    assert p2pdm("search", *words).code == 0
    assert door.node.searched[:3] == ("", None, "Robin")


def test_words_may_stand_behind_the_filters(p2pdm: Run, door: ThreadedDoor) -> None:
    assert p2pdm("search", "--person", "Robin", "green", "tea").code == 0
    assert door.node.searched[0] == "green tea"


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", "", "0001-01-01"])
def test_what_is_no_date_is_wrong_usage(p2pdm: Run, date: str, berlin: None) -> None:
    outcome = p2pdm("search", "a", "--since", date)
    assert outcome.code == 2
    assert "is no date" in outcome.err


def test_a_chat_is_exported_in_the_format_that_the_file_ends_in(
    p2pdm: Run,
    door: ThreadedDoor,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert p2pdm("export", "Robin", "robin.HTML").out.endswith(f"in {tmp_path / 'robin.HTML'}\n")
    assert door.node.exported == ("Robin", str(tmp_path / "robin.HTML"), "html", False)
    (exported,) = p2pdm("export", "Robin", str(tmp_path / "robin"), "--format", "json", "--force", "--json").lines
    assert door.node.exported == ("Robin", str(tmp_path / "robin"), "json", True)
    assert set(exported) == {"path", "messages"}


@pytest.mark.parametrize("format", ["json", "html"])
def test_a_chat_is_exported_to_stdout(
    p2pdm: Run,
    door: ThreadedDoor,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    format: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.listdir(socket_path(door.profile).parent)
    outcome = p2pdm("export", "Robin", "-", "--format", format)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == f"Robin as {format}: \x9b31m…\n"
    assert not Path("-").exists()
    assert os.listdir(socket_path(door.profile).parent) == before, "nothing that anybody said stays there"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = p2pdm("export", "Robin", "-", "--format", format).out
    assert "\x9b" not in shown
    assert shown.startswith(f"Robin as {format}: ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-"], "say which format goes to stdout: --format json or --format html"),
        (["-", "--json"], "did you mean --format json?"),
        (["-", "--json", "--format", "html"], "did you mean --format json?"),
    ],
)
def test_what_is_exported_to_stdout_needs_its_format(p2pdm: Run, words: list[str], sentence: str) -> None:
    outcome = p2pdm("export", "Robin", *words)
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence in outcome.err


def test_a_file_that_says_no_format_is_asked_for_one(p2pdm: Run) -> None:
    outcome = p2pdm("export", "Robin", "robin.txt")
    assert outcome.code == 2
    assert "--format" in outcome.err
