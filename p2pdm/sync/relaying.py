"""Relaying: what somebody else wrote.

In a conversation of many, an author pushes at once and everybody else holds back for RELAY_AFTER: most will have it
from the author by then. To whomever's word does not cover it then, the head is told; who lacks it answers with what is
here, and gets the rest. Of two, one waits RELAY_LATER longer: mostly both have it, and it is enough if one says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2pdm.conversation.entries import NO_ENTRY
from p2pdm.sync.ledger import Head, Ledger
from p2pdm.sync.shared import Chain, Shared, Word
from p2pdm.sync.telling import Telling

RELAY_AFTER = 2.0
"""Seconds after which what somebody else wrote is offered to others: an author who is there has long reached them."""
RELAY_LATER = 1.0
"""Seconds that one side of each pair waits longer: time for the word of the other."""


class Relaying:
    """Offers of what somebody else wrote, on either side."""

    def __init__(self, ledger: Ledger, telling: Telling, *, later: bool) -> None:
        """`later`: this side is the one that waits for the other's offers."""
        self._ledger = ledger
        self._telling = telling
        self._after = RELAY_AFTER + (RELAY_LATER if later else 0.0)

    def hold_back(self, shared: Shared, chains: Iterable[Chain], now: float) -> None:
        """Push none of these chains, which somebody else wrote on, until they were offered."""
        for chain in chains:
            shared.held_back.setdefault(chain, now + self._after)

    def offer(self, conversation: bytes, shared: Shared, due: set[Chain]) -> None:
        """Tell the heads of chains that got longer, unless the peer has said that it has them."""
        theirs = shared.theirs or {}
        lacked: dict[Chain, list[Head]] = {}
        for head in self._ledger.heads(conversation):
            chain = (head.device, head.chain)
            if chain in due and head.id not in theirs.get(chain, {}):
                lacked.setdefault(chain, []).append(Head(head.device, head.chain, head.seq, head.id))
        for chain in due:
            del shared.held_back[chain]
        for chain, heads in lacked.items():
            shared.pushed[chain] = max(head.seq for head in heads)  # until their answer says that they lack it
            shared.offered.add(chain)
        if lacked:
            self._telling.have(conversation, [head for heads in lacked.values() for head in heads])

    def answer(self, conversation: bytes, shared: Shared, told: Word) -> None:
        """They said what they have of some chains, perhaps as an offer, or in answer to one.

        Where they have more than is here, say what is here (of a chain that is not: no entry).
        """
        mine: dict[Chain, list[Head]] = {chain: [] for chain in told}
        for head in self._ledger.heads(conversation):
            if (head.device, head.chain) in mine:
                mine[head.device, head.chain].append(Head(head.device, head.chain, head.seq, head.id))
        behind = [
            chain
            for chain, branches in told.items()
            if max(branches.values(), default=-1) > max((head.seq for head in mine[chain]), default=-1)
        ]
        if behind:
            heads = [head for chain in behind for head in mine[chain] or [Head(*chain, 0, NO_ENTRY)]]
            self._telling.have(conversation, heads)
        for chain in shared.offered & told.keys():
            shared.offered.remove(chain)
            shared.pushed.pop(chain, None)

    def tell_holders(self, conversation: bytes, shared: Shared, changed: Sequence[Head]) -> None:
        """Somebody else brought what this peer has said to hold, and may have pushed: it waits for our word."""
        theirs = shared.theirs or {}
        held = {(head.device, head.chain) for head in changed if head.id in theirs.get((head.device, head.chain), ())}
        if held:
            self._telling.have(conversation, [head for head in changed if (head.device, head.chain) in held])
