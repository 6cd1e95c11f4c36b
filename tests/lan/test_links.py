"""TCP and UDP between real hosts."""

from __future__ import annotations

import pytest

from tests.lan.conftest import Hosts

NEIGHBOUR = "tests.lan.neighbour"
PORT = "53530"


@pytest.mark.parametrize("percent", [0, 20])
def test_links_and_datagrams_pass_between_hosts(lan: Hosts, percent: int) -> None:
    alice, bob = lan(2)
    bob.drop(percent)
    bob.start_python(NEIGHBOUR, "echo", PORT).wait_for_event("listening")
    caller = alice.start_python(NEIGHBOUR, "call", bob.address, PORT, "50000")
    caller.wait_for_event("answered", words="typing")
    caller.wait_for_event("heard", count=50_000)


def test_two_behind_firewalls_that_admit_only_answers_meet(lan: Hosts) -> None:
    """By TCP simultaneous open: both dial, each from the port that the other dials."""
    alice, bob = lan(2)
    for host in (alice, bob):
        host.firewall_answers_only()
    at_alice = alice.start_python(NEIGHBOUR, "meet", PORT, bob.address, PORT)
    at_bob = bob.start_python(NEIGHBOUR, "meet", PORT, alice.address, PORT)
    met = at_alice.wait_for_event("met", 10)
    assert met["local"] == f"{alice.address}:{PORT}"
    assert met["remote"] == f"{bob.address}:{PORT}"
    assert met["dialled"]
    assert at_bob.wait_for_event("met", 10)["dialled"]
    at_alice.wait_for_event("heard", words="well met")
    at_bob.wait_for_event("heard", words="well met")


def test_such_a_firewall_keeps_a_plain_dial_out(lan: Hosts) -> None:
    alice, bob = lan(2)
    bob.firewall_answers_only()
    at_bob = bob.start_python(NEIGHBOUR, "echo", PORT)
    at_bob.wait_for_event("listening")
    at_alice = alice.start_python(NEIGHBOUR, "meet", PORT, bob.address, PORT)
    assert "did not answer" in at_alice.wait_for_event("not yet", 10)["why"]
    bob.firewall_off()
    at_alice.wait_for_event("met", 10)


def test_a_machine_that_vanishes_is_not_taken_for_one_that_refuses(lan: Hosts) -> None:
    alice, bob = lan(2)
    bob.cut()
    at_alice = alice.start_python(NEIGHBOUR, "meet", PORT, bob.address, PORT)
    assert "did not answer" in at_alice.wait_for_event("not yet", 10)["why"]
    bob.plug_cable()
    at_alice.wait_for_json(lambda told: "nothing listens there" in told.get("why", ""), 10)


def test_a_link_survives_a_cable_that_is_out_for_a_moment(lan: Hosts) -> None:
    alice, bob = lan(2)
    bob.start_python(NEIGHBOUR, "echo", PORT).wait_for_event("listening")
    alice.cut()
    caller = alice.start_python(NEIGHBOUR, "call", bob.address, PORT, "100")
    alice.plug_cable()
    caller.wait_for_event("heard", count=100)
