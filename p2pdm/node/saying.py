"""Saying: what the door's calls to say something check first, in sentences for the user."""

from __future__ import annotations

import re

from p2pdm.api.types import ApiError, Message, Sent
from p2pdm.conversation.entries import (
    MAX_MARK,
    PIN,
    REACTION,
    Edit,
    Entry,
    EntryError,
    Mark,
    Said,
    Text,
    Unsend,
    self_conversation,
)
from p2pdm.identity import clean_name, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
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

    async def text(self, to: str, text: str, reply_to: str | None) -> Sent:
        """Say words in a chat."""
        _check_text(text)
        chat = self._view.find(to)
        answered = self._view.line(reply_to) if reply_to else None
        if answered is not None and answered.conversation != chat.conversation:
            raise ApiError("elsewhere", "The message to answer is in another chat.")
        entry = await self._say(chat, Text(text, answered.entry.id if answered else None))
        return Sent(encode_id(entry.id), encode_id(entry.header.conversation), self._view.state_of(entry))

    async def edit(self, id: str, text: str) -> Message:
        """Other words for an own message."""
        _check_text(text)
        message = self._own(id, "edit")
        if message.line.text != text:
            await self._say(self._chat(message), Edit(message.entry.id, text))
        return self._view.message(self._view.line(id))

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
        return message

    def _chat(self, message: StoredLine) -> Found:
        return self._view.find(encode_id(message.conversation))

    async def _say(self, chat: Found, body: Said) -> Entry:
        self._check_may_write(chat, len(body.text.encode("utf-8", "replace")) if isinstance(body, Text | Edit) else 0)
        try:
            if chat.other is None:
                entry = self._talk.write_among(chat.conversation, body)
            else:
                entry = self._talk.write_to(chat.other, body)
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
                self._dialing.want(member, urgent=True)
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


def _check_text(text: str) -> None:
    if not _SURELY_SHOWN.search(text) and not clean_name(text):  # there may be characters, and none be seen
        raise ApiError("empty", "There is nothing in this message.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT:
        raise ApiError("too_long", f"A message holds at most {MAX_TEXT} bytes of text, this one has {size}.")
