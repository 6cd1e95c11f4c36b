"""View: stored entries as messages and chats, with how far each came and what is in the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from p2pdm.api.types import ApiError, Chat, ChatKind, Message, MessageState, Reaction, Version, Waiting
from p2pdm.conversation import timeline
from p2pdm.conversation.chronicle import Happening
from p2pdm.conversation.entries import Entry, Flag, self_conversation
from p2pdm.identity import IdentityError, PeerId, decode_id, encode_id, id_range
from p2pdm.node.circles import Circles
from p2pdm.node.durations import expiry_sentence
from p2pdm.node.guessing import guess
from p2pdm.node.history import History
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster, timestamp
from p2pdm.node.states import Shown, States
from p2pdm.node.titles import Titles
from p2pdm.store.conversations import DIRECT, GROUP, ROOM, SELF, StoredConversation
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store

MAX_PAGE = 1_000
MIN_PREFIX = 4
"""Characters of a message's id: fewer say nothing."""


NOTES_NAMES = ("self", "notes to self")
"""What a user may call the conversation with oneself."""
KINDS: dict[int, ChatKind] = {DIRECT: "direct", GROUP: "group", ROOM: "room", SELF: "self"}


class Found(NamedTuple):
    """The conversation that a CHAT is, and with whom, if it is a direct one."""

    conversation: bytes
    other: PeerId | None


class View:
    """Reads only."""

    def __init__(
        self, store: Store, myself: Myself, roster: Roster, circles: Circles, states: States, titles: Titles
    ) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._circles = circles
        self._states = states
        self._titles = titles
        self._history = History(store, myself, roster, circles)

    # --- finding ---

    def find(self, chat: str) -> Found:
        """Which conversation a CHAT is: its id, the name of a group or room, or a WHO (the direct chat with them)."""
        chat = chat.strip()
        try:
            id = decode_id(chat.lower())
        except IdentityError:
            return self._named(chat)
        stored = self._store.conversations.get(id)
        if stored is not None:
            return _found(stored)
        if id == self._myself.id:
            return Found(self_conversation(id), None)
        if self._roster.is_known(id):
            return Found(self._roster.chat_with(id), id)
        other = self._roster.whose_chat(id)
        if other is not None:
            return Found(id, other)
        return self._named(chat)

    def _named(self, chat: str) -> Found:
        if chat.casefold() in NOTES_NAMES:
            return Found(self_conversation(self._myself.id), None)
        entered = [stored for stored in self._store.conversations.of_kind(ROOM) if stored.entered]
        groups = [stored for stored in self._store.conversations.all() if stored.kind != DIRECT]
        groups = list({stored.id: stored for stored in (*groups, *entered)}.values())
        named = [stored for stored in groups if self._titles.title(stored).casefold() == chat.casefold()]
        begun = [s for s in groups if len(chat) >= MIN_PREFIX and encode_id(s.id).startswith(chat.lower())]
        found = named or begun
        if not found:
            return self._with(chat)
        also_person = self._roster.is_name(chat)
        if len(found) > 1 or also_person:
            chats = ", ".join(f"{self._titles.title(stored)} ({encode_id(stored.id)[:12]}…)" for stored in found[:10])
            raise ApiError(
                "ambiguous",
                f"“{chat[:80]}” could be {chats}{', or a person' * also_person}. Give the first letters of the id.",
            )
        return _found(found[0])

    def _with(self, who: str) -> Found:
        if self._roster.is_oneself(who):
            return Found(self_conversation(self._myself.id), None)
        if not self._roster.is_name(who):
            names = map(self._roster.name, self._roster.identities())
            chats = [self._titles.title(stored) for stored in self._store.conversations.all() if stored.kind != DIRECT]
            meant = guess(who, [*names, *chats])
            sentence = f"There is no person, group or room “{who[:80]}” here.{meant} See: p2pdm people, p2pdm chats"
            raise ApiError("unknown_person", sentence)
        other = self._roster.find(who)
        return Found(self._roster.chat_with(other), other)

    def line(self, id: str) -> StoredLine:
        """One message, by its id or the beginning of one; ApiError `unknown_message` or `ambiguous`."""
        id = id.strip().lower()
        try:
            line = self._store.lines.line(decode_id(id))
        except IdentityError:
            line = self._line_beginning(id)
        if line is None:
            raise self._no_line(id)
        return line

    def _no_line(self, id: str) -> ApiError:
        try:
            if self._store.lines.was_purged(decode_id(id)):
                return ApiError("deleted", "This message was deleted here.")
        except IdentityError:
            pass
        return ApiError("unknown_message", "There is no such message here.")

    def _line_beginning(self, prefix: str) -> StoredLine | None:
        try:
            low, high = id_range(prefix)
        except IdentityError:
            return None
        found = self._store.lines.between_ids(low, high, 2) if len(prefix) >= MIN_PREFIX else []
        if len(found) > 1:
            raise ApiError("ambiguous", f"Several messages begin with {prefix[:60]}: give more of the id.")
        return found[0] if found else None

    # --- showing ---

    def message(self, line: StoredLine) -> Message:
        """One message."""
        return self.messages(line.conversation, [line])[0]

    def history(self, chat: str, limit: int, before: str | None, *, happenings: bool = False) -> list[Message]:
        """A page of messages; with `happenings`, among them what happened to the group."""
        if not 1 <= limit <= MAX_PAGE:
            raise ApiError("limit", f"A page holds 1 to {MAX_PAGE} messages.")
        conversation = self.find(chat).conversation
        if happenings and self._circles.is_group(conversation):
            return self._with_happenings(conversation, limit, before)
        above = self.line(before).entry if before else None
        return self.messages(conversation, self._store.lines.page(conversation, limit, above))

    def whole(self, conversation: bytes, most: int) -> Iterator[list[Message]]:
        """All of a conversation, oldest first, in pieces of `most` messages, with what happened to the group."""
        happened = deque(self._history.happenings(conversation))
        after: Entry | None = None
        while lines := self._store.lines.onward(conversation, most, after):
            piece: list[Message] = []
            for line, message in zip(lines, self.messages(conversation, lines), strict=True):
                piece += [self._history.message(conversation, one) for one in self._history.before(line, happened)]
                piece.append(message)
            yield piece
            after = lines[-1].entry
        if happened:
            yield [self._history.message(conversation, one) for one in happened]

    def _with_happenings(self, conversation: bytes, limit: int, before: str | None) -> list[Message]:
        page = self._history.page(conversation, limit, self._line_or_happening(conversation, before))
        messages = iter(self.messages(conversation, [one for one in page if isinstance(one, StoredLine)]))
        return [
            next(messages) if isinstance(one, StoredLine) else self._history.message(conversation, one) for one in page
        ]

    def _line_or_happening(self, conversation: bytes, id: str | None) -> StoredLine | Happening | None:
        if not id:
            return None
        begun = id.strip().lower()
        found = (one for one in self._history.happenings(conversation) if encode_id(one.id).startswith(begun))
        return (next(found, None) if len(begun) >= MIN_PREFIX else None) or self.line(id)

    def chats(self) -> list[Chat]:
        """All conversations, latest first."""
        return [self.chat_of(stored) for stored in self._store.conversations.all()]

    def shown(self, id: str) -> Message | None:
        """One message by its whole id, if it is here."""
        line = self._store.lines.line(decode_id(id))
        return self.message(line) if line is not None else None

    def waiting(self) -> list[Waiting]:
        """Conversations with messages that have not reached everybody they are for."""
        found = []
        for stored in self._store.conversations.all():
            states = self._states.of(stored)
            count = states.waiting()
            if count:
                found.append(
                    Waiting(encode_id(stored.id), self._titles.title(stored), count, states.why or "on the way")
                )
        return found

    def chat(self, conversation: bytes) -> Chat:
        """One conversation that is here."""
        stored = self._store.conversations.get(conversation)
        if stored is None:
            raise ApiError("unknown_chat", "There is no such chat here.")
        return self.chat_of(stored)

    def chat_of(self, stored: StoredConversation) -> Chat:
        """One conversation as it is stored."""
        last = self._store.lines.line_at(stored.last)
        return Chat(
            id=encode_id(stored.id),
            kind=KINDS[stored.kind],
            name=self._titles.title(stored),
            members=[encode_id(identity) for identity in self._circles.members(stored.id)],
            unread=stored.unread,
            last=self.message(last) if last else None,
            standing=self._titles.standing(stored),
            draft=self._store.keeping.draft(stored.id),
            expiry=self._store.keeping.expiry(stored.id),
            retention=self._store.keeping.retention(stored.id),
            picture=self._circles.picture_named(stored.id) if stored.nonce else "",
        )

    def members(self, chat: str) -> list[str]:
        """Everybody for whom a chat of this id is meant."""
        return [encode_id(identity) for identity in self._circles.members(decode_id(chat))]

    def messages(self, conversation: bytes, lines: list[StoredLine]) -> list[Message]:
        """Messages of one conversation."""
        stored = self._store.conversations.get(conversation)
        if stored is None:
            return []
        states = self._states.of(stored)
        return [self._show(line, states.of(line)) for line in lines]

    def state_of(self, entry: Entry) -> MessageState:
        """How far an own message has come; of a direct one, without reading it from the disk again."""
        stored = self._store.conversations.get(entry.header.conversation)
        if stored is not None and stored.kind == DIRECT:
            return self._states.of_direct(entry, stored)
        return self.message(self.line(encode_id(entry.id))).state

    def _show(self, line: StoredLine, how: Shown) -> Message:
        content, flags = line.line, line.entry.header.flags
        expiry_set = timeline.expiry_set(content.setting)
        return Message(
            id=encode_id(line.entry.id),
            chat=encode_id(line.conversation),
            sender=encode_id(line.identity),
            name=self._roster.name(line.identity),
            time=timestamp(line.entry.header.time),
            text=content.text if expiry_set is None else expiry_sentence(expiry_set),
            state=how.state,
            why=how.why,
            mine=line.identity == self._myself.id,
            unread=how.unread,
            reply_to=encode_id(content.reply_to) if content.reply_to else None,
            edited=[Version(timestamp(version.time), version.text) for version in content.earlier],
            reactions=[Reaction(encode_id(person), value) for person, value in content.reactions],
            pinned=content.pinned,
            unsent=content.unsent,
            states=how.states,
            automated=bool(flags & Flag.AUTOMATED),
            bulk=bool(flags & Flag.BULK),
            mentions=[encode_id(mention.identity) for mention in content.mentions],
            mention_places=[(mention.start, mention.length) for mention in content.mentions],
            expiry=line.entry.header.expiry,
            expiry_set=expiry_set,
        )


def _found(stored: StoredConversation) -> Found:
    return Found(stored.id, stored.other if stored.kind == DIRECT else None)
