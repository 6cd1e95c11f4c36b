"""Groups: making them, inviting, joining, leaving; and what follows when somebody else does so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    CONTENT,
    MAX_FLOORS,
    MEMBERSHIP,
    Create,
    Describe,
    Entry,
    EntryError,
    Floor,
    Invite,
    Join,
    Leave,
    Rank,
    Remove,
    Said,
    group_conversation,
)
from p2pdm.conversation.log import is_at
from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.commits import Commits
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.roster import Roster
from p2pdm.node.sharing import Sharing
from p2pdm.node.talk import Talk
from p2pdm.store.conversations import GROUP, ROOM
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.wire import frames

MAX_PENDING = 100
"""Groups of which somebody has told, and no invitation came yet: more is somebody who makes them up."""
FROM_THE_BEGINNING = -1


class NotAllowed(Exception):
    """The user may not do this in a group; the text is the reason, part of a sentence."""


class Groups:
    """Operations on membership, and their consequences here."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        roster: Roster,
        circles: Circles,
        sharing: Sharing,
        talk: Talk,
        random: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._roster = roster
        self._circles = circles
        self._sharing = sharing
        self._talk = talk
        self._random = random
        self._told: dict[PeerId, set[bytes]] = {}
        """Of which groups people have told that were not known here."""
        self._new: set[bytes] = set()
        """Conversations that are to be looked at once more when what changed in them is durable."""
        self.companions_changed: Callable[[], None] = lambda: None
        """Told when somebody may have become, or ceased to be, somebody to be connected with."""
        self.counts_after_all: Callable[[bytes], None] = lambda _: None
        """Told of each message that had not counted and now does, within the writing."""

    # --- operations ---

    def create(self, name: str, kind: int) -> bytes:
        """Make a group, or an announcement, and return its id."""
        nonce = self._random(32)
        conversation = group_conversation(self._myself.id, nonce, kind)
        with self._commits.writing():
            stored_as = ROOM if kind == ANNOUNCEMENTS else GROUP
            self._store.conversations.ensure(conversation, stored_as, self._myself.id, nonce, name)
            self._store.conversations.set_listed(conversation, True)
            self._talk.write(conversation, Create(nonce, kind, name), chain=MEMBERSHIP)
        return conversation

    def invite(self, conversation: bytes, who: PeerId) -> None:
        """Call somebody into a group; they read what is said from now on."""
        self._operate(conversation, Invite(who, self._content_heads(conversation)))

    def join(self, conversation: bytes) -> None:
        """Say yes to an invitation."""
        group = self._circles.group(conversation)
        called = group.invitations.get(self._myself.id)
        if called is None:
            raise NotAllowed("you are in it already" if self._myself.id in group.members else "you are not invited")
        self._operate(conversation, Join(called))

    def leave(self, conversation: bytes) -> None:
        """Leave a group, or say no to an invitation."""
        self._operate(conversation, Leave(self._last_of(conversation, self._myself.id)))

    def remove(self, conversation: bytes, who: PeerId) -> None:
        """Put somebody out of a group, or take their invitation back."""
        self._operate(conversation, Remove(who, self._last_of(conversation, who)))

    def rank(self, conversation: bytes, who: PeerId, admin: bool) -> None:
        """Make somebody an admin (of an announcement: an announcer), or no more."""
        ends = not admin and self._circles.is_room(conversation)
        self._operate(conversation, Rank(who, admin, self._last_of(conversation, who) if ends else ()))

    def describe(self, conversation: bytes, name: str, value: bytes) -> None:
        """Give a group another name, topic or picture."""
        self._operate(conversation, Describe(name, value))

    def _operate(self, conversation: bytes, body: Said) -> Entry:
        refusal = self._circles.group(conversation).refusal(self._myself.id, body)
        if refusal:
            raise NotAllowed(refusal)
        return self._talk.write(conversation, body, chain=MEMBERSHIP)

    def _content_heads(self, conversation: bytes) -> tuple[Floor, ...]:
        """The last content entries of everybody."""
        return tuple(
            Floor(head.device, head.seq, head.id, head.lamport)
            for head in self._store.entries.heads.all(conversation)
            if head.chain == CONTENT
        )

    def _last_of(self, conversation: bytes, who: PeerId) -> tuple[Floor, ...]:
        """Those of one person's devices; the latest, if they are more than an operation can name."""
        theirs = [f for f in self._content_heads(conversation) if self._store.entries.identity_of(f.device) == who]
        return tuple(sorted(theirs, key=lambda floor: floor.lamport)[-MAX_FLOORS:])

    # --- what others do; within `writing` ---

    def stored(self, conversation: bytes) -> None:
        """Membership entries were stored: bring what hangs on them up to date."""
        standing = self._circles.standing(conversation, self._myself.id)
        if standing == Standing.MEMBER:
            self._begin_at_floors(conversation)
        self._judge_again(conversation)
        self._list(conversation, standing)
        self._board.post("chat", chat=conversation)
        self._new.add(conversation)
        self._commits.then(lambda error: self._changed(conversation) if error is None else None)

    def _changed(self, conversation: bytes) -> None:
        if conversation not in self._new:
            return  # others have joined with the same commit
        self._new.remove(conversation)
        self._sharing.changed(conversation)
        self.companions_changed()

    def _begin_at_floors(self, conversation: bytes) -> None:
        for floor in self._circles.floors(conversation, self._myself.id).values():
            place = self._store.entries.place_in(conversation, floor.id)
            if place is not None and is_at(place, conversation, floor):
                self._store.entries.heads.begin_above(place)  # what is not here is asked for: nobody's mere word counts

    def _list(self, conversation: bytes, standing: Standing) -> None:
        inviter = self._circles.group(conversation).invited.get(self._myself.id)
        welcome = standing == Standing.MEMBER or (inviter is not None and self._roster.is_contact(inviter))
        stored = self._circles.stored(conversation)
        if stored is not None and stored.kind == GROUP and stored.listed != welcome:
            self._store.conversations.set_listed(conversation, welcome)

    def _judge_again(self, conversation: bytes) -> None:
        """Some of what people said may count no more, or count after all."""
        contested = self._circles.group(conversation).contested
        for device, author in self._authors(conversation) if contested else ():
            if author in contested:
                self._judge(conversation, device, author, contested[author].get(device, FROM_THE_BEGINNING))

    def heard_or_not(self, identity: PeerId) -> None:
        """Somebody was blocked, or no longer is: in rooms, what they said is not to be seen, or is again."""
        for stored in self._store.conversations.of_kind(ROOM):
            for device, author in self._authors(stored.id):
                if author == identity:
                    self._judge(stored.id, device, author, FROM_THE_BEGINNING)

    def _authors(self, conversation: bytes) -> list[tuple[bytes, PeerId]]:
        devices = {head.device for head in self._store.entries.heads.all(conversation)}
        known = ((device, self._store.entries.identity_of(device)) for device in sorted(devices))
        return [(device, author) for device, author in known if author is not None]

    def _judge(self, conversation: bytes, device: bytes, author: PeerId, above: int) -> None:
        judged = self._store.lines.judge(conversation, device, above, partial(self._circles.counts, author))
        for message in judged:
            self._board.post("change", chat=conversation, person=author, id=message.id)
            if not message.void:
                self.counts_after_all(message.id)
        stored = self._circles.stored(conversation)
        if stored is None or author == self._myself.id:
            return
        fresh = [message for message in judged if message.is_message and message.arrival > stored.read_arrival]
        unread = sum(-1 if message.void else 1 for message in fresh)
        if unread:
            self._store.conversations.lines_added(conversation, 0, unread)

    # --- what peers say ---

    def called(self, peer: Peer, told: frames.Invited) -> None:
        """A peer says that this node is invited to a group, or belongs to it: ask what there is of it."""
        if group_conversation(told.creator, told.nonce, told.kind) != told.conversation or told.kind > ANNOUNCEMENTS:
            raise EntryError("a group's id is not its creator's")
        own = peer.identity == self._myself.id
        if told.kind == ANNOUNCEMENTS and not own:
            return  # a room: one enters it oneself
        if self._circles.stored(told.conversation) is None:
            if not (own or self._roster.is_contact(peer.identity)) or not self._is_plausible(peer, told.conversation):
                return
            kind = ROOM if told.kind == ANNOUNCEMENTS else GROUP

            def keep() -> None:
                self._store.conversations.ensure(told.conversation, kind, told.creator, told.nonce)
                self._circles.changed(told.conversation)

            try:
                with self._commits.writing(patient=True):
                    keep()
            except StoreError:
                return  # a full disk; it is told again in the next session
        self._sharing.share_with_teller(peer, told.conversation)

    def forget_made_up(self) -> None:
        """At a start: forget the groups of which somebody told, and of which nothing came."""
        self._commits.note(lambda: self._store.conversations.drop_empty(GROUP))

    def _is_plausible(self, peer: Peer, conversation: bytes) -> bool:
        """Whether somebody has not told of too many groups of which nothing came; it counts if so."""
        told = self._told.setdefault(peer.identity, set())
        told -= {one for one in told if self._circles.standing(one, self._myself.id) != Standing.NONE}
        if len(told) >= MAX_PENDING:
            return False
        told.add(conversation)
        return True
