"""Who knew of what: the operations of a membership chain, and for each of them all that came before it.

An operation's past is a bitset, an integer with one bit for each operation that counts. Operations are taken by
(lamport, time, id); a lamport is higher than those of its parents, so that one pass fills all of them in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from p2pdm.conversation.entries import Body, Entry, Rank, Unknown
from p2pdm.conversation.timeline import body_of
from p2pdm.identity import PeerId

MAX_OPERATIONS = 4_096
"""Operations of a conversation that count: a past of each takes half a KiB at most, the fold a fraction of a second."""
MAX_OPERATIONS_OF_ONE = 512
"""Operations that count of anyone but the creator: nobody's flood makes room by pushing out what others decided."""

MAX_KEPT_OF_ONE = 2 * MAX_OPERATIONS_OF_ONE
"""Operations that are kept of anyone but the creator, whatever number of devices they make up: twice what counts."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An entry of a membership chain. An opening, or what is not known, changes nothing and carries ancestry."""

    id: bytes
    author: PeerId
    parents: tuple[bytes, ...]
    """The entry before it in its chain, and its dependencies."""
    order: tuple[int, int, bytes]
    """(lamport, time, id)."""
    body: Body


def operation_of(entry: Entry, author: PeerId) -> Operation:
    """A stored entry of a membership chain, as the fold takes it."""
    header = entry.header
    parents = (header.prev, *header.dependencies) if header.seq else header.dependencies
    body = body_of(entry)
    return Operation(entry.id, author, parents, (header.lamport, header.time, entry.id), body or Unknown(""))


def in_order(operations: Iterable[Operation]) -> list[Operation]:
    """Each of them once, parents before what names them."""
    return sorted({operation.id: operation for operation in operations}.values(), key=lambda one: one.order)


def counted(ordered: Sequence[Operation], creator: PeerId | None) -> list[Operation]:
    """The operations that may change something, in order, when there are too many.

    First the creator's, then those of whom the creator ever made an admin, then all others: so a flood can't undo
    what was decided by somebody above its author.
    """
    if len(ordered) <= MAX_OPERATIONS_OF_ONE:
        return list(ordered)
    promoted = {o.body.who for o in ordered if o.author == creator and isinstance(o.body, Rank) and o.body.admin}
    taken: list[Operation] = []
    by_one: Counter[PeerId] = Counter()
    for operation in sorted(ordered, key=lambda one: (one.author != creator, one.author not in promoted)):
        by_one[operation.author] += 1
        if operation.author == creator or by_one[operation.author] <= MAX_OPERATIONS_OF_ONE:
            taken.append(operation)
    return sorted(taken[:MAX_OPERATIONS], key=lambda one: one.order)


class Ancestry:
    """What is in whose past. An operation that does not count has no bit, but knew of those before it."""

    def __init__(self, ordered: Sequence[Operation], counting: Sequence[Operation]) -> None:
        self.bit = {operation.id: 1 << place for place, operation in enumerate(counting)}
        self.past: dict[bytes, int] = {}
        self._reach: dict[bytes, int] = {}
        named = 0
        for operation in ordered:
            past = self.reach(operation.parents)
            self.past[operation.id] = past
            self._reach[operation.id] = past | self.bit.get(operation.id, 0)
            named |= past
        self.frontier = tuple(operation.id for operation in counting if not self.bit[operation.id] & named)
        """The counting operations that no other knew of, in order."""

    def reach(self, heads: Iterable[bytes]) -> int:
        """These and all before them; what is not here, or not above its parents, has nothing before it."""
        reached = 0
        for head in heads:
            reached |= self._reach.get(head, 0)
        return reached

    def is_ancestor(self, older: bytes, younger: bytes) -> bool:
        """Whether `younger` was written after `older` had been known."""
        return bool(self.bit.get(older, 0) & self.past.get(younger, 0))
