"""The verbs about people, chats and messages, against a node in memory behind a real door: what they do and print."""

import io
import re

import pytest

from p2pdm.api.types import Former
from tests.fakes.doors import ThreadedDoor
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_people import fake_number
from tests.unit.cli.runs import Outcome, Run


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


def test_the_history_of_whoever_asks_is_what_they_ask(p2pdm: Run, door: ThreadedDoor) -> None:
    carol = next(person for person in p2pdm("people", "--json").lines if person["name"] == "Carol")
    for who in ("Carol", carol["id"], carol["chat"]):
        asks, what_now = p2pdm("history", who).out.splitlines()
        assert asks == f"Carol asks: {carol['request']}"
        assert "p2pdm accept Carol" in what_now
    assert p2pdm("history", "Carol", "--json").out == ""
    door.do(lambda: door.node.gather("Lunch", "Robin"))
    assert p2pdm("history", "Lunch").out == ""


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
