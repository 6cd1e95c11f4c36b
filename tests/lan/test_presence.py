"""Who is there, who has left, and that what is said meanwhile arrives by itself: once, and in order."""

from __future__ import annotations

import time

import pytest

from tests.lan.conftest import Parted, People
from tests.lan.door import Gone
from tests.lan.hosts import PATIENCE
from tests.lan.people import Someone, befriend

OFFLINE = ("waiting", "Bob is offline")
DELIVERED = ("delivered", "")


def say(someone: Someone, to: str, *texts: str) -> None:
    for text in texts:
        someone.do("send", to, text)


def all_arrived(someone: Someone, to: str) -> bool:
    return all(state in (DELIVERED, ("read", "")) for state in someone.states(to))


def test_who_leaves_is_gone_within_two_seconds_and_back_as_soon(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    began = time.monotonic()
    bob.stop()
    alice.until(lambda: not alice.sees_online("Bob"), 2 - (time.monotonic() - began))
    assert alice.person("Bob")["last_seen"] > "2020"
    assert alice.status["online"] == []
    bob.start()
    alice.until(lambda: alice.sees_online("Bob"), 3)
    assert alice.status["online"] == [bob.id]


def test_a_stranger_who_leaves_is_no_longer_near(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    bob.stop()
    alice.until(lambda: alice.ask("people") == [], 2)
    assert alice.status["nearby"] == 0


def test_what_is_said_to_someone_away_arrives_though_both_were_away(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    say(alice, "Bob", "Before you go")
    alice.until(lambda: all_arrived(alice, "Bob"))
    bob.stop()
    alice.until(lambda: not alice.sees_online("Bob"))
    say(alice, "Bob", "One", "Two")
    assert alice.states("Bob") == [DELIVERED, OFFLINE, OFFLINE]
    (waiting,) = alice.status["waiting"]
    assert (waiting["name"], waiting["count"], waiting["why"]) == ("Bob", 2, "Bob is offline")
    alice.stop()
    alice.start()
    say(alice, "Bob", "Three")
    assert alice.states("Bob") == [DELIVERED, OFFLINE, OFFLINE, OFFLINE]
    alice.stop()
    bob.start()
    say(bob, "Alice", "Four, from Bob")
    alice.start()
    alice.until(lambda: len(alice.history("Bob")) == 5 and all_arrived(alice, "Bob"))
    bob.until(lambda: all_arrived(bob, "Alice"))
    alices = ["Before you go", "One", "Two", "Three"]
    assert [m["text"] for m in bob.history("Alice") if not m["mine"]] == alices
    assert alice.texts("Bob") == bob.texts("Alice")
    assert sorted(bob.texts("Alice")) == sorted([*alices, "Four, from Bob"])


def test_a_request_waits_for_someone_away(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    alice.until(lambda: alice.sees_online("Bob"))
    alice.do("nickname", "Bob", "Bob")  # who would be forgotten when he leaves
    bob.stop()
    alice.until(lambda: not alice.sees_online("Bob"))
    say(alice, "Bob", "Hello", "Hello?")
    assert alice.states("Bob") == [OFFLINE, OFFLINE]
    bob.start()
    assert bob.until(lambda: bob.person("Alice").get("request")) == "Hello"
    bob.stop()
    alice.stop()
    bob.start()
    bob.do("accept", "Alice")
    assert bob.texts("Alice") == ["Hello"]
    alice.start()
    alice.until(lambda: all_arrived(alice, "Bob"))
    assert bob.texts("Alice") == ["Hello", "Hello?"]


MOMENTS = (0, 0.0002, 0.0005, 0.001, 0.002, 0.004)
"""Seconds between asking a node to send something and the kill: before, in and after its commit, push and receipt."""


def test_a_node_that_is_killed_loses_and_doubles_nothing(people: People) -> None:
    """Whose `send` returned has their message delivered; what was cut off was either said or not."""
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    trouble = alice.status["trouble"], bob.status["trouble"]
    promised: list[str] = []
    perhaps: list[str] = []
    for number, (victims, moment) in enumerate((v, m) for m in MOMENTS for v in ([bob], [alice], [alice, bob])):
        for n in range(number % 4):
            alice.door.call("send", to="Bob", text=f"{number}.{n}")
            promised.append(f"{number}.{n}")
        asked = alice.door.ask("send", to="Bob", text=f"{number} at last")
        time.sleep(moment)
        for victim in victims:
            victim.node.kill()
        try:
            alice.door.answer(asked)
            promised.append(f"{number} at last")
        except Gone:
            perhaps.append(f"{number} at last")
        for victim in victims:
            victim.door.close()
            victim.start()
    alice.until(lambda: all_arrived(alice, "Bob"))
    said = alice.texts("Bob")
    assert bob.texts("Alice") == said
    assert [text for text in said if text not in perhaps] == promised
    assert len(set(said)) == len(said)
    assert (alice.status["trouble"], bob.status["trouble"]) == trouble


def test_a_node_that_is_killed_while_it_catches_up_goes_on_where_it_was(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.stop()
    texts = [f"{n}: {'text ' * 100}" for n in range(3_000)]
    alice.pour("Bob", texts)
    bob.start()
    wait_for_message(bob)
    bob.kill()
    bob.host.cut()
    bob.start()
    arrived = everything(bob, "Alice")
    assert 0 < len(arrived) < len(texts)  # else the kill came too late to prove anything
    assert arrived == texts[: len(arrived)]
    bob.host.plug_cable()
    for killed in (alice, bob):
        wait_for_message(bob)
        killed.kill()
        killed.start()
    alice.until(lambda: alice.status["waiting"] == [])
    assert everything(bob, "Alice") == texts


def wait_for_message(someone: Someone) -> None:
    deadline = time.monotonic() + PATIENCE
    someone.door.notices.clear()
    while True:
        someone.door.wait_for_notice(deadline)
        if someone.door.notices.popleft()["event"] == "message":
            return


def everything(someone: Someone, chat: str) -> list[str]:
    """All texts of a chat, page by page."""
    texts: list[str] = []
    page = someone.history(chat)
    while page:
        texts = [message["text"] for message in page] + texts
        page = someone.ask("history", chat, "--limit", "1000", "--before", page[0]["id"])
    return texts


def test_someone_whose_cable_is_out_is_missed_once_something_is_said(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.host.pull_cable()
    began = time.monotonic()
    say(alice, "Bob", "Where are you?")
    alice.until(lambda: alice.states("Bob") == [("waiting", "Bob is not answering")], 10 - (time.monotonic() - began))
    assert not alice.sees_online("Bob")
    say(bob, "Alice", "Where is everybody?")
    bob.host.plug_cable()
    alice.until(lambda: len(alice.history("Bob")) == 2 and all_arrived(alice, "Bob"), 15)
    bob.until(lambda: all_arrived(bob, "Alice"), 15)
    assert sorted(alice.texts("Bob")) == sorted(bob.texts("Alice")) == ["Where are you?", "Where is everybody?"]
    alice.until(lambda: alice.sees_online("Bob"))


def test_someone_whose_cable_is_out_is_gone_in_the_end_though_nothing_is_said(two_parted: Parted) -> None:
    alice = two_parted.alice
    two_parted.listening.wait_for(lambda line: line.strip() == "Bob is not here", 90)
    assert two_parted.listening.said_at - two_parted.since < 90
    assert not alice.sees_online("Bob")
    say(alice, "Bob", "Are you still there?")
    # What was under way when the cable went may have been missed sooner: then he is first only not answering.
    alice.until(lambda: alice.states("Bob") == [OFFLINE], 90 - (time.monotonic() - two_parted.since))
    two_parted.bob.host.plug_cable()
    alice.until(lambda: all_arrived(alice, "Bob"), 15)


def test_a_machine_that_loses_power_and_comes_back_is_met_again(people: People) -> None:
    """Nothing tells the others that its connections are dead."""
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.host.cut()
    bob.kill()
    say(alice, "Bob", "Did your lamp go out, too?")
    bob.host.plug_cable()
    bob.start()
    alice.until(lambda: all_arrived(alice, "Bob"), 10)
    say(bob, "Alice", "Yes")
    bob.until(lambda: all_arrived(bob, "Alice"), 5)
    alice.until(lambda: alice.sees_online("Bob"), 10)
    assert alice.texts("Bob") == bob.texts("Alice") == ["Did your lamp go out, too?", "Yes"]


@pytest.mark.parametrize("mover", ["Alice", "Bob"])
def test_messages_flow_again_after_an_address_has_changed(people: People, mover: str) -> None:
    alice, bob = people("Alice", "Bob", ipv6=False)  # whose addresses don't change
    befriend(alice, bob)
    moving = alice if mover == "Alice" else bob
    moving.host.change_address(moving.host.address.rpartition(".")[0] + ".99")
    say(alice, "Bob", "Has one of us moved?")
    alice.until(lambda: all_arrived(alice, "Bob"), 10)
    say(bob, "Alice", "One has")
    bob.until(lambda: all_arrived(bob, "Alice"), 10)
    assert alice.texts("Bob") == bob.texts("Alice") == ["Has one of us moved?", "One has"]
    alice.until(lambda: alice.sees_online("Bob"))
    assert moving.host.address in moving.invite


def test_messages_flow_again_after_the_network_card_was_out(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.host.remove_card()
    say(alice, "Bob", "Is your card out?")
    say(bob, "Alice", "My card is out")
    bob.host.insert_card()
    alice.until(lambda: len(alice.history("Bob")) == 2 and all_arrived(alice, "Bob"), 15)
    bob.until(lambda: all_arrived(bob, "Alice"), 15)
    say(alice, "Bob", "And in again")
    alice.until(lambda: all_arrived(alice, "Bob"), 5)
    assert len(bob.history("Alice")) == 3
