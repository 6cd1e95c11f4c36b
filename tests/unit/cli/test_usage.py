"""What is typed wrong, makes no sense or can't be done is answered with a sentence and an exit code."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from p2pdm.api.launch import environment
from p2pdm.cli import main
from tests.fakes.doors import ThreadedDoor
from tests.unit.cli.runs import Run


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["send", "Ben"],
        ["send", "Ben", "Hi", "--wait", "soon"],
        ["send", "Ben", "Hi", "--wait", "nan"],
        ["send", "Ben", "\udcff"],
        ["history", "Ben", "--limit", "0"],
        ["history", "Ben", "--limit", "1001"],
        ["listen", "--since", "-1"],
        ["node", "--port", "70000"],
        ["call", "me", "{"],
        ["call", "me", "7"],
        ["people", "--jso"],
        ["init"],
        ["group", "rename", "Lunch"],
        ["export", "Robin", "robin.txt"],
        ["draft", "Robin", "Dear Robin", "--clear"],
        ["retention", "-5"],
    ],
)
def test_wrong_usage_is_exit_code_2(p2pdm: Run, words: list[str]) -> None:
    outcome = p2pdm(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(("usage: p2pdm", "p2pdm: there is no command"))


def test_what_may_be_left_out_is_not_asked_for(p2pdm: Run) -> None:
    assert p2pdm("group", "create").err.endswith("required: NAME\n")
    assert p2pdm("draft").err.endswith("required: CHAT\n")


def test_a_mistyped_command_is_answered_with_what_is_like_it(p2pdm: Run) -> None:
    assert "Did you mean search?" in p2pdm("serch", "tea").err
    assert p2pdm("group", "lave", "Club").err.startswith("p2pdm group: there is no command 'lave'. Did you mean leave?")


def test_without_a_node_and_without_starting_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("P2PDM_PROFILE", str(tmp_path / "nobody"))
    assert main(["people", "--no-start"]) == 1
    assert main(["people"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["p2pdm", "p2pdm"]
    assert "p2pdm init --name" in said.err


def test_stopping_needs_no_start(p2pdm: Run, door: ThreadedDoor) -> None:
    assert p2pdm("stop").code == 0
    none = p2pdm("--profile", str(door.profile / "none"), "stop")
    assert (none.code, none.err) == (1, f"p2pdm: no node runs for the profile {door.profile / 'none'}\n")


def test_a_bug_of_ours_is_a_sentence(p2pdm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> str:
        raise LookupError("what Bob said")

    monkeypatch.setattr("p2pdm.cli.people.standing", bug)
    failed = p2pdm("people")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("p2pdm: something went wrong inside p2pdm: LookupError at ")
    assert failed.err.count("\n") == 1
    assert "Bob" not in failed.err


def test_a_command_is_quick_to_start(door: ThreadedDoor) -> None:
    """No room of the node, no Qt, no database is loaded to send a message."""
    script = "import sys; from p2pdm.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    words = [sys.executable, "-c", script, "--profile", str(door.profile), "send", "Robin", "Hi"]
    loaded = subprocess.run(words, env=environment(), capture_output=True, text=True, check=True).stdout.split()
    assert not {"p2pdm.node", "p2pdm.store", "p2pdm.wire", "apsw", "nacl", "zeroconf", "readline"} & set(loaded)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["call", "histroy"], 1, "p2pdm: there is no method histroy: did you mean history?"),
        (["call", "history"], 1, "history(chat, [limit], [before], [search], [happenings]) was called wrongly: "),
        (["call", "history", '{"chat": 5}'], 1, "was called wrongly: Expected `str`, got `int`"),
        (["call", "chats", '{"x": 1}'], 1, "chats() was called wrongly: Object contains unknown field `x`"),
        (["call", "chats", "{bad"], 2, 'that is not JSON, as in {"chat": "Ben"}'),
        (["call", "chats", "3"], 2, 'the parameters are a JSON object or array, as in {"chat": "Ben"}'),
    ],
)
def test_a_call_that_makes_no_sense_is_answered_with_a_sentence(
    p2pdm: Run, words: list[str], code: int, sentence: str
) -> None:
    outcome = p2pdm(*words)
    assert (outcome.code, outcome.out) == (code, "")
    assert sentence in outcome.err


def test_a_name_in_a_command_to_copy_is_one_word_and_no_command(p2pdm: Run, door: ThreadedDoor) -> None:
    name = "Eve; touch $(echo evil) 'x"
    door.do(lambda: door.node.meet(name, relation="request", request="Hi"))
    for shown in (
        p2pdm("verify", name).out.splitlines()[-1],
        p2pdm("history", name).out.splitlines()[-1].split("`")[1],
    ):
        assert shlex.split(shown)[2] == name
