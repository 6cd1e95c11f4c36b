"""Exporter: writes a chat into a file, in pieces between which the node does other work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from p2pdm.api.types import Chat, Exported, ExportFormat, Message
from p2pdm.identity import decode_id
from p2pdm.node.aside import Aside
from p2pdm.node.export import page
from p2pdm.node.roster import Roster, timestamp
from p2pdm.node.view import View
from p2pdm.store.files import NewFile

PIECE = 25
"""Messages in one piece: some 2 ms."""


class Member(msgspec.Struct, frozen=True):
    """Somebody in an exported chat."""

    id: str
    name: str


class Form(Protocol):
    """What a file of one format is made of."""

    def begin(self) -> str:
        """What stands before the first message."""
        ...

    def piece(self, messages: list[Message]) -> str:
        """The next messages."""
        ...

    def end(self, count: int) -> str:
        """What stands after the last of `count` messages."""
        ...


class Exporter:
    """Reads the store; the only thing it writes is the file."""

    def __init__(self, view: View, roster: Roster, aside: Aside, wall: Callable[[], int]) -> None:
        self._view = view
        self._roster = roster
        self._aside = aside
        self._wall = wall

    async def export(self, conversation: bytes, path: Path, format: ExportFormat, *, replace: bool) -> Exported:
        """Write all that was said in a conversation up to now; StoreError when the file can't be written."""
        chat = self._view.chat(conversation)
        members = [Member(id, self._name(id)) for id in chat.members]
        now = timestamp(self._wall())
        form: Form = (
            _Json(chat, members, now) if format == "json" else _Html(chat, members, now, self._view, self._name)
        )
        file = NewFile(path, replace=replace)
        try:
            count = 0
            file.write(form.begin().encode())
            for messages in self._view.whole(conversation, PIECE):
                file.write(form.piece(messages).encode())
                count += sum(message.happening is None for message in messages)
                await (self._aside(file.sync) if file.wants_sync else asyncio.sleep(0))
            file.write(form.end(count).encode())
            await self._aside(file.sync)
            file.finish()
        finally:
            file.discard()
        return Exported(str(path), count)

    def _name(self, id: str) -> str:
        return self._roster.name(decode_id(id))


class _Json:
    """One object, a message a line."""

    def __init__(self, chat: Chat, members: list[Member], now: str) -> None:
        self._about = {"id": chat.id, "kind": chat.kind, "name": chat.name}
        self._members = members
        self._now = now
        self._between = ""

    def begin(self) -> str:
        parts = {"exported": self._now, "chat": self._about, "members": self._members}
        return _encoded(parts)[:-1] + ',"messages":['

    def piece(self, messages: list[Message]) -> str:
        rows = []
        for message in messages:
            rows.append(f"{self._between}\n{_encoded(message)}")
            self._between = ","
        return "".join(rows)

    def end(self, count: int) -> str:
        return "\n]}\n"


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()


class _Html:
    """One page for people."""

    def __init__(self, chat: Chat, members: list[Member], now: str, view: View, name: Callable[[str], str]) -> None:
        self._chat = chat
        self._members = members
        self._now = now
        self._view = view
        self._names = page.Names(name)
        self._last: Message | None = None

    def begin(self) -> str:
        return page.head(self._chat.name, [member.name for member in self._members])

    def piece(self, messages: list[Message]) -> str:
        quoted = {message.reply_to: self._quoted(message.reply_to) for message in messages if message.reply_to}
        there = {id: one for id, one in quoted.items() if one is not None}
        text = page.lines(messages, self._last, there, self._names)
        self._last = messages[-1]
        return text

    def end(self, count: int) -> str:
        return page.foot(count, self._now)

    def _quoted(self, id: str) -> Message | None:
        """A message of this chat."""
        message = self._view.shown(id)
        return message if message is not None and message.chat == self._chat.id else None
