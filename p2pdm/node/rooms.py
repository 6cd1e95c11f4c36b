"""Rooms: conversations of everybody on the network, entered and left at will; which there are, by each one's word."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.conversation.entries import ANNOUNCEMENTS, group_conversation, room_conversation
from p2pdm.identity import clean_name
from p2pdm.node.board import Board
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.sessions import Sessions
from p2pdm.node.sharing import Sharing
from p2pdm.store.conversations import ROOM, StoredConversation
from p2pdm.store.tables import Store
from p2pdm.wire import frames
from p2pdm.wire.frames import MAX_ROOMS

LOBBY = "Lobby"
"""The room that everybody is in, unless they have left it."""
LEFT_LOBBY = "left the lobby"
"""The setting that says so."""
NEW_FOR = 600_000
"""Milliseconds for which one is new in a room: long enough to be given what was said before by whoever is there, short
enough for a clock that stands ahead, by which what is said now seems to be from before."""


class Rooms:
    """Enters, leaves, and tells others in which rooms one is."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        sessions: Sessions,
        circles: Circles,
        sharing: Sharing,
        wall: Callable[[], int],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._sessions = sessions
        self._circles = circles
        self._sharing = sharing
        self._wall = wall
        self._entered_at: dict[bytes, int] = {}
        """By plain room, when the user has come in, since the start."""
        self._told: dict[Peer, dict[bytes, frames.Room]] = {}
        self._knowing: set[Peer] = set()
        """Who was told of some."""

    # --- the user's ---

    def enter_lobby(self) -> None:
        """At a start: be in the lobby, unless the user has left it."""
        if not self._store.settings.get(LEFT_LOBBY):
            self.enter(frames.Room(LOBBY), listed=False)

    @property
    def in_lobby(self) -> bool:
        """Whether the user is in the lobby."""
        stored = self._circles.stored(room_conversation(LOBBY))
        return stored is not None and stored.entered

    def enter(self, room: frames.Room, *, listed: bool = True) -> bytes:
        """Be in a room, which need not be there yet; its id. `listed`: among the chats before anything is said."""
        conversation = room_id(room)
        stored = self._circles.stored(conversation)
        if stored is not None and stored.entered and (stored.listed or not listed):
            return conversation
        if not room.nonce:
            self._entered_at[conversation] = self._wall()
        with self._commits.writing(lambda error: self._changed(conversation) if error is None else None):
            owner = room.creator or self._myself.id
            self._store.conversations.ensure(conversation, ROOM, owner, room.nonce, room.name)
            self._enter(conversation, True, listed)
        return conversation

    def said(self, conversation: bytes) -> None:
        """Within `writing`, messages have come: to who is new in a room, nothing from before is unread."""
        entered = self._entered_at.get(conversation)
        if entered is None:
            return
        if self._wall() - entered > NEW_FOR:
            del self._entered_at[conversation]
            return
        stored, me, lines = self._circles.stored(conversation), self._myself.id, self._store.lines
        if stored is not None and stored.unread:
            above = lines.arrival_before(conversation, me, entered, stored.read_arrival)
            unread = lines.unread_after(conversation, me, above, self._store.entries.last_arrival())
            self._store.conversations.begin_unread(conversation, above, unread)

    def opened(self, conversation: bytes) -> None:
        """An announcement was made: say so to everybody."""
        with self._commits.writing(lambda error: self._changed(conversation) if error is None else None):
            self._enter(conversation, True, True)

    def leave(self, conversation: bytes) -> None:
        """Be in a room no more; what was said in it stays here."""
        with self._commits.writing(lambda error: self._changed(conversation) if error is None else None):
            self._enter(conversation, False, False)

    def _enter(self, conversation: bytes, entered: bool, listed: bool) -> None:
        self._store.conversations.set_entered(conversation, entered)
        self._store.conversations.set_listed(conversation, listed)
        if conversation == room_conversation(LOBBY):
            self._store.settings.set(LEFT_LOBBY, b"" if entered else b"1")
        self._circles.changed(conversation)
        self._board.post("chat", chat=conversation)

    def _changed(self, conversation: bytes) -> None:
        self._sharing.changed(conversation)
        for peer in list(self._sessions):
            if peer.greeted:
                self.tell(peer)
                peer.turn()

    # --- others' ---

    def tell(self, peer: Peer) -> None:
        """Say in which rooms one is, unless it is none and was none."""
        rooms = [self._described(stored) for stored in self._entered()[:MAX_ROOMS]]
        if rooms or peer in self._knowing:
            self._knowing.add(peer)
            peer.say(frames.Rooms(rooms))

    def told(self, peer: Peer, rooms: frames.Rooms) -> None:
        """A peer says in which rooms it is."""
        self._told[peer] = {room_id(room): room for room in rooms.rooms if clean_name(room.name)}

    def left(self, peer: Peer) -> None:
        """A session ended."""
        self._told.pop(peer, None)
        self._knowing.discard(peer)

    def known(self) -> dict[bytes, frames.Room]:
        """Every room that anybody connected, or the user, is in."""
        found = {id: room for rooms in self._told.values() for id, room in rooms.items()}
        found.update({stored.id: self._described(stored) for stored in self._entered()})
        return found

    def _entered(self) -> list[StoredConversation]:
        return [stored for stored in self._store.conversations.of_kind(ROOM) if stored.entered]

    def _described(self, stored: StoredConversation) -> frames.Room:
        if not stored.nonce:
            return frames.Room(stored.name)
        return frames.Room(self._circles.group(stored.id).name or stored.name, stored.other, stored.nonce)

    def people_in(self, conversation: bytes) -> int:
        """How many of those connected are in a room, and let it be seen that they are here."""
        shown = (peer for peer, rooms in self._told.items() if conversation in rooms and not peer.presence.hidden)
        return len({peer.identity for peer in shown})


def room_id(room: frames.Room) -> bytes:
    """The conversation that a room is."""
    if room.nonce:
        return group_conversation(room.creator, room.nonce, ANNOUNCEMENTS)
    return room_conversation(room.name)
