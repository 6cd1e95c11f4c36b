"""Whoever knows an entry as a parent only says so, and gives what they have below it."""

from __future__ import annotations

from collections.abc import Iterable

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import Entry
from p2pdm.conversation.log import Place, place_of
from p2pdm.sync.events import PushEntries
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.wanting import WANT_SPAN
from tests.unit.cast import BOB
from tests.unit.ledger import CHAT, Kept, MemoryLedger, Writer


class OneFloor(MemoryLedger):
    """A ledger that knows one entry as a parent only."""

    def __init__(self, floor: Entry, entries: Iterable[Entry]) -> None:
        self._floor = floor
        super().__init__(entries=entries)

    def find(self, id: bytes) -> Place | None:
        return place_of(self._floor) if id == self._floor.id else super().find(id)

    def bare(self, id: bytes) -> list[Kept]:
        floor = self._floor
        kept = Kept(floor.header.seq, floor.header.lamport, id, floor.signed + floor.signature)
        return [kept] if id == floor.id else []


def test_what_is_below_a_parent_is_handed_over_however_far_below_it_is() -> None:
    ledger = MemoryLedger()
    bob = Writer(BOB, ledger)
    said = [bob.say(f"bob {turn}") for turn in range(WANT_SPAN * 4)]
    parent, here, lost = said[-1], said[:5], said[5:]
    exchange = Exchange(OneFloor(parent, [entry for entry in ledger.entries.values() if entry not in lost]))
    exchange.share(CHAT)
    exchange.want_received(CHAT, parent.id, here[0].header.seq)
    handed = [decode(data) for event in exchange.events() if isinstance(event, PushEntries) for data in event.entries]
    assert [entry.id for entry in handed] == [entry.id for entry in (*here[1:], parent)]
    assert handed[-1].body is None
