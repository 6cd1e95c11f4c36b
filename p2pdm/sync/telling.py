"""Telling: which heads are here, and which entries without their bodies.

An entry may arrive without what it says (whoever handed it on had erased that): it is named as lacking to everybody,
until somebody has it (of a room, whoever runs this names it to one after the other).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from p2pdm.sync.events import Event, TellHave, TellLacking
from p2pdm.sync.ledger import Head, Ledger
from p2pdm.sync.shared import Shared

HEADS_TOLD = 500
"""Heads told at once, all of a chain together: what fits a frame."""


class Telling:
    """This side's word on what is on its disk."""

    def __init__(self, ledger: Ledger, events: list[Event]) -> None:
        self._ledger = ledger
        self._events = events

    def have(self, conversation: bytes, heads: Iterable[Head], *, whole: bool = False, quick: bool = False) -> None:
        """Tell these heads, which are all of some chains (`whole`: of all), in as many parts as it takes."""
        part: list[Head] = []
        for _, branches in groupby(sorted(heads), key=lambda head: (head.device, head.chain)):
            chain = list(branches)
            if part and len(part) + len(chain) > HEADS_TOLD:
                self._events.append(TellHave(conversation, tuple(part), whole, quick))
                part, whole = [], False
            part += chain
        self._events.append(TellHave(conversation, tuple(part), whole, quick))

    def have_all(self, conversation: bytes) -> None:
        """Tell every head."""
        heads = [Head(h.device, h.chain, h.seq, h.id) for h in self._ledger.heads(conversation)]
        self.have(conversation, heads, whole=True)

    def lacking(self, conversation: bytes, shared: Shared) -> None:
        """Tell which bodies are lacking, if that is not what was told last."""
        lacking = tuple(self._ledger.lacking(conversation)) or shared.named
        if lacking != shared.told_lacking:
            shared.told_lacking = lacking
            self._events.append(TellLacking(conversation, lacking))
