"""Hearing: what a peer's word comes to, and how much of it is heard at once.

Of what a peer says it holds, what is here is its word that it has that; what is not here is remembered until it comes;
what stands elsewhere than they say is not believed. Words that lead to a look at all there is cost rest: who says so
much over and over is heard now and then, and what was said meanwhile is kept as what all of it comes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2pdm.conversation.entries import NO_ENTRY
from p2pdm.sync.ledger import Head, Ledger
from p2pdm.sync.shared import Chain, PutOff, Shared, Word
from p2pdm.sync.wanting import MAX_WANTED

MAX_UNHEARD = 1_000
"""Conversations of which a peer told something before they were shared here; more is a peer that makes them up."""
MAX_CHAINS, MAX_BRANCHES = 1_024, 64
"""Chains and branches of each that a peer's word is remembered of: more devices than 64 people have."""
FEW_HEADS = 64
"""Heads told at once that are heard at once: what a commit changes, and a few milliseconds' work at the worst."""
REST = 0.01
MAX_BUSY = 10.0
"""Seconds of rest for each head that a longer word (or one of all there is, which is pushed anew) leads to look at,
and up to how many such words may come in a row: an honest peer says so much when it comes, and seldom again."""


def believe(ledger: Ledger, conversation: bytes, theirs: Word, heads: Iterable[Head]) -> tuple[Word, list[Head]]:
    """Their heads by chain, and those that are stored here; none that stands elsewhere than they say."""
    told: Word = {}
    reached = []
    for head in heads:
        key = (head.device, head.chain)
        place = ledger.chain_of(head.id)
        if place is not None and place != (conversation, *key, head.seq):
            continue
        if key not in theirs and key not in told and len(theirs) + len(told) >= MAX_CHAINS:
            continue
        branches = told.setdefault(key, {})
        if head.id != NO_ENTRY and len(branches) < MAX_BRANCHES:
            branches[head.id] = head.seq
            if place is not None:
                reached.append(head)
    return told, reached


def remember_unknown(shared: Shared, told: Word, known: set[bytes]) -> None:
    """Keep what they told and is not here, until it comes."""
    for (device, chain), branches in told.items():
        for id, seq in branches.items():
            if id not in known and len(shared.unknown) < MAX_WANTED:
                shared.unknown[id] = Head(device, chain, seq, id)


def take_come(ledger: Ledger, conversation: bytes, shared: Shared, changed: Sequence[Head]) -> tuple[Head, ...]:
    """Of the chains that changed, what the peer said to hold before it was here; it is no longer unknown."""
    chains = {(head.device, head.chain) for head in changed}
    come = [
        head
        for head in shared.unknown.values()
        if (head.device, head.chain) in chains
        and ledger.chain_of(head.id) == (conversation, head.device, head.chain, head.seq)
    ]
    for head in come:
        del shared.unknown[head.id]
    return tuple(come)


def put_off(shared: Shared, heads: Sequence[Head], whole: bool) -> None:
    """Too much was told of late: keep what all of it comes to for later."""
    if whole or shared.put_off is None:
        shared.put_off = PutOff({}, whole)
    told: dict[Chain, list[Head]] = {}
    for head in heads:
        told.setdefault((head.device, head.chain), []).append(head)
    for chain, branches in told.items():
        if chain in shared.put_off.heads or len(shared.put_off.heads) < MAX_CHAINS:
            shared.put_off.heads[chain] = branches[:MAX_BRANCHES]
