"""Finding what was said."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Hit, SearchOrder


class SearchCalls(Protocol):
    """Part of NodeApi."""

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
        """Messages with all `words`, of all chats or one CHAT, of everybody or of one author (a WHO, or `me`).

        Each word may go on; "what is quoted" stands so in the text. Accents and case don't count. What was edited is
        found by its new words, what was taken back not at all. `since` and `until` are ISO 8601, UTC where they don't
        say otherwise: written from `since` on and before `until`, by the author's clock.

        Without words, all that the filters let through is found, the newest first; without either, nothing.

        `newest`: what arrived here last comes first. `best`: of the 1,000 newest that fit, those which are most about
        the words. The next page (`limit`: 1 to 1,000) is what comes after the message `before`, the last of this one.
        """
        ...
