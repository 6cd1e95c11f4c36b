"""What goes wrong on a network and at a machine, by chance or on purpose, and that people go on talking."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import pytest

from tests.lan.conftest import Hosts, People
from tests.lan.hosts import Host
from tests.lan.people import Someone, befriend

DELIVERED = ("delivered", "")
INTRUDER = "tests.lan.intruder"
PORT = "53530"


def all_arrived(someone: Someone, to: str) -> bool:
    return {state for state, _ in someone.states(to)} <= {"delivered", "read"}


# --- the network ---


def test_what_is_said_through_heavy_loss_arrives_once_and_in_order(people: People) -> None:
    alice, bob = people("Alice", "Bob", start=False)
    for someone in (alice, bob):
        someone.host.drop(20)
        someone.start()
    befriend(alice, bob)
    alices, bobs = ([f"{name} {n}" for n in range(200)] for name in ("Alice", "Bob"))
    for mine, theirs in zip(alices, bobs, strict=True):
        alice.door.call("send", to="Bob", text=mine)
        bob.door.call("send", to="Alice", text=theirs)
    alice.until(lambda: all_arrived(alice, "Bob"), 60)
    bob.until(lambda: all_arrived(bob, "Alice"), 60)
    for someone, other, own, others in ((alice, "Bob", alices, bobs), (bob, "Alice", bobs, alices)):
        said = someone.history(other)
        assert [message["text"] for message in said if message["mine"]] == own
        assert [message["text"] for message in said if not message["mine"]] == others
    assert alice.texts("Bob") == bob.texts("Alice")


def test_two_behind_firewalls_that_admit_only_answers_meet_and_talk(people: People) -> None:
    alice, bob = people("Alice", "Bob", start=False)
    for someone in (alice, bob):
        someone.host.firewall_answers_only()
        someone.start()
    alice.until(lambda: alice.sees_online("Bob"), 15)
    alice.do("send", "Bob", "Hello through the walls")
    bob.until(lambda: bob.person("Alice").get("request"))
    bob.do("send", "Alice", "Hello back")
    alice.until(lambda: alice.states("Bob") == [DELIVERED])
    bob.until(lambda: bob.states("Alice") == [DELIVERED])
    assert alice.texts("Bob") == bob.texts("Alice") == ["Hello through the walls", "Hello back"]


# --- the machine ---


def test_one_profile_has_one_node_that_ends_when_it_is_told_to(people: People) -> None:
    (alice,) = people("Alice")
    said = alice.refused("node")
    assert "Only one node runs on a profile" in said
    assert alice.ask("status")[0]["name"] == "Alice"
    for number in (signal.SIGTERM, signal.SIGINT):
        alice.node.process.send_signal(number)
        assert alice.node.process.wait(2) == 0
        assert "no node runs" in alice.refused("status")
        alice.door.close()
        alice.start()
    alice.do("stop")
    assert alice.node.process.wait(2) == 0


def test_two_people_at_one_machine_have_ports_of_their_own(lan: Hosts) -> None:
    host, other = lan(2)
    alice, bob, carol = Someone(host, "Alice", "a"), Someone(host, "Bob", "b"), Someone(other, "Carol")
    try:
        ports = {someone.start()["port"] for someone in (alice, bob)}
        carol.start()
        assert len(ports) == 2
        assert 53530 in ports
        for someone in (alice, bob):
            carol.until(lambda s=someone: carol.sees_online(s.name))  # type: ignore[misc]  # mypy infers no defaults
            carol.do("send", someone.name, f"Hello {someone.name}")
            request = someone.until(lambda s=someone: s.person("Carol").get("request"))  # type: ignore[misc]
            assert request == f"Hello {someone.name}"
        alice.until(lambda: alice.sees_online("Bob"))
        assert "used by another program" in carol_at_taken_port(host)
    finally:
        for someone in (alice, bob, carol):
            someone.hang_up()
    for someone in (alice, bob, carol):
        someone.check()


def carol_at_taken_port(host: Host) -> str:
    """What somebody is told who insists on a port that is taken."""
    return Someone(host, "Dave", "d").refused("node", "--port", PORT)


def test_a_full_disk_is_said_and_nothing_is_lost(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.stop()
    disk = start_on_small_disk(bob)
    alice.until(lambda: alice.sees_online("Bob"))
    ballast = fill(disk)
    long = "A long message " * 2_000
    alice.do("send", "Bob", long)
    assert "disk is full" in bob.until(lambda: " ".join(bob.status["trouble"][1:]))
    alice.do("send", "Bob", "And another")
    assert "disk is full" in bob.refused("send", "Alice", long)
    assert bob.history("Alice") == []
    assert [state for state, _ in alice.states("Bob")] == ["waiting", "waiting"]
    assert alice.sees_online("Bob")
    ballast.unlink()
    alice.until(lambda: all_arrived(alice, "Bob"), 10)
    assert bob.texts("Alice") == [long, "And another"]
    bob.do("send", "Alice", "I have thrown something away", "--wait", "5")
    assert len(bob.status["trouble"]) == 1


def start_on_small_disk(someone: Someone) -> Path:
    """Start the node with its profile on a disk of its own; returns its folder as this process sees it."""
    home, someone.profile = someone.profile, someone.host.home / "disk"
    someone.profile.mkdir()
    script = 'mount -t tmpfs -o size=4m,mode=700 none "$1" && cp -a "$0/." "$1" && shift && exec "$@"'
    mounted = ["unshare", "-m", "sh", "-c", script, str(home), str(someone.profile)]
    someone.launch([*mounted, *someone.command("node", "--json")])
    someone.listen()
    return Path(f"/proc/{someone.node.process.pid}/root{someone.profile}")


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4_096))
    return ballast


# --- hostile hosts ---


@pytest.mark.parametrize("work", ["crowd", "babble", "flood"])
def test_two_talk_while_somebody_attacks(people: People, lan: Hosts, work: str) -> None:
    alice, bob, mallory = people("Alice", "Bob", "Mallory", start=False)
    alice.start()
    bob.start()
    befriend(alice, bob)
    bob.stop()
    attack = mallory.host.start_python(INTRUDER, work, alice.host.address, PORT)
    attack.wait_for_event("begun")
    # Whoever is there stays, and whoever comes gets in.
    bob.start()
    bob.until(lambda: bob.sees_online("Alice"), 10)
    for n in range(5):
        began = time.monotonic()
        assert bob.ask("send", "Alice", f"{n}", "--wait", "5")[0]["state"] == "delivered"
        alice.do("send", "Bob", f"{n} indeed", "--wait", "5")
        assert time.monotonic() - began < 5
    assert attack.process.poll() is None
    attack.stop()
    assert alice.texts("Bob") == bob.texts("Alice") == [text for n in range(5) for text in (f"{n}", f"{n} indeed")]
    assert attack.errors == "", attack.errors


def test_another_version_is_told_so(people: People) -> None:
    alice, mallory = people("Alice", "Mallory", start=False)
    alice.start()
    told = mallory.host.start_python(INTRUDER, "version", alice.host.address, PORT).wait_for_event("answered", 5)
    assert bytes.fromhex(told["words"]) == b"p2pdm\0\1\0"  # its own version, and no more


def test_someone_with_another_version_is_not_taken_for_someone_offline(people: People) -> None:
    alice, bob = people("Alice", "Bob")
    befriend(alice, bob)
    bob.stop()
    other = bob.host.start_python(INTRUDER, "other_version", bob.host.address, PORT)
    other.wait_for_event("begun")
    alice.do("send", "Bob", "Have you updated?")
    why = "Bob can't be reached: another version of p2pdm is there (it speaks protocol 99, this one 1): update both"
    alice.until(lambda: alice.states("Bob") == [("waiting", why)])
    other.stop()
    bob.start()
    alice.until(lambda: all_arrived(alice, "Bob"))
    bob.stop()
    alice.until(lambda: not alice.sees_online("Bob"))
    alice.do("send", "Bob", "Good night")
    assert alice.states("Bob")[-1] == ("waiting", "Bob is offline")
