"""New entries and their answers go over the quick lane; what it loses goes over the link."""

from __future__ import annotations

import pytest

from p2pdm.sync.pushing import QUICK, QUICK_PATIENCE
from tests.unit.cast import ALICE, BOB
from tests.unit.sync.desks import PHONE, Desk, Wire, quiet_pair, settle, talk


def test_a_single_new_entry_goes_over_the_lane_and_so_does_the_answer() -> None:
    alice, bob, wire = quiet_pair()
    alice.say("quick")
    wire.post()
    assert len(wire.lanes[bob]) == 1
    wire.deliver_packet(bob)
    assert len(wire.lanes[alice]) == 1
    assert not wire.links[alice]
    assert not wire.links[bob]
    wire.deliver_packet(alice)
    assert alice.exchanges[wire].deadline is None


@pytest.mark.parametrize("lost", ["entry", "answer"])
def test_what_the_lane_loses_goes_over_the_link(lost: str) -> None:
    alice, bob, wire = quiet_pair()
    said = alice.say("lost")
    wire.post()
    if lost == "answer":
        wire.deliver_packet(bob)
    wire.lanes[bob].clear()
    wire.lanes[alice].clear()
    assert alice.exchanges[wire].deadline == QUICK_PATIENCE
    wire.wait(QUICK_PATIENCE)
    assert wire.sent["LaneDoubted"] == 1
    assert len(wire.links[bob]) == 1
    settle(wire)
    assert bob.ledger.knows(said.id)
    assert alice.exchanges[wire].deadline is None


def test_what_is_said_while_one_is_under_way_keeps_its_place() -> None:
    """The first is lost: the others, over the link, wait for it, and no more than it is asked for."""
    alice, bob, wire = quiet_pair()
    for number in range(10):
        alice.say(f"{number}")
    wire.post()
    assert len(wire.lanes[bob]) == 1
    wire.lanes[bob].clear()
    before = wire.sent["entries"]
    settle(wire)
    assert bob.ledger.entries == alice.ledger.entries
    assert wire.sent["WantBranch"] == 1
    assert wire.sent["entries"] - before <= 20


def test_a_word_on_something_else_is_no_answer_to_what_was_lost() -> None:
    alice, bob, phone = Desk(ALICE, talk(1)), Desk(BOB), Desk(PHONE)
    to_bob, to_phone = Wire(alice, bob), Wire(alice, phone)
    settle(to_bob, to_phone)
    lost = alice.say("lost")
    to_bob.post()
    to_phone.post()
    to_bob.lanes[bob].clear()
    to_phone.lanes[phone].clear()
    said = bob.say("what a fine day")
    settle(to_bob)
    to_phone.post()
    while to_phone.deliver(phone) or to_phone.deliver(alice):
        pass
    assert phone.ledger.knows(said.id)
    assert alice.exchanges[to_phone].deadline is not None
    settle(to_phone)
    assert phone.ledger.knows(lost.id)


def test_what_is_too_large_for_a_packet_goes_over_the_link() -> None:
    alice, bob, wire = quiet_pair()
    alice.say("x" * QUICK)
    wire.post()
    assert not wire.lanes[bob]
    assert len(wire.links[bob]) == 1
    assert alice.exchanges[wire].deadline is None


def test_an_older_word_that_comes_late_makes_nothing_be_sent_again() -> None:
    alice, bob, wire = quiet_pair()
    for number in range(3):
        alice.say(f"{number}")
        wire.post()
        wire.deliver_packet(bob)
        settle(wire) if number == 2 else None
    while wire.lanes[alice]:
        wire.deliver_packet(alice, len(wire.lanes[alice]) - 1)
    before = wire.sent["entries"]
    settle(wire)
    alice.say("next")
    settle(wire)
    assert wire.sent["entries"] == before + 1
