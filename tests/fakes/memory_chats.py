"""The chats of a MemoryNode: what was said in them, what is typed there, how long they are kept, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from p2pdm.api.types import Chat, Exported, ExportFormat, Hit, Message, SearchOrder
from p2pdm.conversation.words import asked_for, excerpt
from tests.fakes.fake_ids import ME
from tests.fakes.memory_messages import MessagesInMemory


@dataclass
class ChatsInMemory(MessagesInMemory):
    """Part of MemoryNode."""

    drafts: dict[str, str] = field(default_factory=dict)
    expiries: dict[str, int] = field(default_factory=dict)
    days: dict[str | None, int] = field(default_factory=dict)
    searched: tuple[object, ...] = ()
    """What was searched last."""
    exported: tuple[object, ...] = ()
    """What was taken out last."""

    # NodeApi.

    async def chats(self) -> list[Chat]:
        chats = self._gathered_chats()
        for person in self.known.values():
            there = [message for message in self.said if message.chat == person.chat]
            if there:
                unread = sum(message.unread for message in there)
                members = [ME, person.id]
                draft = self.drafts.get(person.chat, "")
                chats.append(Chat(person.chat, "direct", person.name, members, unread, there[-1], draft=draft))
        chats = [
            msgspec.structs.replace(chat, expiry=self.expiries.get(chat.id, 0), retention=self.days.get(chat.id, 0))
            for chat in chats
        ]
        return sorted(chats, key=lambda chat: chat.last.time if chat.last else "", reverse=True)

    async def history(
        self,
        chat: str,
        limit: int = 50,
        before: str | None = None,
        search: str | None = None,
        happenings: bool = False,
    ) -> list[Message]:
        chat_id = self._chat_id(chat)
        there = [m for m in self.said if m.chat == chat_id and (happenings or m.happening is None)]
        if before is not None:
            there = there[: [message.id for message in there].index(before)]
        if search is not None:
            there = [message for message in there if search.casefold() in message.text.casefold()]
        return there[-limit:]

    async def read(self, chat: str) -> None:
        chat_id = self._chat_id(chat)
        for at, message in enumerate(self.said):
            if message.chat == chat_id and message.unread:
                self.said[at] = msgspec.structs.replace(message, unread=False, state="read")
        self._note("chat", chat=chat_id)

    async def unread(self, chat: str, from_id: str | None = None) -> None:
        chat_id = self._chat_id(chat)
        last = [message for message in self.said if message.chat == chat_id and not message.mine][-1]
        self._changed_to(last, unread=True)
        self._note("chat", chat=chat_id)

    async def delete(self, id: str) -> None:
        message = await self.message(id)
        self.said.remove(message)
        self._note("change", chat=message.chat, id=id, state="deleted")

    async def delete_chat(self, chat: str) -> None:
        chat_id = self._chat_id(chat)
        self.said = [message for message in self.said if message.chat != chat_id]
        self._note("chat", chat=chat_id, state="deleted")

    async def draft(self, chat: str) -> str:
        return self.drafts.get(self._chat_id(chat), "")

    async def set_draft(self, chat: str, text: str) -> None:
        self.drafts[self._chat_id(chat)] = text

    async def typing(self, chat: str, on: bool) -> None:
        self._chat_id(chat)

    async def expire(self, chat: str, seconds: int | None = None) -> Chat:
        chat_id = self._chat_id(chat)
        if seconds is not None:
            self.expiries[chat_id] = seconds
        self._note("chat", chat=chat_id)
        return next(one for one in await self.chats() if one.id == chat_id)

    async def retention(self, chat: str | None = None) -> int:
        return self.days.get(self._chat_id(chat) if chat else None, 0)

    async def set_retention(self, chat: str | None, days: int) -> None:
        self.days[self._chat_id(chat) if chat else None] = days

    async def search(
        self,
        words: str,
        chat: str | None = None,
        person: str | None = None,
        since: str | None = None,
        until: str | None = None,
        order: SearchOrder = "newest",
        limit: int = 50,
        before: str | None = None,
    ) -> list[Hit]:
        self.searched = (words, chat, person, since, until, order, limit, before)
        asked = asked_for(words)
        found = [(message, *excerpt(message.text, asked)) for message in reversed(self.said)]
        return [Hit(message, message.chat, shown, marks) for message, shown, marks in found if marks][:limit]

    async def export(self, chat: str, path: str, format: ExportFormat, replace: bool = False) -> Exported:
        self.exported = (self._find(chat).name, path, format, replace)
        Path(path).write_text(f"{self._find(chat).name} as {format}: \x9b31m…\n", encoding="utf-8")  # noqa: ASYNC240
        return Exported(path, len(await self.history(chat)))
