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
again, except a whole vector: that is how a receiver that had to drop something asks for it. An entry may arrive without
what it says (whoever handed it on had erased that): it is named as lacking to everybody, until somebody has it.

In a conversation of many, an author pushes at once and everybody else holds back for RELAY_AFTER: most will have it
from the author by then. To whomever's word does not cover it then, the head is told; who lacks it answers with what is
here, and gets the rest. Of two, one waits RELAY_LATER longer: mostly both have it, and it is enough if one says so.

Whoever asks for more than the link takes (wants, or whole vectors, over and over) waits until it has taken it. What a
session knows of a conversation stands in `shared`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Iterator, KeysView, Sequence
from itertools import groupby, islice

from p2pdm.conversation.entries import CONTENT, NO_ENTRY
from p2pdm.sync.events import AskWhole, Event, LaneDoubted, PushEntries, Reached, TellHave, TellLacking, WantBranch
from p2pdm.sync.ledger import Head, Ledger, LedgerHead, Stored
from p2pdm.sync.shared import Chain, Group, PutOff, Shared

WINDOW = 512 * 1024
"""Bytes pushed ahead of the peer's word, per conversation: hides the round trip and its commit, bounds its memory."""
BATCH = 48_000
"""Bytes of entries in one push: one record, and one commit at the other side."""
QUICK = 1_100
"""Bytes of an entry that is tried over the quick lane: what fits one datagram beside the frame around it."""
QUICK_PATIENCE = 0.3
RELAY_AFTER = 2.0
"""Seconds after which what somebody else wrote is offered to others: an author who is there has long reached them."""
RELAY_LATER = 1.0
"""Seconds that one side of each pair waits longer: time for the word of the other."""
MAX_UNHEARD = 1_000
"""Conversations of which a peer told something before they were shared here; more is a peer that makes them up."""
WANT_SPAN = 64
"""Entries wanted at once when a branch is unknown; each answer shows whether more are needed."""
MAX_UNDER_WAY = 2 * WINDOW
"""Bytes handed over before the link must have taken them: a few bytes of a peer's may ask for a WINDOW."""
MAX_ASKED = 256
"""Wants that wait for the link; an honest peer has one a branch."""
MAX_WANTED = 1_000
"""Branches wanted and not here yet; more is a peer that makes them up."""
WANTED_AGAIN = 16
"""Of those, how many are looked at for each that finds no room."""
MAX_CHAINS, MAX_BRANCHES = 1_024, 64
"""Chains and branches of each that a peer's word is remembered of: more devices than 64 people have."""
FEW_HEADS = 64
"""Heads told at once that are heard at once: what a commit changes, and a few milliseconds' work at the worst."""
REST = 0.01
MAX_BUSY = 10.0
"""Seconds of rest for each head that a longer word (or one of all there is, which is pushed anew) leads to look at,
and up to how many such words may come in a row: an honest peer says so much when it comes, and seldom again."""
HEADS_TOLD = 500
"""Heads told at once, all of a chain together: what fits a frame."""


class Exchange:
    """What this side owes one peer, and what it may expect. Feed it, then drain `events()`."""

    def __init__(self, ledger: Ledger, *, later: bool = False) -> None:
        """`later`: this side is the one that waits for the other's offers."""
        self._ledger = ledger
        self._relay_after = RELAY_AFTER + (RELAY_LATER if later else 0.0)
        self._shared: dict[bytes, Shared] = {}
        self._events: list[Event] = []
        self._under_way = 0
        self._stalled: dict[bytes, None] = {}
        """Conversations of which more is to be pushed when the link has taken what is under way."""
        self._unsupplied: dict[bytes, None] = {}
        """Conversations of which what the peer lacks the body of is to be handed over then."""
        self._asked: deque[tuple[bytes, bytes, int]] = deque()
        self._unheard: set[bytes] = set()

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

    def shares(self, conversation: bytes) -> bool:
        """Whether this conversation is shared with this peer."""
        return conversation in self._shared

    def size(self, conversation: bytes) -> int:
        """How many heads a conversation that is shared has here."""
        return len(self._ledger.heads(conversation)) if conversation in self._shared else 0

    def told(self, conversation: bytes) -> frozenset[bytes]:
        """The heads that the peer last said are on its disk."""
        shared = self._shared.get(conversation)
        theirs = shared.theirs if shared is not None and shared.theirs is not None else {}
        return frozenset(id for branches in theirs.values() for id in branches)

    # --- what is shared ---

    def share(self, conversation: bytes, *, many: bool = False) -> None:
        """Both sides belong to this conversation, perhaps among `many`: tell what is here."""
        if conversation not in self._shared:
            self._shared[conversation] = Shared(many)
            self.tell_whole(conversation)
            if conversation in self._unheard:
                self._unheard.remove(conversation)
                self._events.append(AskWhole(conversation))

    def unshare(self, conversation: bytes) -> None:
        """Say and take nothing more of it."""
        if self._shared.pop(conversation, None) is not None and len(self._unheard) < MAX_UNHEARD:
            self._unheard.add(conversation)  # what they said of it is forgotten, and they don't know that
        self._stalled.pop(conversation, None)
        self._unsupplied.pop(conversation, None)

    def tell_whole(self, conversation: bytes) -> None:
        """Tell every head: at the beginning, and to ask again for what had to be dropped."""
        shared = self._shared.get(conversation)
        if shared is not None:
            shared.wanted.clear()
            self._tell_lacking(conversation, shared)
            heads = [Head(h.device, h.chain, h.seq, h.id) for h in self._ledger.heads(conversation)]
            self._tell(conversation, heads, whole=True, quick=False)

    def whole_asked(self, conversation: bytes, now: float) -> None:
        """The peer wants to be told every head; over and over, it is told now and then."""
        shared = self._shared.get(conversation)
        if shared is None:
            return
        shared.whole_asked = shared.rests_until > now + MAX_BUSY
        if not shared.whole_asked:
            shared.rest_from(now, REST * len(self._ledger.heads(conversation)))
            self.tell_whole(conversation)

    def _tell_lacking(self, conversation: bytes, shared: Shared) -> None:
        lacking = tuple(self._ledger.lacking(conversation))
        if lacking != shared.told_lacking:
            shared.told_lacking = lacking
            self._events.append(TellLacking(conversation, lacking))

    def _tell(self, conversation: bytes, heads: Iterable[Head], *, whole: bool, quick: bool) -> None:
        part: list[Head] = []
        for _, branches in groupby(sorted(heads), key=lambda head: (head.device, head.chain)):
            chain = list(branches)
            if part and len(part) + len(chain) > HEADS_TOLD:
                self._events.append(TellHave(conversation, tuple(part), whole, quick))
                part, whole = [], False
            part += chain
        self._events.append(TellHave(conversation, tuple(part), whole, quick))

    def tell(self, conversation: bytes, heads: Iterable[Head]) -> None:
        """Say at once that all these heads of some chains are here: whoever wrote them waits for it."""
        if conversation in self._shared:
            self._tell(conversation, heads, whole=False, quick=False)

    # --- what the peer says ---

    def have_received(self, conversation: bytes, heads: Iterable[Head], whole: bool, now: float) -> None:
        """The peer's durable heads: all of them, or of the chains that changed."""
        shared = self._shared.get(conversation)
        if shared is None:
            if len(self._unheard) < MAX_UNHEARD:
                self._unheard.add(conversation)
            return
        if shared.theirs is None and not whole:
            return
        heads = tuple(heads)
        if shared.put_off is not None or (shared.rests_until > now + MAX_BUSY and (whole or len(heads) > FEW_HEADS)):
            self._put_off(shared, heads, whole)
        else:
            self._hear(conversation, shared, heads, whole, now)

    @staticmethod
    def _put_off(shared: Shared, heads: Sequence[Head], whole: bool) -> None:
        """Too much was told of late: keep what all of it comes to for later."""
        if whole or shared.put_off is None:
            shared.put_off = PutOff({}, whole)
        told: dict[Chain, list[Head]] = {}
        for head in heads:
            told.setdefault((head.device, head.chain), []).append(head)
        for chain, branches in told.items():
            if chain in shared.put_off.heads or len(shared.put_off.heads) < MAX_CHAINS:
                shared.put_off.heads[chain] = branches[:MAX_BRANCHES]

    def _hear(self, conversation: bytes, shared: Shared, heads: Sequence[Head], whole: bool, now: float) -> None:
        if whole or len(heads) > FEW_HEADS:
            work = max(len(heads), len(self._ledger.heads(conversation)))
            shared.rest_from(now, REST * work)
        if whole or shared.theirs is None:
            shared.theirs = {}
            shared.unknown.clear()
            shared.start_over()
        told, reached = self._believe(conversation, shared.theirs, heads)
        shared.theirs.update(told)
        self._remember_unknown(shared, told, {head.id for head in reached})
        if reached:
            self._events.append(Reached(conversation, tuple(reached)))
        self._settle(shared)
        self._want_forks(conversation, shared, told, {head.id for head in reached})
        if shared.many and not whole:
            self._answer_offers(conversation, told)
            for chain in shared.offered & told.keys():
                shared.offered.remove(chain)
                shared.pushed.pop(chain, None)
        self._push(conversation, shared, now, of=None if whole or shared.owes_more else told.keys())

    @staticmethod
    def _remember_unknown(shared: Shared, told: dict[Chain, dict[bytes, int]], known: set[bytes]) -> None:
        for (device, chain), branches in told.items():
            for id, seq in branches.items():
                if id not in known and len(shared.unknown) < MAX_WANTED:
                    shared.unknown[id] = Head(device, chain, seq, id)

    def _has_come(self, conversation: bytes, shared: Shared, changed: Sequence[Head]) -> None:
        """Of some chains, what the peer said to hold before it was here."""
        chains = {(head.device, head.chain) for head in changed}
        come = [
            head
            for head in shared.unknown.values()
            if (head.device, head.chain) in chains
            and self._ledger.chain_of(head.id) == (conversation, head.device, head.chain, head.seq)
        ]
        for head in come:
            del shared.unknown[head.id]
        if come:
            self._events.append(Reached(conversation, tuple(come)))

    def _answer_offers(self, conversation: bytes, told: dict[Chain, dict[bytes, int]]) -> None:
        """Where they have more than is here: say what is here (of a chain that is not: no entry)."""
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
            self._tell(conversation, heads, whole=False, quick=False)

    def _believe(
        self, conversation: bytes, theirs: dict[Chain, dict[bytes, int]], heads: Iterable[Head]
    ) -> tuple[dict[Chain, dict[bytes, int]], list[Head]]:
        """Their heads by chain, and those that are stored here; none that stands elsewhere than they say."""
        told: dict[Chain, dict[bytes, int]] = {}
        reached = []
        for head in heads:
            key = (head.device, head.chain)
            place = self._ledger.chain_of(head.id)
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

    def lacking_received(self, conversation: bytes, entries: Iterable[bytes]) -> None:
        """The peer has entries without what they say: hand on what is here, once each."""
        shared = self._shared.get(conversation)
        if shared is None:
            return
        shared.lacks = dict.fromkeys(entries)
        shared.supplied &= shared.lacks.keys()
        self._supply(conversation, shared)

    def supply(self, conversation: bytes) -> None:
        """The peer may have more than before, perhaps also the bodies that it has asked for."""
        shared = self._shared.get(conversation)
        if shared is not None:
            self._supply(conversation, shared)

    def _supply(self, conversation: bytes, shared: Shared) -> None:
        for id in shared.lacks:
            if id in shared.supplied:
                continue
            if self._under_way >= MAX_UNDER_WAY:
                self._unsupplied[conversation] = None
                return
            whole = self._ledger.whole(conversation, id)
            if whole is not None:
                shared.supplied.add(id)
                self._hand(conversation, [whole], quick=False)

    def lacked(self, conversation: bytes) -> frozenset[bytes]:
        """The entries of which the peer has said that it lacks the body."""
        shared = self._shared.get(conversation)
        return frozenset(shared.lacks) if shared is not None else frozenset()

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
        # From before the peer belonged: the parent that it needs, and not what it said.
        self._hand(conversation, entries or self._ledger.bare(head), quick=False)

    def _settle(self, shared: Shared) -> None:
        """Forget what their word covers."""
        if not shared.ahead:
            return
        theirs = shared.theirs or {}
        best = {chain: max(branches.values(), default=-1) for chain, branches in theirs.items()}
        shared.ahead = [row for row in shared.ahead if row[1] > best.get(row[0], -1)]
        if not shared.ahead:
            shared.quick_since = None

    def _want_forks(
        self, conversation: bytes, shared: Shared, told: dict[Chain, dict[bytes, int]], known: set[bytes]
    ) -> None:
        if all(known.issuperset(branches) for branches in told.values()):
            return
        mine: dict[Chain, int] = {}
        for head in self._ledger.heads(conversation):
            chain = (head.device, head.chain)
            mine[chain] = max(mine.get(chain, -1), head.seq)
        for key, branches in told.items():
            for id, seq in branches.items():
                if seq <= mine.get(key, -1) and id not in known:
                    self._want(conversation, shared, id, seq)

    def _want(self, conversation: bytes, shared: Shared, id: bytes, seq: int) -> None:
        if id in shared.wanted:
            return
        if len(shared.wanted) >= MAX_WANTED:
            self._forget_come(shared)
        if len(shared.wanted) < MAX_WANTED:
            shared.wanted[id] = None
            self._events.append(WantBranch(conversation, id, max(seq - WANT_SPAN, -1)))

    def _forget_come(self, shared: Shared) -> None:
        """Of the branches wanted, forget those that are here; a few are looked at, in turns: a flood asks for each."""
        for wanted in list(islice(shared.wanted, WANTED_AGAIN)):
            del shared.wanted[wanted]
            if not self._ledger.knows(wanted):
                shared.wanted[wanted] = None

    # --- what happens here ---

    def stored(
        self,
        conversation: bytes,
        changed: Sequence[Head],
        now: float,
        *,
        received: Sequence[Head] | None = None,
        quick: bool = False,
        relayed: bool = False,
    ) -> None:
        """Entries were committed, so that these are now all heads of the chains that changed.

        `received`: the highest of each chain that this peer sent, new or not: it gets this side's word (`quick`: over
        the lane), and it holds them, for nobody sends what is not on its disk; empty when it sent only what others' had
        waited for. `relayed`: somebody else wrote them, who
        mostly reaches this peer, too.
        """
        shared = self._shared.get(conversation)
        if shared is None:
            return
        self._tell_lacking(conversation, shared)
        if shared.unknown:
            self._has_come(conversation, shared, changed)
        if relayed:
            self._tell_holders(conversation, shared, changed)
        if shared.many and relayed:
            self.hold_back(conversation, ((head.device, head.chain) for head in changed), now)
            return
        if received is not None:
            self._tell(conversation, changed, whole=False, quick=quick)
        if received:
            self._events.append(Reached(conversation, tuple(received)))
            self._they_have(shared, changed, received)
        self._push(conversation, shared, now, fresh=received is None)

    def _tell_holders(self, conversation: bytes, shared: Shared, changed: Sequence[Head]) -> None:
        """Somebody else brought what this peer has said to hold, and may have pushed: it waits for our word."""
        theirs = shared.theirs or {}
        held = {(head.device, head.chain) for head in changed if head.id in theirs.get((head.device, head.chain), ())}
        if held:
            heads = [head for head in changed if (head.device, head.chain) in held]
            self._tell(conversation, heads, whole=False, quick=False)

    def hold_back(self, conversation: bytes, chains: Iterable[Chain], now: float) -> None:
        """Somebody else, who mostly reaches this peer, too, wrote on: even before that is durable, none of it goes."""
        shared = self._shared.get(conversation)
        if shared is not None and shared.many:
            for chain in chains:
                shared.held_back.setdefault(chain, now + self._relay_after)

    def _they_have(self, shared: Shared, changed: Sequence[Head], received: Sequence[Head]) -> None:
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

    def ask_for(self, conversation: bytes, id: bytes, seq: int) -> None:
        """Want one entry, at `seq`; it may be asked for again."""
        if conversation in self._shared:
            self._events.append(WantBranch(conversation, id, seq - 1))

    # --- pushing ---

    def _push(
        self,
        conversation: bytes,
        shared: Shared,
        now: float,
        *,
        fresh: bool = False,
        of: Collection[Chain] | None = None,
    ) -> None:
        """Push what they lack (`of` some chains, where nothing is owed of others)."""
        if shared.theirs is None:
            return
        if self._under_way >= MAX_UNDER_WAY:
            self._stalled[conversation] = None
            return
        ahead = shared.bytes_ahead()
        room = WINDOW - ahead
        shared.owes_more = room <= 0
        if shared.owes_more:
            return
        entries: list[Stored] = []
        for group in self._owed(conversation, shared, shared.theirs, of):
            if room <= 0:
                shared.owes_more = True
                break
            room -= self._note_pushed(shared, group)
            entries += group.entries
        quick = fresh and not ahead and len(entries) == 1 and len(entries[0].encoded) <= QUICK
        if quick:
            shared.quick_since = now
        self._hand(conversation, entries, quick=quick)

    def _note_pushed(self, shared: Shared, group: Group) -> int:
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

    def _owed(
        self,
        conversation: bytes,
        shared: Shared,
        theirs: dict[Chain, dict[bytes, int]],
        of: Collection[Chain] | None,
    ) -> Iterator[Group]:
        """What they lack, parents first."""
        by_chain: dict[Chain, list[LedgerHead]] = {}
        for head in self._ledger.heads(conversation):
            chain = (head.device, head.chain)
            if of is None or chain in of:
                by_chain.setdefault(chain, []).append(head)
        owed = [
            self._owed_of(conversation, shared, chain, heads, theirs.get(chain, {}))
            for chain, heads in by_chain.items()
            if chain not in shared.held_back and not _covers(theirs.get(chain, {}), heads)
        ]
        # Content waits for the membership that it names.
        by_place = heapq.merge(*owed, key=lambda group: (group.chain[1] == CONTENT, group.lamport))
        return owed[0] if len(owed) == 1 else by_place

    def _owed_of(
        self, conversation: bytes, shared: Shared, chain: Chain, heads: Sequence[LedgerHead], theirs: dict[bytes, int]
    ) -> Iterator[Group]:
        """What they lack of one chain."""
        handed = shared.handed.setdefault(chain, set()) if len(heads) > 1 else frozenset[bytes]()
        if all(head.id in theirs or head.id in handed for head in heads):
            return
        top = max(head.seq for head in heads)
        if len(heads) == 1 and shared.pushed.get(chain, -1) >= top:
            return
        start = self._start(conversation, shared, chain, heads, theirs)
        while start is not None and start < top:
            entries = self._ledger.after(conversation, *chain, start, BATCH)
            if not entries:
                return
            for _, branches in groupby(entries, key=lambda entry: entry.seq):
                lacked = [entry for entry in branches if entry.id not in handed and entry.id not in theirs]
                if lacked and lacked[0].seq <= top:  # above it, nothing is durable yet
                    yield Group(lacked[0].lamport, chain, lacked)
            start = entries[-1].seq

    def _start(
        self, conversation: bytes, shared: Shared, chain: Chain, heads: Sequence[LedgerHead], theirs: dict[bytes, int]
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
        return bool(self._stalled or self._asked or self._unsupplied)

    def link_clear(self, now: float) -> None:
        """The link has taken what was under way: go on."""
        self._under_way = 0
        while self._asked and self._under_way < MAX_UNDER_WAY:
            self._answer(*self._asked.popleft())
        for conversation in list(self._unsupplied):
            if self._under_way < MAX_UNDER_WAY:
                del self._unsupplied[conversation]
                self._supply(conversation, self._shared[conversation])
        for conversation in list(self._stalled):
            if self._under_way < MAX_UNDER_WAY:
                del self._stalled[conversation]
                self._push(conversation, self._shared[conversation], now)

    # --- time ---

    @property
    def deadline(self) -> float | None:
        """When to call `tick` at the latest."""
        dues = [
            shared.quick_since + QUICK_PATIENCE for shared in self._shared.values() if shared.quick_since is not None
        ]
        # All wait equally long, so that the first held back is the first due.
        dues += [shared.rests_until - MAX_BUSY for shared in self._shared.values() if shared.puts_off]
        dues += [next(iter(shared.held_back.values())) for shared in self._shared.values() if shared.held_back]
        return min(dues, default=None)

    def tick(self, now: float) -> None:
        """Repeat over the link what the quick lane seems to have lost; offer what was held back."""
        for conversation, shared in self._shared.items():
            if shared.puts_off and now >= shared.rests_until - MAX_BUSY:
                self._make_up(conversation, shared, now)
            if shared.quick_since is not None and now >= shared.quick_since + QUICK_PATIENCE:
                shared.push_again()
                self._events.append(LaneDoubted())
                self._push(conversation, shared, now)
            due = {chain for chain, at in shared.held_back.items() if at <= now}
            if due:
                self._offer(conversation, shared, due)

    def _make_up(self, conversation: bytes, shared: Shared, now: float) -> None:
        """Do what was put off."""
        put_off, shared.put_off = shared.put_off, None
        if put_off is not None:
            heads = [head for branches in put_off.heads.values() for head in branches]
            self._hear(conversation, shared, heads, put_off.whole, now)
        if shared.whole_asked:
            self.whole_asked(conversation, now)

    def _offer(self, conversation: bytes, shared: Shared, due: set[Chain]) -> None:
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
            self._tell(conversation, [head for heads in lacked.values() for head in heads], whole=False, quick=False)


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
