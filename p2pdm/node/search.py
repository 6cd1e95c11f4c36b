"""Search: finds messages over all chats, in pieces between which the node does other work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from p2pdm.api.types import ApiError, Hit, Message
from p2pdm.conversation.words import Phrase, asked_for, excerpt, relevance
from p2pdm.identity import encode_id
from p2pdm.node.chores import Chores
from p2pdm.node.view import MAX_PAGE, View
from p2pdm.store.lines import StoredLine
from p2pdm.store.search import Scope
from p2pdm.store.tables import Store

RANKED = 1_000
"""The newest matches that are compared for the best: in 20 ms, and what is older is asked for by a narrower search."""
AT_ONCE = 50
"""Messages compared in one piece: some 2 ms."""
SHOWN_AT_ONCE = 10
"""Messages shown in one piece: some 1 ms, more in large groups, where each says how far it came with everybody."""
LONG = 2_000
"""Characters from which on a text is a piece of its own."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Search:
    """Reads only, but for words that are not in the index yet."""

    def __init__(self, store: Store, chores: Chores, view: View) -> None:
        self._store = store
        self._chores = chores
        self._view = view

    async def newest(self, words: str, scope: Scope, limit: int, before: StoredLine | None) -> list[Hit]:
        """What arrived last comes first; without words, all that is in `scope`."""
        asked = await self._prepared(words, limit)
        if not asked and words.strip():
            return []  # signs that no text is found by
        below = before.arrival if before is not None else None
        arrivals = await self._arrivals(asked, replace(scope, below=below), limit)
        return [hit async for hit in self._hits(asked, arrivals)]

    async def best(self, words: str, scope: Scope, limit: int, before: StoredLine | None) -> list[Hit]:
        """Of the RANKED newest, those most about the words come first; among equals the newer."""
        asked = await self._prepared(words, limit)
        ranked = await self._ranked(asked, await self._arrivals(asked, scope, RANKED))
        if before is not None:
            ranked = ranked[ranked.index(before.arrival) + 1 :] if before.arrival in ranked else []
        return [hit async for hit in self._hits(asked, ranked[:limit])]

    async def in_chat(self, conversation: bytes, words: str, limit: int, before: StoredLine | None) -> list[Message]:
        """A page of one chat's history, in the order of arrival."""
        hits = await self.newest(words, Scope(conversation), limit, before)
        return [hit.message for hit in reversed(hits)]

    async def _prepared(self, words: str, limit: int) -> list[Phrase]:
        if not 1 <= limit <= MAX_PAGE:
            raise ApiError("limit", f"A page holds 1 to {MAX_PAGE} messages.")
        await self._chores.before_search()
        return asked_for(words)

    async def _arrivals(self, asked: list[Phrase], scope: Scope, limit: int) -> list[int]:
        found: list[int] = []
        table = self._store.words
        for some in table.newest(asked, scope, limit) if asked else table.written(scope, limit):
            found += some
            await asyncio.sleep(0)
        return found

    async def _ranked(self, asked: list[Phrase], arrivals: list[int]) -> list[int]:
        texts: dict[int, list[str]] = {}
        scores: dict[int, float] = {}
        for start in range(0, len(arrivals), AT_ONCE):
            texts |= self._store.words.texts(arrivals[start : start + AT_ONCE])
            await asyncio.sleep(0)
        usual = sum(map(len, texts.values())) / max(len(texts), 1)
        for at, (arrival, words) in enumerate(texts.items()):
            scores[arrival] = relevance(words, asked, usual)
            if at % AT_ONCE == 0 or len(words) > LONG:
                await asyncio.sleep(0)
        return sorted(scores, key=lambda arrival: (-scores[arrival], -arrival))

    async def _hits(self, asked: list[Phrase], arrivals: list[int]) -> AsyncIterator[Hit]:
        for start in range(0, len(arrivals), SHOWN_AT_ONCE):
            for message in self._messages(arrivals[start : start + SHOWN_AT_ONCE]):
                snippet, matched = excerpt(message.text, asked)
                if len(message.text) > LONG:
                    await asyncio.sleep(0)
                if matched or not asked:  # else it was taken back since
                    yield Hit(message, message.chat, snippet, matched)
            await asyncio.sleep(0)

    def _messages(self, arrivals: list[int]) -> list[Message]:
        lines = self._store.lines.at(arrivals)
        by_chat: dict[bytes, list[StoredLine]] = {}
        for line in lines:
            by_chat.setdefault(line.conversation, []).append(line)
        shown = {m.id: m for chat, of_chat in by_chat.items() for m in self._view.messages(chat, of_chat)}
        return [shown[id] for line in lines if (id := encode_id(line.entry.id)) in shown]


def moment(given: str | None) -> int | None:
    """An ISO 8601 time in milliseconds since 1970; UTC unless it says otherwise."""
    if given is None:
        return None
    try:
        time = datetime.fromisoformat(given.strip())
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        return round((aware - EPOCH).total_seconds() * 1000)
    except (ValueError, OverflowError):
        shown = given[:40]
        raise ApiError("time", f"“{shown}” is no date: write it like 2026-03-31 or 2026-03-31T17:30Z.") from None
