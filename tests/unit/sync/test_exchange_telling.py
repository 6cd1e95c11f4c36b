"""What is told of what one holds: whole or in parts, to whom it matters, and again where something was lost."""

from __future__ import annotations

import pytest

from p2pdm.sync import telling
from p2pdm.sync.events import AskWhole, LaneDoubted, Reached, TellHave
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.pushing import QUICK_PATIENCE
from tests.unit.cast import ALICE, BOB, Person, person
from tests.unit.ledger import CHAT, MemoryLedger, Writer
from tests.unit.sync.desks import Desk, forked, heads_of, meet, quiet_pair, settle, talk


def texts_of(ledger: MemoryLedger, who: Person) -> int:
    return sum(entry.header.device == who.device.public and entry.header.seq > 0 for entry in ledger.entries.values())


def test_who_has_it_already_hears_that_somebody_else_has_brought_it() -> None:
    one = Exchange(talk(3))
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(talk(3)), True, 0.0)
    one.events()
    one.stored(CHAT, heads_of(talk(3)), 0.0, relayed=True)
    assert [event.heads for event in one.events() if isinstance(event, TellHave)] == [tuple(sorted(heads_of(talk(3))))]


def test_a_word_on_what_is_not_here_yet_counts_when_it_comes() -> None:
    full, ledger = talk(3), MemoryLedger()
    one = Exchange(ledger)
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(full), True, 0.0)
    assert not [event for event in one.events() if isinstance(event, Reached)]
    for entry in full.entries.values():
        ledger.accept(entry)
    one.stored(CHAT, heads_of(full), 0.0, relayed=True)
    (reached,) = [event for event in one.events() if isinstance(event, Reached)]
    assert sorted(reached.heads) == sorted(heads_of(full))


def test_what_was_forgotten_of_a_conversation_is_asked_for_when_it_is_shared_again() -> None:
    one = Exchange(talk(1))
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(talk(1)), True, 0.0)
    one.unshare(CHAT)
    one.events()
    one.share(CHAT, many=True)
    assert AskWhole(CHAT) in one.events()


def test_who_brings_only_what_others_entries_waited_for_hears_of_those_too() -> None:
    one = Exchange(talk(3))
    one.share(CHAT, many=True)
    one.events()
    one.stored(CHAT, heads_of(talk(3)), 0.0, received=[])
    assert [event.heads for event in one.events() if isinstance(event, TellHave)] == [tuple(sorted(heads_of(talk(3))))]


def test_more_heads_than_fit_a_frame_are_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "HEADS_TOLD", 3)
    ledger = MemoryLedger()
    for number in range(7):
        Writer(person("bob", f"device {number}"), ledger).say("hello")
    one = Exchange(ledger)
    one.share(CHAT)
    told = [event for event in one.events() if isinstance(event, TellHave)]
    assert [(len(event.heads), event.whole) for event in told] == [(3, True), (3, False), (1, False)]
    bob = Desk(BOB)
    meet(Desk(ALICE, ledger), bob)
    assert bob.ledger.entries == ledger.entries


def test_the_branches_of_a_chain_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that named one branch only would mean that there is no other."""
    monkeypatch.setattr(telling, "HEADS_TOLD", 1)
    original, copied = forked()
    meet(original, copied).cut()
    one = Exchange(original.ledger)
    one.share(CHAT)
    told = [event.heads for event in one.events() if isinstance(event, TellHave)]
    assert sorted(map(len, told)) == [1, 2]


def test_who_could_not_keep_something_asks_by_telling_all() -> None:
    alice, bob, wire = quiet_pair()
    said = [alice.say(f"{number}") for number in range(3)]
    wire.post()
    wire.links[bob].clear()  # bob's disk was full
    wire.lanes[bob].clear()
    bob.exchanges[wire].tell_whole(CHAT)
    settle(wire)
    assert all(bob.ledger.knows(entry.id) for entry in said)


def test_a_doubted_lane_is_said_for_each_loss() -> None:
    alice, bob, wire = quiet_pair()
    for _ in range(3):
        alice.say("lost")
        wire.post()
        wire.lanes[bob].clear()
        wire.wait(QUICK_PATIENCE)
        settle(wire)
    assert wire.sent[LaneDoubted.__name__] == 3
    assert texts_of(bob.ledger, ALICE) == 4
