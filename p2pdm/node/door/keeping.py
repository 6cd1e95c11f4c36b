"""How long things are kept."""

from __future__ import annotations

from p2pdm.api.types import ApiError, Chat
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.erasing import Erasing
from p2pdm.node.retention import Retention
from p2pdm.node.saying import MAX_TEXT, Saying
from p2pdm.node.view import View
from p2pdm.store.keeping import EVERYWHERE
from p2pdm.store.tables import Store

MAX_DAYS = 36_500
"""Days of retention: a hundred years."""


class KeepingDoor:
    """Part of NodeApi."""

    commits: Commits
    erasing: Erasing
    retaining: Retention
    saying: Saying
    store: Store
    view: View

    async def draft(self, chat: str) -> str:
        """See NodeApi."""
        return self.store.keeping.draft(self.view.find(chat).conversation)

    @tells_of_the_disk
    async def set_draft(self, chat: str, text: str) -> None:
        """See NodeApi."""
        conversation = self.view.find(chat).conversation
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > MAX_TEXT:
            raise ApiError("too_long", f"A message holds at most {MAX_TEXT} bytes of text, this draft has {size}.")
        text = text.encode("utf-8", "replace").decode()  # half a character can't be stored
        if text != self.store.keeping.draft(conversation):
            with self.commits.writing():
                self.store.keeping.set_draft(conversation, text)
            await self.commits.durable()

    @tells_of_the_disk
    async def expire(self, chat: str, seconds: int | None = None) -> Chat:
        """See NodeApi."""
        if seconds is None:
            return self.view.chat(self.view.find(chat).conversation)
        return await self.saying.expire(chat, seconds)

    async def retention(self, chat: str | None = None) -> int:
        """See NodeApi."""
        return self.store.keeping.retention(EVERYWHERE if chat is None else self.view.find(chat).conversation)

    @tells_of_the_disk
    async def set_retention(self, chat: str | None, days: int) -> None:
        """See NodeApi."""
        if not 0 <= days <= MAX_DAYS:
            raise ApiError("days", f"A chat is kept for 1 to {MAX_DAYS:,} days, or with 0 for good.")
        conversation = EVERYWHERE if chat is None else self.view.find(chat).conversation
        with self.commits.writing():
            self.retaining.wish(conversation, days)
        await self.commits.durable()

    @tells_of_the_disk
    async def delete_chat(self, chat: str) -> None:
        """See NodeApi."""
        for _ in self.erasing.chat(self.view.find(chat).conversation):
            await self.commits.durable()
        self.commits.settle()  # what others said meanwhile: the log can't be emptied within a transaction
        self.store.database.erase_traces()
