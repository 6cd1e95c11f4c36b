"""Gaps: what is nowhere any more, as far as can be known, while what was said after it is here.

Who goes back to an older copy of their profile may have said things that nobody had got yet, and others that they had:
these wait for the lost ones, their parents. Who came later knows the lost ones as parents only, from before their time,
and says so by handing them over alone. When everybody for whom such an entry was, as its author knew the group, has
said that they have no more of it, it becomes a floor, and what hangs on it is shown. A member who lies about that hides
only what they might as well have kept to themselves.

Such a floor stays a gap: everybody who is met is asked for what it hides. What comes after all (from an older machine
of its author's, say) is filed where it belongs.
"""

from __future__ import annotations

from p2pdm.conversation.encoding import check_signature
from p2pdm.conversation.entries import CONTENT, Entry, Floor, Header
from p2pdm.identity import PeerId
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.myself import Myself
from p2pdm.node.orphans import Orphans
from p2pdm.store.floors import OnlyFloor
from p2pdm.store.tables import Store


class Gaps:
    """Judges parents that are handed over alone, and knows for which of them something may yet come."""

    def __init__(self, store: Store, myself: Myself, circles: Circles, orphans: Orphans) -> None:
        self._store = store
        self._myself = myself
        self._circles = circles
        self.orphans = orphans

    def floor_at(self, entry: Entry, handed_by: PeerId) -> Floor | None:
        """The floor that this parent of what waits becomes, if nobody has more of it."""
        header = entry.header
        if not self._came_alone(entry):
            return None
        others = self._others_who_may_hold(header)
        if others is None:
            return None
        if not others <= self.orphans.disowned(header.conversation, entry.id, handed_by):
            return None
        check_signature(entry)
        return Floor(header.device, header.seq, entry.id, header.lamport)

    def _came_alone(self, entry: Entry) -> bool:
        """Whether this is an awaited parent of which its bringer has no more: who has, hands over what is before it."""
        header = entry.header
        if entry.body is not None or header.chain != CONTENT or not header.seq:
            return False
        if header.device == self._myself.device.public:  # this device was rolled back: it gives up no word of its own
            return False
        if not self.orphans.is_awaited(header.conversation, entry.id):
            return False
        floor = self._circles.floors(header.conversation, self._myself.id).get(header.device)
        if floor is not None and header.seq <= floor.seq + 1:  # the first that was for the user: erased, and no gap
            return False
        return not self._is_parent_here(header)

    def _others_who_may_hold(self, header: Header) -> frozenset[PeerId] | None:
        """Everybody else for whom a content entry of a group was, and its author; None if it was not for the user."""
        author = self._circles.author(header.device)
        if author is None or not self._circles.is_group(header.conversation):
            return None
        group = self._circles.group(header.conversation)
        readers = group.may_hold(header.device, header.seq, header.membership) | {author}
        return readers - {self._myself.id} if self._myself.id in readers else None

    def all(self, conversation: bytes) -> list[OnlyFloor]:
        """What is known as a parent only, and is not from before the user belonged."""
        if self._circles.standing(conversation, self._myself.id) != Standing.MEMBER:
            return []
        return [one for one in self._store.entries.floors.only_floors(conversation) if self._is_gap(one.header)]

    def is_one(self, id: bytes) -> bool:
        """Whether an entry is one of those."""
        header = self._store.entries.floors.header(id)
        return header is not None and self._is_gap(header)

    def _is_gap(self, header: Header) -> bool:
        floor = self._circles.floors(header.conversation, self._myself.id).get(header.device)
        return (floor is None or header.seq > floor.seq) and self._others_who_may_hold(header) is not None

    def is_mended(self, entry: Entry) -> bool:
        """Whether this is a gap of which more has come: what it says, or what is before it."""
        return (entry.body is not None or self._is_parent_here(entry.header)) and self.is_one(entry.id)

    def _is_parent_here(self, header: Header) -> bool:
        return self._store.entries.knows(header.prev) or self.orphans.waits(header.conversation, header.prev)
