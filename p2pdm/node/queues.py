"""Queues: what each peer has handed over and is not judged yet, in bounded memory.

Whoever has more to hand over than is stored as fast as it comes is not read until there is room again: it is the
network that is full then, and nothing is dropped. What a session handed over before it ended is stored all the same,
unless too much of that kind waits already: sessions begin and end as often as anybody likes.
"""

from __future__ import annotations

from collections import deque

from p2pdm.conversation.encoding import CHAIN_AT
from p2pdm.identity import PeerId
from p2pdm.node.peer import Peer

ENOUGH = 1024 * 1024
"""Bytes of one peer's until no more is read of it: two exchange windows, so that the inbox never lacks work."""
MAX_QUEUED = 4 * 1024 * 1024
"""Bytes that one peer may have waiting, and all together whose session is over. Whoever is not read any more comes
nowhere near, but for a flood over the quick lane."""
ENTRY_BYTES = 128
"""Bytes of memory that an entry takes while it waits, besides its own."""

Handed = tuple[bytes, bytes, bool]
"""Conversation, entry, and whether it came over the quick lane."""


class Queues:
    """By peer, first in, first out; peers take turns."""

    def __init__(self) -> None:
        self.waiting: dict[Peer, deque[Handed]] = {}
        self.sizes: dict[Peer, int] = {}
        """Bytes of memory that a peer's queue takes."""

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self.waiting)

    def add(self, peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> bool:
        """Let them wait; False when it is too much."""
        size = self.sizes.get(peer, 0) + sum(map(_size, entries))
        if size > MAX_QUEUED:
            return False
        self.sizes[peer] = size
        self.waiting.setdefault(peer, deque()).extend((conversation, entry, quick) for entry in entries)
        if size > ENOUGH:
            peer.hold()
        return True

    def take(self, most: int) -> tuple[Peer, list[Handed]]:
        """What is judged in one turn, of the peer whose turn it is. Content after a change of membership waits for the
        next: who belongs is then folded anew, which takes as long as many signature checks."""
        peer = next(iter(self.waiting))
        queue = self.waiting.pop(peer)
        taken = [queue.popleft()]
        while queue and len(taken) < most:
            if taken[-1][1][CHAIN_AT : CHAIN_AT + 1] > queue[0][1][CHAIN_AT : CHAIN_AT + 1]:
                break
            taken.append(queue.popleft())
        self._keep(peer, queue, self.sizes[peer] - sum(_size(entry) for _, entry, _ in taken))
        return peer, taken

    def drop(self, identity: PeerId, conversation: bytes) -> None:
        """Forget what somebody has handed over of a conversation, be their session over or not."""
        for peer, queue in list(self.waiting.items()):
            if peer.identity == identity:
                kept = deque(one for one in queue if one[0] != conversation)
                self._keep(peer, kept, sum(_size(entry) for _, entry, _ in kept))

    def left(self, peer: Peer) -> None:
        """A session is over; what is forgotten of it was never acknowledged, and comes again."""
        if sum(size for one, size in self.sizes.items() if one.session.closed) > MAX_QUEUED:
            self._keep(peer, deque(), 0)

    def clear(self) -> None:
        """Forget everything."""
        self.waiting.clear()
        self.sizes.clear()

    def _keep(self, peer: Peer, queue: deque[Handed], size: int) -> None:
        if queue:
            self.waiting[peer] = queue
            self.sizes[peer] = size
        else:
            self.waiting.pop(peer, None)
            self.sizes.pop(peer, None)
        if size <= ENOUGH // 2:
            peer.go_on()


def _size(entry: bytes) -> int:
    return len(entry) + ENTRY_BYTES
