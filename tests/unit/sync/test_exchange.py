"""Two devices come to hold the same, with no more said than that takes."""

from __future__ import annotations

from p2pdm.sync.events import PushEntries
from p2pdm.sync.exchange import Exchange
from tests.unit.cast import ALICE, BOB
from tests.unit.ledger import CHAT, MemoryLedger
from tests.unit.sync.desks import PHONE, Desk, Wire, heads_of, large_talk, listening, meet, settle, talk


def test_what_alice_says_is_there_and_she_knows_it() -> None:
    alice, bob = Desk(ALICE), Desk(BOB)
    wire = meet(alice, bob)
    said = alice.say("hello")
    settle(wire)
    assert bob.ledger.knows(said.id)
    reached = alice.exchanges[wire]
    assert reached.deadline is None
    assert wire.sent["entries"] == 2, "opening and words, each once"


def test_what_was_said_apart_is_exchanged_when_they_meet() -> None:
    alice, bob = Desk(ALICE), Desk(BOB)
    for turn in range(5):
        alice.say(f"alice {turn}")
        bob.say(f"bob {turn}")
    wire = meet(alice, bob)
    assert alice.ledger.entries == bob.ledger.entries
    assert wire.sent["entries"] == 12, "each once, in one direction"


def test_those_who_hold_the_same_say_only_that() -> None:
    ledger = talk(3)
    wire = meet(Desk(ALICE, ledger), Desk(BOB, MemoryLedger(entries=ledger.entries.values())))
    assert wire.sent == {"TellHave": 2, "Reached": 2}


def test_a_long_talk_reaches_a_new_device_once_and_in_an_order_that_it_can_keep() -> None:
    """Chain by chain, one side's entries would fill the window and all wait for the other side's."""
    ledger = talk(400)
    alice, phone = Desk(ALICE, ledger), Desk(PHONE)
    wire = meet(alice, phone)
    assert phone.ledger.entries == ledger.entries
    assert wire.sent["entries"] == len(ledger.entries)
    assert wire.sent["WantBranch"] == 0
    assert phone.most_orphans == 0


def test_carol_hands_on_what_alice_said_to_bob() -> None:
    """Any member can: bob's phone never meets alice."""
    alice, bob, phone = Desk(ALICE), Desk(BOB), Desk(PHONE)
    wires = Wire(alice, bob), Wire(bob, phone)
    settle(*wires)
    said = alice.say("hello")
    settle(*wires)
    assert phone.ledger.knows(said.id)


def test_nothing_is_sent_back_to_whom_it_came_from() -> None:
    alice, bob = Desk(ALICE, talk(20)), Desk(BOB)
    wire = Wire(alice, bob)
    settle(wire)
    assert wire.sent["entries"] == len(alice.ledger.entries)


def test_the_next_session_goes_on_where_the_last_was_cut() -> None:
    alice, bob = Desk(ALICE, talk(100)), Desk(BOB)
    wire = Wire(alice, bob)
    for _ in range(4):
        wire.deliver(alice)
        wire.deliver(bob)
    had = len(bob.ledger.entries)
    assert had > 0
    wire.cut()
    again = Wire(alice, bob)
    settle(again)
    assert bob.ledger.entries == alice.ledger.entries
    assert again.sent["entries"] == len(alice.ledger.entries) - had


def clog(one: Exchange) -> None:
    """Ask for everything until the link has taken what it will."""
    while not one.waits:
        one.have_received(CHAT, [], True, 0.0)
    one.events()


def test_an_honest_want_that_has_to_wait_is_answered() -> None:
    ledger = large_talk()
    one = listening(ledger)
    head = heads_of(ledger)[0]
    clog(one)
    one.want_received(CHAT, head.id, head.seq - 1)
    assert one.events() == []
    one.link_clear(0.0)
    pushes = [event.entries for event in one.events() if isinstance(event, PushEntries)]
    assert ledger.entries[head.id].encode() in pushes[0]


def test_what_is_no_longer_shared_is_no_longer_pushed() -> None:
    one = listening(large_talk())
    clog(one)
    one.want_received(CHAT, heads_of(large_talk())[0].id, -1)
    one.unshare(CHAT)
    one.link_clear(0.0)
    assert one.events() == []
    assert not one.waits
