"""Peer: drives one session and one exchange over a link and the UDP port: feed, drain, transmit, re-arm one timer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from p2pdm.identity import PeerId
from p2pdm.net.links import HIGH_WATER, Address, Link
from p2pdm.sync import events as sync
from p2pdm.sync.events import AskWhole, LaneDoubted, PushEntries, Reached, TellHave, TellLacking, WantBranch
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.ledger import Head
from p2pdm.wire import frames
from p2pdm.wire import session as wire
from p2pdm.wire.frames import Frame
from p2pdm.wire.session import AnsweringAgain, Closed, FrameReceived, NotAnswering, Session

SLICE = 32 * 1024
"""Bytes taken in at a time, so that nobody's flood holds up anything else: half of the longest record."""
MAX_PENDING = 8 * 1024 * 1024
"""Bytes that may wait in the link: many times what an honest peer is owed at once; more is one that never reads."""
HEADS_A_FRAME = 20
"""Heads in a conversation that make a word about all of them as dear as one frame more."""
ROOMS_A_FRAME = 4
AT_ONCE = 32
"""Frames worked through at a time: some 10 ms of the dearest, which cost a few signature checks each."""

SETTLING = 10.0
"""Seconds in which both tell what they have, and hand over what the other lacks."""
_PEOPLES = frames.Entries | frames.Read | frames.Request | frames.Typing
"""Frames that say what people did."""


class PeerOwner(Protocol):
    """Whom a peer reports to."""

    def peer_said(self, peer: Peer, frame: Frame, quick: bool) -> None:
        """A frame that is not the exchange's own."""

    def peer_reached(self, peer: Peer, reached: Reached) -> None:
        """The peer's word on what is on its disk."""

    def peer_wants(self, peer: Peer, conversation: bytes, id: bytes) -> None:
        """It asks for an entry and what is before it, of which it has no more than that it is a parent."""

    def peer_answers(self, peer: Peer, answers: bool) -> None:
        """It stopped answering, or answers again."""

    def peer_closed(self, peer: Peer, closed: Closed) -> None:
        """The session is over; the peer is gone from now on."""


class Peer:
    """One connected device."""

    def __init__(
        self,
        link: Link,
        session: Session,
        exchange: Exchange,
        owner: PeerOwner,
        send_datagram: Callable[[bytes, Address], None],
    ) -> None:
        self.link = link
        self.session = session
        self.exchange = exchange
        self.greeted = False
        """Its Hello was here: who it is and whether it accepts us."""
        self.accepts_us = False
        self.told = False
        """What we last told it of whether we accept them."""
        self.listens_at: Address | None = None
        self._owner = owner
        self._send_datagram = send_datagram
        self._lane_address: Address | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self._ended = False
        self._turning = False
        self._unread = bytearray()
        self._reading: asyncio.Handle | None = None
        self._held = False
        self._heard: deque[wire.Event] = deque()
        self.asked = b""
        """The request of ours that this session has carried."""
        self.presence = frames.Presence()
        """How it says that they are here."""
        self.presence_told = frames.Presence()
        """What it knows of how we are here."""
        self.pictures_asked: dict[PeerId, tuple[bytes, bool]] = {}
        """Their picture, and ours, that it was asked for, and whether it had accepted us then."""
        self.pictures_owed: dict[PeerId, bytes] = {}
        """Our picture, and theirs, that it has asked for."""
        self.pictures_given: dict[PeerId, bytes] = {}
        """Those that it was given."""
        self._closed: Closed | None = None
        self.used = session.started
        """When anything was last said over it by people."""
        self._loop = asyncio.get_running_loop()

    @property
    def identity(self) -> PeerId:
        """Who it is."""
        return self.session.peer.identity

    @property
    def device(self) -> bytes:
        """Which of their devices."""
        return self.session.peer.device

    def succeed(self, old: Peer) -> None:
        """Take the place of a session with the same start of the same device: nobody leaves or comes."""
        self.greeted = self.greeted or old.greeted
        self.used = old.used
        self.accepts_us = old.accepts_us
        self.presence = old.presence

    @property
    def online(self) -> bool:
        """Greeted, alive and answering."""
        return self.greeted and self.session.answering

    @property
    def young(self) -> bool:
        """Whether the two may still be telling each other what they have."""
        return self._loop.time() - self.session.started < SETTLING

    @property
    def busy(self) -> bool:
        """Whether something is on its way between the two, or may be soon."""
        if self.young:
            return True
        on_link = self.link.pending or self._unread or self._heard or self.session.waits_for_answer
        return self.session.answering and bool(on_link or self.exchange.busy)

    # --- the link's side ---

    def data_received(self, data: bytes) -> None:
        """Bytes from the link."""
        self._unread += data
        if self._reading is None:
            self._read_on()

    def _read_on(self) -> None:
        """Take in a slice of what came; the rest after whatever else waits in the loop."""
        self._reading = None
        if self._held:
            self.link.pause()
            return
        if self._heard:
            self.turn()
        else:
            self._take_in(SLICE)
        if self._unread or self._heard or self._held:
            self._read_on_soon()
        else:
            self.link.resume()

    def _read_on_soon(self) -> None:
        if self._reading is None:
            self.link.pause()
            self._reading = self._loop.call_soon(self._read_on)

    def _take_in(self, size: int) -> None:
        data = bytes(self._unread[:size])
        del self._unread[:size]
        self.session.receive_data(data, self._loop.time())
        self.turn()

    def datagram_received(self, packet: bytes) -> None:
        """A packet that bears this session's lane index."""
        self.session.receive_datagram(packet, self._loop.time())
        self.turn()

    def writable(self) -> None:
        """The link takes more: what waits for it is bounded by the exchange's windows, and goes on now."""
        self.turn()

    def link_closed(self, why: str) -> None:
        """The link ended."""
        self._take_in(len(self._unread))
        self.session.receive_end()
        self.turn()

    # --- the node's side ---

    def hold(self) -> None:
        """Read nothing more until `go_on`: what they say waits in the network."""
        self._held = True

    def go_on(self) -> None:
        """Read on, if that was held."""
        if self._held:
            self._held = False
            self._read_on_soon()

    def say(self, frame: Frame) -> None:
        """Send a frame over the link, now."""
        self.session.send(frame, self._loop.time())
        self.turn()

    def say_quick(self, frame: Frame) -> None:
        """Send a frame that may be lost."""
        self.session.send_quick(frame, self._loop.time())
        self.turn()

    def close(self, reason: int) -> None:
        """End in order."""
        self.session.close(reason)
        self.turn()

    def turn(self) -> None:
        """Do all that has become due: events, then what is to be sent, then the timer."""
        if self._turning:
            return  # what an event led to: the turn under way sees to it
        self._turning = True
        try:
            self._work()
            self._transmit()
            while self.exchange.waits and not self.session.closed and self.link.pending < HIGH_WATER:
                self.exchange.link_clear(self._loop.time())
                self._work(0)  # what they said meanwhile is for the next turn
                self._transmit()
        finally:
            self._turning = False
        if self._heard:
            self._read_on_soon()
        elif self.session.closed:
            self._end()
        else:
            self._arm()

    def turn_if_owing(self) -> None:
        """As `turn`, and much cheaper where there is nothing to do before a later moment."""
        if self.exchange.owes or self._heard or self.session.closed:
            self.turn()
        elif not self._turning:
            self._arm()

    def _work(self, room: int = AT_ONCE) -> None:
        now = self._loop.time()
        self._heard.extend(self.session.events())
        while (self._heard and room) or self.exchange.owes:
            if self._heard and room:
                room = max(room - self._weight(self._heard[0]), 0)
                self._take(self._heard.popleft())
                self._heard.extend(self.session.events())
            for owed in self.exchange.events():
                self._pay(owed, now)

    def _weight(self, event: wire.Event) -> int:
        """How many frames' work this is."""
        match event:
            case FrameReceived(frames.Have(conversation) | frames.Tell(conversation)):
                return 1 + self.exchange.size(conversation) // HEADS_A_FRAME
            case FrameReceived(frames.Rooms(rooms)):
                return 1 + len(rooms) // ROOMS_A_FRAME
            case _:
                return 1

    def _take(self, event: FrameReceived | NotAnswering | AnsweringAgain | Closed) -> None:
        match event:
            case FrameReceived(frames.Have(conversation, heads, whole)):
                told = [Head(head.device, head.chain, head.seq, head.id) for head in heads]
                self.exchange.have_received(conversation, told, whole, self._loop.time())
            case FrameReceived(frames.Want(conversation, head, after)):
                self.exchange.want_received(conversation, head, after)
                self._owner.peer_wants(self, conversation, head)
            case FrameReceived(frames.Lacking(conversation, entries)):
                self.exchange.lacking_received(conversation, entries)
            case FrameReceived(frames.Tell(conversation)):
                self.exchange.whole_asked(conversation, self._loop.time())
            case FrameReceived(frame, quick):
                if isinstance(frame, _PEOPLES):
                    self.used = self._loop.time()
                self._owner.peer_said(self, frame, quick)
            case NotAnswering():
                self._owner.peer_answers(self, False)
            case AnsweringAgain():
                self._owner.peer_answers(self, True)
            case Closed():
                self._closed = event

    def _pay(self, owed: sync.Event, now: float) -> None:
        session = self.session
        match owed:
            case TellHave(conversation, heads, whole, quick):
                told = [frames.Head(head.device, head.chain, head.seq, head.id) for head in heads]
                have = frames.Have(conversation, told, whole)
                if quick:
                    session.send_quick(have, now)
                else:
                    session.send(have, now, answered=whole)  # theirs must come before anything can be pushed
            case PushEntries(conversation, entries, quick):
                self.used = now
                push = frames.Entries(conversation, list(entries))
                if quick:
                    session.send_quick(push, now, answered=True)
                else:
                    session.send(push, now, answered=True)
            case WantBranch(conversation, head, after):
                session.send(frames.Want(conversation, head, after), now, answered=True)
            case TellLacking(conversation, lacking):
                session.send(frames.Lacking(conversation, list(lacking)), now, answered=bool(lacking))
            case AskWhole(conversation):
                session.send(frames.Tell(conversation), now)
            case Reached():
                self._owner.peer_reached(self, owed)
            case LaneDoubted():
                session.doubt_lane(now)

    def _transmit(self) -> None:
        data = self.session.data_to_send()
        if data:
            self.link.write(data)
            if self.link.pending > MAX_PENDING:
                self.link.abort()
                self.session.receive_end()
        for packet in self.session.datagrams_to_send():
            if self._lane_address is None and self.session.lane_port is not None:
                self._lane_address = Address(self.link.remote.host, self.session.lane_port)
            if self._lane_address is not None:
                self._send_datagram(packet, self._lane_address)

    def _arm(self) -> None:
        due = min((d for d in (self.session.deadline, self.exchange.deadline) if d is not None), default=None)
        if due is None:
            return
        # A timer that fires early re-arms itself; moving it on each frame would cost more than that.
        if self._timer is not None and self._timer_due <= due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time()
        self.session.tick(now)
        self.exchange.tick(now)
        self.turn()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        self._unread.clear()
        self.go_on()
        self.link.close()
        closed = self._closed or Closed(orderly=True, reason=None, why="")
        self._owner.peer_closed(self, closed)
