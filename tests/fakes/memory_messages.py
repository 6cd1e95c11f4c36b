"""The messages of a MemoryNode."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import msgspec

from p2pdm.api.types import ApiError, Message, Notice, Person, Reaction, Sent, Version
from tests.fakes.fake_ids import ME
from tests.fakes.memory_groups import GroupsInMemory
from tests.fakes.memory_people import PeopleInMemory

ANSWER_AFTER = 0.8
"""Seconds that somebody types who answers."""


@dataclass
class MessagesInMemory(PeopleInMemory, GroupsInMemory):
    """Part of MemoryNode."""

    answers: bool = False
    """Whether people who are online type and answer what they are sent."""
    _tasks: set[asyncio.Task[object]] = field(default_factory=set)

    # What a test does.

    def advance(self, id: str, state: str, why: str = "") -> None:
        """An own message came further."""
        for at, message in enumerate(self.said):
            if message.id == id:
                self.said[at] = msgspec.structs.replace(message, state=state, why=why)
                self._note("state", chat=message.chat, id=id, state=state)

    def reacted(self, id: str, person: str, value: str) -> Message:
        """Somebody reacts to a message, or with nothing takes it back."""
        message = next(message for message in self.said if message.id == id)
        reactions = [reaction for reaction in message.reactions if reaction.person != person]
        return self._changed_to(message, reactions=[*reactions, *([Reaction(person, value)] if value else [])])

    def becomes(self, id: str, **changes: object) -> Message:
        """A message is different now, whoever changed it."""
        return self._changed_to(next(message for message in self.said if message.id == id), **changes)

    def types(self, who: str, on: bool = True) -> None:
        """Somebody begins or stops to type."""
        person = msgspec.structs.replace(self._find(who), typing=on)
        self.known[person.id] = person
        self.tell(Notice(cursor=self.cursor(), event="typing", chat=person.chat, person=person.id, on=on))

    # NodeApi.

    async def send(
        self,
        to: str,
        text: str,
        reply_to: str | None = None,
        mentions: list[str] | None = None,
        automated: bool = False,
        bulk: bool = False,
    ) -> Sent:
        gathering = self._maybe_gathering(to)
        if gathering is not None:
            message = msgspec.structs.replace(self._say_in(gathering, text), reply_to=reply_to, mentions=mentions or [])
            self.said.append(message)
            self._note("message", chat=message.chat, id=message.id, state="waiting")
            return Sent(message.id, message.chat, message.state)
        person = self._find(to)
        if person.relation != "contact":
            await self.accept(to)
        why = "" if person.online else f"{person.name} is offline"
        message = self._message(person.chat, text, 1, sender=ME, name=self.name, state="waiting", why=why)
        message = msgspec.structs.replace(
            message, reply_to=reply_to, mentions=mentions or [], automated=automated, bulk=bulk
        )
        self.said.append(message)
        self._note("message", chat=person.chat, id=message.id, state="waiting")
        if self.answers and person.online:
            self._spawn(self._answer(person, message))
        return Sent(message.id, message.chat, message.state)

    async def edit(self, id: str, text: str, mentions: list[str] | None = None) -> Message:
        message = await self.message(id)
        return self._changed_to(message, text=text, edited=[*message.edited, Version(message.time, message.text)])

    async def unsend(self, id: str) -> Message:
        return self._changed_to(await self.message(id), text="", edited=[], unsent=True)

    async def react(self, id: str, value: str) -> Message:
        return self.reacted(id, ME, value)

    async def pin(self, id: str, on: bool) -> Message:
        return self._changed_to(await self.message(id), pinned=on)

    async def message(self, id: str) -> Message:
        for message in self.said:
            if message.id == id:
                return message
        raise ApiError("unknown_message", "there is no such message")

    async def wait(self, id: str, seconds: float) -> Message:
        end = asyncio.get_running_loop().time() + seconds
        while (message := await self.message(id)).state in ("waiting", "sent"):
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), end - asyncio.get_running_loop().time())
            except TimeoutError:
                break
        return message

    # Private.

    def _changed_to(self, message: Message, **changes: object) -> Message:
        changed = msgspec.structs.replace(message, **changes)
        self.said[self.said.index(message)] = changed
        self._note("change", chat=message.chat, id=message.id)
        return changed

    def _spawn(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, person: Person, message: Message) -> None:
        await asyncio.sleep(0.05)
        self.advance(message.id, "delivered")
        self.types(person.id)
        await asyncio.sleep(ANSWER_AFTER)
        self.advance(message.id, "read")
        self.types(person.id, on=False)
        self.arrive(person.id, f"You said: {message.text}")

    async def close(self) -> None:
        """End those who type."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
