"""Drafts, what is unread and deleted, and how long messages and chats stay."""

import pytest

from tests.unit.cli.runs import Run


def test_a_draft_is_kept_shown_and_cleared(p2pdm: Run) -> None:
    assert p2pdm("draft", "Robin", "Dear", "Robin").code == 0
    assert p2pdm("draft", "Robin").out == "Dear Robin\n"
    assert p2pdm("draft", "Robin", "--json").lines == [{"draft": "Dear Robin"}]
    assert "Draft: Dear Robin" in p2pdm("chats").out
    assert p2pdm("draft", "Robin", "--clear").code == 0
    assert p2pdm("draft", "Robin").out == ""


def test_unread_and_deleted(p2pdm: Run) -> None:
    p2pdm("read", "Robin")
    assert p2pdm("unread", "Robin").code == 0
    assert {chat["name"]: chat["unread"] for chat in p2pdm("chats", "--json").lines}["Robin"] == 1
    last = p2pdm("history", "Robin", "--limit", "1", "--json").lines[0]["id"]
    assert p2pdm("delete", last).code == 0
    assert last not in [message["id"] for message in p2pdm("history", "Robin", "--json").lines]
    assert p2pdm("delete-chat", "Robin").code == 0
    assert "Robin" not in [chat["name"] for chat in p2pdm("chats", "--json").lines]


@pytest.mark.parametrize(("given", "seconds"), [("90", 90), ("5m", 300), ("1d", 86_400), ("2w", 1_209_600), ("off", 0)])
def test_how_long_messages_stay(p2pdm: Run, given: str, seconds: int) -> None:
    assert p2pdm("expire", "Robin", given, "--json").lines[0]["expiry"] == seconds
    assert p2pdm("expire", "Robin", "--json").lines[0]["expiry"] == seconds


def test_how_long_messages_stay_is_said(p2pdm: Run) -> None:
    assert p2pdm("expire", "Robin").out == "messages stay\n"
    assert p2pdm("expire", "Robin", "36h").out == ""
    assert p2pdm("expire", "Robin").out == "messages disappear 36 hours after reading\n"
    assert p2pdm("expire", "Robin", "366d").code == 0


@pytest.mark.parametrize("given", ["0", "-5", "1y", "soon", "d", "", "367d", "31622401", "999999999w"])
def test_times_that_make_no_sense_are_wrong_usage(p2pdm: Run, given: str) -> None:
    assert p2pdm("expire", "Robin", given).code == 2


def test_how_long_chats_are_kept(p2pdm: Run) -> None:
    assert p2pdm("retention").out == "for good\n"
    assert p2pdm("retention", "90", "--json").lines == [{"days": 90}]
    assert p2pdm("retention").out == "90 days\n"
    assert p2pdm("retention", "Robin", "30").code == 0
    assert p2pdm("retention", "Robin", "--json").lines == [{"days": 30}]
    assert p2pdm("retention", "Robin", "off").code == 0
    assert p2pdm("retention", "Robin").out == "as all chats\n"
    assert (p2pdm("retention", "Robin", "x").code, p2pdm("retention", "a", "b", "3").code) == (2, 2)
