"""Conversations as a whole."""

from __future__ import annotations

from p2pdm.api.types import Chat, Message
from p2pdm.node.chores import Chores
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.node.talk import Talk
from p2pdm.node.view import View
from p2pdm.wire import frames


class ChatDoor:
    """Part of NodeApi."""

    chores: Chores
    commits: Commits
    roster: Roster
    sessions: Sessions
    talk: Talk
    view: View

    async def chats(self) -> list[Chat]:
        """See NodeApi."""
        return self.view.chats()

    async def history(
        self, chat: str, limit: int = 50, before: str | None = None, search: str | None = None
    ) -> list[Message]:
        """See NodeApi."""
        if search:
            self.chores.before_search()
        return self.view.history(chat, limit, before, search)

    @tells_of_the_disk
    async def read(self, chat: str) -> None:
        """See NodeApi."""
        self.talk.mark_read(self.roster.chat_with(self.view.other_in(chat)))
        await self.commits.durable()

    async def typing(self, chat: str, on: bool) -> None:
        """See NodeApi."""
        other = self.view.other_in(chat)
        conversation = self.roster.chat_with(other)
        for peer in self.sessions.of(other):
            if conversation in peer.exchange.conversations:
                peer.say_quick(frames.Typing(conversation, on))
