"""Reception: sessions begin and end here, and what peers say goes to whom it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from p2pdm.conversation.entries import EntryError
from p2pdm.identity import IdentityError, PeerId, ProfileRecord, clean_line
from p2pdm.net.links import Address, Datagrams, Link
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
from p2pdm.node.groups import Groups
from p2pdm.node.inbox import Inbox
from p2pdm.node.ledger import PeerLedger
from p2pdm.node.myself import Myself
from p2pdm.node.own_devices import OwnDevices
from p2pdm.node.peer import Peer
from p2pdm.node.pictures import Pictures
from p2pdm.node.presence import Presence
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.receipts import Receipts
from p2pdm.node.requests import Requests
from p2pdm.node.rooms import Rooms
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import SIMULTANEOUS, Sessions
from p2pdm.node.sharing import Sharing
from p2pdm.store.tables import Store
from p2pdm.sync.events import Reached
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.ledger import Head
from p2pdm.wire import frames
from p2pdm.wire.frames import BUSY, CLONED, LEAVING, MAX_STATUS_TEXT, REPLACED, RESTING, VIOLATION, Frame
from p2pdm.wire.handshake import Established
from p2pdm.wire.lane import LaneReceiver, index_of
from p2pdm.wire.session import Closed, Session

GRACE = 1.5
"""Seconds that a session which broke has to come back before clients are told that someone is gone."""
SHORT = 10.0
"""Seconds: a session that broke sooner is likely to break again."""
PAUSE = 15.0
"""Seconds until such a one is dialled again."""
CROWDED = 3.0
"""Seconds, where one of the two soon had no room for the other: of many who are busy, each would only take turns."""
RENEW = 3_600.0
"""Seconds until a session's keys are renewed by a new handshake, made before the old session ends."""
RENEW_AGAIN = 60.0
"""Seconds until that is tried again when it failed."""


class Services(NamedTuple):
    """Those to whom what peers say goes."""

    circles: Circles
    groups: Groups
    inbox: Inbox
    own_devices: OwnDevices
    pictures: Pictures
    presence: Presence
    privacy: PrivacySettings
    receipts: Receipts
    requests: Requests
    rooms: Rooms
    sharing: Sharing


class Reception:
    """Makes peers of handshakes and implements PeerOwner."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        services: Services,
        cloned: Callable[[], None],
        random: Callable[[int], bytes],
        wall: Callable[[], int],
    ) -> None:
        self.datagrams: Datagrams | None = None
        self.dialing: Dialing
        self._store = store
        self._commits = commits
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._circles = services.circles
        self._groups = services.groups
        self._inbox = services.inbox
        self._own_devices = services.own_devices
        self._own_devices.spoken = self._spoken
        self._pictures = services.pictures
        self._presence = services.presence
        self._privacy = services.privacy
        self._receipts = services.receipts
        self._requests = services.requests
        self._rooms = services.rooms
        self._sharing = services.sharing
        self._cloned = cloned
        self._random = random
        self._wall = wall
        self._grace: dict[PeerId, asyncio.TimerHandle] = {}
        self._renewals: dict[Peer, asyncio.TimerHandle] = {}
        self._renewing: set[asyncio.Task[None]] = set()
        self.met: Callable[[Peer, bool], None] = lambda peer, dialled: None
        """Told of each session that begins, and whether we dialled."""
        self.parted: Callable[[Peer, Closed], None] = lambda peer, closed: None
        """Told of each that ends."""
        self.said_again: Callable[[Peer, bytes], None] = lambda _peer, _conversation: None
        """Told that a peer says of a conversation what it had said: perhaps it has some of it whole now."""

    # --- beginnings ---

    def admit(self, link: Link, established: Established, dialled: bool) -> None:
        """A handshake succeeded."""
        lane = LaneReceiver(int.from_bytes(self._random(4), "big"), self._random(32))
        port = self.datagrams.port if self.datagrams is not None else None
        loop = asyncio.get_running_loop()
        session = Session(replace(established, rest=b""), loop.time(), lane, port)
        later = self._myself.device.public > established.peer.device
        exchange = Exchange(self._ledger(established.peer.identity), later=later)
        peer = Peer(link, session, exchange, self, self._send_datagram)
        link.start(peer)
        if peer.identity == self._myself.id:
            if self._is_copy(peer):
                peer.close(CLONED)
                self._cloned()
                return
            if peer.device == self._myself.device.public:  # this node itself, by way of somebody who passes all on
                peer.close(LEAVING)
                return
        if not self._sessions.admit(peer, lane.index, dialled):
            return
        self.met(peer, dialled)
        if dialled:
            self._renewals[peer] = loop.call_later(RENEW, self._renew, peer)
        peer.told = self._roster.is_contact(peer.identity)
        hidden = self._presence.greets(peer)
        peer.say(frames.Hello(self._myself.record.encoded, peer.told, self.dialing.port, hidden))
        peer.data_received(established.rest)

    def _ledger(self, identity: PeerId) -> PeerLedger:
        return PeerLedger(self._store.entries, self._circles, self._myself.id, identity)

    def _is_copy(self, peer: Peer) -> bool:
        """Whether this device runs twice: only its own signature, in another start, can say so."""
        return peer.device == self._myself.device.public and peer.session.instance != self._myself.instance

    def _note_own(self, peer: Peer) -> None:
        """Another device of ours is here: only this identity could certify it."""
        self._store.entries.add_device(peer.session.peer)
        self._store.devices.seen(peer.device, self._wall())

    def datagram(self, data: bytes, source: Address) -> None:
        """A datagram came: for one of the lanes, or for nobody."""
        index = index_of(data)
        peer = self._sessions.by_lane(index) if index is not None else None
        if peer is not None:
            peer.datagram_received(data)

    def _send_datagram(self, data: bytes, to: Address) -> None:
        if self.datagrams is not None:
            self.datagrams.send(data, to)

    def _renew(self, peer: Peer) -> None:
        self._renewals.pop(peer, None)
        task = asyncio.get_running_loop().create_task(self._shake_hands_again(peer))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)

    async def _shake_hands_again(self, peer: Peer) -> None:
        """The keys are an hour old: the newer session replaces this one."""
        if not await self.dialing.dial_any(peer.identity, [peer.link.remote]) and not peer.session.closed:
            self._renewals[peer] = asyncio.get_running_loop().call_later(RENEW_AGAIN, self._renew, peer)

    # --- PeerOwner ---

    def peer_said(self, peer: Peer, frame: Frame, quick: bool) -> None:
        """Pass a frame on; what can't be true ends the session."""
        try:
            if isinstance(frame, frames.Hello):
                self._greeted(peer, frame)
            elif peer.greeted:
                self._hear(peer, frame, quick)
        except (EntryError, IdentityError):
            peer.close(VIOLATION)

    def peer_reached(self, peer: Peer, reached: Reached) -> None:
        """Their word on what is on their disk."""
        self._receipts.reached(peer, reached)
        if reached.again:
            self.said_again(peer, reached.conversation)

    def peer_wants(self, peer: Peer, conversation: bytes, id: bytes) -> None:
        """See PeerOwner."""
        self._inbox.wanted(peer, conversation, id)

    def peer_answers(self, peer: Peer, answers: bool) -> None:
        """They stopped answering, or answer again."""
        self._roster.changed(peer.identity)

    def peer_closed(self, peer: Peer, closed: Closed) -> None:
        """A session ended."""
        was_known = peer in set(self._sessions)
        if was_known:
            self.parted(peer, closed)
        self._sessions.remove(peer)
        self._sharing.left(peer)
        self._rooms.left(peer)
        self._inbox.queues.left(peer)
        renewal = self._renewals.pop(peer, None)
        if renewal is not None:
            renewal.cancel()
        if was_known and peer.greeted and peer.identity == self._myself.id:
            self._commits.note(lambda: self._note_own(peer))
        if not was_known or self._sessions.connected(peer.identity):
            return
        if peer.greeted and self._roster.known(peer.identity) is not None:
            now = 0 if peer.presence.hidden else self._wall()
            self._commits.note(lambda: self._store.people.set_last_seen(peer.identity, now))
        if closed.reason == RESTING:
            self._sessions.rests(peer)
        if closed.reason in (LEAVING, RESTING) or (closed.reason is None and closed.orderly):
            self._gone(peer.identity)
        else:
            self._begin_grace(peer.identity)
        self._dial_again(peer, closed)

    def _dial_again(self, peer: Peer, closed: Closed) -> None:
        """Whoever may be there still is dialled, unless they rest and nothing was on its way to them."""
        lived = asyncio.get_running_loop().time() - peer.session.started
        if peer.identity in self._sessions.resting:
            self.dialing.rest(peer.identity)
            unfinished = peer.exchange.unfinished(young=peer.young)
            asked = bool(peer.asked) and self._store.people.held(peer.identity) != peer.asked
            if not peer.greeted or asked or any(self._sharing.is_for(one, peer.identity) for one in unfinished):
                # Whoever ended it could not know of it.
                self.dialing.want(peer.identity, delay=0.0 if lived >= SHORT else CROWDED, needed=True)
        elif closed.reason == REPLACED:  # by a session that did not come about here?
            self.dialing.want(peer.identity, delay=SIMULTANEOUS)
        elif closed.reason == LEAVING and self._roster.announced_since(peer.identity, peer.session.started):
            self.dialing.want(peer.identity)  # their goodbye was longer under way than the word that they are back
        elif closed.reason == BUSY:
            if self._roster.is_contact(peer.identity):
                self.dialing.want(peer.identity, delay=PAUSE)
        elif closed.reason not in (LEAVING, CLONED):
            self.dialing.want(peer.identity, delay=0.0 if lived >= SHORT else PAUSE)

    def close(self) -> None:
        """Forget all timers."""
        for timer in [*self._grace.values(), *self._renewals.values()]:
            timer.cancel()
        for task in self._renewing:
            task.cancel()

    def _begin_grace(self, identity: PeerId) -> None:
        if identity not in self._grace:
            self._grace[identity] = asyncio.get_running_loop().call_later(GRACE, self._gone, identity)

    def _gone(self, identity: PeerId) -> None:
        timer = self._grace.pop(identity, None)
        if timer is not None:
            timer.cancel()
        if not self._sessions.connected(identity):
            self._roster.left(identity)
        self._roster.changed(identity)

    # --- hearing ---

    def _greeted(self, peer: Peer, hello: frames.Hello) -> None:
        if peer.listens_at is not None:
            raise IdentityError("a hello came twice")
        record = ProfileRecord.decode(peer.identity, hello.profile)
        if not 0 < hello.port < 65_536:
            raise IdentityError("a hello names no port")
        peer.greeted = True
        peer.presence = frames.Presence(hidden=hello.hidden)
        self.dialing.failures.pop(peer.identity, None)
        peer.accepts_us = hello.accepts
        peer.listens_at = Address(peer.link.remote.host, hello.port)
        self._give_back(peer, record)
        self._commits.note(lambda: self._note_greeting(peer, record))
        timer = self._grace.pop(peer.identity, None)
        if timer is not None:
            timer.cancel()
        if peer.identity == self._myself.id:
            self._own_devices.met()
        self._requests.meet(peer)
        self._sharing.meet(peer)
        self._rooms.tell(peer)
        self._roster.changed(peer.identity)

    def _give_back(self, peer: Peer, record: ProfileRecord) -> None:
        """Who comes back with an older copy of their profile gets what they have said of themselves since."""
        newest = self._roster.record(peer.identity)
        if newest is not None and newest.replaces(record):
            peer.say(frames.Yours(newest.encoded))

    def _note_greeting(self, peer: Peer, record: ProfileRecord) -> None:
        if peer.identity == self._myself.id:
            self._note_own(peer)
            self._own_devices.heard_record(record)
            return
        self._roster.met(peer.identity, record)
        if peer.listens_at is not None and self._roster.known(peer.identity) is not None:
            self._store.people.set_accepts_us(peer.identity, peer.accepts_us)
            self._store.people.reached_at(peer.identity, peer.listens_at.host, peer.listens_at.port, self._wall())
            self._forget_if_hidden(peer)

    def _hear(self, peer: Peer, frame: Frame, quick: bool) -> None:
        match frame:
            case frames.Entries(conversation, entries):
                self._inbox.received(peer, conversation, entries, quick)
            case frames.Read(conversation, heads):
                self._receipts.read_by(peer, conversation, [Head(h.device, h.chain, h.seq, h.id) for h in heads])
            case frames.Request(opening, entry):
                self._requests.requested(peer, opening, entry)
            case frames.Held(entry):
                self._requests.held(peer, entry)
            case frames.Accepts(accepts):
                self._accepted(peer, accepts)
            case frames.Invited():
                self._groups.called(peer, frame)
            case frames.Rooms():
                self._rooms.told(peer, frame)
            case frames.Typing(conversation, on) if self._hears_typing(peer, conversation):
                self._roster.set_typing(peer.identity, conversation, on)
            case _:
                self._hear_of_themselves(peer, frame)

    def _hear_of_themselves(self, peer: Peer, frame: Frame) -> None:
        match frame:
            case frames.Profile(profile):
                self._renamed(peer, ProfileRecord.decode(peer.identity, profile))
            case frames.Yours(profile):
                self._said_before(peer, ProfileRecord.decode(self._myself.id, profile))
            case frames.Presence():
                self._is_here(peer, frame)
            case frames.AskPicture(picture):
                self._pictures.asked(peer, picture)
            case frames.Picture(data):
                self._pictures.received(peer, data)

    def _accepted(self, peer: Peer, accepts: bool) -> None:
        if accepts != peer.accepts_us:
            peer.accepts_us = accepts
            peer.pictures_given.clear()  # who has forgotten us since has our picture no more
        if self._roster.known(peer.identity) is not None:
            self._commits.note(lambda: self._store.people.set_accepts_us(peer.identity, peer.accepts_us))
        self._requests.meet(peer)
        if accepts:
            self._sharing.call_again(peer)
        self._roster.changed(peer.identity)

    def _hears_typing(self, peer: Peer, conversation: bytes) -> bool:
        return self._privacy.now.typing and peer in self._sharing.listeners(conversation)

    def _renamed(self, peer: Peer, record: ProfileRecord) -> None:
        if peer.identity == self._myself.id:
            self._commits.note(lambda: self._own_devices.heard_record(record))
        elif self._roster.is_news(record):
            self._commits.note(lambda: self._roster.met(peer.identity, record))
            self._roster.changed(peer.identity)
            for other in self._sessions.of(peer.identity):
                if other is not peer and other.greeted:  # the one that said so may be gone before it meets this one
                    other.say(frames.Yours(record.encoded))
        self._pictures.want(peer)

    def _said_before(self, peer: Peer, record: ProfileRecord) -> None:
        """What was said of oneself after the copy was made from which this profile comes."""
        self._commits.note(lambda: self._own_devices.heard_record(record))
        self._pictures.want(peer)  # each who says so may have it

    def _spoken(self) -> None:
        """Another device has said something else of this identity: everybody hears it who hears only this one."""
        for peer in list(self._sessions):
            peer.say(frames.Profile(self._myself.record.encoded))
            self._pictures.want(peer)
        self.tell_resting()

    def tell_resting(self) -> None:
        """This identity says something else of itself: contacts whose session was ended to make room hear it, too."""
        for identity in list(self._sessions.resting):
            if self._roster.is_contact(identity):
                self.dialing.want(identity, needed=True)

    def _is_here(self, peer: Peer, word: frames.Presence) -> None:
        word = frames.Presence(word.hidden, word.status, clean_line(word.text, MAX_STATUS_TEXT))
        if word != peer.presence:
            peer.presence = word
            if word.hidden:
                self._commits.note(lambda: self._forget_if_hidden(peer))
            self._roster.changed(peer.identity)

    def _forget_if_hidden(self, peer: Peer) -> None:
        """Who hides their presence was not seen before either."""
        if peer.presence.hidden and self._roster.known(peer.identity) is not None:
            self._store.people.set_last_seen(peer.identity, 0)
