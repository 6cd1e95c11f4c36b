"""The verbs, against a node in memory behind a real door: results, sentences, exit codes."""

import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from p2pdm.api.endpoint import log_path
from p2pdm.api.launch import command, environment
from p2pdm.api.types import Former
from p2pdm.cli import main
from tests.fakes.doors import ThreadedDoor, door_in_thread
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_people import fake_number


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Outcome]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ThreadedDoor]:
    with door_in_thread(tmp_path / "alice") as door:
        yield door


@pytest.fixture
def p2pdm(door: ThreadedDoor, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> Outcome:
        code = main(["--profile", str(door.profile), *words])
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


def test_alice_sees_who_she_is_and_who_is_there(p2pdm: Run) -> None:
    (me,) = p2pdm("id", "--json").lines
    assert me["name"] == "Alice"
    assert me["invite"].startswith("p2pdm:")
    people = {person["name"]: person for person in p2pdm("people", "--json").lines}
    assert people["Carol"]["relation"] == "request"
    assert people["Robin"]["verified"] is True
    shown = p2pdm("people").out
    assert "asks: Hello, I'm Carol" in shown
    assert people["Robin"]["id"][:10] in shown


def test_a_request_is_accepted_and_moves_into_the_chats(p2pdm: Run) -> None:
    assert p2pdm("accept", "Carol").out == "Carol is a contact now\n"
    assert "Carol" in [chat["name"] for chat in p2pdm("chats", "--json").lines]


@pytest.mark.parametrize(
    ("verb", "relation"), [("decline", "nearby"), ("block", "blocked"), ("unblock", "nearby"), ("accept", "contact")]
)
def test_what_one_thinks_of_people(p2pdm: Run, verb: str, relation: str) -> None:
    (person,) = p2pdm(verb, "Carol", "--json").lines
    assert person["relation"] == relation


def test_a_nickname_and_the_way_back(p2pdm: Run) -> None:
    assert p2pdm("nickname", "Robin", "Birdie").code == 0
    assert "Birdie (Robin)" in p2pdm("people").out
    assert p2pdm("nickname", "Birdie", "").out == "shown here as Robin\n"


def test_who_is_forgotten_is_gone(p2pdm: Run) -> None:
    assert p2pdm("forget", "Robin").code == 0
    assert p2pdm("person", "Robin").code == 2
    assert p2pdm("history", "Robin").code == 1


def test_a_message_is_sent_and_read_back(p2pdm: Run) -> None:
    sent = p2pdm("send", "Robin", "Lunch?", "--json")
    assert sent.code == 0
    (fields,) = sent.lines
    assert set(fields) == {"id", "chat", "state"}
    message = p2pdm("history", "Robin", "--limit", "1", "--json").lines[0]
    assert (message["id"], message["text"], message["mine"], message["name"]) == (fields["id"], "Lunch?", True, "Alice")
    assert set(message) >= {"id", "chat", "from", "name", "time", "text", "state", "why", "mine"}


def test_a_long_text_comes_through_stdin(p2pdm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("Erstens:\n— ä\n".encode())))
    assert p2pdm("send", "Robin", "-").code == 0
    assert p2pdm("history", "Robin", "--limit", "1", "--json").lines[0]["text"] == "Erstens:\n— ä"


def test_bytes_that_are_no_text_are_not_sent(p2pdm: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    failed = p2pdm("send", "Robin", "-")
    assert (failed.code, failed.out) == (1, "")
    assert "not UTF-8" in failed.err


def test_waiting_ends_with_delivery(p2pdm: Run, door: ThreadedDoor) -> None:
    door.node.answers = True
    sent = p2pdm("send", "Robin", "Hi", "--wait", "10", "--json")
    assert (sent.code, sent.lines[0]["state"]) == (0, "delivered")


def test_waiting_in_vain_says_why(p2pdm: Run) -> None:
    sent = p2pdm("send", "Ben", "Hi", "--wait", "0", "--json")
    assert (sent.code, sent.lines[0]["state"]) == (1, "waiting")
    assert sent.err == "p2pdm: not delivered within 0 s: Ben is offline\n"


def test_history_is_paged_and_searched(p2pdm: Run) -> None:
    everything = p2pdm("history", "Robin", "--json").lines
    before = p2pdm("history", "Robin", "--json", "--before", everything[-1]["id"], "--limit", "2").lines
    assert before == everything[-3:-1]
    assert [found["text"] for found in p2pdm("history", "Robin", "--search", "boxes", "--json").lines] == [
        "Yes, two boxes 📦, they stand in the kitchen."
    ]


def test_the_chats_show_what_is_new_until_it_is_read(p2pdm: Run) -> None:
    assert "3 new" in p2pdm("chats").out
    assert p2pdm("read", "Robin") == Outcome(0, "", "")
    assert "new" not in p2pdm("chats").out


def test_safety_numbers_are_shown_and_compared(p2pdm: Run) -> None:
    (person,) = (person for person in p2pdm("people", "--json").lines if person["name"] == "Ben")
    number = fake_number(person["id"])
    shown = p2pdm("verify", "Ben").out
    assert number in shown
    assert p2pdm("verify", "Ben", "--number", "12345").code == 1
    assert p2pdm("verify", "Ben", "--number", number.replace(" ", "")).code == 0
    assert p2pdm("verify", "Ben", "--json").lines == [{"number": number, "verified": True}]


def test_a_name_and_an_invitation(p2pdm: Run) -> None:
    assert p2pdm("name", "Alicia").out == "others see you as Alicia now\n"
    assert p2pdm("join", "p2pdm:abc").code == 0
    assert p2pdm("join", "http://abc").code == 1


def test_how_the_node_is(p2pdm: Run) -> None:
    (status,) = p2pdm("status", "--json").lines
    assert status["port"] == 53530
    shown = p2pdm("status").out
    assert "eth0 192.168.7.5" in shown
    assert "1 for Ben: Ben is offline" in shown


def test_any_method_raw(p2pdm: Run) -> None:
    assert p2pdm("call", "me").lines[0]["name"] == "Alice"
    assert p2pdm("call", "person", '{"who":"Ben Ng"}').lines[0]["typing"] is True
    assert p2pdm("call", "nothing").code == 1


def test_an_ambiguous_name_lists_the_candidates(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.meet("Robin"))
    failed = p2pdm("send", "Robin", "Hi")
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.count("Robin (") == 2
    assert failed.err.count("\n") == 1
    assert p2pdm("people").out.count("NOT the only one of this name") == 1
    door.do(lambda: door.node.meet("Robin", verified=True))
    assert p2pdm("people").out.count("NOT the only one of this name") == 1


def test_a_nasty_name_does_nothing_to_the_terminal(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.meet("Eve\x1b[2J\n\u202eroot", relation="request", request="\x1b]0;x\x07"))
    for verb in (["people"], ["people", "--json"], ["status"], ["verify", "Eve\x1b[2J\n\u202eroot"]):
        shown = p2pdm(*verb)
        assert "\x1b" not in shown.out + shown.err
        assert "\u202e" not in shown.out + shown.err


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


# Listening, in a process of its own, since signals and pipes end it.


@pytest.fixture
def listening(door: ThreadedDoor) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(door.profile, "listen", *words),
            env=environment() | {"PYTHONWARNINGS": "error"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_listening_tells_at_once_with_cursors_until_interrupted(
    door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]
) -> None:
    cursor = door.do(door.node.cursor)
    process = listening("--json", "--since", str(cursor - 1))
    assert json.loads(line_of(process))["cursor"] == cursor
    message = door.do(lambda: door.node.arrive("Robin", "Now"))
    assert json.loads(line_of(process)) == {
        "cursor": cursor + 1,
        "event": "message",
        "chat": message.chat,
        "person": message.sender,
        "id": message.id,
    }
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_listening_in_words(door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]) -> None:
    process = listening("--since", str(door.do(door.node.cursor) - 1))
    line_of(process)
    door.do(lambda: door.node.arrive("Robin", "Now\x1b[2J"))
    assert line_of(process).endswith("Robin  Now\ufffd[2J\n")
    door.do(lambda: door.node.come("Ben"))
    assert line_of(process) == "       Ben is online\n"


def test_listening_ends_quietly_when_nobody_reads(
    door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]
) -> None:
    process = listening("--json", "--since", "0")
    line_of(process)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    door.do(lambda: door.node.arrive("Robin", "Anybody?"))
    door.do(lambda: door.node.arrive("Robin", "Nobody."))
    assert process.wait(10) == 0
    assert process.stderr.read() == ""


def test_listening_ends_with_the_node(door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]) -> None:
    process = listening("--json", "--since", "0")
    line_of(process)
    door.do(door.node.stopped.set)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (1, "p2pdm: the node has ended\n")


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


def test_a_command_is_quick_to_start(door: ThreadedDoor) -> None:
    """No room of the node, no Qt, no database is loaded to send a message."""
    script = "import sys; from p2pdm.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    words = [sys.executable, "-c", script, "--profile", str(door.profile), "send", "Robin", "Hi"]
    loaded = subprocess.run(words, env=environment(), capture_output=True, text=True, check=True).stdout.split()
    assert not {"p2pdm.node", "p2pdm.store", "p2pdm.wire", "apsw", "nacl", "zeroconf", "readline"} & set(loaded)


def test_a_draft_is_kept_shown_and_cleared(p2pdm: Run) -> None:
    assert p2pdm("draft", "Robin", "Dear", "Robin").code == 0
    assert p2pdm("draft", "Robin").out == "Dear Robin\n"
    assert p2pdm("draft", "Robin", "--json").lines == [{"draft": "Dear Robin"}]
    assert "Draft: Dear Robin" in p2pdm("chats").out
    assert p2pdm("draft", "Robin", "--clear").code == 0
    assert p2pdm("draft", "Robin").out == ""


def test_the_history_of_whoever_asks_is_what_they_ask(p2pdm: Run, door: ThreadedDoor) -> None:
    carol = next(person for person in p2pdm("people", "--json").lines if person["name"] == "Carol")
    for who in ("Carol", carol["id"], carol["chat"]):
        asks, what_now = p2pdm("history", who).out.splitlines()
        assert asks == f"Carol asks: {carol['request']}"
        assert "p2pdm accept Carol" in what_now
    assert p2pdm("history", "Carol", "--json").out == ""
    door.do(lambda: door.node.gather("Lunch", "Robin"))
    assert p2pdm("history", "Lunch").out == ""


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


def test_a_group_says_who_left_and_who_was_removed(p2pdm: Run, door: ThreadedDoor) -> None:
    robin = {person["name"]: person["id"] for person in p2pdm("people", "--json").lines}["Robin"]
    gone = [Former(fake_id("Dave"), "Dave", None), Former(fake_id("Mo"), "Mo", robin)]
    door.do(lambda: door.node.gather("Lunch", "Robin", former=gone, standing="removed"))
    shown = p2pdm("group", "show", "Lunch").out
    assert "you were removed from it" in shown
    assert re.search(r"Dave +has left", shown)
    assert re.search(r"Mo +removed by Robin", shown)


def test_what_happened_to_a_group_is_a_line_of_its_history_and_no_words(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.gather("Lunch", "Robin"))
    door.do(lambda: door.node.tells("Lunch", "Robin", "Hello"))
    door.do(lambda: door.node.happens("Lunch", "Robin", "invited", "Robin invited \x1b[2JBen"))
    said, happened = p2pdm("history", "Lunch").out.splitlines()
    assert said.endswith("Robin  Hello")
    assert happened.endswith("Robin invited \ufffd[2JBen")
    told = p2pdm("history", "Lunch", "--json").lines
    assert [(line["text"], line["happening"] and line["happening"]["what"]) for line in told] == [
        ("Hello", None),
        ("", "invited"),
    ]


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


@pytest.mark.parametrize("chat", ["Lunch", "lunch"])
def test_who_is_named_in_a_group_is_mentioned_however_the_group_is_called(
    p2pdm: Run, door: ThreadedDoor, chat: str
) -> None:
    robin = {person["name"]: person["id"] for person in p2pdm("people", "--json").lines}["Robin"]
    door.do(lambda: door.node.gather("Lunch", "Robin"))
    assert p2pdm("send", chat, "Thanks @robin!") == Outcome(0, "", "")
    assert p2pdm("history", "Lunch", "--json").lines[-1]["mentions"] == [robin]


def test_a_note_to_oneself_may_have_an_at(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.gather("Notes to self", kind="self"))
    assert p2pdm("send", "self", "mail robin@example.org @Robin") == Outcome(0, "", "")
    assert p2pdm("history", "self", "--json").lines[-1]["text"] == "mail robin@example.org @Robin"


def test_a_name_in_a_command_to_copy_is_one_word_and_no_command(p2pdm: Run, door: ThreadedDoor) -> None:
    name = "Eve; touch $(echo evil) 'x"
    door.do(lambda: door.node.meet(name, relation="request", request="Hi"))
    for shown in (
        p2pdm("verify", name).out.splitlines()[-1],
        p2pdm("history", name).out.splitlines()[-1].split("`")[1],
    ):
        assert shlex.split(shown)[2] == name


def test_chats_say_who_asks_and_what_one_is_in_no_more(p2pdm: Run, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.gather("Lunch", "Robin", standing="left"))
    door.do(lambda: door.node.gather("Dinner", "Robin", standing="removed"))
    door.do(lambda: door.node.tells("Dinner", "Robin", "at noon"))
    carol = next(person for person in p2pdm("people", "--json").lines if person["name"] == "Carol")
    shown = p2pdm("chats").out
    assert f"Carol asks: {carol['request']}  (p2pdm accept {carol['id'][:10]})\n" in shown
    assert re.search(r"Lunch +you left it\n", shown)
    assert re.search(r"Dinner .*\(you were removed from it\) at noon\n", shown)
    assert "Carol" not in p2pdm("chats", "--json").out


def test_who_is_named_with_an_at_is_mentioned(p2pdm: Run, door: ThreadedDoor) -> None:
    robin = p2pdm("people", "--json").lines
    (id,) = [person["id"] for person in robin if person["name"] == "Robin"]
    p2pdm("send", "Robin", "Thanks @robin! (not @Ben)")
    last = p2pdm("history", "Robin", "--limit", "1", "--json").lines[0]
    assert (last["mentions"], last["automated"]) == ([id], False)
    p2pdm("send", id[:12], "--automated", "@Robin: done")
    last = p2pdm("history", "Robin", "--limit", "1", "--json").lines[0]
    assert (last["mentions"], last["automated"]) == ([id], True)
