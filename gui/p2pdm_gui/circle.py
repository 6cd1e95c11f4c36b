"""The group or room that is open: who is in it, what the user may do there, and doing it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Chat, Group
from p2pdm_gui.account import Account
from p2pdm_gui.connection import Connection
from p2pdm_gui.conversation import Conversation
from p2pdm_gui.handing import NO_PICTURE, Handing
from p2pdm_gui.members import RANKS, MemberModel, MemberRow, member_row
from p2pdm_gui.partner import headcount
from p2pdm_gui.picker import Picker
from p2pdm_gui.portrait import MAX_GROUP_BYTES
from p2pdm_gui.roster import Roster

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


@QmlElement
class Circle(QObject):
    """Empty while a chat of two, or none, is open."""

    changed = Signal()
    declined = Signal(str, arguments=["chat"])
    """The user has said no to an invitation."""

    def __init__(
        self,
        connection: Connection,
        roster: Roster,
        account: Account,
        conversation: Conversation,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._company = roster.company
        self._account = account
        self._conversation = conversation
        self._chat: Chat | None = None
        self._group: Group | None = None
        self._members = MemberModel(self)
        self._handing = Handing(self, MAX_GROUP_BYTES)
        conversation.switched.connect(self._switched)
        roster.changed.connect(self._know)
        self._picker = Picker(roster, self, self._taken)  # follows the roster after this

    # What is shown.

    @Property(str, notify=changed)
    def chat(self) -> str:
        """Its id; empty for none."""
        return self._chat.id if self._chat else ""

    @Property(str, notify=changed)
    def kind(self) -> str:
        """Group or room: `group`, `room` or empty."""
        return self._chat.kind if self._chat else ""

    @Property(str, notify=changed)
    def name(self) -> str:
        """What it is called."""
        return self._chat.name if self._chat else ""

    @Property(str, notify=changed)
    def picture(self) -> str:
        """Where QML finds its picture."""
        return self._roster.chat_picture(self._chat) if self._chat else ""

    @Property(str, notify=changed)
    def topic(self) -> str:
        """What it is about, if somebody has said so."""
        return self._group.topic if self._group else ""

    @Property(str, notify=changed)
    def standing(self) -> str:
        """member, invited or left."""
        return self._chat.standing if self._chat else ""

    @Property(str, notify=changed)
    def headcount(self) -> str:
        """How many they are."""
        return headcount(self._chat, self._company) if self._chat else ""

    @Property(str, notify=changed)
    def inviter(self) -> str:
        """Who invites the user, by name."""
        return self._company.inviter(self._chat.id) if self._chat else ""

    @Property(str, notify=changed)
    def inviter_id(self) -> str:
        """The same by id."""
        return (self._group.invited_by or "") if self._group else ""

    @Property(bool, notify=changed)
    def announcement(self) -> bool:
        """Whether only announcers write."""
        return self._announces()

    @Property(QObject, notify=changed)
    def members(self) -> QObject:
        """Who is in it; of a room that everybody may write in, nobody in particular."""
        return self._members

    @Property(Picker, notify=changed)
    def picker(self) -> Picker:
        """The contacts who could be asked in."""
        return self._picker

    @Property(str, notify=changed)
    def silence(self) -> str:
        """Why the user can't write here, in a sentence; empty if they can."""
        if self._chat is None or self._chat.standing == "invited":
            return ""
        if self._chat.standing == "removed":
            return "You were removed from this group. What was said stays here."
        if self._chat.standing == "left":
            left = f"You have left this {self._chat.kind}."
            return left if self._chat.kind == "room" else f"{left} What was said stays here."
        if self._announces() and self._rank() < RANKS["admin"]:
            return "Only announcers write in this room."
        return ""

    @Property(bool, notify=changed)
    def manages(self) -> bool:
        """Whether the user may invite, remove, and say what it is called."""
        return self._chat is not None and self._chat.standing == "member" and self._rank() >= RANKS["admin"]

    @Property(bool, notify=changed)
    def owns(self) -> bool:
        """Whether the user has made it."""
        return self._rank() == RANKS["creator"]

    # What the user does.

    @Slot()
    def join(self) -> None:
        """Say yes to the invitation."""
        self._do("join_group")

    @Slot(str)
    def decline(self, chat: str) -> None:
        """Say no to an invitation."""
        self._connection.call("leave", lambda _: self.declined.emit(chat), chat=chat)

    @Slot()
    def leave(self) -> None:
        """Be in it no more."""
        if self._chat is not None:
            self._connection.call("leave", lambda _: self._company.look(), chat=self._chat.id)

    @Slot()
    def enter(self) -> None:
        """Come back into a room."""
        if self._chat is not None:
            self._connection.call("enter_room", self._roster.know, room=self._chat.id)

    @Slot()
    def invite(self) -> None:
        """Ask in who was picked; in a room, name them as announcers."""
        for who in self._picker.picked():
            if self._announces():
                self._do("promote", who=who, on=True)
            else:
                self._do("invite", who=who)
        self._picker.begin()

    @Slot(str)
    def remove(self, who: str) -> None:
        """Put somebody out, or take their invitation back."""
        self._do("remove", who=who)

    @Slot(str, bool)
    def promote(self, who: str, on: bool) -> None:
        """Make somebody an admin, or no more."""
        self._do("promote", who=who, on=on)

    @Slot(str, str)
    def describe(self, name: str, topic: str) -> None:
        """Call it otherwise, or say what it is about; an empty name changes nothing."""
        name, topic = " ".join(name.split()), " ".join(topic.split())
        if self._group is not None and name and name != self._group.name:
            self._do("describe", name=name)
        if self._group is not None and topic != self._group.topic:
            self._do("describe", topic=topic)

    @Slot(QUrl)
    def show_picture(self, file: QUrl) -> None:
        """Give it a picture: made small first."""
        path = self._handing.begin(file)
        if self._chat is None or not path:
            self._connection.failed.emit(NO_PICTURE)
            return
        self._connection.call("describe", self._pictured, self._not_pictured, chat=self._chat.id, picture=path)

    @Slot()
    def hide_picture(self) -> None:
        """Take the picture away."""
        self._do("describe", picture="")

    # Private.

    def _pictured(self, group: Group) -> None:
        self._handing.end()
        self._company.take(group)

    def _not_pictured(self, error: ApiError) -> None:
        self._handing.end()
        self._connection.failed.emit(error.message)

    def _do(self, method: str, **params: Any) -> None:
        if self._chat is not None:
            self._connection.call(method, self._company.take, chat=self._chat.id, **params)

    def _announces(self) -> bool:
        if self._chat is None or self._chat.kind != "room":
            return False
        room = self._company.room(self._chat.id)
        return self._group is not None or (room is not None and room.announcement)

    def _rank(self) -> int:
        members = self._group.members if self._group else []
        return next((RANKS[member.rights] for member in members if member.id == self._account.own_id()), 0)

    def _taken(self) -> set[str]:
        members = self._group.members if self._group else []
        above = RANKS["admin"] if self._announces() else RANKS["invited"]
        return {member.id for member in members if RANKS[member.rights] >= above}

    def _switched(self) -> None:
        self._know()
        grouped = self._chat is not None and (self._chat.kind == "group" or self._is_announcement(self._chat.id))
        self._company.open(self._chat.id if self._chat is not None and grouped else "")
        self._picker.begin()

    def _is_announcement(self, chat: str) -> bool:
        room = self._company.room(chat)
        return room is None or room.announcement

    def _know(self) -> None:
        open_chat = self._conversation.property("chat")
        chat = self._roster.chat(open_chat) if open_chat else None
        self._chat = chat if chat is not None and chat.kind in ("group", "room") else None
        self._group = self._company.groups.get(open_chat) if self._chat else None
        self._members.apply(self._member_rows())
        self.changed.emit()

    def _member_rows(self) -> list[MemberRow]:
        if self._group is None:
            return []
        me, mine = self._account.own_id(), self._rank()
        people = self._roster.people
        return [
            member_row(m, me, mine, people.get(m.id), self._announces(), self._roster.face(m.id))
            for m in self._group.members
        ]
