"""History: pages of a chat as a reader sees it: what was said, and among it what happened to the group."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from p2pdm.api.types import Happening, Message
from p2pdm.conversation.chronicle import AFTER_ALL, Order, What
from p2pdm.conversation.chronicle import Happening as Happened
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster, timestamp
from p2pdm.store.conversations import GROUP
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store

_Place = tuple[Order, bool, Order]
"""By which lines and happenings stand among each other: what happened, before the line that knew of it."""
_SENTENCES: dict[What, str] = {
    "made": "{author} made this group",
    "invited": "{author} invited {who}",
    "joined": "{author} joined",
    "declined": "{author} declined the invitation",
    "left": "{author} left",
    "removed": "{author} removed {who}",
    "withdrawn": "{author} took back the invitation of {who}",
    "promoted": "{author} made {who} an admin",
    "demoted": "{author} took the rights of an admin from {who}",
    "named": "{author} named the group “{value}”",
    "topic": "{author} set the topic “{value}”",
    "picture": "{author} gave the group a picture",
}
_TAKEN_BACK: dict[What, str] = {"topic": "{author} removed the topic", "picture": "{author} removed the picture"}


class History:
    """Reads only."""

    def __init__(self, store: Store, myself: Myself, roster: Roster, circles: Circles) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._circles = circles

    def happenings(self, conversation: bytes) -> list[Happened]:
        """What happened to a group, in the order in which it is shown; nothing elsewhere."""
        stored = self._circles.stored(conversation)
        if stored is None or stored.kind != GROUP:
            return []
        witnesses = self._store.entries.witnesses
        told = witnesses.told(stored.number)
        everything = self._circles.group(conversation).chronicle(self._myself.id, witnesses.first(stored.number))
        return [one for one in everything if one.id in told]

    def page(
        self, conversation: bytes, limit: int, before: StoredLine | Happened | None
    ) -> list[StoredLine | Happened]:
        """The last `limit` lines and happenings, or those before one; oldest first."""
        end = None if before is None else _place(before)
        happened = [one for one in self.happenings(conversation) if end is None or _place(one) < end]
        below = end[0] if end is not None and end[0] != AFTER_ALL else None
        lines = self._store.lines.page_below(conversation, limit, below)
        both: list[StoredLine | Happened] = [*lines, *happened]
        return sorted(both, key=_place)[-limit:]

    def before(self, line: StoredLine, happened: deque[Happened]) -> Iterator[Happened]:
        """Take off what stands before a line."""
        while happened and _place(happened[0]) < _place(line):
            yield happened.popleft()

    def message(self, conversation: bytes, happened: Happened) -> Message:
        """A happening as a line."""
        who = happened.who
        sentences = _TAKEN_BACK if happened.what in _TAKEN_BACK and not happened.value else _SENTENCES
        sentence = sentences[happened.what].format(
            author=self._name(happened.author, "You"),
            who="" if who is None else self._name(who, "you"),
            value=happened.value,
        )
        return Message(
            id=encode_id(happened.id),
            chat=encode_id(conversation),
            sender=encode_id(happened.author),
            name=self._roster.name(happened.author),
            time=timestamp(happened.time),
            text="",
            state="read",
            why="",
            mine=False,
            happening=Happening(happened.what, sentence, None if who is None else encode_id(who)),
        )

    def _name(self, identity: PeerId, oneself: str) -> str:
        return oneself if identity == self._myself.id else self._roster.name(identity)


def _place(one: StoredLine | Happened) -> _Place:
    if isinstance(one, Happened):
        return one.at, False, one.order
    return one.line.order, True, one.line.order
