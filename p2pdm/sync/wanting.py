"""Wanting: branches and bodies that one side asks the other for.

A branch is wanted by its head, a span of it at a time; each answer shows whether more is needed. The bodies that the
peer has said it lacks are handed on once each. What is asked for while the link is full waits until it has room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from itertools import islice

from p2pdm.sync.events import Event, WantBranch
from p2pdm.sync.ledger import Ledger
from p2pdm.sync.pushing import WINDOW, Outflow
from p2pdm.sync.shared import Chain, Shared, Word

WANT_SPAN = 64
"""Entries wanted at once when a branch is unknown; each answer shows whether more are needed."""
MAX_WANTED = 1_000
"""Branches wanted and not here yet; more is a peer that makes them up."""
WANTED_AGAIN = 16
"""Of those, how many are looked at for each that finds no room."""
MAX_ASKED = 256
"""Wants that wait for the link; an honest peer has one a branch."""


class Wanting:
    """What this side wants of the peer."""

    def __init__(self, ledger: Ledger, events: list[Event]) -> None:
        self._ledger = ledger
        self._events = events

    def want(self, conversation: bytes, shared: Shared, id: bytes, seq: int) -> None:
        """Want the branch of which this is the head, once."""
        if id in shared.wanted:
            return
        if len(shared.wanted) >= MAX_WANTED:
            self._forget_come(shared)
        if len(shared.wanted) < MAX_WANTED:
            shared.wanted[id] = None
            self._events.append(WantBranch(conversation, id, max(seq - WANT_SPAN, -1)))

    def want_forks(self, conversation: bytes, shared: Shared, told: Word, known: set[bytes]) -> None:
        """Of what they told, want what is unknown at or below the heads that are here: a fork."""
        if all(known.issuperset(branches) for branches in told.values()):
            return
        mine: dict[Chain, int] = {}
        for head in self._ledger.heads(conversation):
            chain = (head.device, head.chain)
            mine[chain] = max(mine.get(chain, -1), head.seq)
        for key, branches in told.items():
            for id, seq in branches.items():
                if seq <= mine.get(key, -1) and id not in known:
                    self.want(conversation, shared, id, seq)

    def _forget_come(self, shared: Shared) -> None:
        """Of the branches wanted, forget those that are here; a few are looked at, in turns: a flood asks for each."""
        for wanted in list(islice(shared.wanted, WANTED_AGAIN)):
            del shared.wanted[wanted]
            if not self._ledger.knows(wanted):
                shared.wanted[wanted] = None


class Answering:
    """What the peer wants of this side."""

    def __init__(self, ledger: Ledger, outflow: Outflow, conversations: Container[bytes]) -> None:
        """`conversations`: those that are shared, as they change."""
        self._ledger = ledger
        self._outflow = outflow
        self._conversations = conversations
        self.asked: deque[tuple[bytes, bytes, int]] = deque()
        """Wants that wait for the link."""
        self.unsupplied: dict[bytes, Shared] = {}
        """Conversations of which what the peer lacks the body of is to be handed over when it has room."""

    def wanted(self, conversation: bytes, head: bytes, after: int) -> None:
        """The peer lacks the ancestors of `head`: hand on a span of them."""
        if not self._outflow.full:
            self._answer(conversation, head, after)
        elif len(self.asked) < MAX_ASKED:
            self.asked.append((conversation, head, after))

    def _answer(self, conversation: bytes, head: bytes, after: int) -> None:
        place = self._ledger.chain_of(head)
        if conversation not in self._conversations or place is None or place[0] != conversation:
            return
        _, device, chain, seq = place
        # From before the peer belonged, or here as a parent only: this is all that it gets of it, after what is below.
        bare = self._ledger.bare(head)
        start = after if bare else max(after, seq - 2 * WANT_SPAN, -1)
        entries = [e for e in self._ledger.after(conversation, device, chain, start, WINDOW) if e.seq <= seq]
        self._outflow.hand(conversation, [*entries, *bare])

    def lacking(self, conversation: bytes, shared: Shared, entries: Iterable[bytes]) -> None:
        """The peer has these entries without their bodies, and no others: hand on what is here."""
        shared.lacks = dict.fromkeys(entries)
        shared.supplied &= shared.lacks.keys()
        self.supply(conversation, shared)

    def supply(self, conversation: bytes, shared: Shared) -> None:
        """Hand on, once each, the bodies that the peer lacks and may have."""
        for id in shared.lacks:
            if id in shared.supplied:
                continue
            if self._outflow.full:
                self.unsupplied[conversation] = shared
                return
            whole = self._ledger.whole(conversation, id)
            if whole is not None:
                shared.supplied.add(id)
                self._outflow.hand(conversation, [whole])

    def forget(self, conversation: bytes) -> None:
        """It is not shared any more."""
        self.unsupplied.pop(conversation, None)

    def go_on(self) -> None:
        """The link has room: answer what waited for that."""
        while self.asked and not self._outflow.full:
            self._answer(*self.asked.popleft())
        for conversation in list(self.unsupplied):
            if not self._outflow.full:
                self.supply(conversation, self.unsupplied.pop(conversation))
