"""Owed: what the peer lacks.

    their head is mine              nothing to do
    their head is an ancestor       push what follows it
    their head is unknown, above    they will push
    their head is unknown, at or
    below mine                      a fork: their branch is wanted; once it is here, push mine from the fork on

What is pushed of several chains goes in the order of its lamports, so that parents come first and nothing waits at the
other side.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from p2pdm.conversation.entries import CONTENT
from p2pdm.sync.ledger import Ledger, LedgerHead
from p2pdm.sync.shared import Chain, Group, Shared, Word

BATCH = 48_000
"""Bytes of entries in one push: one record, and one commit at the other side."""


def owed(
    ledger: Ledger, conversation: bytes, shared: Shared, theirs: Word, of: Collection[Chain] | None
) -> Iterator[Group]:
    """What they lack and was not pushed (`of` some chains, or of all), parents first; nothing that is held back."""
    by_chain: dict[Chain, list[LedgerHead]] = {}
    for head in ledger.heads(conversation):
        chain = (head.device, head.chain)
        if of is None or chain in of:
            by_chain.setdefault(chain, []).append(head)
    chains = [
        _owed_of(ledger, conversation, shared, chain, heads, theirs.get(chain, {}))
        for chain, heads in by_chain.items()
        if chain not in shared.held_back and not _covers(theirs.get(chain, {}), heads)
    ]
    # Content waits for the membership that it names.
    by_place = heapq.merge(*chains, key=lambda group: (group.chain[1] == CONTENT, group.lamport))
    return chains[0] if len(chains) == 1 else by_place


def _covers(theirs: dict[bytes, int], heads: Sequence[LedgerHead]) -> bool:
    return all(head.id in theirs for head in heads)


def _owed_of(
    ledger: Ledger,
    conversation: bytes,
    shared: Shared,
    chain: Chain,
    heads: Sequence[LedgerHead],
    theirs: dict[bytes, int],
) -> Iterator[Group]:
    """What they lack of one chain."""
    handed = shared.handed.setdefault(chain, set()) if len(heads) > 1 else frozenset[bytes]()
    if all(head.id in theirs or head.id in handed for head in heads):
        return
    top = max(head.seq for head in heads)
    if len(heads) == 1 and shared.pushed.get(chain, -1) >= top:
        return
    start = _start(ledger, conversation, shared, chain, heads, theirs)
    while start is not None and start < top:
        entries = ledger.after(conversation, *chain, start, BATCH)
        if not entries:
            return
        for _, branches in groupby(entries, key=lambda entry: entry.seq):
            lacked = [entry for entry in branches if entry.id not in handed and entry.id not in theirs]
            if lacked and lacked[0].seq <= top:  # above it, nothing is durable yet
                yield Group(lacked[0].lamport, chain, lacked)
        start = entries[-1].seq


def _start(
    ledger: Ledger,
    conversation: bytes,
    shared: Shared,
    chain: Chain,
    heads: Sequence[LedgerHead],
    theirs: dict[bytes, int],
) -> int | None:
    """Above which sequence number to push; None when they are ahead, or a fork must be fetched first."""
    forked = len(heads) > 1
    pushed = -1 if forked else shared.pushed.get(chain, -1)
    if not theirs:
        return pushed
    known = [seq for id, seq in theirs.items() if ledger.knows(id)]
    if not known:
        return None
    return min(ledger.fork_base(conversation, *chain), *known) if forked else max(pushed, *known)
