"""A NodeApi without network or disk: people, chats, messages and notices in memory, moved on by the test.

`python -m tests.fakes.memory_node --profile DIR` serves a populated one on that profile's door, in which
Robin types and answers, so that a window or a terminal can be looked at without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec

from p2pdm import __version__
from p2pdm.api.endpoint import socket_path
from p2pdm.api.methods import NodeApi
from p2pdm.api.server import ApiServer
from p2pdm.api.types import (
    ApiError,
    Availability,
    Chat,
    Exported,
    ExportFormat,
    Hit,
    Interface,
    Me,
    Message,
    Notice,
    NoticeEvent,
    Person,
    Picture,
    Privacy,
    Profile,
    ProfileKind,
    Reaction,
    SafetyNumber,
    SearchOrder,
    Sent,
    Status,
    Version,
    Waiting,
)
from p2pdm.conversation.words import asked_for, excerpt
from p2pdm.wire.picture import picture_type
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_groups import GroupsInMemory, picture_named
from tests.fakes.memory_lock import LockInMemory

ANSWER_AFTER = 0.8
"""Seconds that Robin types."""


def fake_number(who: str) -> str:
    """A safety number."""
    digits = str(int.from_bytes(hashlib.sha512(who.encode()).digest(), "big"))
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


@dataclass
class MemoryNode(GroupsInMemory, LockInMemory):
    """The calls of NodeApi that clients' tests need, and the NoticeLog. `tell` is set to the server's `notify`."""

    name: str = "Alice"
    folder: str = "/profile"
    tell: Callable[[Notice], None] = lambda notice: None
    known: dict[str, Person] = field(default_factory=dict)
    said: list[Message] = field(default_factory=list)
    log: list[Notice] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    drafts: dict[str, str] = field(default_factory=dict)
    expiries: dict[str, int] = field(default_factory=dict)
    days: dict[str | None, int] = field(default_factory=dict)
    answers: bool = False
    """Whether people who are online type and answer what they are sent."""
    searched: tuple[object, ...] = ()
    """What was searched last."""
    exported: tuple[object, ...] = ()
    """What was taken out last."""
    switches: Privacy = field(default_factory=Privacy)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """By person."""
    own: Profile = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[object]] = field(default_factory=set)
    _clock: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.own = Profile(fake_id("me"), self.name, "person", "", "", "available", "", False, "")

    # What a test does.

    def meet(self, name: str, **fields: Any) -> Person:
        """Somebody called `name` is known from now on."""
        peer = fields.pop("id", fake_id(name + str(len(self.known)) if self._named(name) else name))
        person = Person(
            id=peer,
            name=name,
            relation=fields.pop("relation", "nearby"),
            online=fields.pop("online", False),
            verified=fields.pop("verified", False),
            accepted_by_them=fields.pop("accepted_by_them", False),
            addresses=[f"192.168.7.{20 + len(self.known)}:53530"],
            own_name=name,
            chat=fake_id("chat" + peer),
            **fields,
        )
        self._keep(person)
        if len(self._named(name)) > 1:
            for other in self._named(name):
                self.known[other.id] = msgspec.structs.replace(other, same_name=True)
        return self.known[peer]

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

    def advance(self, id: str, state: str, why: str = "") -> None:
        """An own message came further."""
        for at, message in enumerate(self.said):
            if message.id == id:
                self.said[at] = msgspec.structs.replace(message, state=state, why=why)
                self._note("state", chat=message.chat, id=id, state=state)

    def says_of_themselves(self, who: str, **fields: Any) -> Person:
        """Somebody has another department, picture, status or the like."""
        return self._change(who, **fields)

    def come(self, who: str, online: bool = True) -> None:
        """Somebody comes or goes: a notice that passes by."""
        status = "available" if online else None
        person = msgspec.structs.replace(self._find(who), online=online, status=status, status_text="")
        self.known[person.id] = person
        self.tell(Notice(cursor=self.cursor(), event="person", person=person.id))

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

    # NoticeLog.

    def since(self, cursor: int, limit: int) -> list[Notice]:
        """The first `limit` notices after `cursor`."""
        return self.log[cursor : cursor + limit]

    def cursor(self) -> int:
        """The latest cursor."""
        return len(self.log)

    @property
    def door(self) -> NodeApi:
        """Itself, as what the server serves; a call that it lacks fails the test that makes it."""
        return cast(NodeApi, self)

    # NodeApi.

    async def me(self) -> Me:
        digits = hashlib.sha256(b"me").hexdigest()
        fingerprint = " ".join(digits[at : at + 4] for at in range(0, 64, 4))
        return Me(fake_id("me"), self.name, fingerprint, f"p2pdm:{fake_id('me')}?a=192.168.7.5:53530")

    async def status(self) -> Status:
        return Status(
            id=fake_id("me"),
            name=self.name,
            version=__version__,
            profile=self.folder,
            port=53530,
            interfaces=[Interface("eth0", "192.168.7.5")],
            online=[person.id for person in self.known.values() if person.online],
            nearby=sum(person.online for person in self.known.values()),
            waiting=self._waiting(),
            trouble=[],
            cursor=self.cursor(),
        )

    async def rename(self, name: str) -> Me:
        self._says(name=name)
        return await self.me()

    async def profile(self) -> Profile:
        return self.own

    async def set_profile(
        self,
        name: str | None = None,
        kind: ProfileKind | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: str | None = None,
    ) -> Profile:
        picture = self._draw(picture)
        given = {"name": name, "kind": kind, "department": department, "role": role, "picture": picture}
        return self._says(**{field: value for field, value in given.items() if value is not None})

    async def set_status(self, status: Availability, text: str = "") -> Profile:
        return self._says(status=status, status_text=text)

    async def idle(self, on: bool) -> None:
        self._says(idle=on)

    async def picture(self, who: str) -> Picture:
        if who in self.gathered:
            data = self.gathered[who].picture
            return Picture(picture_named(data), picture_type(data) or "image/png", data)
        id = self.own.picture if who == fake_id("me") else self._find(who).picture
        if not id:
            raise ApiError("no_picture", "there is none")
        data = self.pictures[who]
        return Picture(id, picture_type(data) or "image/png", data)

    async def privacy(self) -> Privacy:
        return self.switches

    async def set_privacy(
        self,
        receipts: bool | None = None,
        typing: bool | None = None,
        presence: bool | None = None,
        lobby: bool | None = None,
    ) -> Privacy:
        given = {"receipts": receipts, "typing": typing, "presence": presence, "lobby": lobby}
        self.switches = msgspec.structs.replace(self.switches, **{k: v for k, v in given.items() if v is not None})
        self._note("profile")
        return self.switches

    def _draw(self, picture: str | None) -> str | None:
        if picture:
            self.pictures[fake_id("me")] = data = Path(picture).read_bytes()
            return fake_id(hashlib.sha256(data).hexdigest())
        return picture

    def _says(self, **fields: Any) -> Profile:
        self.own = msgspec.structs.replace(self.own, **fields)
        self.name = self.own.name
        self._note("profile")
        return self.own

    async def people(self) -> list[Person]:
        return sorted(self.known.values(), key=lambda person: person.name.casefold())

    async def person(self, who: str) -> Person:
        return self._find(who)

    async def accept(self, who: str) -> Person:
        person = self._find(who)
        held, text = person.relation == "request", person.request or ""
        person = self._change(who, relation="contact", request=None)
        if held:
            self.arrive(who, text)
        return person

    async def decline(self, who: str) -> Person:
        return self._change(who, relation="nearby", request=None)

    async def block(self, who: str) -> Person:
        return self._change(who, relation="blocked", request=None)

    async def unblock(self, who: str) -> Person:
        return self._change(who, relation="nearby")

    async def forget(self, who: str) -> None:
        person = self._find(who)
        del self.known[person.id]
        self.said = [message for message in self.said if message.chat != person.chat]
        self._note("person", person=person.id)

    async def nickname(self, who: str, name: str) -> Person:
        return self._change(who, name=name or self._find(who).own_name)

    async def safety_number(self, who: str) -> SafetyNumber:
        person = self._find(who)
        return SafetyNumber(fake_number(person.id), person.verified)

    async def verify(self, who: str, number: str) -> Person:
        if "".join(number.split()) != fake_number(self._find(who).id).replace(" ", ""):
            raise ApiError("mismatch", "the numbers differ: somebody may be in between")
        return self._change(who, verified=True)

    async def join(self, link: str) -> Person:
        if not link.startswith("p2pdm:"):
            raise ApiError("bad_link", "that is not a p2pdm: invitation")
        return self.meet(
            "Newcomer", id=link.removeprefix("p2pdm:").partition("?")[0], relation="contact", verified=True
        )

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
        message = self._message(person.chat, text, 1, sender=fake_id("me"), name=self.name, state="waiting", why=why)
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
        return self.reacted(id, fake_id("me"), value)

    async def pin(self, id: str, on: bool) -> Message:
        return self._changed_to(await self.message(id), pinned=on)

    def _changed_to(self, message: Message, **changes: object) -> Message:
        changed = msgspec.structs.replace(message, **changes)
        self.said[self.said.index(message)] = changed
        self._note("change", chat=message.chat, id=message.id)
        return changed

    async def wait(self, id: str, seconds: float) -> Message:
        end = asyncio.get_running_loop().time() + seconds
        while (message := await self.message(id)).state in ("waiting", "sent"):
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), end - asyncio.get_running_loop().time())
            except TimeoutError:
                break
        return message

    async def chats(self) -> list[Chat]:
        chats = self._gathered_chats()
        for person in self.known.values():
            there = [message for message in self.said if message.chat == person.chat]
            if there:
                unread = sum(message.unread for message in there)
                members = [fake_id("me"), person.id]
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

    async def message(self, id: str) -> Message:
        for message in self.said:
            if message.id == id:
                return message
        raise ApiError("unknown_message", "there is no such message")

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

    async def typing(self, chat: str, on: bool) -> None:
        self._chat_id(chat)

    async def subscribe(self, since: int | None = None) -> int:
        raise AssertionError("the server answers this itself")

    async def stop(self) -> None:
        self.stopped.set()

    # Private.

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

    def _chat_id(self, chat: str) -> str:
        gathering = self._maybe_gathering(chat)
        return gathering.id if gathering is not None else self._find(chat).chat

    def _keep(self, person: Person) -> None:
        self.known[person.id] = person
        self._note("person", person=person.id)

    def _change(self, who: str, **fields: Any) -> Person:
        person = msgspec.structs.replace(self._find(who), **fields)
        self._keep(person)
        return person

    def _message(self, chat: str, text: str, minutes: float, **fields: Any) -> Message:
        self._clock += timedelta(minutes=minutes)
        mine = fields["sender"] == fake_id("me")
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

    def _waiting(self) -> list[Waiting]:
        waiting = []
        for person in self.known.values():
            there = [m for m in self.said if m.chat == person.chat and m.mine and m.state in ("waiting", "sent")]
            if there:
                waiting.append(Waiting(person.chat, person.name, len(there), there[-1].why))
        return waiting

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


def populate(node: MemoryNode) -> None:
    """A week in an office: contacts, a request, a stranger, unread messages, and every state."""
    robin = node.meet("Robin", relation="contact", online=True, verified=True, accepted_by_them=True)
    ben = node.meet("Ben", relation="contact", accepted_by_them=True, last_seen="2026-03-02T08:12:00.000Z")
    node.meet("Zoë Çelik", online=True)
    node.meet("Ben Ng", relation="contact", online=True, accepted_by_them=True, typing=True)
    node.meet("Mallory", relation="blocked")
    carol = node.meet("Carol", online=True)
    node.arrive(carol.id, "Hello, I'm Carol from the second floor. May I write to you?")
    node.arrive(robin.id, "Good morning! Did the delivery come?")
    node.known[robin.id] = robin
    for text, state, why in (
        ("Yes, two boxes 📦, they stand in the kitchen.", "read", ""),
        ("One is for Ben.", "delivered", ""),
        ("I'll be late for lunch.", "sent", "handed to Ben, who keeps it for Robin"),
    ):
        _say(node, robin, text, state, why)
    node.arrive(robin.id, "No hurry.\nWe eat at half past twelve, in the small room.")
    node.arrive(robin.id, "See you there")
    _say(node, ben, "Your box is here", "waiting", "Ben is offline")
    _say(node, ben, "It is heavy", "failed", "Ben has removed this chat")


def _say(node: MemoryNode, person: Person, text: str, state: str, why: str) -> None:
    message = node._message(person.chat, text, 3, sender=fake_id("me"), name=node.name, state=state, why=why)
    node.said.append(message)
    node._note("message", chat=person.chat, id=message.id, state=state)


async def serve(profile: Path, populated: bool = True) -> None:
    """Serve a fake node on the profile's door until it is stopped."""
    node = MemoryNode(folder=str(profile), answers=True)
    if populated:
        populate(node)
    server = ApiServer(node.door, socket_path(profile), node)
    node.tell = server.notify
    await server.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, node.stopped.set)
    print(f"a fake node is at the door of {profile}", flush=True)
    await node.stopped.wait()
    await node.close()
    await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path, required=True)
    parser.add_argument("--empty", action="store_true", help="nobody is there yet")
    given = parser.parse_args()
    given.profile.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(given.profile, not given.empty))
