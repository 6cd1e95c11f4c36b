"""Own devices: what the devices of one identity tell each other, so that they know the same people and chats.

They share every conversation like any members, and their own conversation beside: notes to oneself, and memos. A memo
is about a person (relation, nickname, verified) or a conversation (how far it was read); the latest by (lamport, time,
id) of each subject counts. Nothing is written before another device of this identity has been met; then everything is
told once, later what changes.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from p2pdm.conversation.entries import Entry, Memo, self_conversation
from p2pdm.identity import KEY_SIZE, PeerId, ProfileRecord
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.myself import Myself
from p2pdm.node.requests import Requests
from p2pdm.node.talk import Talk
from p2pdm.store.conversations import SELF
from p2pdm.store.errors import StoreError
from p2pdm.store.people import BLOCKED, CONTACT, NEARBY, KnownPerson
from p2pdm.store.tables import Store

PERSON, READ = "person", "read"
COMPANY = "has met another own device"
"""The setting that says so."""


class _Person(msgspec.Struct, frozen=True, array_like=True):
    """What the user has decided about somebody; more elements are of later versions."""

    relation: int
    was_contact: bool
    verified: bool
    nickname: str
    name: str


_person = msgspec.msgpack.Decoder(_Person)
_heads = msgspec.msgpack.Decoder(list[tuple[bytes, int]])


class OwnDevices:
    """Tells, and does what the others tell."""

    def __init__(
        self, store: Store, commits: Commits, board: Board, myself: Myself, requests: Requests, talk: Talk
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._requests = requests
        self._talk = talk
        self.read: Callable[[bytes], None] = lambda _: None
        """Told, within the writing, that more of a conversation counts as read."""
        self.spoken: Callable[[], None] = lambda: None
        """Told, once it is stored, that another device has said something else of this identity."""
        self._obeying = False
        self._company = bool(store.settings.get(COMPANY))

    @property
    def conversation(self) -> bytes:
        """The one with oneself."""
        return self_conversation(self._myself.id)

    def ensure_conversation(self) -> None:
        """Within `writing`: have it."""
        self._store.conversations.ensure(self.conversation, SELF, self._myself.id)

    # --- telling; within `writing` ---

    def met(self) -> None:
        """Another device of this identity is here: from now on it is told everything."""
        if self._company:
            return
        self._company = True

        def begin() -> None:
            self.ensure_conversation()
            self._store.settings.set(COMPANY, b"1")
            for known in self._store.people.all():
                if known.relation != NEARBY or known.nickname or known.verified:
                    self.tell_person(known.identity)
            for stored in self._store.conversations.all():
                self.tell_read(stored.id)

        self._commits.note(begin)

    def tell_person(self, identity: PeerId) -> None:
        """The user has decided something about somebody."""
        known = self._store.people.get(identity)
        if known is not None and self._company and not self._obeying:
            self._tell(Memo(PERSON, identity, msgspec.msgpack.encode(_decisions(known))))

    def tell_read(self, conversation: bytes) -> None:
        """The user has read a conversation."""
        stored = self._store.conversations.get(conversation)
        if stored is None or not self._company or self._obeying or conversation == self.conversation:
            return
        read = self._store.lines.last_read(conversation, self._myself.id, stored.read_arrival)
        if read:
            value = msgspec.msgpack.encode([(branch.device, branch.seq) for branch in read])
            self._tell(Memo(READ, conversation, value))

    def _tell(self, memo: Memo) -> None:
        self.ensure_conversation()
        self._talk.write(self.conversation, memo)

    # --- doing; within `writing` ---

    def heard(self, entry: Entry, memo: Memo) -> None:
        """Another device told something: do it, unless something later was said of the same."""
        if self._store.entries.identity_of(entry.header.device) != self._myself.id:
            return
        if self._store.lines.latest_about(self.conversation, memo.subject) != entry.id:
            return
        self._obeying = True
        try:
            if memo.name == PERSON and len(memo.about) == KEY_SIZE:
                self._decide(memo.about, memo.value)
            elif memo.name == READ:
                self._read(memo.about, memo.value)
        finally:
            self._obeying = False

    def _decide(self, identity: PeerId, value: bytes) -> None:
        try:
            told = _person.decode(value)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return  # of a later version
        people = self._store.people
        people.ensure(identity, told.name)
        if told.relation == CONTACT:
            self._requests.accept(identity)
        elif told.relation == BLOCKED:
            if told.was_contact:
                people.set_relation(identity, CONTACT)
            self._requests.block(identity)
        else:
            self._requests.unblock(identity)
        people.set_nickname(identity, told.nickname)
        if told.verified:
            people.set_verified(identity)
        self._board.post("person", person=identity)

    def _read(self, conversation: bytes, value: bytes) -> None:
        try:
            heads = _heads.decode(value)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return  # of a later version
        for device, seq in heads:
            self._store.conversations.read_elsewhere(conversation, device, seq)
        self.advance(conversation)

    def advance(self, conversation: bytes) -> None:
        """Within `writing`: what came just now may have been read elsewhere."""
        if not self._company or not self._store.conversations.was_read_elsewhere(conversation):
            return
        before = self._store.conversations.get(conversation)
        self._store.conversations.advance_read(conversation, self._myself.id)
        if before is not None and before != self._store.conversations.get(conversation):
            self.read(conversation)
            self._board.post("chat", chat=conversation)

    def heard_record(self, record: ProfileRecord) -> None:
        """What another device says of this identity: the newest counts."""
        if record.replaces(self._myself.record):
            self._myself.adopt(record)
            self._board.post("profile")
            self._commits.then(self._adopted)

    def _adopted(self, error: StoreError | None) -> None:
        if error is None:
            self.spoken()
        else:
            self._myself.reload()  # what was not stored is heard again


def _decisions(known: KnownPerson) -> _Person:
    return _Person(known.relation, known.was_contact, known.verified, known.nickname, known.name)
