"""Browsing: long answers, looked up in pieces between which others have their turn; short ones, all at once.

An answer is one picture nevertheless: what clients were told of meanwhile is looked up again before it is given, so
that it is no older than what they were told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator

from p2pdm.api.types import ApiError, Chat, Message, Notice
from p2pdm.identity import encode_id
from p2pdm.node.board import Board
from p2pdm.node.view import MAX_PAGE, View
from p2pdm.store.conversations import StoredConversation
from p2pdm.store.tables import Store

AT_ONCE = 60
"""Chats looked up in one piece: some 5 ms."""
PEOPLE = 4
"""In a group, so many cost as much as one chat more."""
LINES_AT_ONCE = 100
"""Messages looked up in one piece: some 5 ms."""
TRIES = 3
"""How often a page is looked up in pieces when it changes meanwhile; after that, all at once."""


class Browsing:
    """Reads only."""

    def __init__(self, store: Store, board: Board, view: View) -> None:
        self._store = store
        self._board = board
        self._view = view

    async def chats(self) -> list[Chat]:
        """All conversations, latest first."""
        known: dict[bytes, tuple[StoredConversation, Chat]] = {}
        with self._listening() as told:
            now = missing = self._store.conversations.all()
            while missing:
                told.clear()
                room = AT_ONCE
                for stored in missing:
                    if room <= 0:
                        await asyncio.sleep(0)
                        room = AT_ONCE
                    chat = self._view.chat_of(stored)
                    known[stored.id] = stored, chat
                    room -= 1 + len(chat.members) // PEOPLE
                now = self._store.conversations.all()
                about = _about(told)
                missing = [
                    stored
                    for stored in now
                    if (found := known.get(stored.id)) is None
                    or found[0] != stored
                    or not about.isdisjoint(_concerned(found[1]))
                ]
            return [known[stored.id][1] for stored in now]

    async def history(self, chat: str, limit: int, before: str | None, *, happenings: bool) -> list[Message]:
        """A page of messages; with `happenings`, among them what happened to the group."""
        if LINES_AT_ONCE < limit <= MAX_PAGE:
            chat = encode_id(self._view.find(chat).conversation)
            with self._listening() as told:
                for _ in range(TRIES):
                    told.clear()
                    page = await self._in_pieces(chat, limit, before, happenings)
                    if page is not None and _about(told).isdisjoint(self._shown(chat, page)):
                        return page
        return self._view.history(chat, limit, before, happenings=happenings)

    async def _in_pieces(self, chat: str, limit: int, before: str | None, happenings: bool) -> list[Message] | None:
        """A page, the last piece of it first; None when where two pieces meet is gone meanwhile."""
        page = self._view.history(chat, LINES_AT_ONCE, before, happenings=happenings)
        full = len(page) == LINES_AT_ONCE
        while full and len(page) < limit:
            await asyncio.sleep(0)
            most = min(LINES_AT_ONCE, limit - len(page))
            try:
                piece = self._view.history(chat, most, page[0].id, happenings=happenings)
            except ApiError:
                return None
            page, full = piece + page, len(piece) == most
        return page

    def _shown(self, chat: str, page: list[Message]) -> set[str]:
        """What a page shows something of: the chat, and people."""
        return {chat, *(message.sender for message in page), *(self._view.members(chat) if page else ())}

    @contextlib.contextmanager
    def _listening(self) -> Iterator[list[Notice]]:
        """What clients are told meanwhile."""
        told: list[Notice] = []
        self._board.listeners.append(hear := told.append)
        try:
            yield told
        finally:
            self._board.listeners.remove(hear)


def _about(told: Iterable[Notice]) -> set[str]:
    return {id for notice in told for id in (notice.chat, notice.person) if id}


def _concerned(chat: Chat) -> list[str]:
    """What a chat shows something of: itself, and people."""
    return [chat.id, *chat.members, *([chat.last.sender] if chat.last else [])]
