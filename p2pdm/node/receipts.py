"""Receipts: each person's own word on what is on their disk and what they have read, and our word to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from p2pdm.conversation.entries import CONTENT, MAX_NUMBER
from p2pdm.conversation.log import Place
from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.commits import Commits
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.sessions import Sessions
from p2pdm.store.conversations import DELIVERED, READ
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.sync.events import Reached
from p2pdm.sync.ledger import Head
from p2pdm.wire import frames

STATES_TOLD = 50
"""State notices for one word of a peer; beyond it one notice says that the chat changed."""

MANY = 20
"""Entries of which one word says that they have arrived; from so many on, it is a history that they catch up on."""


class Receipts:
    """Notes theirs, tells ours."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        sessions: Sessions,
        circles: Circles,
        privacy: PrivacySettings,
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._sessions = sessions
        self._circles = circles
        self._privacy = privacy
        self._wall = wall

        self.read: Callable[[bytes], None] = lambda _: None
        """Told, within `writing`, that the user has read a conversation."""
        self.has_read: Callable[[bytes], None] = lambda _: None
        """Told when that is durable."""

    # --- theirs ---

    def reached(self, peer: Peer, reached: Reached) -> None:
        """A peer's own word on what is on its disk."""
        own = [head for head in reached.heads if self._is_own(reached.conversation, head.id)]
        self._note_receipts(peer, reached.conversation, own, DELIVERED)

    def read_by(self, peer: Peer, conversation: bytes, heads: list[Head]) -> None:
        """A peer's own word on what was read there."""
        if peer.exchange.shares(conversation):
            own = [head for head in heads if self._is_own(conversation, head.id)]
            self._note_receipts(peer, conversation, own, DELIVERED)
            self._note_receipts(peer, conversation, own, READ)

    def _note_receipts(self, peer: Peer, conversation: bytes, heads: Sequence[Head], kind: int) -> None:
        other = peer.identity
        if not heads:
            return
        told = peer.exchange.told(conversation) | {head.id for head in heads}
        lacked = peer.exchange.lacked(conversation)
        for device, chain in dict.fromkeys((head.device, head.chain) for head in heads):
            of = [head for head in heads if (head.device, head.chain) == (device, chain)]
            about = (other, peer.device, conversation, kind, device, chain)
            note = partial(self._receipts, other, conversation, of, told, lacked, kind)
            reach = max(head.seq for head in of)
            many = reach - self._store.conversations.progress(conversation, other, device).delivered >= MANY
            self._commits.note_latest(about, reach, note, bulk=many)

    def _receipts(
        self,
        other: PeerId,
        conversation: bytes,
        heads: Sequence[Head],
        told: frozenset[bytes],
        lacked: frozenset[bytes],
        kind: int,
    ) -> None:
        state = "read" if kind == READ else "delivered"
        for head in heads:
            place = self._store.entries.place_in(conversation, head.id)
            if place is None:
                continue
            device, chain = place.device, place.chain  # not what they claim of it
            seq = min(self._covered(place, other, told, kind), self._before_lacked(place, lacked))
            before = self._store.conversations.reached(conversation, other, device, chain, kind, seq, self._wall())
            before = max(before, self._not_for(other, conversation, device))
            if seq <= before or chain != CONTENT or (kind == READ and not self._privacy.now.receipts):
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

    def _before_lacked(self, place: Place, lacked: frozenset[bytes]) -> int:
        """Up to where nothing of a chain of ours is lacking at theirs that could still be delivered."""
        entries = self._store.entries
        places = [entries.place(id) for id in lacked if entries.bodies.has(id)]
        seqs = [one.seq for one in places if one and (one.device, one.chain) == (place.device, place.chain)]
        return min(seqs, default=MAX_NUMBER) - 1

    def _not_for(self, other: PeerId, conversation: bytes, device: bytes) -> int:
        """Up to where content of a device is from before somebody belonged: their word covers it, they do not hold it.

        All of it, as long as it is not known here that they belong.
        """
        if self._circles.standing(conversation, other) != Standing.MEMBER:
            return MAX_NUMBER
        floor = self._circles.floors(conversation, other).get(device)
        return floor.seq if floor is not None else -1

    def _covered(self, place: Place, other: PeerId, told: frozenset[bytes], kind: int) -> int:
        """Up to where a chain of ours is theirs, by a word on one entry: of a fork, they may lack the other branch."""
        tops = self._store.entries.heads.of_chain(place.conversation, place.device, place.chain)
        if len(tops) < 2:
            return place.seq
        if kind == READ:
            return min(place.seq, self._store.conversations.progress(place.conversation, other, place.device).delivered)
        if told.issuperset(top.id for top in tops):
            return max(top.seq for top in tops)
        return min(place.seq, self._store.entries.fork_base(place.conversation, place.device, place.chain))

    # --- ours ---

    def mark_read(self, conversation: bytes) -> None:
        """The user has read everything in a conversation."""
        stored = self._store.conversations.get(conversation)
        if stored is None or stored.unread == 0:
            return

        def done(error: StoreError | None) -> None:
            if error is None:
                self._commits.when_durable(lambda: self._tell_read(list(self._sessions), conversation))
                self.has_read(conversation)

        with self._commits.writing(done):
            self._store.conversations.mark_read(conversation)
            self.read(conversation)
            self._board.post("chat", chat=conversation)

    def tell_read(self, peer: Peer, conversation: bytes) -> None:
        """Say how far the user has read, unless they keep that to themselves: once what they read is durable."""
        self._commits.when_durable(lambda: self._tell_read([peer], conversation))

    def _tell_read(self, peers: list[Peer], conversation: bytes) -> None:
        """Looked up once for all of them: in a crowd, each author's last line is asked for."""
        hearers = [peer for peer in peers if self._hears_of_reading(peer, conversation)]
        stored = self._store.conversations.get(conversation)
        if stored is None or not hearers:
            return
        read = self._store.lines.last_read(conversation, self._myself.id, stored.read_arrival)
        heads = [frames.Head(branch.device, branch.chain, branch.seq, branch.id) for branch in read]
        for peer in hearers if heads else ():
            peer.say(frames.Read(conversation, heads))

    def _hears_of_reading(self, peer: Peer, conversation: bytes) -> bool:
        if not self._privacy.now.receipts or not peer.exchange.shares(conversation):
            return False
        # Neither who is only asked in nor who has gone is told how much was said.
        return self._circles.standing(conversation, peer.identity) == Standing.MEMBER
