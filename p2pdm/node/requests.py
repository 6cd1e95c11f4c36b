"""Requests: what strangers ask, what the user decides about people, and what follows of it for others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import Entry, EntryError, Flag
from p2pdm.conversation.log import authorise, lacking
from p2pdm.conversation.timeline import line_of
from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.erasing import erase_chat
from p2pdm.node.gate import origin
from p2pdm.node.inbox import Inbox
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.node.sharing import Sharing
from p2pdm.store.errors import StoreError
from p2pdm.store.people import BLOCKED, CONTACT, NEARBY, HeldRequest
from p2pdm.store.tables import Store
from p2pdm.wire import frames

MAX_REQUEST = 2_048
"""Bytes of the entry in a stranger's request: a few sentences to introduce oneself."""
MAX_REQUESTS = 100
"""Requests that wait for the user: more than anybody reads."""
MAX_REQUESTS_HERE = 8
"""From one address."""


class Requests:
    """Strangers become contacts, or not."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        sharing: Sharing,
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._sharing = sharing
        self._wall = wall
        self._request_origins: dict[PeerId, str] = {}
        self._undecided: dict[PeerId, int] = {}
        """By person, in which group of writes the user decided about them: it may yet be refused and undone."""
        self.inbox: Inbox
        self.decided: Callable[[PeerId], None] = lambda _: None
        """Told, within `writing`, that the user has decided something about somebody."""
        self.heard_or_not: Callable[[PeerId], None] = lambda _: None
        """Told, within `writing`, that somebody is blocked now, or no longer."""
        self.met: Callable[[Peer], None] = lambda _: None
        """Told of a peer that said hello, and of one when either has accepted the other or takes that back."""

    # --- ours ---

    def meet(self, peer: Peer) -> None:
        """A peer said hello, or changed its mind: share the direct conversation if both have accepted, else ask.

        What the user has decided about them in this very turn counts once it is durable: then they are met.
        """
        if self._undecided.get(peer.identity) == self._commits.group:
            self._commits.then(lambda _: self._tell(peer.identity))
            return
        if peer.identity != self._myself.id:
            self._share_or_ask(peer)
        self.met(peer)

    def _share_or_ask(self, peer: Peer) -> None:
        conversation = self._roster.chat_with(peer.identity)
        if self._roster.is_contact(peer.identity) and peer.accepts_us:
            if self._store.conversations.get(conversation) is None:
                self._commits.note(lambda: self._store.conversations.ensure_direct(conversation, peer.identity))
            self._sharing.share(peer, conversation)
            return
        self._sharing.unshare(peer, conversation)
        if self._roster.is_contact(peer.identity):
            self.ask(peer)

    def ask(self, peer: Peer) -> None:
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
        durable = self._store.entries.heads.durable(conversation)
        tops = {branch.device: branch.seq for branch in sorted(durable, key=lambda branch: branch.seq)}
        found = [
            self._first_above(
                conversation, device, self._store.conversations.progress(conversation, other, device).delivered
            )
            for device in tops
            if self._store.entries.identity_of(device) == self._myself.id
        ]
        kept = [pair for pair in found if pair and pair[1].header.seq <= tops[pair[1].header.device]]
        return min(kept, key=lambda pair: pair[1].header.lamport, default=None)

    def _first_above(self, conversation: bytes, device: bytes, seq: int) -> tuple[Entry, Entry] | None:
        """The first line of a chain above `seq` that may be a request: what is sent to many never is."""
        pair = self._store.lines.request_of(conversation, device, seq)
        while pair is not None and pair[1].header.flags & Flag.BULK:
            pair = self._store.lines.request_of(conversation, device, pair[1].header.seq)
        return pair

    # --- theirs ---

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
        with self._commits.writing(lambda error: self._tell(other) if error is None else None):
            self.make_contact(other)

    def make_contact(self, other: PeerId) -> None:
        """Within `writing`: a contact, and their held request moves into history."""
        conversation = self._roster.chat_with(other)
        self._undecided[other] = self._commits.group
        self._roster.keep(other)
        for peer in self._sessions.of(other):
            self._note(peer)
        was_blocked = self._roster.is_blocked(other)
        self._store.people.set_relation(other, CONTACT)
        if was_blocked:
            self.heard_or_not(other)
        self._store.conversations.ensure_direct(conversation, other)
        request = self._store.people.request(other)
        if request is not None:
            self._store.people.release(other)
            if not request.declined:
                # Their request is their acceptance: whoever writes has accepted.
                self._store.people.set_accepts_us(other, True)
                self._admit(request)
        self._board.post("person", person=other)
        self.decided(other)
        with self._commits.writing(lambda error: self._tell(other) if error is None else None):
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
        with self._commits.writing(lambda error: self._tell(other) if error is None else None):
            self._roster.keep(other)
            self._store.people.decline(other)
            self._store.people.set_relation(other, BLOCKED)
            self.heard_or_not(other)
            self._board.post("person", person=other)
            self.decided(other)

    def unblock(self, other: PeerId) -> None:
        """Take a block back; who was a contact is one again."""
        known = self._roster.known(other)
        if known is None or known.relation != BLOCKED:
            return
        with self._commits.writing(lambda error: self._tell(other) if error is None else None):
            self._undecided[other] = self._commits.group
            self._store.people.set_relation(other, CONTACT if known.was_contact else NEARBY)
            self.heard_or_not(other)
            self._store.people.release(other)
            self._board.post("person", person=other)
            self.decided(other)

    def forget(self, other: PeerId) -> Iterator[None]:
        """Erase someone and all that was said with them, in pieces: the caller makes each durable before the next."""
        conversation = self._roster.chat_with(other)

        def last() -> None:
            self._store.keeping.forget(conversation)
            was_blocked = self._roster.is_blocked(other)
            self._store.people.remove(other)
            if was_blocked:
                self.heard_or_not(other)
            self._store.pictures.remove(other)
            self._board.post("person", person=other)
            self._board.post("chat", chat=conversation)

        done = lambda error: self._tell(other) if error is None else None  # noqa: E731
        return erase_chat(self._store, self._commits, conversation, last, done)

    def _tell(self, other: PeerId) -> None:
        """Tell their devices where they stand with us, and share or stop sharing."""
        self._undecided.pop(other, None)
        if not self._roster.is_contact(other):
            self.inbox.queues.drop(other, self._roster.chat_with(other))
        for peer in self._sessions.of(other):
            accepts = self._roster.is_contact(other)
            if accepts != peer.told:  # a stranger who is blocked hears as little as one who is ignored
                peer.told = accepts
                peer.pictures_asked.clear()  # theirs may be erased
                peer.say(frames.Accepts(accepts))
            if peer.greeted:
                self.meet(peer)
                peer.turn()
        self._sharing.changed(self._roster.chat_with(other))  # with one's own other devices
