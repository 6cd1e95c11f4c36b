"""Two people on one LAN find each other and talk, with nothing set up; all through the command line."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.lan.conftest import People
from tests.lan.people import Someone, befriend

WAITING = ("waiting", "waiting for Bob to accept")


def test_two_strangers_see_each_other_within_three_seconds(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    began = time.monotonic()
    alice.until(lambda: alice.person("Bob"), 3)
    bob.until(lambda: bob.person("Alice"), 3 - (time.monotonic() - began))
    for seen, other in ((alice.person("Bob"), bob), (bob.person("Alice"), alice)):
        assert (seen["id"], seen["relation"], seen["verified"]) == (other.id, "nearby", False)
        assert f"{other.host.address}:53530" in seen["addresses"]


def test_a_new_name_is_seen(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    id = bob.id
    bob.do("name", "Robert")
    assert alice.until(lambda: alice.person("Robert"), 3)["id"] == id
    assert not alice.person("Bob")
    alice.do("nickname", "Robert", "Bobby")
    bob.do("name", "Roberto")
    assert alice.until(lambda: alice.person("Bobby")["own_name"] == "Roberto", 3)


def test_a_request_is_held_apart_until_it_is_accepted(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    alice.do("send", "Bob", "Hello Bob, this is Alice")
    assert bob.until(lambda: bob.person("Alice").get("request")) == "Hello Bob, this is Alice"
    assert bob.person("Alice")["relation"] == "request"
    assert (bob.ask("chats"), bob.history("Alice")) == ([], [])
    alice.until(lambda: alice.states("Bob") == [("sent", "waiting for Bob to accept")])
    alice.do("send", "Bob", "Are you there?")
    alice.do("send", "Bob", "Never mind")
    assert alice.states("Bob") == [("sent", "waiting for Bob to accept"), WAITING, WAITING]
    assert bob.person("Alice")["request"] == "Hello Bob, this is Alice"
    assert alice.person("Bob")["relation"] == "contact"
    assert not alice.person("Bob")["accepted_by_them"]

    bob.do("accept", "Alice")
    alice.until(lambda: alice.states("Bob") == [("delivered", "")] * 3)
    said = ["Hello Bob, this is Alice", "Are you there?", "Never mind"]
    assert bob.texts("Alice") == alice.texts("Bob") == said
    (chat,) = bob.ask("chats")
    assert (chat["name"], chat["unread"], chat["last"]["text"]) == ("Alice", 3, "Never mind")
    assert alice.person("Bob")["accepted_by_them"]
    assert alice.status["waiting"] == []


def test_writing_to_someone_accepts_them(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    alice.do("send", "Bob", "Hello")
    bob.until(lambda: bob.person("Alice").get("request"))
    bob.do("send", "Alice", "Hello yourself")
    alice.until(lambda: len(alice.history("Bob")) == 2)
    alice.until(lambda: alice.states("Bob") == [("delivered", "")])
    bob.until(lambda: bob.states("Alice") == [("delivered", "")])
    assert alice.texts("Bob") == bob.texts("Alice") == ["Hello", "Hello yourself"]
    assert (alice.person("Bob")["relation"], bob.person("Alice")["relation"]) == ("contact", "contact")


def test_two_who_write_to_each_other_at_once_have_accepted_each_other(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    bob.until(lambda: bob.sees_online("Alice"))
    mine, theirs = alice.door.ask("send", to="Bob", text="Hi Bob"), bob.door.ask("send", to="Alice", text="Hi Alice")
    alice.door.answer(mine)
    bob.door.answer(theirs)
    alice.until(lambda: alice.states("Bob") == [("delivered", "")])
    bob.until(lambda: bob.states("Alice") == [("delivered", "")])
    assert sorted(alice.texts("Bob")) == ["Hi Alice", "Hi Bob"]
    assert alice.texts("Bob") == bob.texts("Alice")


def as_alice_sees(alice: Someone, name: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """All that Alice can know of somebody's decision."""
    person = alice.person(name)
    for key in ("id", "name", "own_name", "addresses", "chat", "last_seen"):
        del person[key]
    return person, [(state, why.replace(name, "Them")) for state, why in alice.states(name)]


def test_who_declines_or_blocks_looks_like_who_ignores(people: People) -> None:
    alice, ignoring, declining, blocking = everyone = people("Alice", "Ina", "Dan", "Bea")
    others = everyone[1:]
    for other in others:
        alice.until(lambda o=other: alice.sees_online(o.name))  # type: ignore[misc]  # mypy does not infer defaults
        alice.do("send", other.name, "Shall we talk?")
        other.until(lambda o=other: o.person("Alice").get("request"))  # type: ignore[misc]
    declining.do("decline", "Alice")
    blocking.do("block", "Alice")
    assert declining.person("Alice")["relation"] == "nearby"
    assert blocking.person("Alice")["relation"] == "blocked"
    for _ in range(2):
        for other in others:
            alice.do("send", other.name, "Hello?")
        waits = [("waiting", "waiting for Them to accept")] * (len(alice.history("Ina")) - 1)
        person, states = as_alice_sees(alice, "Ina")
        assert states == [("sent", "waiting for Them to accept"), *waits]
        assert person["online"]
        assert as_alice_sees(alice, "Dan") == as_alice_sees(alice, "Bea") == (person, states)
        alice.stop()
        alice.start()
        for other in others:
            alice.until(lambda o=other: alice.sees_online(o.name))  # type: ignore[misc]
    for other in (declining, blocking):
        assert (other.ask("chats"), other.history("Alice")) == ([], [])
        assert other.person("Alice")["request"] is None
    assert ignoring.person("Alice")["request"] == "Shall we talk?"


def test_what_a_blocked_contact_says_waits_until_they_are_welcome_again(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.do("block", "Alice")
    assert "unblock" in bob.refused("send", "Alice", "And another thing")
    alice.do("send", "Bob", "What did I say?")
    alice.until(lambda: alice.states("Bob") == [("sent", "waiting for Bob to accept")])  # as if he had never known her
    assert bob.history("Alice") == []
    bob.do("unblock", "Alice")
    alice.until(lambda: alice.states("Bob") == [("delivered", "")])
    assert bob.texts("Alice") == ["What did I say?"]


def test_numbers_from_both_sides_are_equal_and_verify(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol")
    for one, name in ((alice, "Bob"), (bob, "Alice"), (carol, "Bob")):
        one.until(lambda o=one, n=name: o.sees_online(n))  # type: ignore[misc]  # mypy does not infer defaults
    (at_alice,), (at_bob,) = alice.ask("verify", "Bob"), bob.ask("verify", "Alice")
    assert at_alice == at_bob
    assert len(at_alice["number"].split()) == 12
    other = carol.ask("verify", "Bob")[0]["number"]
    assert "differ" in alice.refused("verify", "Bob", "--number", other)
    assert not alice.person("Bob")["verified"]
    alice.do("verify", "Bob", "--number", at_bob["number"])
    alice.stop()
    alice.start()
    alice.until(lambda: alice.sees_online("Bob"))
    assert alice.person("Bob")["verified"]
    assert not bob.person("Alice")["verified"]


def test_an_invitation_leads_to_a_verified_contact_where_multicast_is_blocked(people: People) -> None:
    alice, bob = people("Alice", "Bob", start=False)
    for someone in (alice, bob):
        someone.host.block_multicast()
        someone.start()
    invite = bob.invite
    assert alice.ask("people") == []
    alice.do("join", invite)
    alice.until(lambda: alice.sees_online("Bob"), 5)
    assert (alice.person("Bob")["relation"], alice.person("Bob")["verified"]) == ("contact", True)
    alice.do("send", "Bob", "Thank you for inviting me")
    assert bob.until(lambda: bob.person("Alice").get("request")) == "Thank you for inviting me"
    bob.do("accept", "Alice")
    alice.until(lambda: alice.states("Bob") == [("delivered", "")])
    # What was reached once is reached again, without discovery and without the link.
    alice.stop()
    alice.start()
    alice.until(lambda: alice.sees_online("Bob"), 5)


def test_an_invitation_that_somebody_else_answers_leads_nowhere(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol", start=False)
    bob.start()
    invite = bob.invite
    bob.stop()
    for someone in (alice, carol):
        someone.host.block_multicast()
        someone.start()
    forged = invite.replace(bob.host.address, carol.host.address)
    assert forged != invite
    alice.do("join", forged)
    alice.do("send", "Bob", "Only for Bob")
    carol.until(lambda: True)
    bob.host.block_multicast()
    bob.start()
    bob.do("join", alice.invite)
    alice.until(lambda: alice.states("Bob") == [("delivered", "")])
    assert bob.texts("Alice") == ["Only for Bob"]
    assert carol.ask("people") == []
    assert "invitation" in alice.refused("join", "p2pdm:nonsense")


def test_send_can_wait_until_it_is_delivered(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    (sent,) = alice.ask("send", "Bob", "Now?", "--wait", "5")
    assert sent["state"] == "delivered"
    assert bob.texts("Alice") == ["Now?"]
    bob.stop()
    alice.until(lambda: not alice.sees_online("Bob"))
    assert alice.refused("send", "Bob", "And now?", "--wait", "0.2").endswith("Bob is offline")


def test_typing_is_seen_and_passes(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.do("call", "typing", '{"chat": "Alice", "on": true}')
    alice.until(lambda: alice.person("Bob")["typing"], 2)
    bob.do("call", "typing", '{"chat": "Alice", "on": false}')
    alice.until(lambda: not alice.person("Bob")["typing"], 2)
    bob.do("call", "typing", '{"chat": "Alice", "on": true}')
    alice.until(lambda: alice.person("Bob")["typing"], 2)
    bob.kill()
    alice.until(lambda: not alice.person("Bob")["typing"], 7)


def test_reading_is_seen(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    alice.do("send", "Bob", "One")
    alice.do("send", "Bob", "Two")
    bob.until(lambda: bob.texts("Alice") == ["One", "Two"])
    alice.until(lambda: alice.states("Bob") == [("delivered", "")] * 2)
    bob.do("read", "Alice")
    alice.until(lambda: alice.states("Bob") == [("read", "")] * 2)
    alice.do("send", "Bob", "Three")
    alice.until(lambda: alice.states("Bob") == [("read", ""), ("read", ""), ("delivered", "")])
    # Read while the writer is away: they hear of it later.
    alice.stop()
    bob.do("read", "Alice")
    alice.start()
    alice.until(lambda: alice.states("Bob") == [("read", "")] * 3)
    assert [chat["unread"] for chat in bob.ask("chats")] == [0]


def test_listening_tells_what_happens_and_what_happened_meanwhile(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    cursor = bob.status["cursor"]
    listening = bob.host.start(bob.command("listen", "--json", "--since", str(cursor)))
    alice.do("send", "Bob", "While you listen")
    told = listening.wait_for_event("message")
    assert bob.door.call("message", id=told["id"])["text"] == "While you listen"
    assert told["cursor"] > cursor
    bob.do("call", "typing", '{"chat": "Alice", "on": true}')
    listening.stop()
    alice.do("send", "Bob", "While you don't")
    alice.do("send", "Bob", "Nor now")
    alice.until(lambda: alice.states("Bob") == [("delivered", "")] * 3)
    listening = bob.host.start(bob.command("listen", "--json", "--since", str(told["cursor"])))
    first, second = (listening.wait_for_event("message") for _ in range(2))
    assert [bob.door.call("message", id=n["id"])["text"] for n in (first, second)] == ["While you don't", "Nor now"]
    assert told["cursor"] < first["cursor"] < second["cursor"]
    words = bob.host.start(bob.command("listen", "--since", str(first["cursor"])))
    assert words.wait_for(lambda line: "Nor now" in line)


def test_long_and_strange_texts_arrive_unchanged(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    texts = [
        "🦊" * 8_000,
        "one\n\n  two\ttabs\n",
        "אבג العربية e\u0301 \u200b.",
        '{"not": "json"}',
        "p2pdm: --json -",
        "x" * 32_000,
    ]
    for text in texts:
        alice.do("send", "Bob", "-", given=text + "\n")
    alice.until(lambda: alice.states("Bob") == [("delivered", "")] * len(texts))
    assert bob.texts("Alice") == texts
    assert "32000" in alice.refused("send", "Bob", "x" * 32_001)


def test_an_ambiguous_name_lists_the_candidates(people: People) -> None:
    alice, bob, another = people("Alice", "Bob", "Bob")
    alice.until(lambda: len([1 for person in alice.ask("people") if person["name"] == "Bob"]) == 2)
    assert all(person["same_name"] for person in alice.ask("people"))
    said = alice.refused("send", "Bob", "Hello")
    assert bob.id[:8] in said
    assert another.id[:8] in said
    assert alice.ask("chats") == []
    alice.do("send", another.id[:8], "Hello, other Bob")
    assert another.until(lambda: another.person("Alice").get("request")) == "Hello, other Bob"
    assert not bob.person("Alice").get("request")
    assert "no person" in alice.refused("send", "Zoe", "Hello")


def test_forgetting_someone_removes_the_chat(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    alice.do("send", "Bob", "Forget me")
    bob.until(lambda: bob.texts("Alice") == ["Forget me"])
    bob.do("forget", "Alice")
    assert bob.ask("chats") == []
    assert bob.person("Alice")["relation"] == "nearby"
    assert json.dumps(alice.history("Bob")[0]).count("Forget me") == 1
