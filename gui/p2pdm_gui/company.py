"""Groups and rooms as the node has them now: who is in them, which there are, and who types in them."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from p2pdm.api.types import ApiError, Chat, Group, Notice, Room
from p2pdm_gui.connection import Connection
from p2pdm_gui.refresh import Refresh
from p2pdm_gui.typists import Typists

SETTLED = 1_000
"""Milliseconds after somebody came: by then they have said in which rooms they are, of which there is no notice."""
WATCHED = 3_000
"""Milliseconds between two looks while the user looks at the rooms."""


class Company(QObject):
    """Asks for all rooms, and for the groups that somebody wants to know more of than the list of chats says."""

    changed = Signal()

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._invitations: frozenset[str] = frozenset()
        self._open = ""
        self._left = 0
        self.rooms: list[Room] = []
        self.groups: dict[str, Group] = {}
        self.typists = Typists(self)
        self._refresh = Refresh(self._ask, self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLED)
        self._watch = QTimer(self, interval=WATCHED)
        for timer in (self._settle, self._watch):
            timer.timeout.connect(self._refresh.ask)
        self.typists.changed.connect(self.changed)
        connection.ready.connect(self._refresh.ask)
        connection.noticed.connect(self._noticed)

    def room(self, chat: str) -> Room | None:
        """A room of this network."""
        return next((room for room in self.rooms if room.id == chat), None)

    def announces(self, chat: str) -> bool:
        """Whether only announcers write in a room."""
        room = self.room(chat)
        return room is not None and room.announcement

    def lobby(self) -> Room | None:
        """The room that everybody is in, if the user is."""
        return next((room for room in self.rooms[:1] if room.entered), None)

    def inviter(self, chat: str) -> str:
        """The name of who invites to a group; empty while the node has not said it."""
        group = self.groups.get(chat)
        return self.member_name(chat, group.invited_by) if group is not None and group.invited_by else ""

    def member_name(self, chat: str, person: str) -> str:
        """The name of somebody in a group; empty if they are not."""
        group = self.groups.get(chat)
        return next((member.name for member in group.members if member.id == person), "") if group else ""

    def names(self) -> dict[str, str]:
        """The names of everybody in the groups that are known closely, by id."""
        return {member.id: member.name for group in self.groups.values() for member in group.members}

    def follow(self, chats: Collection[Chat]) -> None:
        """These are the chats now: of invitations it must be known who invites."""
        invitations = frozenset(chat.id for chat in chats if chat.standing == "invited")
        if invitations != self._invitations:
            self._invitations = invitations
            self._refresh.ask()

    def open(self, chat: str) -> None:
        """The user looks at this group, or with nothing at none."""
        self._open = chat
        if chat:
            self._refresh.ask()

    def take(self, group: Group) -> None:
        """A group is so now."""
        self.groups[group.id] = group
        self.changed.emit()

    def look(self) -> None:
        """Ask again."""
        self._refresh.ask()

    def watch(self, on: bool) -> None:
        """Whether the user looks at the rooms: in which the others are comes without a notice."""
        if on:
            self._refresh.ask()
            self._watch.start()
        else:
            self._watch.stop()

    def _noticed(self, notice: Notice) -> None:
        self.typists.notice(notice)
        if notice.event in ("chat", "person", "profile"):
            self._refresh.ask()
        if notice.event == "person":
            self._settle.start()

    def _ask(self) -> None:
        wanted = sorted(self._invitations | ({self._open} if self._open else set()))
        self._left = 1 + len(wanted)
        self._connection.call("rooms", self._took_rooms, self._missed)
        for chat in wanted:
            self._connection.call("group", self._took_group, partial(self._no_group, chat), chat=chat)

    def _took_rooms(self, rooms: list[Room]) -> None:
        self.rooms = rooms
        self._count()

    def _took_group(self, group: Group) -> None:
        self.groups[group.id] = group
        self._count()

    def _no_group(self, chat: str, error: ApiError) -> None:
        if error.kind != "gone":
            self.groups.pop(chat, None)
        self._count()

    def _missed(self, _error: ApiError) -> None:
        self._count()

    def _count(self) -> None:
        self._left -= 1
        if not self._left:
            self._refresh.done()
            self.changed.emit()
