"""Talk: what the user says and decides, and what follows of it for others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from p2pdm.conversation.encoding import decode, encode_body
from p2pdm.conversation.entries import MAX_DEPENDENCIES, Entry, EntryError, Flag, Open, Said, Text
from p2pdm.conversation.log import Place, authorise, compose, lacking
from p2pdm.conversation.timeline import line_of, target_of
from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.gate import origin
from p2pdm.node.inbox import Inbox, head_of
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.store.conversations import DELIVERED, READ
from p2pdm.store.entries import Branch
from p2pdm.store.errors import StoreError
from p2pdm.store.people import BLOCKED, CONTACT, NEARBY, HeldRequest
from p2pdm.store.tables import Store
from p2pdm.sync.events import Reached
from p2pdm.sync.ledger import Head
from p2pdm.wire import frames

MAX_REQUEST = 2_048
"""Bytes of the entry in a stranger's request: a few sentences to introduce oneself."""
MAX_REQUESTS = 100
"""Requests that wait for the user: more than anybody reads."""
MAX_REQUESTS_HERE = 8
"""From one address."""
STATES_TOLD = 50
"""State notices for one word of a peer; beyond it one notice says that the chat changed."""


class RequestTooLong(Exception):
    """A first message to somebody who has not accepted us is longer than a request may be."""

    def __init__(self, spare: int) -> None:
        super().__init__(f"{spare} bytes too long")
        self.spare = spare


class Talk:
    """Conversations of two: writing, requests, acceptance, receipts."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        random: Callable[[int], bytes],
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._random = random
        self._wall = wall
        self._request_origins: dict[PeerId, str] = {}
        self.inbox: Inbox
        self.said: Callable[[bytes], None] = lambda _: None
        """Told of each own entry that is durable."""

    # --- writing ---

    def write(self, other: PeerId, body: Said, flags: Flag = Flag(0)) -> Entry:
        """Say something to someone; durable and pushed with the group's commit. RequestTooLong, or EntryError."""
        conversation = self._roster.chat_with(other)

        def done(error: StoreError | None) -> None:
            if error is None:
                self.push(conversation, other)
                self.said(entry.id)

        with self._commits.writing(done):
            if not self._roster.is_contact(other):
                self._make_contact(other)
            self._open(conversation, other)
            entry = self._compose(conversation, body, flags)
            if not self._roster.accepts_us(other) and len(entry.encode()) > MAX_REQUEST:
                raise RequestTooLong(len(entry.encode()) - MAX_REQUEST)
            self.inbox.store_own(entry)
        return entry

    def _open(self, conversation: bytes, other: PeerId) -> None:
        """Begin this device's chain in a conversation, unless it has."""
        self._store.conversations.ensure_direct(conversation, other)
        if self._own_head(conversation) is None:
            heads = tuple(branch.id for branch in self._store.entries.heads(conversation)[:MAX_DEPENDENCIES])
            self.inbox.store_own(self._compose(conversation, Open(self._myself.certificate.encode(), heads)))

    def _compose(self, conversation: bytes, body: Said, flags: Flag = Flag(0)) -> Entry:
        kind, encoded = encode_body(body)
        own = self._own_head(conversation)
        return compose(
            self._myself.device,
            conversation,
            kind,
            encoded,
            after=_place(conversation, own) if own else None,
            dependencies=self._dependencies(conversation, own, body),
            time=self._wall(),
            salt=self._random(16),
            flags=flags,
        )

    def _own_head(self, conversation: bytes) -> Branch | None:
        own = self._myself.device.public
        heads = [branch for branch in self._store.entries.heads(conversation) if branch.device == own]
        return max(heads, key=lambda branch: branch.seq, default=None)

    def _dependencies(self, conversation: bytes, own: Branch | None, body: Said) -> tuple[Place, ...]:
        """What an entry is about or answers, and the heads of others that the own last entry can't have depended on."""
        target = body.reply_to if isinstance(body, Text) else target_of(body)
        place = self._store.entries.place_in(conversation, target) if target else None
        heads = [head for head in self._unanswered(conversation, own) if place is None or head.id != place.id]
        return (*heads[: MAX_DEPENDENCIES - 1], place) if place else tuple(heads)

    def _unanswered(self, conversation: bytes, own: Branch | None) -> tuple[Place, ...]:
        """The heads of others that are not below the own last entry."""
        floor = own.lamport if own else 0
        heads = [b for b in self._store.entries.heads(conversation) if b.device != self._myself.device.public]
        recent = sorted((b for b in heads if b.lamport >= floor), key=lambda b: b.lamport)[-MAX_DEPENDENCIES:]
        return tuple(_place(conversation, branch) for branch in recent)

    def push(self, conversation: bytes, other: PeerId) -> None:
        """Hand on what is new: over the exchange, or as a request to whoever has not accepted us yet."""
        own = self._own_head(conversation)
        for peer in self._sessions.of(other):
            if conversation in peer.exchange.conversations:
                heads = [head_of(own)] if own else []
                now = asyncio.get_running_loop().time()
                peer.exchange.stored(conversation, heads, now)
                peer.turn()
            elif peer.greeted:
                self._ask(peer)

    # --- sharing ---

    def meet(self, peer: Peer) -> None:
        """A peer said hello, or changed its mind: share the conversation if both have accepted, else ask."""
        other = peer.identity
        conversation = self._roster.chat_with(other)
        if not self._roster.is_contact(other):
            peer.exchange.unshare(conversation)
        elif peer.accepts_us:
            if self._store.conversations.get(conversation) is None:
                self._commits.note(lambda: self._store.conversations.ensure_direct(conversation, other))
            peer.exchange.share(conversation)
            self._tell_read(peer, conversation)
        else:
            peer.exchange.unshare(conversation)
            self._ask(peer)

    def authors(self, conversation: bytes) -> frozenset[PeerId]:
        """Who may write in a conversation."""
        stored = self._store.conversations.get(conversation)
        return frozenset((self._myself.id, stored.other)) if stored else frozenset()

    def stored(self, conversation: bytes, peer: Peer, quick: bool, heads: list[Head], received: list[Head]) -> None:
        """Entries from `peer` are durable: acknowledge, and hand on to the other devices."""
        now = asyncio.get_running_loop().time()
        stored = self._store.conversations.get(conversation)
        others = self._sessions.of(stored.other) if stored else []
        for one in dict.fromkeys((peer, *others)):  # in the same order each time
            one.exchange.stored(conversation, heads, now, received=received if one is peer else (), quick=quick)
            one.turn()

    def reached(self, peer: Peer, reached: Reached) -> None:
        """A peer's own word on what is on its disk."""
        self._note_receipts(peer, reached.conversation, reached.heads, DELIVERED)

    def read_by(self, peer: Peer, conversation: bytes, heads: list[Head]) -> None:
        """A peer's own word on what was read there."""
        if conversation in peer.exchange.conversations:
            self._note_receipts(peer, conversation, heads, DELIVERED)
            self._note_receipts(peer, conversation, heads, READ)

    def _note_receipts(self, peer: Peer, conversation: bytes, heads: Sequence[Head], kind: int) -> None:
        other = peer.identity
        heads = [head for head in heads if self._is_own(conversation, head.id)]
        if not heads:
            return
        told = peer.exchange.told(conversation) | {head.id for head in heads}
        about = (other, peer.device, conversation, kind, frozenset((head.device, head.chain) for head in heads))
        self._commits.note_latest(about, lambda: self._receipts(other, conversation, heads, told, kind))

    def _receipts(
        self, other: PeerId, conversation: bytes, heads: Sequence[Head], told: frozenset[bytes], kind: int
    ) -> None:
        state = "read" if kind == READ else "delivered"
        for head in heads:
            place = self._store.entries.place_in(conversation, head.id)
            if place is None:
                continue
            device, chain = place.device, place.chain  # not what they claim of it
            seq = self._covered(place, other, told, kind)
            before = self._store.conversations.reached(conversation, other, device, chain, kind, seq, self._wall())
            if seq <= before:
                continue
            ids = self._store.lines.lines_between(conversation, device, before, seq, STATES_TOLD + 1)
            if len(ids) > STATES_TOLD:
                self._board.post("state", chat=conversation, person=other, state=state)
                continue
            for id in ids:
                self._board.post("state", chat=conversation, person=other, id=id, state=state)

    def _is_own(self, conversation: bytes, id: bytes) -> bool:
        """Whether this is a stored entry of this identity's in this conversation."""
        place = self._store.entries.place_in(conversation, id)
        if place is None or place.conversation != conversation:
            return False
        return self._store.entries.identity_of(place.device) == self._myself.id

    def _covered(self, place: Place, other: PeerId, told: frozenset[bytes], kind: int) -> int:
        """Up to where a chain of ours is theirs, by a word on one entry: of a fork, they may lack the other branch."""
        branches = self._store.entries.heads(place.conversation)
        tops = [b for b in branches if (b.device, b.chain) == (place.device, place.chain)]
        if len(tops) < 2:
            return place.seq
        if kind == READ:
            return min(place.seq, self._store.conversations.progress(place.conversation, other, place.device).delivered)
        if told.issuperset(top.id for top in tops):
            return max(top.seq for top in tops)
        return min(place.seq, self._store.entries.fork_base(place.conversation, place.device, place.chain))

    # --- requests ---

    def _ask(self, peer: Peer) -> None:
        """Hand our one request to someone who has not accepted us."""
        request = self._first_unheard(self._roster.chat_with(peer.identity), peer.identity)
        if request is None or request[1].id in (peer.asked, self._store.people.held(peer.identity)):
            return
        peer.asked = request[1].id
        opening, entry = (one.encode() for one in request)
        if len(entry) <= MAX_REQUEST:
            peer.say(frames.Request(opening, entry))

    def _first_unheard(self, conversation: bytes, other: PeerId) -> tuple[Entry, Entry] | None:
        """The earliest own line that is not on their disk, with its opening; also one of a device before this one."""
        self._commits.note_words()
        devices = {branch.device for branch in self._store.entries.heads(conversation)}
        found = [
            self._store.lines.request_of(
                conversation, device, self._store.conversations.progress(conversation, other, device).delivered
            )
            for device in devices
            if self._store.entries.identity_of(device) == self._myself.id
        ]
        return min((pair for pair in found if pair), key=lambda pair: pair[1].header.lamport, default=None)

    def requested(self, peer: Peer, opening_data: bytes, entry_data: bytes) -> None:
        """A stranger's request: kept apart. What is ignored, declined or blocked gets the same answer."""
        opening, entry = self._check_request(peer, opening_data, entry_data)
        other = peer.identity
        if self._roster.is_contact(other):
            return  # both have accepted: their hello or ours, under way, makes the exchange bring it
        line = line_of(entry)
        known = self._store.people.request(other)
        if self._roster.is_blocked(other) or known is not None or line is None:
            peer.say(frames.Held(entry.id))
            return
        if not self._room_for_request(peer):
            return
        request = HeldRequest(other, opening.encode(), entry.encode(), line.text, self._wall(), declined=False)

        def done(error: StoreError | None) -> None:
            if error is None:
                peer.say(frames.Held(entry.id))
                self._roster.changed(other)

        def hold() -> None:
            if not self._roster.is_contact(other) and not self._roster.is_blocked(other):
                self._roster.keep(other)
                self._store.people.hold(request)
                self._commits.then(done)
                self._board.post("request", person=other, chat=entry.header.conversation)

        self._commits.note(hold)

    def _check_request(self, peer: Peer, opening_data: bytes, entry_data: bytes) -> tuple[Entry, Entry]:
        """Both entries, provably of this peer and for us; EntryError otherwise."""
        if len(entry_data) > MAX_REQUEST or len(opening_data) > MAX_REQUEST:
            raise EntryError("a request is too long")
        opening, entry = decode(opening_data), decode(entry_data)
        conversation = self._roster.chat_with(peer.identity)
        if {opening.header.conversation, entry.header.conversation} != {conversation}:
            raise EntryError("a request is for another conversation")
        if opening.header.seq or opening.header.device != entry.header.device or not entry.header.seq:
            raise EntryError("a request is not one chain")
        if entry.header.flags & Flag.BULK:
            raise EntryError("what is sent to many can't be a request")
        lacking(opening, lambda _: None)
        authorise(opening, {peer.identity})
        authorise(entry, ())
        return opening, entry

    def _room_for_request(self, peer: Peer) -> bool:
        waiting = self._store.people.requests()
        where = origin(peer.link.remote)
        here = [identity for identity in waiting if self._request_origins.get(identity) == where]
        if len(waiting) >= MAX_REQUESTS or len(here) >= MAX_REQUESTS_HERE:
            return False
        self._request_origins[peer.identity] = where
        return True

    def held(self, peer: Peer, entry: bytes) -> None:
        """They hold our request."""
        conversation = self._roster.chat_with(peer.identity)
        line = self._store.lines.line(entry)
        if line is None or line.conversation != conversation or line.identity != self._myself.id:
            return

        def note() -> None:
            self._store.people.set_held(entry, peer.identity, self._wall())
            self._board.post("state", chat=conversation, person=peer.identity, id=entry, state="sent")

        self._commits.note(note)

    # --- decisions ---

    def accept(self, other: PeerId) -> None:
        """Make someone a contact."""
        with self._commits.writing(lambda error: self._decided(other) if error is None else None):
            self._make_contact(other)

    def _make_contact(self, other: PeerId) -> None:
        """Within `writing`: a contact, and their held request moves into history."""
        conversation = self._roster.chat_with(other)
        self._roster.keep(other)
        for peer in self._sessions.of(other):
            self._note(peer)
        self._store.people.set_relation(other, CONTACT)
        self._store.conversations.ensure_direct(conversation, other)
        request = self._store.people.request(other)
        if request is not None:
            self._store.people.release(other)
            if not request.declined:
                # Their request is their acceptance: whoever writes has accepted.
                self._store.people.set_accepts_us(other, True)
                self._admit(request)
        self._board.post("person", person=other)
        with self._commits.writing(lambda error: self._decided(other) if error is None else None):
            pass

    def _admit(self, request: HeldRequest) -> None:
        """What a held request says joins history."""
        try:
            with self._commits.writing():
                self.inbox.admit_request(decode(request.opening), decode(request.entry))
        except EntryError:
            pass  # theirs and signed, but it fits no chain: what fits comes by itself, now that they are a contact

    def _note(self, peer: Peer) -> None:
        """Write down what they said in their hello while they were a stranger, of whom nothing is kept."""
        if peer.listens_at is not None:
            self._store.people.set_accepts_us(peer.identity, peer.accepts_us)
            self._store.people.reached_at(peer.identity, peer.listens_at.host, peer.listens_at.port, self._wall())

    def decline(self, other: PeerId) -> None:
        """Put their request away."""
        with self._commits.writing():
            self._store.people.decline(other)
            self._board.post("person", person=other)

    def block(self, other: PeerId) -> None:
        """Hear nothing more of someone."""
        with self._commits.writing(lambda error: self._decided(other) if error is None else None):
            self._roster.keep(other)
            self._store.people.decline(other)
            self._store.people.set_relation(other, BLOCKED)
            self._board.post("person", person=other)

    def unblock(self, other: PeerId) -> None:
        """Take a block back; who was a contact is one again."""
        known = self._roster.known(other)
        if known is None or known.relation != BLOCKED:
            return
        with self._commits.writing(lambda error: self._decided(other) if error is None else None):
            self._store.people.set_relation(other, CONTACT if known.was_contact else NEARBY)
            self._store.people.release(other)
            self._board.post("person", person=other)

    def forget(self, other: PeerId) -> Iterator[None]:
        """Erase someone and all that was said with them, in pieces: the caller makes each durable before the next."""
        conversation = self._roster.chat_with(other)
        spans = self._store.lines.spans(conversation)
        for span in spans:
            with self._commits.writing():
                self._store.lines.purge(span)
            yield
        finished = {span for span in spans if span.full}
        with self._commits.writing(lambda error: self._decided(other) if error is None else None):
            for span in self._store.lines.spans(conversation):
                if span not in finished:  # it may hold what was said meanwhile
                    self._store.lines.purge(span)
            self._store.conversations.emptied(conversation)
            self._store.people.remove(other)
            self._board.post("person", person=other)
            self._board.post("chat", chat=conversation)
        yield

    def _decided(self, other: PeerId) -> None:
        """Tell their devices where they stand with us, and share or stop sharing."""
        for peer in self._sessions.of(other):
            accepts = self._roster.is_contact(other)
            if accepts != peer.told:  # a stranger who is blocked hears as little as one who is ignored
                peer.told = accepts
                peer.say(frames.Accepts(accepts))
            if peer.greeted:
                self.meet(peer)
                peer.turn()

    # --- reading ---

    def mark_read(self, conversation: bytes) -> None:
        """The user has read everything in a conversation."""
        stored = self._store.conversations.get(conversation)
        if stored is None or stored.unread == 0:
            return

        def done(error: StoreError | None) -> None:
            if error is None:
                for peer in self._sessions.of(stored.other):
                    self._tell_read(peer, conversation)

        with self._commits.writing(done):
            self._store.conversations.mark_read(conversation)
            self._board.post("chat", chat=conversation)

    def _tell_read(self, peer: Peer, conversation: bytes) -> None:
        if conversation not in peer.exchange.conversations:
            return
        stored = self._store.conversations.get(conversation)
        if stored is None:
            return
        read = self._store.lines.last_read(conversation, self._myself.id, stored.read_arrival)
        heads = [frames.Head(branch.device, branch.chain, branch.seq, branch.id) for branch in read]
        if heads:
            peer.say(frames.Read(conversation, heads))


def _place(conversation: bytes, branch: Branch) -> Place:
    return Place(branch.id, conversation, branch.device, branch.chain, branch.seq, branch.lamport)
