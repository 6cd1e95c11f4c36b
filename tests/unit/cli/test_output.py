"""How things look, and what other people's words can't do to a terminal."""

import io
import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.cli import output
from tests.unit.quickest import quickest

NASTY = "Bob\x1b[2J\x1b]0;root\x07\x9b31m\x85\r\x08\u202egnp.exe\u2066"


@given(st.text())
def test_no_control_character_of_anybody_reaches_the_terminal(text: str) -> None:
    for shown in (output.clean(text), output.one_line(text), output.shortened(text, 10), output.indented(text, 4)):
        assert not any(c in "\x7f\u202e\u2028" or unicodedata.category(c) == "Cc" for c in shown if c != "\n")


def test_a_nasty_name_is_shown_and_does_nothing() -> None:
    assert output.one_line(NASTY) == "Bob\ufffd[2J\ufffd]0;root\ufffd\ufffd31m\ufffd\ufffd\ufffd\ufffdgnp.exe\ufffd"


def test_json_is_harmless_on_a_terminal_and_still_exact(capsys: pytest.CaptureFixture[str]) -> None:
    output.say_json({"name": NASTY, "text": "a\nb 📦"})
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert output.CONTROLS.search(said[:-1]) is None
    assert json.loads(said) == {"name": NASTY, "text": "a\nb 📦"}


def test_columns_stand_under_each_other_in_every_script() -> None:
    lines = list(output.table([["Zoë", "x"], ["漢字", "y"], ["e\u0301", "z"]]))
    assert lines == ["Zoë   x", "漢字  y", "e\u0301     z"]


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("short", 5, "short"), ("longer", 5, "long…"), ("漢字漢字", 5, "漢字…"), ("a\nb", 9, "a b")],
)
def test_what_is_too_long_ends_in_dots(text: str, room: int, shown: str) -> None:
    assert output.shortened(text, room) == shown


def test_times_are_as_long_as_they_are_old() -> None:
    now = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
    day = datetime(2026, 3, 2, 12, 3, tzinfo=UTC).astimezone()
    assert output.when("2026-03-06T12:03:00.000Z", now) == day.strftime("%H:%M")
    assert output.when("2026-03-02T12:03:00.000Z", now) == day.strftime("Mon %H:%M")
    assert output.when("2025-03-02T12:03:00.000Z", now) == day.strftime("2 Mar 2025 %H:%M")
    assert output.when("9999-12-31T23:59:59.999Z", now)
    assert output.when("tomorrow\x1b", now) == "tomorrow\ufffd"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.paint("x", output.RED) == "x"
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert output.paint("x", output.RED) == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.paint("x", output.RED) == "x"


def test_a_long_line_is_shortened_at_once() -> None:
    """In time that grows as its length, not as its square: it used to take minutes."""
    assert output.shortened("я" * 4_000, 10) == "я" * 9 + "…"
    long, short = quickest(lambda: output.shortened("я" * 4_000, 10), lambda: output.shortened("я" * 500, 10))
    assert long < 24 * short
