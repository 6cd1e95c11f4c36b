"""Shared: what a session has said so far of one conversation that both sides hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from p2pdm.sync.ledger import Head, Stored

Chain = tuple[bytes, int]
"""A device and which of its chains."""
Word = dict[Chain, dict[bytes, int]]
"""What a peer says is on its disk: of some chains, all heads (id -> seq)."""


class Group(NamedTuple):
    """What a chain holds at one sequence number: an entry, or several where it is forked."""

    lamport: int
    chain: Chain
    entries: list[Stored]


class PutOff(NamedTuple):
    """What a peer told while it had told too much: by chain its latest heads, and whether they are all it has."""

    heads: dict[Chain, list[Head]]
    whole: bool


@dataclass(slots=True)
class Shared:
    """One conversation that both sides hold, as far as this session has said."""

    many: bool = False
    """More than two hold it: others may hand on the same."""
    gives: bool = False
    """This side only gives: it says nothing of what is here, and so is handed nothing."""
    theirs: Word | None = None
    """The peer's word on all chains; None before its first whole vector."""
    unknown: dict[bytes, Head] = field(default_factory=dict)
    """Those of them that are not here: when they come, it is their word that they hold them."""
    pushed: dict[Chain, int] = field(default_factory=dict)
    """Per chain, the highest sequence number pushed in this session, or received from the peer."""
    handed: dict[Chain, set[bytes]] = field(default_factory=dict)
    """Per forked chain, where a sequence number says too little, the entries pushed or received."""
    ahead: list[tuple[Chain, int, int]] = field(default_factory=list)
    """(chain, seq, bytes) pushed and not yet covered by their word."""
    wanted: dict[bytes, None] = field(default_factory=dict)
    """Branches that were asked for, the longest ago first."""
    lacks: dict[bytes, None] = field(default_factory=dict)
    """Entries of which the peer has said that it lacks the body."""
    supplied: set[bytes] = field(default_factory=set)
    named: tuple[bytes, ...] = ()
    """Entries of which this peer, and nobody else now, is asked for the body."""
    told_lacking: tuple[bytes, ...] = ()
    held_back: dict[Chain, float] = field(default_factory=dict)
    """Chains of others that got longer, and when to offer that."""
    offered: set[Chain] = field(default_factory=set)
    """Chains whose heads were offered: the answer says what to push."""
    quick_since: float | None = None
    owes_more: bool = False
    """More was to be pushed than there was room for."""
    rests_until: float = 0.0
    """When what the peer told is as long ago as it was much."""
    put_off: PutOff | None = None
    whole_asked: bool = False
    """The peer is still to be told every head."""

    @property
    def puts_off(self) -> bool:
        """Whether something waits until it has rested."""
        return self.put_off is not None or self.whole_asked

    @property
    def unfinished(self) -> bool:
        """Whether something is on its way to the peer, or is to be handed over soon."""
        return bool(self.ahead or self.owes_more or self.held_back or self.puts_off)

    @property
    def expects(self) -> bool:
        """Whether the peer has something that was not here yet."""
        return bool(self.unknown or self.named)

    def rest_from(self, now: float, seconds: float) -> None:
        """Rest for what was just done, after what was done before."""
        self.rests_until = max(self.rests_until, now) + seconds

    def bytes_ahead(self) -> int:
        """Bytes that their word does not cover yet."""
        return sum(size for _, _, size in self.ahead)

    def note_pushed(self, group: Group) -> int:
        """Remember that this goes out now; returns its bytes."""
        seq, size = group.entries[0].seq, sum(len(entry.encoded) for entry in group.entries)
        if group.chain in self.handed:
            self.handed[group.chain].update(entry.id for entry in group.entries)
        else:
            self.pushed[group.chain] = seq
        self.ahead.append((group.chain, seq, size))
        return size

    def note_received(self, changed: Sequence[Head], received: Sequence[Head]) -> None:
        """They sent these (of the chains of which `changed` are all heads): nothing of it needs to go back."""
        chains = [(head.device, head.chain) for head in changed]
        for head in received:
            key = (head.device, head.chain)
            if chains.count(key) > 1:
                self.handed.setdefault(key, set()).add(head.id)
            else:
                self.pushed[key] = max(self.pushed.get(key, -1), head.seq)

    def settle(self) -> None:
        """Forget of what was pushed what their word covers."""
        if not self.ahead:
            return
        theirs = self.theirs or {}
        best = {chain: max(branches.values(), default=-1) for chain, branches in theirs.items()}
        self.ahead = [row for row in self.ahead if row[1] > best.get(row[0], -1)]
        if not self.ahead:
            self.quick_since = None

    def push_again(self) -> None:
        """Push again what was pushed and is not covered by their word."""
        for chain, seq, _ in self.ahead:
            self.pushed[chain] = min(self.pushed.get(chain, -1), seq - 1)
            self.handed.pop(chain, None)
        self.ahead.clear()
        self.quick_since = None

    def start_over(self) -> None:
        """Push everything above their word again."""
        self.pushed.clear()
        self.handed.clear()
        self.ahead.clear()
        self.held_back.clear()
        self.offered.clear()
        self.quick_since = None
