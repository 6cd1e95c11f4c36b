"""The groups and rooms of a MemoryNode."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from p2pdm.api.types import (
    ApiError,
    Chat,
    ChatStanding,
    Former,
    Group,
    Happening,
    Member,
    MemberState,
    Message,
    Notice,
    Room,
    WhatHappened,
)
from p2pdm.api.types.groups import Rights
from tests.fakes.fake_ids import ME, fake_id
from tests.fakes.memory_core import MemoryCore


def picture_named(picture: bytes) -> str:
    """The id of a picture."""
    return fake_id(hashlib.sha256(picture).hexdigest()) if picture else ""


def drawn(path: str) -> bytes:
    """The picture in a file; of no file, none."""
    return Path(path).read_bytes() if path else b""


RANKS: list[Rights] = ["creator", "admin", "member", "invited"]


@dataclass
class Gathering:
    """One group or room."""

    id: str
    name: str
    kind: Literal["group", "room"]
    standing: ChatStanding = "member"
    announcement: bool = False
    topic: str = ""
    picture: bytes = b""
    rights: dict[str, Rights] = field(default_factory=dict)
    inviter: str | None = None
    former: list[Former] = field(default_factory=list)
    visitors: int = 0
    """Others in a room."""
    listed: bool = True

    def members(self) -> list[str]:
        """Who belongs, without those who have not answered."""
        return [who for who, rights in self.rights.items() if rights != "invited"]


@dataclass
class GroupsInMemory(MemoryCore):
    """Part of MemoryNode."""

    gathered: dict[str, Gathering] = field(default_factory=dict)

    # What a test does.

    def gather(self, name: str, *who: str, **fields: Any) -> Gathering:
        """The user is in a group with these people, the first of whom made it."""
        people = [self._find(one) for one in who]
        rights: dict[str, Rights] = dict.fromkeys([*(person.id for person in people), ME], "member")
        rights[people[0].id if people else ME] = "creator"
        gathering = Gathering(fake_id(f"group {name}"), name, fields.pop("kind", "group"), rights=rights, **fields)
        return self._keep_gathering(gathering)

    def invited_by(self, who: str, name: str, *others: str) -> Gathering:
        """Somebody invites the user to a group."""
        gathering = self.gather(name, who, *others)
        gathering.standing, gathering.inviter = "invited", self._find(who).id
        gathering.rights[ME] = "invited"
        return self._keep_gathering(gathering)

    def room(self, name: str, visitors: int, entered: bool = False, announcement: bool = False) -> Gathering:
        """A room of this network."""
        standing: ChatStanding = "member" if entered else "left"
        gathering = Gathering(fake_id(f"room {name}"), name, "room", standing, announcement, listed=False)
        gathering.visitors = visitors
        return self._keep_gathering(gathering)

    def tells(self, chat: str, who: str, text: str, minutes: float = 1) -> Message:
        """Somebody says something in a group or room."""
        person, gathering = self._find(who), self._gathering(chat)
        message = self._message(gathering.id, text, minutes, sender=person.id, name=person.name, state="delivered")
        self.said.append(message)
        gathering.listed = True
        self._note("message", chat=gathering.id, person=person.id, id=message.id)
        return message

    def happens(self, chat: str, who: str, what: WhatHappened, sentence: str) -> Message:
        """Somebody does something to a group, of which a line tells."""
        person, gathering = self._find(who), self._gathering(chat)
        line = self._message(gathering.id, "", 1, sender=person.id, name=person.name, state="read")
        self.said.append(msgspec.structs.replace(line, unread=False, happening=Happening(what, sentence)))
        self._note("chat", chat=gathering.id)
        return self.said[-1]

    def reaches(self, id: str, who: str, state: Literal["delivered", "read"], time: str) -> None:
        """An own message came further with one member."""
        message = next(one for one in self.said if one.id == id)
        person = self._find(who)
        states = [MemberState(person.id, state, time) if s.person == person.id else s for s in message.states]
        least = min((s.state for s in states), key=["waiting", "sent", "delivered", "read"].index)
        held = least == "waiting" and any(s.state != "waiting" for s in states)
        why = next((s.why for s in states if s.why), "")
        changed = msgspec.structs.replace(message, states=states, state="sent" if held else least, why=why)
        self.said[self.said.index(message)] = changed
        self._note("state", chat=message.chat, id=id, state=changed.state)

    def types_in(self, chat: str, who: str, on: bool = True) -> None:
        """Somebody types in a group or room."""
        self.tell(Notice(self.cursor(), "typing", self._gathering(chat).id, self._find(who).id, on=on))

    def removes(self, chat: str, who: str = ME) -> None:
        """Somebody, or the user, is put out of a group."""
        gathering = self._gathering(chat)
        person = who if who == ME else self._find(who).id
        del gathering.rights[person]
        if person == ME:
            gathering.standing = "removed"
        self._keep_gathering(gathering)

    # NodeApi.

    async def create_group(self, name: str, who: list[str]) -> Chat:
        gathering = self.gather(name)
        gathering.rights |= {self._find(one).id: "invited" for one in who}
        return self._gathered_chat(self._keep_gathering(gathering))

    async def group(self, chat: str) -> Group:
        found = self._gathering(chat)
        if found.kind == "room" and not found.announcement:
            raise ApiError("no_group", "This chat has no members to speak of: it is no group.")
        members = [self._member(who, rights) for who, rights in found.rights.items()]
        members.sort(key=lambda member: (RANKS.index(member.rights), member.name.casefold()))
        picture = picture_named(found.picture)
        gone = found.former
        return Group(found.id, found.name, found.topic, found.standing, members, picture, found.inviter, gone)

    async def invite(self, chat: str, who: str) -> Group:
        return await self._ranked(chat, self._find(who).id, "invited")

    async def join_group(self, chat: str) -> Group:
        found = self._gathering(chat)
        found.standing, found.inviter = "member", None
        return await self._ranked(chat, ME, "member")

    async def leave(self, chat: str) -> None:
        found = self._gathering(chat)
        declined = found.standing == "invited"
        found.standing = "left"
        found.rights.pop(ME, None)
        if declined or found.kind == "room":
            found.listed = False
        self._keep_gathering(found)

    async def remove(self, chat: str, who: str) -> Group:
        self.removes(chat, who)
        return await self.group(chat)

    async def promote(self, chat: str, who: str, on: bool) -> Group:
        return await self._ranked(chat, self._find(who).id, "admin" if on else "member")

    async def describe(
        self, chat: str, name: str | None = None, topic: str | None = None, picture: str | None = None
    ) -> Group:
        found = self._gathering(chat)
        found.name, found.topic = name or found.name, found.topic if topic is None else topic
        if picture is not None:
            found.picture = drawn(picture)
        self._keep_gathering(found)
        return await self.group(found.id)

    async def rooms(self) -> list[Room]:
        rooms = [one for one in self.gathered.values() if one.kind == "room"]
        rooms.sort(key=lambda room: (room.name != "Lobby", room.name.casefold()))
        return [
            Room(room.id, room.name, room.standing == "member", room.announcement, room.visitors + self._in(room))
            for room in rooms
        ]

    async def open_room(self, name: str, announcement: bool = False) -> Chat:
        found = self.room(name, 0, True, announcement)
        if announcement:
            found.rights[ME] = "creator"
        return await self.enter_room(found.id)

    async def enter_room(self, room: str) -> Chat:
        found = self._gathering(room)
        found.standing, found.listed = "member", True
        return self._gathered_chat(self._keep_gathering(found))

    # Private.

    def _chat_id(self, chat: str) -> str:
        gathering = self._maybe_gathering(chat)
        return gathering.id if gathering is not None else self._find(chat).chat

    async def _ranked(self, chat: str, who: str, rights: Rights) -> Group:
        found = self._gathering(chat)
        found.rights[who] = rights
        self._keep_gathering(found)
        return await self.group(chat)

    def _in(self, room: Gathering) -> int:
        return int(room.standing == "member")

    def _maybe_gathering(self, chat: str) -> Gathering | None:
        named = (one for one in self.gathered.values() if chat.casefold() in (one.name.casefold(), one.kind))
        return self.gathered.get(chat) or next(named, None)

    def _gathering(self, chat: str) -> Gathering:
        found = self._maybe_gathering(chat)
        if found is None:
            raise ApiError("unknown_chat", "There is no such chat here.")
        return found

    def _keep_gathering(self, gathering: Gathering) -> Gathering:
        self.gathered[gathering.id] = gathering
        self._note("chat", chat=gathering.id)
        return gathering

    def _gathered_chats(self) -> list[Chat]:
        return [self._gathered_chat(one) for one in self.gathered.values() if one.listed]

    def _gathered_chat(self, of: Gathering) -> Chat:
        there = [message for message in self.said if message.chat == of.id and message.happening is None]
        members = of.members() if of.kind == "group" else []
        unread = sum(message.unread for message in there)
        last, picture = there[-1] if there else None, picture_named(of.picture)
        return Chat(of.id, of.kind, of.name, members, unread, last, standing=of.standing, picture=picture)

    def _member(self, who: str, rights: Rights) -> Member:
        if who == ME:
            return Member(who, self.name, rights, online=True)
        return Member(who, self.known[who].name, rights, self.known[who].online)

    def _say_in(self, gathering: Gathering, text: str) -> Message:
        others = [who for who in gathering.members() if who != ME]
        states = [MemberState(who, "waiting", None, self._absence(who)) for who in others]
        why = next((state.why for state in states if state.why), "")
        message = self._message(gathering.id, text, 1, sender=ME, name=self.name, state="waiting", why=why)
        gathering.listed = True
        return msgspec.structs.replace(message, states=states if gathering.kind == "group" else [])

    def _absence(self, who: str) -> str:
        return "" if self.known[who].online else f"{self.known[who].name} is offline"
