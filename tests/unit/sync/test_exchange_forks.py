"""A chain that goes on twice is held by both with both its branches, and sent no more than once."""

from __future__ import annotations

import pytest

from p2pdm.sync import wanting
from tests.unit.cast import ALICE, BOB
from tests.unit.ledger import MemoryLedger
from tests.unit.sync.desks import Desk, Wire, forked, meet, settle, talk


@pytest.mark.parametrize("first", [0, 1])
def test_bob_gets_both_branches_whichever_he_meets_first(first: int) -> None:
    copies, bob = forked(), Desk(BOB)
    meet(copies[first], bob).cut()
    wire = meet(copies[1 - first], bob)
    together = {**copies[0].ledger.entries, **copies[1].ledger.entries}
    assert len(together) == 8 + 4 + 9
    assert bob.ledger.entries == copies[1 - first].ledger.entries == together
    assert wire.sent["entries"] < 3 * len(together)


def test_a_branch_that_forked_long_ago_is_fetched_span_by_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanting, "WANT_SPAN", 4)
    ledger = talk(1)
    one, other = Desk(ALICE, ledger), Desk(ALICE, MemoryLedger(entries=ledger.entries.values()))
    for number in range(50):
        one.say(f"one {number}")
        other.say(f"other {number}")
    wire = meet(one, other)
    assert one.ledger.entries == other.ledger.entries
    assert wire.sent["entries"] <= 5 * 100


def test_who_was_away_since_before_the_fork_gets_what_came_before_it_first() -> None:
    original, copied = forked()
    bob = Desk(BOB, talk(1))
    wire = meet(original, copied)
    wire.cut()
    wire = meet(original, bob)
    assert bob.ledger.entries == original.ledger.entries
    assert wire.sent["WantBranch"] == 0
    assert bob.most_orphans == 0


def test_a_fork_is_no_reason_to_send_what_came_before_it() -> None:
    original, copied = forked()
    bob = Desk(BOB)
    meet(original, bob).cut()
    meet(copied, bob).cut()
    bob.say("what?")
    wire = meet(original, bob)
    assert original.ledger.entries == bob.ledger.entries
    assert wire.sent["entries"] < 4 + 9 + 2 + 4 + 9


def test_copies_that_both_go_on_send_only_what_is_new() -> None:
    original, copied = forked()
    bob = Desk(BOB)
    wires = Wire(original, bob), Wire(copied, bob)
    settle(*wires)
    before = sum(wire.sent["entries"] for wire in wires)
    for number in range(10):
        for desk in (original, copied):
            desk.say(f"{number}")
            settle(*wires)
    assert original.ledger.entries == copied.ledger.entries == bob.ledger.entries
    assert sum(wire.sent["entries"] for wire in wires) - before <= 4 * 20
