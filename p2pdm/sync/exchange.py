"""Exchange: vectors of heads in; entries to push, heads to tell and branches to want out.

For each shared conversation and each chain in it:

    their head is mine              nothing to do
    their head is an ancestor       push what follows it, at most WINDOW bytes ahead of their word
    their head is unknown, above    they will push
    their head is unknown, at or
    below mine                      a fork: want their branch; once it is here, push mine from the fork on

What is pushed of several chains goes in the order of its lamports, so that parents come first and nothing waits at the
other side. A single new entry goes over the quick lane first; if their word does not cover it within QUICK_PATIENCE,
everything above their word is pushed again over the link. Their word that does not advance is never a reason to push
again, except a whole vector: that is how a receiver that had to drop something asks for it. Whoever asks for more than
the link takes (wants, or whole vectors, over and over) waits until it has taken it.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, KeysView, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from p2pdm.sync.events import Event, LaneDoubted, PushEntries, Reached, TellHave, WantBranch
from p2pdm.sync.ledger import Head, Ledger, LedgerHead, Stored

WINDOW = 512 * 1024
"""Bytes pushed ahead of the peer's word, per conversation: hides the round trip and its commit, bounds its memory."""
BATCH = 48_000
"""Bytes of entries in one push: one record, and one commit at the other side."""
QUICK = 1_100
"""Bytes of an entry that is tried over the quick lane: what fits one datagram beside the frame around it."""
QUICK_PATIENCE = 0.3
WANT_SPAN = 64
"""Entries wanted at once when a branch is unknown; each answer shows whether more are needed."""
MAX_UNDER_WAY = 2 * WINDOW
"""Bytes handed over before the link must have taken them: a few bytes of a peer's may ask for a WINDOW."""
MAX_ASKED = 256
"""Wants that wait for the link; an honest peer has one a branch."""
MAX_WANTED = 1_000
"""Branches wanted and not here yet; more is a peer that makes them up."""
MAX_CHAINS, MAX_BRANCHES = 1_024, 64
"""Chains and branches of each that a peer's word is remembered of: more devices than 64 people have."""
HEADS_TOLD = 500
"""Heads told at once, all of a chain together: what fits a frame."""


_Chain = tuple[bytes, int]


class _Group(NamedTuple):
    """What a chain holds at one sequence number: an entry, or several where it is forked."""

    lamport: int
    chain: _Chain
    entries: list[Stored]


@dataclass(slots=True)
class _Shared:
    """One conversation that both sides hold, as far as this session has said."""

    theirs: dict[_Chain, dict[bytes, int]] | None = None
    """Per chain, the peer's heads (id -> seq); None before its first whole vector."""
    pushed: dict[_Chain, int] = field(default_factory=dict)
    """Per chain, the highest sequence number pushed in this session, or received from the peer."""
    handed: dict[_Chain, set[bytes]] = field(default_factory=dict)
    """Per forked chain, where a sequence number says too little, the entries pushed or received."""
    ahead: list[tuple[_Chain, int, int]] = field(default_factory=list)
    """(chain, seq, bytes) pushed and not yet covered by their word."""
    wanted: set[bytes] = field(default_factory=set)
    quick_since: float | None = None

    def bytes_ahead(self) -> int:
        return sum(size for _, _, size in self.ahead)

    def start_over(self) -> None:
        """Push everything above their word again."""
        self.pushed.clear()
        self.handed.clear()
        self.ahead.clear()
        self.quick_since = None


class Exchange:
    """What this side owes one peer, and what it may expect. Feed it, then drain `events()`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._shared: dict[bytes, _Shared] = {}
        self._events: list[Event] = []
        self._under_way = 0
        self._stalled: dict[bytes, None] = {}
        """Conversations of which more is to be pushed when the link has taken what is under way."""
        self._asked: deque[tuple[bytes, bytes, int]] = deque()

    def events(self) -> list[Event]:
        """What to do now; empties itself."""
        out, self._events = self._events, []
        return out

    @property
    def owes(self) -> bool:
        """Whether `events` has something."""
        return bool(self._events)

    @property
    def conversations(self) -> KeysView[bytes]:
        """The conversations shared with this peer, as they change: asked for with each entry."""
        return self._shared.keys()

    def told(self, conversation: bytes) -> frozenset[bytes]:
        """The heads that the peer last said are on its disk."""
        shared = self._shared.get(conversation)
        theirs = shared.theirs if shared is not None and shared.theirs is not None else {}
        return frozenset(id for branches in theirs.values() for id in branches)

    # --- what is shared ---

    def share(self, conversation: bytes) -> None:
        """Both sides belong to this conversation: tell what is here."""
        if conversation not in self._shared:
            self._shared[conversation] = _Shared()
            self.tell_whole(conversation)

    def unshare(self, conversation: bytes) -> None:
        """Say and take nothing more of it."""
        self._shared.pop(conversation, None)
        self._stalled.pop(conversation, None)

    def tell_whole(self, conversation: bytes) -> None:
        """Tell every head: at the beginning, and to ask again for what had to be dropped."""
        shared = self._shared.get(conversation)
        if shared is not None:
            shared.wanted.clear()
            heads = [Head(h.device, h.chain, h.seq, h.id) for h in self._ledger.heads(conversation)]
            self._tell(conversation, heads, whole=True, quick=False)

    def _tell(self, conversation: bytes, heads: Iterable[Head], *, whole: bool, quick: bool) -> None:
        part: list[Head] = []
        for _, branches in groupby(sorted(heads), key=lambda head: (head.device, head.chain)):
            chain = list(branches)
            if part and len(part) + len(chain) > HEADS_TOLD:
                self._events.append(TellHave(conversation, tuple(part), whole, quick))
                part, whole = [], False
            part += chain
        self._events.append(TellHave(conversation, tuple(part), whole, quick))

    # --- what the peer says ---

    def have_received(self, conversation: bytes, heads: Iterable[Head], whole: bool, now: float) -> None:
        """The peer's durable heads: all of them, or of the chains that changed."""
        shared = self._shared.get(conversation)
        if shared is None or (shared.theirs is None and not whole):
            return
        if whole or shared.theirs is None:
            shared.theirs = {}
            shared.start_over()
        told, reached = self._believe(conversation, shared.theirs, heads)
        shared.theirs.update(told)
        if reached:
            self._events.append(Reached(conversation, tuple(reached)))
        self._settle(shared)
        self._want_forks(conversation, shared, told)
        self._push(conversation, shared, now)

    def _believe(
        self, conversation: bytes, theirs: dict[_Chain, dict[bytes, int]], heads: Iterable[Head]
    ) -> tuple[dict[_Chain, dict[bytes, int]], list[Head]]:
        """Their heads by chain, and those that are stored here; none that stands elsewhere than they say."""
        told: dict[_Chain, dict[bytes, int]] = {}
        reached = []
        for head in heads:
            key = (head.device, head.chain)
            place = self._ledger.chain_of(head.id)
            if place is not None and place != (conversation, *key, head.seq):
                continue
            if key not in theirs and key not in told and len(theirs) + len(told) >= MAX_CHAINS:
                continue
            branches = told.setdefault(key, {})
            if len(branches) < MAX_BRANCHES:
                branches[head.id] = head.seq
                if place is not None:
                    reached.append(head)
        return told, reached

    def want_received(self, conversation: bytes, head: bytes, after: int) -> None:
        """The peer lacks the ancestors of `head`: hand on a span of them."""
        if self._under_way < MAX_UNDER_WAY:
            self._answer(conversation, head, after)
        elif len(self._asked) < MAX_ASKED:
            self._asked.append((conversation, head, after))

    def _answer(self, conversation: bytes, head: bytes, after: int) -> None:
        place = self._ledger.chain_of(head)
        if conversation not in self._shared or place is None or place[0] != conversation:
            return
        _, device, chain, seq = place
        start = max(after, seq - 2 * WANT_SPAN, -1)
        entries = [e for e in self._ledger.after(conversation, device, chain, start, WINDOW) if e.seq <= seq]
        self._hand(conversation, entries, quick=False)

    def _settle(self, shared: _Shared) -> None:
        """Forget what their word covers."""
        theirs = shared.theirs or {}
        best = {chain: max(branches.values()) for chain, branches in theirs.items()}
        shared.ahead = [row for row in shared.ahead if row[1] > best.get(row[0], -1)]
        if not shared.ahead:
            shared.quick_since = None

    def _want_forks(self, conversation: bytes, shared: _Shared, told: dict[_Chain, dict[bytes, int]]) -> None:
        mine: dict[_Chain, int] = {}
        for head in self._ledger.heads(conversation):
            chain = (head.device, head.chain)
            mine[chain] = max(mine.get(chain, -1), head.seq)
        for key, branches in told.items():
            for id, seq in branches.items():
                if seq <= mine.get(key, -1) and not self._ledger.knows(id):
                    self._want(conversation, shared, id, seq)

    def _want(self, conversation: bytes, shared: _Shared, id: bytes, seq: int) -> None:
        if len(shared.wanted) >= MAX_WANTED:
            shared.wanted = {wanted for wanted in shared.wanted if not self._ledger.knows(wanted)}
        if id not in shared.wanted and len(shared.wanted) < MAX_WANTED:
            shared.wanted.add(id)
            self._events.append(WantBranch(conversation, id, max(seq - WANT_SPAN, -1)))

    # --- what happens here ---

    def stored(
        self,
        conversation: bytes,
        changed: Sequence[Head],
        now: float,
        *,
        received: Sequence[Head] = (),
        quick: bool = False,
    ) -> None:
        """Entries were committed, so that these are now all heads of the chains that changed.

        `received`: the highest of each chain that this peer sent, new or not: it gets this side's word (`quick`: over
        the lane), and it holds them, for nobody sends what is not on its disk.
        """
        shared = self._shared.get(conversation)
        if shared is None:
            return
        if received:
            self._tell(conversation, changed, whole=False, quick=quick)
            self._events.append(Reached(conversation, tuple(received)))
            self._they_have(shared, changed, received)
        self._push(conversation, shared, now, fresh=not received)

    def _they_have(self, shared: _Shared, changed: Sequence[Head], received: Sequence[Head]) -> None:
        # Nothing of what they hold needs to go back.
        chains = [(head.device, head.chain) for head in changed]
        for head in received:
            key = (head.device, head.chain)
            if chains.count(key) > 1:
                shared.handed.setdefault(key, set()).add(head.id)
            else:
                shared.pushed[key] = max(shared.pushed.get(key, -1), head.seq)

    def lacking(self, conversation: bytes, parent: bytes, seq: int) -> None:
        """An entry came over the link whose parent, at `seq`, is not stored: want it."""
        shared = self._shared.get(conversation)
        if shared is not None:
            self._want(conversation, shared, parent, seq)

    # --- pushing ---

    def _push(self, conversation: bytes, shared: _Shared, now: float, *, fresh: bool = False) -> None:
        if shared.theirs is None:
            return
        if self._under_way >= MAX_UNDER_WAY:
            self._stalled[conversation] = None
            return
        ahead = shared.bytes_ahead()
        room = WINDOW - ahead
        if room <= 0:
            return
        entries: list[Stored] = []
        for group in self._owed(conversation, shared, shared.theirs):
            if room <= 0:
                break
            room -= self._note_pushed(shared, group)
            entries += group.entries
        quick = fresh and not ahead and len(entries) == 1 and len(entries[0].encoded) <= QUICK
        if quick:
            shared.quick_since = now
        self._hand(conversation, entries, quick=quick)

    def _note_pushed(self, shared: _Shared, group: _Group) -> int:
        """Remember that this goes out now; returns its bytes."""
        seq, size = group.entries[0].seq, sum(len(entry.encoded) for entry in group.entries)
        if group.chain in shared.handed:
            shared.handed[group.chain].update(entry.id for entry in group.entries)
        else:
            shared.pushed[group.chain] = seq
        shared.ahead.append((group.chain, seq, size))
        return size

    def _hand(self, conversation: bytes, entries: Sequence[Stored], *, quick: bool) -> None:
        for batch in _batches(entries):
            encoded = tuple(entry.encoded for entry in batch)
            self._under_way += sum(map(len, encoded))
            self._events.append(PushEntries(conversation, encoded, quick))

    def _owed(self, conversation: bytes, shared: _Shared, theirs: dict[_Chain, dict[bytes, int]]) -> Iterator[_Group]:
        """What they lack, parents first."""
        by_chain: dict[_Chain, list[LedgerHead]] = {}
        for head in self._ledger.heads(conversation):
            by_chain.setdefault((head.device, head.chain), []).append(head)
        owed = [
            self._owed_of(conversation, shared, chain, heads, theirs.get(chain, {}))
            for chain, heads in by_chain.items()
            if not _covers(theirs.get(chain, {}), heads)
        ]
        return owed[0] if len(owed) == 1 else heapq.merge(*owed, key=lambda group: group.lamport)

    def _owed_of(
        self, conversation: bytes, shared: _Shared, chain: _Chain, heads: Sequence[LedgerHead], theirs: dict[bytes, int]
    ) -> Iterator[_Group]:
        """What they lack of one chain."""
        handed = shared.handed.setdefault(chain, set()) if len(heads) > 1 else frozenset[bytes]()
        if all(head.id in theirs or head.id in handed for head in heads):
            return
        start = self._start(conversation, shared, chain, heads, theirs)
        top = max(head.seq for head in heads)
        while start is not None and start < top:
            entries = self._ledger.after(conversation, *chain, start, BATCH)
            if not entries:
                return
            for _, branches in groupby(entries, key=lambda entry: entry.seq):
                lacked = [entry for entry in branches if entry.id not in handed and entry.id not in theirs]
                if lacked:
                    yield _Group(lacked[0].lamport, chain, lacked)
            start = entries[-1].seq

    def _start(
        self, conversation: bytes, shared: _Shared, chain: _Chain, heads: Sequence[LedgerHead], theirs: dict[bytes, int]
    ) -> int | None:
        """Above which sequence number to push; None when they are ahead, or a fork must be fetched first."""
        forked = len(heads) > 1
        pushed = -1 if forked else shared.pushed.get(chain, -1)
        if not theirs:
            return pushed
        known = [seq for id, seq in theirs.items() if self._ledger.knows(id)]
        if not known:
            return None
        return min(self._ledger.fork_base(conversation, *chain), *known) if forked else max(pushed, *known)

    # --- the link ---

    @property
    def waits(self) -> bool:
        """Whether more is to be handed over when the link has taken what is under way: call `link_clear` then."""
        return bool(self._stalled or self._asked)

    def link_clear(self, now: float) -> None:
        """The link has taken what was under way: go on."""
        self._under_way = 0
        while self._asked and self._under_way < MAX_UNDER_WAY:
            self._answer(*self._asked.popleft())
        for conversation in list(self._stalled):
            if self._under_way < MAX_UNDER_WAY:
                del self._stalled[conversation]
                self._push(conversation, self._shared[conversation], now)

    # --- time ---

    @property
    def deadline(self) -> float | None:
        """When to call `tick` at the latest."""
        since = [shared.quick_since for shared in self._shared.values() if shared.quick_since is not None]
        return min(since) + QUICK_PATIENCE if since else None

    def tick(self, now: float) -> None:
        """Repeat over the link what the quick lane seems to have lost."""
        for conversation, shared in self._shared.items():
            if shared.quick_since is not None and now >= shared.quick_since + QUICK_PATIENCE:
                shared.start_over()
                self._events.append(LaneDoubted())
                self._push(conversation, shared, now)


def _covers(theirs: dict[bytes, int], heads: Sequence[LedgerHead]) -> bool:
    return all(head.id in theirs for head in heads)


def _batches(entries: Iterable[Stored]) -> list[list[Stored]]:
    """Runs of entries of at most BATCH bytes each (or one larger entry alone)."""
    batches: list[list[Stored]] = []
    size = BATCH
    for entry in entries:
        if size + len(entry.encoded) > BATCH:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += len(entry.encoded)
    return batches
