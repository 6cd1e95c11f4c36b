"""Groups: those who were invited and said yes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from p2pdm.api.types import ApiError, Chat, Former, Group, Member
from p2pdm.api.types.groups import Rights
from p2pdm.conversation.entries import MAX_DESCRIPTION
from p2pdm.conversation.membership import Rights as Rank
from p2pdm.identity import MAX_NAME, PeerId, clean_name, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.door.names import check_length, given_name
from p2pdm.node.door.pictures import read_picture
from p2pdm.node.groups import Groups, NotAllowed
from p2pdm.node.myself import Myself
from p2pdm.node.rooms import Rooms
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.node.titles import Titles
from p2pdm.node.view import View
from p2pdm.store.conversations import ROOM

_RIGHTS: dict[Rank, Rights] = {Rank.MEMBER: "member", Rank.ADMIN: "admin", Rank.CREATOR: "creator"}


class GroupDoor:
    """Part of NodeApi."""

    circles: Circles
    commits: Commits
    groups: Groups
    myself: Myself
    rooms_here: Rooms
    roster: Roster
    sessions: Sessions
    titles: Titles
    view: View

    @tells_of_the_disk
    async def create_group(self, name: str, who: list[str]) -> Chat:
        """See NodeApi."""
        name = given_name("group's name", name)
        people = [self._contact(one) for one in dict.fromkeys(who) if not self.roster.is_oneself(one)]
        with self.commits.writing():
            conversation = self.groups.create(name, 0)
            for identity in people:
                self._do(partial(self.groups.invite, conversation, identity))
        await self.commits.durable()
        return self.view.chat(conversation)

    async def group(self, chat: str) -> Group:
        """See NodeApi."""
        return self._group(self._group_in(chat))

    @tells_of_the_disk
    async def invite(self, chat: str, who: str) -> Group:
        """See NodeApi."""
        if self.roster.is_oneself(who):
            raise ApiError("oneself", "You are in it already.")
        identity = self._contact(who)
        return await self._operate(chat, lambda conversation: self.groups.invite(conversation, identity))

    @tells_of_the_disk
    async def join_group(self, chat: str) -> Group:
        """See NodeApi."""
        return await self._operate(chat, self.groups.join)

    @tells_of_the_disk
    async def leave(self, chat: str) -> None:
        """See NodeApi."""
        found = self.view.find(chat)
        stored = self.circles.stored(found.conversation)
        if stored is not None and stored.kind == ROOM:
            self.rooms_here.leave(found.conversation)
        else:
            self._do(lambda: self.groups.leave(self._group_in(chat)))
        await self.commits.durable()

    @tells_of_the_disk
    async def remove(self, chat: str, who: str) -> Group:
        """See NodeApi."""
        if self.roster.is_oneself(who):
            raise ApiError("oneself", "Nobody removes themselves: to go, leave it (`p2pdm group leave`).")
        identity = self.roster.find(who)
        return await self._operate(chat, lambda conversation: self.groups.remove(conversation, identity))

    @tells_of_the_disk
    async def promote(self, chat: str, who: str, on: bool) -> Group:
        """See NodeApi."""
        identity = self.roster.find(who)
        return await self._operate(chat, lambda conversation: self.groups.rank(conversation, identity, on))

    @tells_of_the_disk
    async def describe(
        self, chat: str, name: str | None = None, topic: str | None = None, picture: str | None = None
    ) -> Group:
        """See NodeApi."""
        check_length("topic", topic, MAX_NAME)
        told = {
            "name": None if name is None else given_name("group's name", name).encode(),
            "topic": None if topic is None else clean_name(topic).encode(),
            "picture": read_picture(picture, MAX_DESCRIPTION) if picture else None if picture is None else b"",
        }
        conversation = self._group_in(chat)  # once: with the new name it is not found by the old one
        for what, value in told.items():
            if value is not None:
                self._do(partial(self.groups.describe, conversation, what, value))
        await self.commits.durable()
        return self._group(conversation)

    async def _operate(self, chat: str, operation: Callable[[bytes], None]) -> Group:
        conversation = self._group_in(chat)
        self._do(lambda: operation(conversation))
        await self.commits.durable()
        return self._group(conversation)

    @staticmethod
    def _do(operation: Callable[[], None]) -> None:
        try:
            operation()
        except NotAllowed as refusal:
            raise ApiError("not_allowed", f"This can't be done: {refusal}.") from refusal

    def _group_in(self, chat: str) -> bytes:
        conversation = self.view.find(chat).conversation
        if not self.circles.is_group(conversation):
            raise ApiError("no_group", "This chat has no members to speak of: it is no group.")
        return conversation

    def _contact(self, who: str) -> PeerId:
        identity = self.roster.find(who)
        if not self.roster.is_contact(identity):
            name = self.roster.name(identity)
            raise ApiError("no_contact", f"{name} is not among your contacts: only contacts can be invited.")
        return identity

    def _group(self, conversation: bytes) -> Group:
        stored = self.circles.stored(conversation)
        assert stored is not None  # noqa: S101 -- `_group_in` has looked
        group = self.circles.group(conversation)
        members = [(-rights, self._member(identity, _RIGHTS[rights])) for identity, rights in group.members.items()]
        members += [(0, self._member(identity, "invited")) for identity in group.invited]
        members.sort(key=lambda pair: (pair[0], pair[1].name.casefold(), pair[1].id))
        inviter = group.invited.get(self.myself.id)
        return Group(
            encode_id(conversation),
            self.titles.title(stored),
            clean_name(group.described.get("topic", b"").decode(errors="replace")),
            self.titles.standing(stored),
            [member for _, member in members],
            self.circles.picture_named(conversation),
            encode_id(inviter) if inviter is not None else None,
            sorted(
                (self._former(who, by) for who, by in group.former.items() if who not in group.invited),
                key=lambda one: (one.name.casefold(), one.id),
            ),
        )

    def _former(self, who: PeerId, by: PeerId) -> Former:
        return Former(encode_id(who), self.roster.name(who), None if by == who else encode_id(by))

    def _member(self, identity: PeerId, rights: Rights) -> Member:
        online = identity == self.myself.id or self.sessions.online(identity)
        return Member(encode_id(identity), self.roster.name(identity), rights, online)
