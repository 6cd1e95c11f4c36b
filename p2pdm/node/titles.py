"""Titles: what a conversation is called, and where the user stands in it."""

from __future__ import annotations

from p2pdm.api.types import ChatStanding
from p2pdm.identity import encode_id
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster
from p2pdm.store.conversations import DIRECT, ROOM, SELF, StoredConversation

NOTES = "Notes to self"
_STANDINGS: dict[Standing, ChatStanding] = {
    Standing.NONE: "left",
    Standing.PARTED: "left",
    Standing.CALLED: "invited",
    Standing.MEMBER: "member",
}


class Titles:
    """Reads only."""

    def __init__(self, myself: Myself, roster: Roster, circles: Circles) -> None:
        self._myself = myself
        self._roster = roster
        self._circles = circles

    def title(self, stored: StoredConversation) -> str:
        """Its name in lists and sentences."""
        if stored.kind == DIRECT:
            return self._roster.name(stored.other)
        if stored.kind == SELF:
            return NOTES
        named = self._circles.group(stored.id).name if stored.nonce else ""
        return named or stored.name or encode_id(stored.id)[:8]

    def standing(self, stored: StoredConversation) -> ChatStanding:
        """Whether the user belongs to it."""
        if stored.kind == ROOM and not stored.entered:
            return "left"
        standing = self._circles.standing(stored.id, self._myself.id)
        if standing == Standing.PARTED and self._circles.was_removed(stored.id):
            return "removed"
        return _STANDINGS[standing]
