"""Neighbours find each other by real mDNS between real hosts."""

from __future__ import annotations

import secrets
import time

from tests.lan.conftest import Hosts
from tests.lan.hosts import Host, Program

FIND = "tests.lan.neighbour", "find", "--name"


def find(host: Host, name: str, *arguments: str) -> Program:
    program = host.start_python(*FIND, name, *arguments)
    program.wait_for_event("started")
    return program


def both_see(one: Program, other: Program, name: str, other_name: str) -> None:
    one.wait_for_event("seen", name=other_name)
    other.wait_for_event("seen", name=name)


def test_neighbours_see_each_other_within_three_seconds(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice = find(alice, "Alice")
    at_bob = find(bob, "Bob")
    told = at_alice.wait_for_event("seen", 3, name="Bob")
    assert told["hosts"][0] == bob.address
    told = at_bob.wait_for_event("seen", 3, name="Alice")
    assert told["hosts"][0] == alice.address


def test_a_goodbye_is_heard_within_two_seconds(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    at_alice.wait_for_event("seen", name="Bob")
    began = time.monotonic()
    assert at_bob.stop(2) == 0
    at_alice.wait_for_event("gone", 2 - (time.monotonic() - began), name="Bob")


def test_a_changed_address_is_noticed(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")
    new = bob.address.rpartition(".")[0] + ".99"
    bob.change_address(new)
    at_bob.wait_for_json(lambda told: told["event"] == "change" and new in told["hosts"], 2)
    # The old one, which nobody answers for any more, is dropped.
    at_alice.wait_for_json(lambda told: told.get("name") == "Bob" and ipv4(told["hosts"]) == [new], 10)


def ipv4(hosts: list[str]) -> list[str]:
    return [host for host in hosts if host.startswith("10.77.")]


def test_a_replugged_cable_with_the_same_address_is_found_again(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")
    bob.pull_cable()
    at_bob.wait_for_event("change", 2)
    at_bob.wait_for_event("gone", 10, name="Alice")
    bob.plug_cable()
    at_bob.wait_for_event("seen", 5, name="Alice")


def test_a_newcomer_is_seen_after_the_cable_was_out(lan: Hosts) -> None:
    """What zeroconf alone misses: the interface looks the same, but its multicast membership may be gone."""
    alice, bob, carol = lan(3)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")
    bob.remove_card()
    at_bob.wait_for_event("change", 2)
    bob.insert_card()
    at_bob.wait_for_event("change", 2)
    at_bob.wait_for_event("seen", 5, name="Alice")
    at_carol = find(carol, "Carol")
    at_bob.wait_for_event("seen", 3, name="Carol")
    at_carol.wait_for_event("seen", 3, name="Bob")


def test_a_card_that_blinks_is_joined_anew(lan: Hosts) -> None:
    """It is gone and back, with the same name and address, before anybody looks; its memberships are not."""
    alice, bob, carol = lan(3, ipv6=False)  # whose later address would join everything anew
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")
    bob.remove_card()
    bob.insert_card()
    at_bob.wait_for_event("change", 2)
    at_carol = find(carol, "Carol")
    at_bob.wait_for_event("seen", 3, name="Carol")
    at_carol.wait_for_event("seen", 3, name="Bob")


def test_who_left_while_the_cable_was_out_is_forgotten(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")
    alice.cut()
    at_bob.stop()
    alice.plug_cable()
    alice.pull_cable()
    alice.plug_cable()
    at_alice.wait_for_event("gone", 10, name="Bob")


def test_neighbours_are_found_through_loss(lan: Hosts) -> None:
    alice, bob = lan(2)
    alice.drop(20)
    bob.drop(20)
    at_alice, at_bob = find(alice, "Alice"), find(bob, "Bob")
    both_see(at_alice, at_bob, "Alice", "Bob")


def test_two_on_one_machine_without_a_network_find_each_other(lan: Hosts) -> None:
    (alice,) = lan(1)
    alice.pull_cable()
    at_alice, at_bob = find(alice, "Alice"), find(alice, "Bob")
    told = at_alice.wait_for_event("seen", 3, name="Bob")
    assert told["hosts"] == ["127.0.0.1"]
    at_bob.wait_for_event("seen", 3, name="Alice")
    alice.plug_cable()
    at_bob.wait_for_json(lambda told: told.get("name") == "Alice" and alice.address in told["hosts"], 5)


def test_a_chosen_interface_is_the_only_one(lan: Hosts) -> None:
    alice, bob = lan(2)
    at_alice = find(alice, "Alice", "--interface", "127.0.0.1")
    at_bob = find(bob, "Bob")
    at_third = find(bob, "Bobby", "--interface", bob.address)
    assert at_third.wait_for_event("seen", 3, name="Bob")["hosts"][0] == bob.address
    told = at_bob.wait_for_event("seen", 3, name="Bobby")
    assert told["hosts"] == [bob.address]
    assert at_alice.stop() == 0
    assert not [line for line in at_alice.lines if '"seen"' in line]


def test_a_closed_space_shows_no_name_on_the_wire(lan: Hosts) -> None:
    alice, bob = lan(2)
    space = secrets.token_hex(32)
    with alice.capture() as wire:
        at_alice = find(alice, "Alice Secretive", "--space", space)
        at_bob = find(bob, "Bob Hidden", "--space", space)
        both_see(at_alice, at_bob, "Alice Secretive", "Bob Hidden")
    frames = wire.read_bytes()
    assert b"_p2pdm" in frames
    assert b"Alice" not in frames
    assert b"Bob" not in frames
    assert alice.run(["hostname"]).stdout.strip().encode() not in frames
