"""Rooms: open to everybody on the network."""

from __future__ import annotations

from p2pdm.api.types import ApiError, Chat, Room
from p2pdm.conversation.entries import ANNOUNCEMENTS, room_conversation
from p2pdm.identity import IdentityError, clean_name, decode_id, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.door.names import given_name
from p2pdm.node.groups import Groups
from p2pdm.node.rooms import LOBBY, Rooms
from p2pdm.node.view import View
from p2pdm.wire import frames


class RoomDoor:
    """Part of NodeApi."""

    circles: Circles
    commits: Commits
    groups: Groups
    rooms_here: Rooms
    view: View

    async def rooms(self) -> list[Room]:
        """See NodeApi."""
        lobby = room_conversation(LOBBY)
        known = {lobby: frames.Room(LOBBY), **self.rooms_here.known()}
        rooms = [self._room(conversation, room) for conversation, room in known.items()]
        return sorted(rooms, key=lambda room: (room.id != encode_id(lobby), room.name.casefold(), room.id))

    def _room(self, conversation: bytes, room: frames.Room) -> Room:
        stored = self.circles.stored(conversation)
        entered = stored is not None and stored.entered
        people = self.rooms_here.people_in(conversation) + entered
        return Room(encode_id(conversation), clean_name(room.name), entered, bool(room.nonce), people)

    @tells_of_the_disk
    async def open_room(self, name: str, announcement: bool = False) -> Chat:
        """See NodeApi."""
        name = given_name("room's name", name)
        if announcement:
            conversation = self.groups.create(name, ANNOUNCEMENTS)
            self.rooms_here.opened(conversation)
        else:
            conversation = self.rooms_here.enter(frames.Room(name))
        await self.commits.durable()
        return self.view.chat(conversation)

    @tells_of_the_disk
    async def enter_room(self, room: str) -> Chat:
        """See NodeApi."""
        known = {**self.rooms_here.known(), room_conversation(LOBBY): frames.Room(LOBBY)}
        found = [known[id] for id in known if id == _id_of(room)]
        found = found or [one for one in known.values() if clean_name(one.name).casefold() == room.strip().casefold()]
        if not found:
            raise ApiError("unknown_room", "Nobody here is in such a room. Open it with: p2pdm room open NAME")
        if len(found) > 1:
            raise ApiError("ambiguous", "There are several rooms of that name: give the id. See: p2pdm room list")
        conversation = self.rooms_here.enter(found[0])
        await self.commits.durable()
        return self.view.chat(conversation)


def _id_of(text: str) -> bytes | None:
    try:
        return decode_id(text.strip().lower())
    except IdentityError:
        return None
