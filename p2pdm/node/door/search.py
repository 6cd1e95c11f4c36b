"""Finding what was said."""

from __future__ import annotations

from p2pdm.api.types import Hit, SearchOrder
from p2pdm.identity import PeerId
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster
from p2pdm.node.search import Search, moment
from p2pdm.node.view import View
from p2pdm.store.search import Scope

ME = "me"


class SearchDoor:
    """Part of NodeApi."""

    finding: Search
    myself: Myself
    roster: Roster
    view: View

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
        """See NodeApi."""
        conversation = self.view.find(chat).conversation if chat is not None else None
        author = self._author(person) if person is not None else None
        scope = Scope(conversation, author, moment(since), moment(until))
        last = self.view.line(before) if before else None
        if scope == Scope() and not words.strip():
            return []
        find = self.finding.best if order == "best" and words.strip() else self.finding.newest
        return await find(words, scope, limit, last)

    def _author(self, who: str) -> PeerId:
        return self.myself.id if who.strip().lower() == ME else self.roster.anyone(who)
