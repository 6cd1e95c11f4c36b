"""What all parts of a MemoryNode share: who is known, what was said, and the notices of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from p2pdm.api.types import ApiError, Message, Notice, NoticeEvent, Person
from tests.fakes.fake_ids import ME, fake_id


@dataclass
class MemoryCore:
    """People, messages and the NoticeLog. `tell` is set to the server's `notify`."""

    name: str = "Alice"
    tell: Callable[[Notice], None] = lambda notice: None
    known: dict[str, Person] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    log: list[Notice] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _clock: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    # What a test does.

    def arrive(self, who: str, text: str, minutes: float = 1) -> Message:
        """A message from somebody."""
        person = self._find(who)
        if person.relation == "nearby":
            self._keep(msgspec.structs.replace(person, relation="request", request=text))
            self._note("request", person=person.id)
        message = self._message(person.chat, text, minutes, sender=person.id, name=person.name, state="delivered")
        if person.relation == "contact":
            self.said.append(message)
            self._note("message", chat=message.chat, person=person.id, id=message.id)
        return message

    # NoticeLog.

    def since(self, cursor: int, limit: int) -> list[Notice]:
        """The first `limit` notices after `cursor`."""
        return self.log[cursor : cursor + limit]

    def cursor(self) -> int:
        """The latest cursor."""
        return len(self.log)

    # For the other parts.

    def _named(self, name: str) -> list[Person]:
        return [person for person in self.known.values() if person.name == name]

    def _find(self, who: str) -> Person:
        people = list(self.known.values())
        found = [p for p in people if who in (p.id, p.chat) or (len(who) >= 4 and p.id.startswith(who))]
        found = found or [p for p in people if p.name.casefold() == who.casefold()]
        if not found:
            raise ApiError("unknown_person", f"nobody called {who} is known here")
        if len(found) > 1:
            names = ", ".join(f"{person.name} ({person.id[:8]})" for person in found)
            raise ApiError("ambiguous", f"{who} may be {names}: say which by the id")
        return found[0]

    def _keep(self, person: Person) -> None:
        self.known[person.id] = person
        self._note("person", person=person.id)

    def _change(self, who: str, **fields: Any) -> Person:
        person = msgspec.structs.replace(self._find(who), **fields)
        self._keep(person)
        return person

    def _message(self, chat: str, text: str, minutes: float, **fields: Any) -> Message:
        self._clock += timedelta(minutes=minutes)
        mine = fields["sender"] == ME
        return Message(
            id=fake_id(f"message {len(self.said)} {text}"),
            chat=chat,
            time=self._clock.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            text=text,
            mine=mine,
            unread=not mine,
            **({"why": ""} | fields),
        )

    def _note(self, event: NoticeEvent, **fields: Any) -> None:
        notice = Notice(cursor=len(self.log) + 1, event=event, **fields)
        self.log.append(notice)
        self._changed.set()
        self.tell(notice)
