"""Saying: what the door's calls to say something check first, in sentences for the user."""

from __future__ import annotations

import re

from p2pdm.api.types import ApiError, Message, Sent
from p2pdm.conversation.entries import MAX_MARK, PIN, REACTION, Edit, Entry, EntryError, Mark, Said, Text, Unsend
from p2pdm.identity import PeerId, clean_name, encode_id
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster
from p2pdm.node.talk import RequestTooLong, Talk
from p2pdm.node.view import View
from p2pdm.store.lines import StoredLine

MAX_TEXT = 32_000
"""Bytes of UTF-8 in a message: fits a body with room to spare; the sentence that refuses more names it."""


class Saying:
    """Turns calls into entries."""

    def __init__(
        self, talk: Talk, view: View, roster: Roster, myself: Myself, commits: Commits, dialing: Dialing
    ) -> None:
        self._talk = talk
        self._view = view
        self._roster = roster
        self._myself = myself
        self._commits = commits
        self._dialing = dialing

    async def text(self, to: str, text: str, reply_to: str | None) -> Sent:
        """Say words in a chat."""
        _check_text(text)
        other = self._view.other_in(to)
        answered = self._view.line(reply_to) if reply_to else None
        if answered is not None and answered.conversation != self._roster.chat_with(other):
            raise ApiError("elsewhere", "The message to answer is in another chat.")
        entry = await self._say(other, Text(text, answered.entry.id if answered else None))
        return Sent(encode_id(entry.id), encode_id(entry.header.conversation), self._view.state_of(entry))

    async def edit(self, id: str, text: str) -> Message:
        """Other words for an own message."""
        _check_text(text)
        message = self._own(id, "edit")
        if message.line.text != text:
            await self._say(self._other(message), Edit(message.entry.id, text))
        return self._view.message(self._view.line(id))

    async def unsend(self, id: str) -> Message:
        """Take an own message back."""
        message = self._own(id, "take back")
        await self._say(self._other(message), Unsend(message.entry.id))
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
        await self._say(self._other(message), Mark(message.entry.id, name, value))
        return self._view.message(self._view.line(id))

    def _own(self, id: str, what: str) -> StoredLine:
        message = self._view.line(id)
        if message.identity != self._myself.id:
            raise ApiError("not_yours", f"You can only {what} what you have said yourself.")
        if message.line.unsent:
            raise ApiError("unsent", "This message was taken back already.")
        return message

    def _other(self, message: StoredLine) -> PeerId:
        return self._view.other_in(encode_id(message.conversation))

    async def _say(self, other: PeerId, body: Said) -> Entry:
        name = self._roster.name(other)
        if self._roster.is_blocked(other):
            raise ApiError("blocked", f"You have blocked {name}: unblock {name} first.")
        try:
            entry = self._talk.write(other, body)
        except RequestTooLong as error:
            raise ApiError(
                "too_long", f"{name} has not accepted you yet: make this first message {error.spare} bytes shorter."
            ) from error
        except (EntryError, UnicodeEncodeError) as error:
            raise ApiError("text", "This text can't be sent: it holds characters that are none.") from error
        await self._commits.durable()
        self._dialing.want(other, urgent=True)
        return entry


_SURELY_SHOWN = re.compile("[0-9A-Za-z]")
"""What spares most texts the look at each of their characters: measured, 26 us for a sentence."""


def _check_text(text: str) -> None:
    if not _SURELY_SHOWN.search(text) and not clean_name(text):  # there may be characters, and none be seen
        raise ApiError("empty", "There is nothing in this message.")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT:
        raise ApiError("too_long", f"A message holds at most {MAX_TEXT} bytes of text, this one has {size}.")
