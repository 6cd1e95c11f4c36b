"""Exchange: vectors of heads in; entries to push, heads to tell and branches to want out.

The door of this package: it says which of the parts answers what happened, in which order; each part has its own
paragraph of the protocol. What a session knows of a conversation stands in `shared`.
"""

from __future__ import annotations

from collections.abc import Iterable, KeysView, Sequence

from p2pdm.sync import hearing
from p2pdm.sync.events import AskWhole, Event, Reached, WantBranch
from p2pdm.sync.hearing import FEW_HEADS, MAX_BUSY, MAX_UNHEARD, REST
from p2pdm.sync.ledger import Head, Ledger
from p2pdm.sync.pushing import QUICK_PATIENCE, Outflow, Pushing
from p2pdm.sync.relaying import Relaying
from p2pdm.sync.shared import Chain, Shared
from p2pdm.sync.telling import Telling
from p2pdm.sync.wanting import Answering, Wanting


class Exchange:
    """What this side owes one peer, and what it may expect. Feed it, then drain `events()`."""

    def __init__(self, ledger: Ledger, *, later: bool = False) -> None:
        """`later`: this side is the one that waits for the other's offers."""
        self._ledger = ledger
        self._shared: dict[bytes, Shared] = {}
        self._unheard: set[bytes] = set()
        self._events: list[Event] = []
        """What every part adds to."""
        self._outflow = Outflow(self._events)
        self._telling = Telling(ledger, self._events)
        self._pushing = Pushing(ledger, self._outflow, self._events)
        self._relaying = Relaying(ledger, self._telling, later=later)
        self._wanting = Wanting(ledger, self._events)
        self._answering = Answering(ledger, self._outflow, self._shared.keys())

    def events(self) -> list[Event]:
        """What to do now; empties itself."""
        out = self._events[:]
        del self._events[:]
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
        """Whether this conversation is shared with this peer, both ways."""
        shared = self._shared.get(conversation)
        return shared is not None and not shared.gives

    @property
    def heard(self) -> frozenset[bytes]:
        """The conversations of which the peer has told."""
        return frozenset(one for one, shared in self._shared.items() if shared.theirs is not None)

    def hears(self, conversation: bytes) -> bool:
        """Whether the peer has told of it, too."""
        shared = self._shared.get(conversation)
        return shared is not None and shared.theirs is not None

    def size(self, conversation: bytes) -> int:
        """How many heads a conversation that is shared has here."""
        return len(self._ledger.heads(conversation)) if conversation in self._shared else 0

    def told(self, conversation: bytes) -> frozenset[bytes]:
        """The heads that the peer last said are on its disk."""
        shared = self._shared.get(conversation)
        theirs = shared.theirs if shared is not None and shared.theirs is not None else {}
        return frozenset(id for branches in theirs.values() for id in branches)

    def lacked(self, conversation: bytes) -> frozenset[bytes]:
        """The entries of which the peer has said that it lacks the body."""
        shared = self._shared.get(conversation)
        return frozenset(shared.lacks) if shared is not None else frozenset()

    def unfinished(self, *, young: bool) -> list[bytes]:
        """The conversations of which something is on its way to the peer, or is to be handed over soon; of a `young`
        session also those of which the peer has not told yet."""
        return [
            conversation
            for conversation, shared in self._shared.items()
            if shared.unfinished or (young and shared.theirs is None)
        ]

    @property
    def busy(self) -> bool:
        """Whether anything is on its way, in either direction, or is to be soon."""
        return self.waits or any(shared.unfinished or shared.expects for shared in self._shared.values())

    # --- what is shared ---

    def share(self, conversation: bytes, *, many: bool = False) -> None:
        """Both sides belong to this conversation, perhaps among `many`: tell what is here."""
        if not self.shares(conversation):
            missed = self._shared.pop(conversation, None) is not None or conversation in self._unheard
            self._shared[conversation] = Shared(many)
            self.tell_whole(conversation)
            self._unheard.discard(conversation)
            if missed:
                self._events.append(AskWhole(conversation))

    def give(self, conversation: bytes) -> None:
        """This side has left a conversation of many: hand on what the peer shows to lack of it, and nothing else."""
        if conversation not in self._shared:
            self._shared[conversation] = Shared(many=True, gives=True)

    def unshare(self, conversation: bytes) -> None:
        """Say and take nothing more of it."""
        if self._shared.pop(conversation, None) is not None and len(self._unheard) < MAX_UNHEARD:
            self._unheard.add(conversation)  # what they said of it is forgotten, and they don't know that
        self._pushing.forget(conversation)
        self._answering.forget(conversation)

    def tell_whole(self, conversation: bytes) -> None:
        """Tell every head: at the beginning, and to ask again for what had to be dropped."""
        shared = self._shared.get(conversation)
        if shared is not None and not shared.gives:
            shared.wanted.clear()
            self._telling.lacking(conversation, shared)
            self._telling.have_all(conversation)

    def name_lacking(self, conversation: bytes, entries: Iterable[bytes]) -> None:
        """Ask this peer for some bodies, and for no others any more: where not everybody is asked for all (rooms)."""
        shared = self._shared.get(conversation)
        if shared is not None:
            shared.named = tuple(entries)
            self._telling.lacking(conversation, shared)

    def tell(self, conversation: bytes, heads: Iterable[Head]) -> None:
        """Say at once that all these heads of some chains are here: whoever wrote them waits for it."""
        if self.shares(conversation):
            self._telling.have(conversation, heads)

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
            hearing.put_off(shared, heads, whole)
        else:
            self._hear(conversation, shared, heads, whole, now)

    def _hear(self, conversation: bytes, shared: Shared, heads: Sequence[Head], whole: bool, now: float) -> None:
        if whole or len(heads) > FEW_HEADS:
            work = max(len(heads), len(self._ledger.heads(conversation)))
            shared.rest_from(now, REST * work)
        if whole or shared.theirs is None:
            shared.theirs = {}
            shared.unknown.clear()
            shared.start_over()
        told, reached = hearing.believe(self._ledger, conversation, shared.theirs, heads)
        again = all(shared.theirs.get(chain) == branches for chain, branches in told.items())
        shared.theirs.update(told)
        known = {head.id for head in reached}
        hearing.remember_unknown(shared, told, known)
        if reached:
            self._events.append(Reached(conversation, tuple(reached), again))
        shared.settle()
        if not shared.gives:
            self._wanting.want_forks(conversation, shared, told, known)
            if shared.many and not whole:
                self._relaying.answer(conversation, shared, told)
        self._pushing.push(conversation, shared, now, of=None if whole or shared.owes_more else told.keys())

    def whole_asked(self, conversation: bytes, now: float) -> None:
        """The peer wants to be told every head; over and over, it is told now and then."""
        shared = self._shared.get(conversation)
        if shared is None:
            return
        shared.whole_asked = shared.rests_until > now + MAX_BUSY
        if not shared.whole_asked:
            shared.rest_from(now, REST * len(self._ledger.heads(conversation)))
            self.tell_whole(conversation)

    def want_received(self, conversation: bytes, head: bytes, after: int) -> None:
        """The peer lacks the ancestors of `head`: hand on a span of them."""
        self._answering.wanted(conversation, head, after)

    def lacking_received(self, conversation: bytes, entries: Iterable[bytes]) -> None:
        """The peer has entries without what they say: hand on what is here, once each."""
        shared = self._shared.get(conversation)
        if shared is not None:
            self._answering.lacking(conversation, shared, entries)

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
        waited for. `relayed`: somebody else wrote them, who mostly reaches this peer, too.
        """
        shared = self._shared.get(conversation)
        if shared is None:
            return
        self._telling.lacking(conversation, shared)
        if shared.unknown:
            come = hearing.take_come(self._ledger, conversation, shared, changed)
            if come:
                self._events.append(Reached(conversation, come))
        if relayed:
            self._relaying.tell_holders(conversation, shared, changed)
        if shared.many and relayed:
            self._relaying.hold_back(shared, ((head.device, head.chain) for head in changed), now)
            return
        if received is not None:
            self._telling.have(conversation, changed, quick=quick)
        if received:
            self._events.append(Reached(conversation, tuple(received)))
            shared.note_received(changed, received)
        self._pushing.push(conversation, shared, now, fresh=received is None)

    def hold_back(self, conversation: bytes, chains: Iterable[Chain], now: float) -> None:
        """Somebody else, who mostly reaches this peer, too, wrote on: even before that is durable, none of it goes."""
        shared = self._shared.get(conversation)
        if shared is not None and shared.many:
            self._relaying.hold_back(shared, chains, now)

    def supply(self, conversation: bytes) -> None:
        """The peer may have more than before, perhaps also the bodies that it has asked for."""
        shared = self._shared.get(conversation)
        if shared is not None:
            self._answering.supply(conversation, shared)

    def lacking(self, conversation: bytes, parent: bytes, seq: int) -> None:
        """An entry came over the link whose parent, at `seq`, is not stored: want it."""
        shared = self._shared.get(conversation)
        if shared is not None:
            self._wanting.want(conversation, shared, parent, seq)

    def ask_for(self, conversation: bytes, id: bytes, seq: int) -> None:
        """Want one entry, at `seq`; it may be asked for again."""
        if conversation in self._shared:
            self._events.append(WantBranch(conversation, id, seq - 1))

    # --- the link ---

    @property
    def waits(self) -> bool:
        """Whether more is to be handed over when the link has taken what is under way: call `link_clear` then."""
        return bool(self._pushing.stalled or self._answering.asked or self._answering.unsupplied)

    def link_clear(self, now: float) -> None:
        """The link has taken what was under way: go on."""
        self._outflow.clear()
        self._answering.go_on()
        self._pushing.go_on(now)

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
                self._pushing.doubt_lane(conversation, shared, now)
            due = {chain for chain, at in shared.held_back.items() if at <= now}
            if due:
                self._relaying.offer(conversation, shared, due)

    def _make_up(self, conversation: bytes, shared: Shared, now: float) -> None:
        """Do what was put off."""
        put_off, shared.put_off = shared.put_off, None
        if put_off is not None:
            heads = [head for branches in put_off.heads.values() for head in branches]
            self._hear(conversation, shared, heads, put_off.whole, now)
        if shared.whole_asked:
            self.whole_asked(conversation, now)
