"""Talk: what the user says becomes entries of this device's chains, durable and handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from p2pdm.conversation.encoding import encode_body
from p2pdm.conversation.entries import (
    CONTENT,
    MAX_DEPENDENCIES,
    MEMBERSHIP,
    Entry,
    Flag,
    Invite,
    Kind,
    Open,
    Said,
    Text,
    self_conversation,
)
from p2pdm.conversation.log import Place, compose
from p2pdm.conversation.timeline import target_of
from p2pdm.identity import PeerId
from p2pdm.node.batch import head_of
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.filing import Filing
from p2pdm.node.myself import Myself
from p2pdm.node.requests import MAX_REQUEST, Requests
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.node.sharing import Sharing
from p2pdm.store.conversations import SELF
from p2pdm.store.errors import StoreError
from p2pdm.store.heads import Branch
from p2pdm.store.tables import Store


class RequestTooLong(Exception):
    """A first message to somebody who has not accepted us is longer than a request may be."""

    def __init__(self, spare: int) -> None:
        super().__init__(f"{spare} bytes too long")
        self.spare = spare


class Talk:
    """Writes this device's chains."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        circles: Circles,
        sharing: Sharing,
        requests: Requests,
        random: Callable[[int], bytes],
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._circles = circles
        self._sharing = sharing
        self._requests = requests
        self._random = random
        self._wall = wall
        self.filing: Filing
        self.said: Callable[[bytes], None] = lambda _: None
        """Told of each own entry that is durable."""

    def write_to(self, other: PeerId, body: Said, flags: Flag = Flag(0)) -> Entry:
        """Say something to one person, who becomes a contact by it. RequestTooLong, or EntryError."""
        conversation = self._roster.chat_with(other)
        with self._commits.writing():
            if not self._roster.is_contact(other):
                self._requests.make_contact(other)
            self._store.conversations.ensure_direct(conversation, other)
            entry = self.write(conversation, body, flags)
            if not self._roster.accepts_us(other) and len(entry.encode()) > MAX_REQUEST:
                raise RequestTooLong(len(entry.encode()) - MAX_REQUEST)
        return entry

    def write_among(self, conversation: bytes, body: Said, flags: Flag = Flag(0)) -> Entry:
        """Say something to a group, a room or oneself. EntryError."""
        with self._commits.writing():
            if conversation == self_conversation(self._myself.id):
                self._store.conversations.ensure(conversation, SELF, self._myself.id)
            return self.write(conversation, body, flags)

    def write(self, conversation: bytes, body: Said, flags: Flag = Flag(0), chain: int = CONTENT) -> Entry:
        """Say something in a conversation that is here; durable and pushed with the group's commit. EntryError."""

        def done(error: StoreError | None) -> None:
            if error is None:
                self.push(conversation)
                self.said(entry.id)

        with self._commits.writing(done):
            self._open(conversation, chain)
            entry = self._compose(conversation, body, flags, chain)
            self.filing.store_own(entry)
        return entry

    def _open(self, conversation: bytes, chain: int) -> None:
        """Begin this device's chain in a conversation, unless it has; in a group, its membership chain first."""
        if chain == CONTENT and self._circles.is_group(conversation):
            self._open(conversation, MEMBERSHIP)
        if self._own_head(conversation, chain) is None:
            heads = tuple(branch.id for branch in self._store.entries.heads.all(conversation)[:MAX_DEPENDENCIES])
            opening = Open(self._myself.certificate.encode(), heads, self._myself.record.encoded)
            self.filing.store_own(self._compose(conversation, opening, Flag(0), chain))

    def _compose(self, conversation: bytes, body: Said, flags: Flag, chain: int) -> Entry:
        kind, encoded = encode_body(body)
        own = self._own_head(conversation, chain)
        if chain == MEMBERSHIP:
            dependencies = self._operations(conversation, own, body)
        else:
            dependencies = self._dependencies(conversation, own, body)
        return compose(
            self._myself.device,
            conversation,
            kind,
            encoded,
            after=_place(conversation, own) if own else None,
            dependencies=dependencies,
            time=self._wall(),
            salt=self._random(16),
            flags=flags,
            expiry=self._store.keeping.expiry(conversation) if kind == Kind.TEXT else 0,
            chain=chain,
            membership=self._membership_known(conversation) if chain == CONTENT else (),
        )

    def _own_head(self, conversation: bytes, chain: int) -> Branch | None:
        heads = self._store.entries.heads.of_chain(conversation, self._myself.device.public, chain)
        return max(heads, key=lambda branch: branch.seq, default=None)

    # --- content: what it knows ---

    def _dependencies(self, conversation: bytes, own: Branch | None, body: Said) -> tuple[Place, ...]:
        """What an entry is about or answers, and the heads of others that the own last entry can't have depended on."""
        target = body.reply_to if isinstance(body, Text) else target_of(body)
        place = self._store.entries.place_in(conversation, target) if target else None
        heads = [head for head in self._unanswered(conversation, own) if place is None or head.id != place.id]
        return (*heads[: MAX_DEPENDENCIES - 1], place) if place else tuple(heads)

    def _unanswered(self, conversation: bytes, own: Branch | None) -> tuple[Place, ...]:
        """The heads of others that are not below the own last entry."""
        floor = own.lamport if own else 0
        others = [
            branch
            for branch in self._store.entries.heads.all(conversation)
            if branch.device != self._myself.device.public and branch.chain == CONTENT
        ]
        recent = sorted((b for b in others if b.lamport >= floor), key=lambda b: b.lamport)[-MAX_DEPENDENCIES:]
        return tuple(_place(conversation, branch) for branch in recent)

    # --- membership: what it knows ---

    def _membership_known(self, conversation: bytes) -> tuple[bytes, ...]:
        """The membership entries that content names: those that give its author the right, then the latest."""
        if not self._circles.is_group(conversation):
            return ()
        group = self._circles.group(conversation)
        named = dict.fromkeys((*group.proofs(self._myself.id), *reversed(group.frontier)))
        return tuple(named)[:MAX_DEPENDENCIES]

    def _operations(self, conversation: bytes, own: Branch | None, body: Said) -> tuple[Place, ...]:
        """The same for a membership entry, and of an invitation, how that person had gone before."""
        group = self._circles.group(conversation)
        about = group.partings(body.who) if isinstance(body, Invite) else ()
        called = group.invitations.get(self._myself.id)
        named = dict.fromkeys(
            (*group.proofs(self._myself.id), *((called,) if called else ()), *about, *reversed(group.frontier))
        )
        places = (self._store.entries.place_in(conversation, id) for id in named if own is None or id != own.id)
        return tuple(place for place in places if place is not None)[:MAX_DEPENDENCIES]

    # --- handing on ---

    def push(self, conversation: bytes) -> None:
        """Hand on what is new: over the exchange, or as a request to whoever has not accepted us yet."""
        heads = [
            head_of(branch)
            for branch in self._store.entries.heads.all(conversation)
            if branch.device == self._myself.device.public
        ]
        now = asyncio.get_running_loop().time()
        for peer in self._sharing.sharers(conversation):
            peer.exchange.stored(conversation, heads, now)
            peer.turn()
        self._sharing.wake(conversation)
        stored = self._store.conversations.get(conversation)
        if stored is not None and self._circles.is_direct(conversation):
            for peer in self._sessions.of(stored.other):
                if peer.greeted and not peer.exchange.shares(conversation):
                    self._requests.ask(peer)


def _place(conversation: bytes, branch: Branch) -> Place:
    return Place(branch.id, conversation, branch.device, branch.chain, branch.seq, branch.lamport)
