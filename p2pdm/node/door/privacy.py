"""What others get to know of the user."""

from __future__ import annotations

import msgspec

from p2pdm.api.types import Privacy
from p2pdm.conversation.entries import room_conversation
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.presence import Presence
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.rooms import LOBBY, Rooms
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.wire import frames


class PrivacyDoor:
    """Part of NodeApi."""

    board: Board
    commits: Commits
    presence: Presence
    rooms_here: Rooms
    settings: PrivacySettings
    store: Store

    async def privacy(self) -> Privacy:
        """See NodeApi."""
        return msgspec.structs.replace(self.settings.now, lobby=self.rooms_here.in_lobby)

    @tells_of_the_disk
    async def set_privacy(
        self,
        receipts: bool | None = None,
        typing: bool | None = None,
        presence: bool | None = None,
        lobby: bool | None = None,
    ) -> Privacy:
        """See NodeApi."""
        given = {"receipts": receipts, "typing": typing, "presence": presence}
        await self._turn({name: on for name, on in given.items() if on is not None})
        self.presence.tell_everyone()
        if lobby is not None and lobby != self.rooms_here.in_lobby:
            await self._turn_lobby(lobby)
        return await self.privacy()

    async def _turn_lobby(self, on: bool) -> None:
        """Being in the lobby is a matter of the rooms; here it is one switch among others."""
        if on:
            self.rooms_here.enter(frames.Room(LOBBY), listed=False)
        else:
            self.rooms_here.leave(room_conversation(LOBBY))
        await self.commits.durable()

    async def _turn(self, switches: dict[str, bool]) -> None:
        shown_before = self.settings.now.receipts
        try:
            with self.commits.writing():
                self.settings.change(**switches)
                if self.settings.now.receipts != shown_before:  # every own message may look different now
                    for stored in self.store.conversations.all():
                        self.board.post("state", chat=stored.id)
                self.board.post("profile")
            await self.commits.durable()
        except StoreError:
            self.commits.flush()
            self.settings.reload()
            raise
