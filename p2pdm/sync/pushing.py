"""Pushing: how much goes out ahead of the peer's word, and ahead of the link.

At most WINDOW bytes of a conversation are ahead of their word. A single new entry goes over the quick lane first; if
their word does not cover it within QUICK_PATIENCE, everything above their word is pushed again over the link. Their
word that does not advance is never a reason to push again, except a whole vector: that is how a receiver that had to
drop something asks for it.

Whoever asks for more than the link takes (wants, or whole vectors, over and over) waits until it has taken it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from p2pdm.sync.events import Event, LaneDoubted, PushEntries
from p2pdm.sync.ledger import Ledger, Stored
from p2pdm.sync.owed import BATCH, owed
from p2pdm.sync.shared import Chain, Shared

WINDOW = 512 * 1024
"""Bytes pushed ahead of the peer's word, per conversation: hides the round trip and its commit, bounds its memory."""
QUICK = 1_100
"""Bytes of an entry that is tried over the quick lane: what fits one datagram beside the frame around it."""
QUICK_PATIENCE = 0.3
MAX_UNDER_WAY = 2 * WINDOW
"""Bytes handed over before the link must have taken them: a few bytes of a peer's may ask for a WINDOW."""


class Outflow:
    """What was handed over, as long as the link has not taken it."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._under_way = 0
        self.full = False
        """No more should be handed over until the link has taken what is under way."""

    def hand(self, conversation: bytes, entries: Iterable[Stored], *, quick: bool = False) -> None:
        """Send these entries, full or not, in batches."""
        for batch in _batches(entries):
            encoded = tuple(entry.encoded for entry in batch)
            self._under_way += sum(map(len, encoded))
            self._events.append(PushEntries(conversation, encoded, quick))
        self.full = self._under_way >= MAX_UNDER_WAY

    def clear(self) -> None:
        """The link has taken all of it."""
        self._under_way = 0
        self.full = False


class Pushing:
    """What they lack goes out, as far as the window and the link have room."""

    def __init__(self, ledger: Ledger, outflow: Outflow, events: list[Event]) -> None:
        self._ledger = ledger
        self._outflow = outflow
        self._events = events
        self.stalled: dict[bytes, Shared] = {}
        """Conversations of which more is to be pushed when the link has taken what is under way."""

    def push(
        self,
        conversation: bytes,
        shared: Shared,
        now: float,
        *,
        fresh: bool = False,
        of: Collection[Chain] | None = None,
    ) -> None:
        """Push what they lack (`of` some chains, where nothing is owed of others); `fresh`: it was just written."""
        if shared.theirs is None:
            return
        if self._outflow.full:
            self.stalled[conversation] = shared
            return
        ahead = shared.bytes_ahead()
        room = WINDOW - ahead
        shared.owes_more = room <= 0
        if shared.owes_more:
            return
        entries: list[Stored] = []
        for group in owed(self._ledger, conversation, shared, shared.theirs, of):
            if room <= 0:
                shared.owes_more = True
                break
            room -= shared.note_pushed(group)
            entries += group.entries
        quick = fresh and not ahead and len(entries) == 1 and len(entries[0].encoded) <= QUICK
        if quick:
            shared.quick_since = now
        self._outflow.hand(conversation, entries, quick=quick)

    def doubt_lane(self, conversation: bytes, shared: Shared, now: float) -> None:
        """Push over the link what the quick lane seems to have lost."""
        shared.push_again()
        self._events.append(LaneDoubted())
        self.push(conversation, shared, now)

    def forget(self, conversation: bytes) -> None:
        """It is not shared any more."""
        self.stalled.pop(conversation, None)

    def go_on(self, now: float) -> None:
        """The link has room: push what waited for that."""
        for conversation in list(self.stalled):
            if not self._outflow.full:
                self.push(conversation, self.stalled.pop(conversation), now)


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
