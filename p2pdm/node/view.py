"""View: stored entries as messages and chats, with how far each came and what is in the way."""

from __future__ import annotations

from p2pdm.api.types import ApiError, Chat, Message, MessageState, Reaction, Version, Waiting
from p2pdm.conversation.entries import Entry
from p2pdm.identity import IdentityError, PeerId, decode_id, encode_id, id_range
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster, timestamp
from p2pdm.node.sessions import Sessions
from p2pdm.store.conversations import Progress, StoredConversation
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store

MAX_PAGE = 1_000
MIN_PREFIX = 4
"""Characters of a message's id: fewer say nothing."""


class View:
    """Reads only."""

    def __init__(self, store: Store, myself: Myself, roster: Roster, sessions: Sessions) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._sessions = sessions

    # --- finding ---

    def other_in(self, chat: str) -> PeerId:
        """Whom a CHAT is with: the id of a direct chat, or a WHO."""
        try:
            id = decode_id(chat.strip().lower())
        except IdentityError:
            return self._roster.find(chat)
        stored = self._store.conversations.get(id)
        if stored is not None:
            return stored.other
        if self._roster.is_known(id):
            return id
        for person in self._roster.everyone():
            if person.chat == chat.strip().lower():
                return decode_id(person.id)
        return self._roster.find(chat)

    def line(self, id: str) -> StoredLine:
        """One message, by its id or the beginning of one; ApiError `unknown_message` or `ambiguous`."""
        id = id.strip().lower()
        try:
            line = self._store.lines.line(decode_id(id))
        except IdentityError:
            line = self._line_beginning(id)
        if line is None:
            raise ApiError("unknown_message", "There is no such message here.")
        return line

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
        return self._messages(line.conversation, [line])[0]

    def history(self, chat: str, limit: int, before: str | None, search: str | None) -> list[Message]:
        """A page of messages."""
        if not 1 <= limit <= MAX_PAGE:
            raise ApiError("limit", f"A page holds 1 to {MAX_PAGE} messages.")
        conversation = self._roster.chat_with(self.other_in(chat))
        above = self.line(before).entry if before else None
        if search is not None and search.strip():
            lines = self._store.lines.search(conversation, search, limit, above)
        else:
            lines = self._store.lines.page(conversation, limit, above)
        return self._messages(conversation, lines)

    def chats(self) -> list[Chat]:
        """All conversations, latest first."""
        return [self._chat(stored) for stored in self._store.conversations.all()]

    def waiting(self) -> list[Waiting]:
        """Conversations with messages that have not reached the other."""
        found = []
        for stored in self._store.conversations.all():
            count = self._waiting_in(stored)
            if count:
                chat, name = encode_id(stored.id), self._roster.name(stored.other)
                found.append(Waiting(chat, name, count, self.why(stored.other) or "on the way"))
        return found

    def why(self, other: PeerId) -> str:
        """What keeps a message from someone now; empty when nothing does."""
        name = self._roster.name(other)
        if self._roster.is_blocked(other):
            return f"you have blocked {name}"
        if self._sessions.online(other):
            accepted = any(peer.accepts_us for peer in self._sessions.of(other))
            return "" if accepted else f"waiting for {name} to accept"
        if self._sessions.connected(other):
            return f"{name} is not answering"
        if self._store.people.held(other) is not None and not self._roster.accepts_us(other):
            return f"waiting for {name} to accept"
        obstacle = self._roster.obstacle(other)
        return f"{name} can't be reached: {obstacle}" if obstacle else f"{name} is offline"

    def _chat(self, stored: StoredConversation) -> Chat:
        last = self._store.lines.line_at(stored.last)
        return Chat(
            id=encode_id(stored.id),
            kind="direct",
            name=self._roster.name(stored.other),
            members=[encode_id(self._myself.id), encode_id(stored.other)],
            unread=stored.unread,
            last=self.message(last) if last else None,
        )

    def _waiting_in(self, stored: StoredConversation) -> int:
        devices = {branch.device for branch in self._store.entries.heads(stored.id)}
        own = [device for device in devices if self._store.entries.identity_of(device) == self._myself.id]
        return sum(
            self._store.lines.waiting_count(stored.id, device, self._progress(stored, device).delivered)
            for device in own
        )

    def _messages(self, conversation: bytes, lines: list[StoredLine]) -> list[Message]:
        stored = self._store.conversations.get(conversation)
        if stored is None:
            return []
        held = self._store.people.held(stored.other)
        why = self.why(stored.other)
        return [self._message(line, stored, held, why) for line in lines]

    def _message(self, line: StoredLine, stored: StoredConversation, held: bytes | None, why: str) -> Message:
        if line.identity != self._myself.id:
            unread = line.arrival > stored.read_arrival
            return self._show(line, state="delivered" if unread else "read", unread=unread)
        state = self._own_state(line.entry, stored, held)
        if state == "sent":
            why = f"waiting for {self._roster.name(stored.other)} to accept"
        return self._show(line, state=state, why=why if state in ("sent", "waiting") else "")

    def state_of(self, entry: Entry) -> MessageState:
        """How far an own message has come, without reading it from the disk again."""
        stored = self._store.conversations.get(entry.header.conversation)
        return self._own_state(entry, stored, self._store.people.held(stored.other)) if stored else "waiting"

    def _own_state(self, entry: Entry, stored: StoredConversation, held: bytes | None) -> MessageState:
        reached = self._progress(stored, entry.header.device)
        if entry.header.seq <= reached.read:
            return "read"
        if entry.header.seq <= reached.delivered:
            return "delivered"
        return "sent" if held == entry.id else "waiting"

    def _progress(self, stored: StoredConversation, device: bytes) -> Progress:
        return self._store.conversations.progress(stored.id, stored.other, device)

    def _show(self, line: StoredLine, *, state: MessageState, why: str = "", unread: bool = False) -> Message:
        content = line.line
        return Message(
            id=encode_id(line.entry.id),
            chat=encode_id(line.conversation),
            sender=encode_id(line.identity),
            name=self._roster.name(line.identity),
            time=timestamp(line.entry.header.time),
            text=content.text,
            state=state,
            why=why,
            mine=line.identity == self._myself.id,
            unread=unread,
            reply_to=encode_id(content.reply_to) if content.reply_to else None,
            edited=[Version(timestamp(version.time), version.text) for version in content.earlier],
            reactions=[Reaction(encode_id(person), value) for person, value in content.reactions],
            pinned=content.pinned,
            unsent=content.unsent,
        )
