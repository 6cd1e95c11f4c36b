"""Saying: what the door's calls to say something check first, in sentences for the user."""

from __future__ import annotations

import re

from p2pdm.api.mentions import places
from p2pdm.api.types import ApiError, Chat, Message, Sent
from p2pdm.conversation.entries import (
    EXPIRY,
    MAX_EXPIRY,
    MAX_MARK,
    MAX_MENTIONS,
    PIN,
    REACTION,
    Edit,
    Entry,
    EntryError,
    Flag,
    Mark,
    Mention,
    Said,
    Setting,
    Text,
    Unsend,
    self_conversation,
)
from p2pdm.conversation.timeline import Line
from p2pdm.identity import PeerId, clean_name, decode_id, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
from p2pdm.node.durations import expiry_sentence
from p2pdm.node.myself import Myself
from p2pdm.node.quota import ROOM_BODY
from p2pdm.node.roster import Roster
from p2pdm.node.talk import RequestTooLong, Talk
from p2pdm.node.view import Found, View
from p2pdm.store.lines import StoredLine

MAX_TEXT = 32_000
"""Bytes of UTF-8 in a message: fits a body with room to spare; the sentence that refuses more names it."""

ROOM_TEXT = ROOM_BODY - 192
"""Bytes of UTF-8 in a room's message: the same for what everybody may fill."""


class Saying:
    """Turns calls into entries."""

    def __init__(
        self,
        talk: Talk,
        view: View,
        roster: Roster,
        circles: Circles,
        myself: Myself,
        commits: Commits,
        dialing: Dialing,
    ) -> None:
        self._talk = talk
        self._view = view
        self._roster = roster
        self._circles = circles
        self._myself = myself
        self._commits = commits
        self._dialing = dialing

    async def text(self, to: str, text: str, reply_to: str | None, mentions: list[str], flags: Flag) -> Sent:
        """Say words in a chat."""
        _check_text(text)
        chat = self._view.find(to)
        answered = self._view.line(reply_to) if reply_to else None
        if answered is not None and answered.conversation != chat.conversation:
            raise ApiError("elsewhere", "The message to answer is in another chat.")
        body = Text(text, answered.entry.id if answered else None, self._mentions(chat, text, mentions))
        entry = await self._say(chat, body, flags)
        return Sent(encode_id(entry.id), encode_id(entry.header.conversation), self._view.state_of(entry))

    async def edit(self, id: str, text: str, mentions: list[str] | None) -> Message:
        """Other words for an own message."""
        _check_text(text)
        message = self._own(id, "edit")
        named = _still(message.line, text)
        if mentions is not None:
            named = self._mentions(self._chat(message), text, mentions)
        if (message.line.text, message.line.mentions) != (text, named):
            flags = Flag(message.entry.header.flags) & Flag.AUTOMATED
            await self._say(self._chat(message), Edit(message.entry.id, text, named), flags)
        return self._view.message(self._view.line(id))

    def _mentions(self, chat: Found, text: str, who: list[str]) -> tuple[Mention, ...]:
        """Where the text names these people."""
        if len(who) > MAX_MENTIONS:
            raise ApiError("mention", f"A message mentions at most {MAX_MENTIONS} people.")
        people = {encode_id(identity): self._names(identity) for identity in map(self._roster.anyone, who)}
        members = [chat.other, self._myself.id] if chat.other else self._circles.members(chat.conversation)
        outside = people.keys() - {encode_id(member) for member in members} if members else ()  # a room is everybody's
        for id in outside:
            raise ApiError("mention", f"{people[id][0]} does not belong to this chat.")
        found = places(text, people)
        for id in people.keys() - {id for _, _, id in found}:
            raise ApiError("mention", f"This message does not name {people[id][0]}: write @{people[id][0]} in it.")
        return tuple(Mention(start, length, decode_id(id)) for start, length, id in found)

    def _names(self, identity: PeerId) -> list[str]:
        if identity == self._myself.id:
            return [self._myself.name]
        return [self._roster.name(identity), self._roster.own_name(identity)]

    async def expire(self, to: str, seconds: int) -> Chat:
        """Set for how long what is said in a chat stays."""
        if not 0 <= seconds <= MAX_EXPIRY:
            raise ApiError("seconds", f"Messages disappear after 1 to {MAX_EXPIRY:,} seconds, or with 0 never.")
        chat = self._view.find(to)
        if chat.other is not None and not self._roster.accepts_us(chat.other):
            name = self._roster.name(chat.other)
            raise ApiError("not_accepted", f"{name} has not accepted you yet, so there is nothing to set for you both.")
        await self._say(chat, Setting(EXPIRY, str(seconds), expiry_sentence(seconds).capitalize() + "."))
        return self._view.chat(chat.conversation)

    async def unsend(self, id: str) -> Message:
        """Take an own message back."""
        message = self._own(id, "take back")
        await self._say(self._chat(message), Unsend(message.entry.id))
        return self._view.message(self._view.line(id))

    async def react(self, id: str, value: str) -> Message:
        """One's reaction to a message; empty takes it back."""
        value = value.strip()
        if len(value) > MAX_MARK:
            raise ApiError("reaction", f"A reaction has at most {MAX_MARK} characters: an emoji.")
        return await self._mark(id, REACTION, value)

    async def pin(self, id: str, on: bool) -> Message:
        """Pin a message for everybody in the chat, or take the pin off."""
        return await self._mark(id, PIN, "1" if on else "")

    async def _mark(self, id: str, name: str, value: str) -> Message:
        message = self._view.line(id)
        if message.line.unsent:
            raise ApiError("unsent", "This message was taken back.")
        await self._say(self._chat(message), Mark(message.entry.id, name, value))
        return self._view.message(self._view.line(id))

    def _own(self, id: str, what: str) -> StoredLine:
        message = self._view.line(id)
        if message.identity != self._myself.id:
            raise ApiError("not_yours", f"You can only {what} what you have said yourself.")
        if message.line.unsent:
            raise ApiError("unsent", "This message was taken back already.")
        if message.line.setting is not None:
            raise ApiError("setting", f"You can't {what} what was set for a chat: set it anew.")
        return message

    def _chat(self, message: StoredLine) -> Found:
        return self._view.find(encode_id(message.conversation))

    async def _say(self, chat: Found, body: Said, flags: Flag = Flag(0)) -> Entry:
        self._check_may_write(chat, len(body.text.encode("utf-8", "replace")) if isinstance(body, Text | Edit) else 0)
        if flags & Flag.BULK and chat.other is not None and not self._roster.accepts_us(chat.other):
            name = self._roster.name(chat.other)
            raise ApiError("bulk", f"{name} has not accepted you yet: what goes to many can't be a first message.")
        try:
            if chat.other is None:
                entry = self._talk.write_among(chat.conversation, body, flags)
            else:
                entry = self._talk.write_to(chat.other, body, flags)
        except RequestTooLong as error:
            name = self._roster.name(chat.other or b"")
            raise ApiError(
                "too_long", f"{name} has not accepted you yet: make this first message {error.spare} bytes shorter."
            ) from error
        except (EntryError, UnicodeEncodeError) as error:
            raise ApiError("text", "This text can't be sent: it holds characters that are none.") from error
        await self._commits.durable()
        for member in [chat.other] if chat.other is not None else self._circles.members(chat.conversation):
            if member != self._myself.id:
                self._dialing.want(member, urgent=True, needed=True)
        return entry

    def _check_may_write(self, chat: Found, size: int) -> None:
        if chat.conversation == self_conversation(self._myself.id):
            return
        if chat.other is not None:
            if self._roster.is_blocked(chat.other):
                name = self._roster.name(chat.other)
                raise ApiError("blocked", f"You have blocked {name}: unblock {name} first.")
            return
        if self._circles.is_room(chat.conversation) and size > ROOM_TEXT:
            raise ApiError(
                "too_long", f"A message in a room holds at most {ROOM_TEXT} bytes of text, this one has {size}."
            )
        refusal = self._circles.may_not_write(chat.conversation)
        if refusal:
            raise ApiError("not_allowed", refusal)


_SURELY_SHOWN = re.compile("[0-9A-Za-z]")
"""What spares most texts the look at each of their characters: measured, 26 us for a sentence."""


def _still(line: Line, text: str) -> tuple[Mention, ...]:
    """The mentions of a message that still stand in its new words."""
    names: dict[str, list[str]] = {}
    for mention in line.mentions:
        word = line.text[mention.start : mention.start + mention.length]
        names.setdefault(encode_id(mention.identity), []).append(word.removeprefix("@"))
    return tuple(Mention(start, length, decode_id(id)) for start, length, id in places(text, names))


def _check_text(text: str) -> None:
    if not _SURELY_SHOWN.search(text) and not clean_name(text):  # there may be characters, and none be seen
        raise ApiError("empty", "There is nothing in this message.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT:
        raise ApiError("too_long", f"A message holds at most {MAX_TEXT} bytes of text, this one has {size}.")
