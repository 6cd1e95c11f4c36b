"""Sharing: which conversations are synchronised with which peer, now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import NamedTuple

from p2pdm.identity import PeerId
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.gaps import Gaps
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.receipts import Receipts
from p2pdm.node.sessions import Sessions
from p2pdm.store.conversations import GROUP
from p2pdm.sync.ledger import Head
from p2pdm.wire import frames

_Level = tuple[Standing, Standing]
"""Where this side and the other stand: what may be told depends on both."""

ENOUGH = 8
"""People in a room to whom what is new is told: they hand it on to all others, whoever has a session with whom."""


class Brought(NamedTuple):
    """What a peer brought of a conversation, now that it is stored."""

    quick: bool
    """All of it came over the quick lane."""
    heads: list[Head]
    """Of the chains that got longer."""
    received: list[Head]
    """The highest of each chain that the peer itself showed to have."""


class Sharing:
    """Begins and ends it, as people meet and conversations change."""

    def __init__(self, myself: Myself, sessions: Sessions, circles: Circles, gaps: Gaps, receipts: Receipts) -> None:
        self._myself = myself
        self._sessions = sessions
        self._circles = circles
        self._gaps = gaps
        self._receipts = receipts
        self._levels: dict[Peer, dict[bytes, _Level]] = {}
        self._tellers: dict[Peer, set[bytes]] = {}
        """Who has told of a group: they may know of something that has yet to come that both belong to it."""
        self.shared: Callable[[Peer, bytes], None] = lambda _peer, _conversation: None
        """Told that a conversation is shared with a peer from now on."""
        self.needed: Callable[[PeerId], None] = lambda _: None
        """Told of people to whom there is something to say, and no session."""

    def meet(self, peer: Peer) -> None:
        """Somebody said hello: share the groups and rooms that concern both."""
        for conversation in self._circles.to_share_with(peer.identity):
            self.share(peer, conversation)
        for conversation in self._circles.to_give_back(peer.identity):
            peer.exchange.give(conversation)

    def left(self, peer: Peer) -> None:
        """A session ended."""
        self._levels.pop(peer, None)
        self._tellers.pop(peer, None)

    def share_with_teller(self, peer: Peer, conversation: bytes) -> None:
        """Share a group with whoever has told of it, whatever is known of the two: what may go to them is as before."""
        self._tellers.setdefault(peer, set()).add(conversation)
        self.share(peer, conversation)

    def share(self, peer: Peer, conversation: bytes) -> None:
        """Share a conversation with a peer; what they may have may have become more."""
        levels = self._levels.setdefault(peer, {})
        before, level = levels.get(conversation), self._level(peer, conversation)
        levels[conversation] = level
        if not peer.exchange.shares(conversation):
            self._invite(peer, conversation, level)
            peer.exchange.share(conversation, many=not self._circles.is_direct(conversation))
            self.shared(peer, conversation)
        elif before != level:
            self._invite(peer, conversation, level)
            peer.exchange.tell_whole(conversation)
            peer.exchange.stored(conversation, (), asyncio.get_running_loop().time())
            peer.exchange.supply(conversation)
        if level[0] == level[1] == Standing.MEMBER:
            for floor in self._circles.unseen_floors(conversation):
                peer.exchange.ask_for(conversation, floor.id, floor.seq)
            self._look_for_lost(peer, conversation)
        self._receipts.tell_read(peer, conversation)
        peer.turn()

    def look_for_lost(self, conversation: bytes) -> None:
        """Something was handed over as a parent only: ask everybody for more of it."""
        for peer in self.listeners(conversation):
            self._look_for_lost(peer, conversation)
            peer.turn_if_owing()

    def _look_for_lost(self, peer: Peer, conversation: bytes) -> None:
        for parent, seq in self._gaps.orphans.sought(conversation):
            peer.exchange.lacking(conversation, parent, seq)
        for gap in self._gaps.all(conversation):
            peer.exchange.ask_for(conversation, gap.id, gap.base + 1)

    def call_again(self, peer: Peer) -> None:
        """A peer accepts us now: from a stranger it has taken no invitation."""
        for conversation, level in self._levels.get(peer, {}).items():
            self._invite(peer, conversation, level)
        peer.turn()

    def unshare(self, peer: Peer, conversation: bytes) -> None:
        """Say and take nothing more of it."""
        self._levels.get(peer, {}).pop(conversation, None)
        peer.exchange.unshare(conversation)

    def changed(self, conversation: bytes) -> None:
        """Who belongs to a group has changed, or this node has entered or left a room: look again at everybody."""
        seeking = bool(self._circles.unseen_floors(conversation))
        for peer in list(self._sessions):
            if not peer.greeted:
                continue
            teller = conversation in self._tellers.get(peer, ())
            if teller or self._circles.shares(conversation, peer.identity):
                if seeking or not self._is_as_before(peer, conversation):
                    self.share(peer, conversation)
            elif peer.exchange.shares(conversation) and self._is_over(conversation):
                self.unshare(peer, conversation)

    def _is_over(self, conversation: bytes) -> bool:
        """Whether nothing more is to come: not while one is called, and the invitation is on its way."""
        called = self._circles.standing(conversation, self._myself.id) == Standing.NONE
        return not called and not self._circles.is_direct(conversation)

    def arriving(self, conversation: bytes, peer: Peer, chains: Collection[tuple[bytes, int]]) -> None:
        """Entries from `peer` are being stored: whoever else is there mostly gets them as well."""
        now = asyncio.get_running_loop().time()
        others = [chain for chain in chains if chain[0] != self._myself.device.public]  # own ones are pushed at once
        for other in self.sharers(conversation):
            if other is not peer:
                other.exchange.hold_back(conversation, others, now)

    def stored(self, conversation: bytes, brought: dict[Peer, Brought]) -> None:
        """What peers brought is durable: acknowledge it, and hand it on to whoever may lack it, all of it at once."""
        now = asyncio.get_running_loop().time()
        bringers: dict[Head, Peer | None] = {}
        """By head, the only one who brought its chain."""
        for peer, (quick, heads, received) in brought.items():
            peer.exchange.stored(conversation, heads, now, received=received, quick=quick)
            peer.turn()
            for head in heads:
                bringers[head] = None if head in bringers else peer
        authors = {head: self._circles.author(head.device) for head in bringers}
        for other in self.sharers(conversation):
            heads = [head for head, bringer in bringers.items() if bringer is not other]
            if not heads:
                continue
            theirs = [head for head in heads if authors[head] == other.identity]
            if theirs:
                other.exchange.tell(conversation, theirs)
            # Own ones are pushed at once.
            others = [head for head in heads if head.device != self._myself.device.public]
            other.exchange.stored(conversation, others, now, relayed=True)
            other.turn_if_owing()
        self.wake(conversation)

    def wake(self, conversation: bytes) -> None:
        """There is something new to say in a conversation: to those, too, whose session was ended to make room."""
        resting = [one for one in self._sessions.resting if self.is_for(conversation, one)]
        if resting and self._circles.is_room(conversation):
            resting = resting[-max(ENOUGH - self._hearers(conversation), 1) :]
        for identity in resting:
            self.needed(identity)

    def is_for(self, conversation: bytes, identity: PeerId) -> bool:
        """Whether somebody is to be dialled for what is new there; in a room, if nobody else is there to hand it on."""
        if self._circles.is_room(conversation):
            rooms = self._sessions.resting.get(identity, frozenset())
            return conversation in rooms and self._hearers(conversation) < ENOUGH
        return self._circles.concerns(conversation, identity)

    def _hearers(self, conversation: bytes) -> int:
        """How many of those connected are in a room."""
        return sum(peer.exchange.hears(conversation) for peer in self.sharers(conversation))

    def sharers(self, conversation: bytes) -> list[Peer]:
        """Everybody connected with whom a conversation is shared now."""
        return [peer for peer in self._sessions if peer.exchange.shares(conversation)]

    def listeners(self, conversation: bytes) -> list[Peer]:
        """Those of them who belong to it: who is only asked in, or has gone, is not told what goes on there."""
        return [peer for peer in self.sharers(conversation) if self._level(peer, conversation)[1] == Standing.MEMBER]

    def _is_as_before(self, peer: Peer, conversation: bytes) -> bool:
        before = self._levels.get(peer, {}).get(conversation)
        return peer.exchange.shares(conversation) and before == self._level(peer, conversation)

    def _level(self, peer: Peer, conversation: bytes) -> _Level:
        standing = self._circles.standing
        return standing(conversation, self._myself.id), standing(conversation, peer.identity)

    def _invite(self, peer: Peer, conversation: bytes, level: _Level) -> None:
        stored = self._circles.stored(conversation)
        own = peer.identity == self._myself.id
        if (
            stored is not None
            and stored.nonce
            and (stored.kind == GROUP or own)
            and level[0] == Standing.MEMBER
            and level[1] >= Standing.CALLED
        ):
            kind = self._circles.kind_of_group(conversation)
            peer.say(frames.Invited(conversation, stored.other, stored.nonce, kind))
