"""Sessions: who is connected, and which of two links to one device stays.

Two links between the same two starts of two nodes: the newer stays, except when each side dialled one within
SIMULTANEOUS of the other, where the dial of the smaller device key stays; both sides see the same two dials, so both
keep the same one. Another start of a known device (its node was started again, or a copy of the profile runs) is
welcome at once; the older session is pinged, and ends if nothing is heard within PATIENCE. Where two starts live side
by side, both stay: each is handed what the other says, signed by its own device, and that is what makes it become
another device. Nobody's mere word does, for anybody could give it.

Sessions stay open to MAX_OPEN people. Of more, one rests: a stranger before others, for anybody can be many of
those; then whoever was talked with longest ago, but while something is on its way to or from them, only if it is so
with all. Both sides know that it rests: neither dials for company's sake, and either does to say something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from p2pdm.identity import PeerId
from p2pdm.node.gate import origin
from p2pdm.node.peer import Peer
from p2pdm.wire.frames import BUSY, LEAVING, REPLACED, RESTING

MAX_OPEN = 128
"""People to whom sessions stay open: more than anybody talks with in a day; each costs a socket, and word of all."""
MAX_RESTING = 4_096
"""People remembered who rest."""

MAX_DEVICES_EACH = 16
"""Sessions with one identity: more devices than anybody carries about; of more, the oldest goes."""
SIMULTANEOUS = 2.0
PATIENCE = 3.0
"""Seconds until an older start of a device that does not answer is taken for dead."""
MAX_STRANGERS = 64
"""Sessions with people who are not contacts: a crowd that meets for the first time."""
MAX_STRANGERS_HERE = 8
"""Of one address."""


class Sessions:
    """All live sessions with others. `is_contact` says who counts as a stranger."""

    def __init__(
        self, own_device: Callable[[], bytes], is_contact: Callable[[PeerId], bool], own: Callable[[], PeerId]
    ) -> None:
        self._own_device = own_device
        self._own = own
        self._is_contact = is_contact
        self._by_identity: dict[PeerId, list[Peer]] = {}
        self._by_lane: dict[int, Peer] = {}
        self._dialled: dict[Peer, bool] = {}
        self._suspects: dict[Peer, asyncio.TimerHandle] = {}
        self.most = MAX_OPEN
        """To how many people sessions stay open."""
        self.resting: dict[PeerId, frozenset[bytes]] = {}
        """People whose session was ended to make room, at either end, and who are there as far as is known; and what
        they had told of."""

    def __iter__(self) -> Iterator[Peer]:
        """Every live session."""
        return iter([peer for peers in self._by_identity.values() for peer in peers])

    def of(self, identity: PeerId) -> list[Peer]:
        """The sessions with someone's devices."""
        return list(self._by_identity.get(identity, ()))

    def online(self, identity: PeerId) -> bool:
        """Whether one of their devices is there and answers."""
        return any(peer.online for peer in self._by_identity.get(identity, ()))

    def connected(self, identity: PeerId) -> bool:
        """Whether there is a session, answering or not."""
        return identity in self._by_identity

    def by_lane(self, index: int) -> Peer | None:
        """Whose lane this is."""
        return self._by_lane.get(index)

    def admit(self, peer: Peer, lane_index: int, dialled: bool) -> bool:
        """Take a new session in, or close it again; False when it was closed."""
        if not self._is_contact(peer.identity) and self._crowded(peer):
            peer.close(BUSY)
            return False
        older = [p for p in self.of(peer.identity) if p.device == peer.device]
        same_start = [p for p in older if p.session.instance == peer.session.instance]
        if any(self._older_stays(old, peer, dialled) for old in same_start):
            peer.close(REPLACED)
            return False
        self.resting.pop(peer.identity, None)
        self._by_identity.setdefault(peer.identity, []).append(peer)
        self._by_lane[lane_index] = peer
        self._dialled[peer] = dialled
        for old in older:
            if old in same_start:
                peer.succeed(old)
                old.close(REPLACED)
            else:
                self._suspect(old)
        for surplus in self.of(peer.identity)[:-MAX_DEVICES_EACH]:
            surplus.close(REPLACED)
        self._make_room(peer)
        return True

    def _make_room(self, new: Peer) -> None:
        """Let somebody rest, if these are people too many."""
        others = {who: peers for who, peers in self._by_identity.items() if who not in (new.identity, self._own())}
        if len(others) < self.most:
            return

        def rank(who: PeerId) -> tuple[bool, bool, float]:
            busy = any(peer.busy for peer in others[who])
            return self._is_contact(who), busy, max(peer.used for peer in others[who])

        for who in sorted(others, key=rank)[: len(others) + 1 - self.most]:
            for peer in self.of(who):
                self.rests(peer)
                peer.close(RESTING)

    def rests(self, peer: Peer) -> None:
        """Nobody is dialled for company's sake whose session was ended to make room."""
        self.resting[peer.identity] = peer.exchange.heard | self.resting.pop(peer.identity, frozenset())
        if len(self.resting) > MAX_RESTING:
            del self.resting[next(iter(self.resting))]

    def remove(self, peer: Peer) -> None:
        """A session ended."""
        peers = self._by_identity.get(peer.identity, [])
        if peer in peers:
            peers.remove(peer)
            if not peers:
                del self._by_identity[peer.identity]
        self._by_lane = {index: p for index, p in self._by_lane.items() if p is not peer}
        self._dialled.pop(peer, None)
        timer = self._suspects.pop(peer, None)
        if timer is not None:
            timer.cancel()

    def close(self) -> None:
        """Leave everyone in order."""
        for peer in self:
            peer.close(LEAVING)

    def _older_stays(self, old: Peer, new: Peer, dialled: bool) -> bool:
        if self._dialled[old] == dialled or abs(new.session.started - old.session.started) >= SIMULTANEOUS:
            return False
        own_is_smaller = self._own_device() < new.device
        return self._dialled[old] == own_is_smaller

    @property
    def strangers(self) -> int:
        """Sessions with people who are not contacts."""
        return sum(not self._is_contact(peer.identity) for peer in self)

    def _crowded(self, peer: Peer) -> bool:
        strangers = [p for p in self if not self._is_contact(p.identity)]
        here = [p for p in strangers if origin(p.link.remote) == origin(peer.link.remote)]
        return len(strangers) >= MAX_STRANGERS or len(here) >= MAX_STRANGERS_HERE

    def _suspect(self, old: Peer) -> None:
        """Another start of its device is here: ask whether it still lives."""
        loop = asyncio.get_running_loop()
        old.session.ping(loop.time())
        asked = loop.time()
        old.turn()

        def decide() -> None:
            self._suspects.pop(old, None)
            if old.session.last_heard <= asked:
                old.close(REPLACED)

        self._suspects[old] = loop.call_later(PATIENCE, decide)
