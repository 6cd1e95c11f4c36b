"""Room bodies: what came to a room without its words is asked for, of one after the other who is there.

In a chat of few, everybody is told at once what is lacking. Of a room, most may be erased everywhere, and many are in
it: one peer at a time is asked for one piece, the newest first, and each peer for everything once in a session. Whoever
gets words later says again which heads they have, to all who have said to have those: they are asked again, and over
and over only as long as anything comes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from p2pdm.conversation.entries import Header
from p2pdm.node.circles import Circles
from p2pdm.node.later import Later
from p2pdm.node.peer import Peer
from p2pdm.node.room_keeping import DAYS, PAUSE
from p2pdm.node.sharing import Sharing
from p2pdm.store.bodies import Lacked
from p2pdm.store.tables import Store
from p2pdm.wire.frames import MAX_LACKING

CALM = PAUSE + 1.0
"""Seconds after the last that came so until it is asked for: a history that comes is here by then, and tidied."""
MAX_RESTLESS = 15.0
"""Seconds after which it is asked for although more comes."""
PATIENCE = 1.0
"""Seconds in which nothing came of somebody until the next is asked."""
REST, MAX_REST = 10.0, 3_600.0
"""Seconds in which somebody is not asked again, which double each time, until something comes of it."""
DAY = 86_400_000


@dataclass(slots=True)
class _Asking:
    """What of one room is asked for now, of whom, and what has been."""

    peer: Peer | None = None
    awaited: set[bytes] = field(default_factory=set)
    until: float = 0.0
    asked: dict[Peer, tuple[int, int]] = field(default_factory=dict)
    """Between which arrivals somebody was asked for everything, both included."""
    again: dict[Peer, float] = field(default_factory=dict)
    """Who may have more than when they were asked, and when to ask them again."""
    rests: dict[Peer, tuple[float, float]] = field(default_factory=dict)
    """Until when somebody is not asked again, and how long the rest after that is."""


class RoomBodies:
    """Asks for them."""

    def __init__(self, store: Store, circles: Circles, sharing: Sharing, later: Later, wall: Callable[[], int]) -> None:
        self._store = store
        self._circles = circles
        self._sharing = sharing
        self._later = later
        self._wall = wall
        self._rooms: dict[bytes, _Asking] = {}
        self._restless_since: float | None = None

    def keeps(self, header: Header) -> bool:
        """Whether a room would still keep what an entry says."""
        return header.time >= self._kept_since()

    def lacks(self, conversation: bytes) -> None:
        """To a room, an entry came without what it says."""
        self._rooms.setdefault(conversation, _Asking())
        self._look_soon()

    def filled(self, conversation: bytes, id: bytes) -> None:
        """What an entry says has come after it."""
        asking = self._rooms.get(conversation)
        if asking is None or id not in asking.awaited:
            return
        asking.awaited.remove(id)
        if asking.peer in asking.rests:
            asking.rests[asking.peer] = asking.rests[asking.peer][0], REST
        asking.until = asyncio.get_running_loop().time() + PATIENCE
        if not asking.awaited:
            self._later.after(0.0, self._look)

    def shared(self, peer: Peer, conversation: bytes) -> None:
        """A conversation is shared with somebody from now on."""
        if self._circles.is_room(conversation):
            self._rooms.setdefault(conversation, _Asking()).asked.pop(peer, None)
            self._look_soon()

    def said_again(self, peer: Peer, conversation: bytes) -> None:
        """Somebody says that they have what they had said to have."""
        asking = self._rooms.get(conversation)
        if asking is None or peer not in asking.asked or peer in asking.again:
            return
        asking.again[peer] = asking.rests.get(peer, (0.0, 0.0))[0]
        if self._restless_since is None and all(asking.peer is None for asking in self._rooms.values()):
            self._later.after(0.0, self._look)

    def _look_soon(self) -> None:
        if any(asking.peer is not None for asking in self._rooms.values()):
            return  # whoever and whatever has come is looked at in turn
        now = asyncio.get_running_loop().time()
        if self._restless_since is None:
            self._restless_since = now
        if now - self._restless_since < MAX_RESTLESS:
            self._later.after(CALM, self._look)

    def _look(self) -> None:
        self._restless_since = None
        now = asyncio.get_running_loop().time()
        for conversation, asking in list(self._rooms.items()):
            self._go_on(conversation, asking, now)
        dues = [asking.until for asking in self._rooms.values() if asking.peer is not None]
        dues += [due for asking in self._rooms.values() for due in asking.again.values()]
        if dues:
            self._later.after(max(min(dues) - now, 0.0), self._look)

    def _go_on(self, conversation: bytes, asking: _Asking, now: float) -> None:
        there, before = self._sharing.sharers(conversation), asking.peer
        asking.asked = {peer: asking.asked[peer] for peer in there if peer in asking.asked}
        asking.again = {peer: due for peer, due in asking.again.items() if peer in asking.asked}
        asking.rests = {peer: rest for peer, rest in asking.rests.items() if peer in asking.asked}
        self._begin_again(asking, now)
        if before in there and asking.awaited and now < asking.until:
            return
        asking.peer = None
        for peer in _in_turn(there, before, answered=not asking.awaited):
            if piece := self._piece(conversation, asking, peer):
                asking.peer, asking.until = peer, now + PATIENCE
                asking.awaited = {lacked.id for lacked in piece}
                peer.exchange.name_lacking(conversation, [lacked.id for lacked in piece])
                peer.turn()
                break
        if before is not None and before in there and before is not asking.peer:
            before.exchange.name_lacking(conversation, ())
            before.turn()

    def _begin_again(self, asking: _Asking, now: float) -> None:
        for peer in [peer for peer, due in asking.again.items() if due <= now]:
            del asking.again[peer], asking.asked[peer]
            rest = asking.rests.get(peer, (0.0, REST))[1]
            asking.rests[peer] = now + rest, min(2 * rest, MAX_REST)

    def _piece(self, conversation: bytes, asking: _Asking, peer: Peer) -> list[Lacked]:
        """What to ask somebody for now: what came since they were asked, else what came before that."""
        lacking, since = self._store.entries.bodies.lacking_between, self._kept_since()
        low, high = asking.asked.get(peer, (0, 0))
        piece = lacking(conversation, high, None, since, MAX_LACKING)
        if piece:
            gap = not high or len(piece) == MAX_LACKING
            asking.asked[peer] = (piece[-1].arrival if gap else low), piece[0].arrival
        elif piece := lacking(conversation, 0, low, since, MAX_LACKING):
            asking.asked[peer] = piece[-1].arrival, high
        return piece

    def _kept_since(self) -> int:
        return self._wall() - DAYS * DAY


def _in_turn(there: list[Peer], last: Peer | None, *, answered: bool) -> list[Peer]:
    """Whoever has handed over all of a piece is asked for the next; else those after them."""
    if last is None or last not in there:
        return there
    first = there.index(last) + (not answered)
    return there[first:] + there[:first]
