"""Orphans: entries that came before their parents. They wait in memory, bounded; what is dropped is asked for again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from p2pdm.conversation.entries import Entry
from p2pdm.identity import PeerId

MAX_ORPHANS = 1_000
"""Entries of one conversation that wait."""
MAX_ORPHAN_BYTES = 4 * 1024 * 1024
"""Bytes of one conversation that wait: an exchange's windows of several members; many times that if all were long."""

MAX_SOUGHT = 64
"""Parents that somebody is asked for at once; an honest author's chain lacks one."""


class Orphan(NamedTuple):
    """An entry, and the device that handed it over."""

    entry: Entry
    sender: bytes


@dataclass(slots=True)
class _Waiting:
    """What waits in one conversation."""

    by_parent: dict[bytes, dict[bytes, Orphan]] = field(default_factory=dict)
    parents: dict[bytes, bytes] = field(default_factory=dict)
    """By entry, for which parent it waits."""
    disowned: dict[bytes, set[PeerId]] = field(default_factory=dict)
    """By parent that is waited for, who has no more of it than that."""
    size: int = 0


class Orphans:
    """Who waits for whom. Those whose parent has come are `released`, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, _Waiting] = {}

    @property
    def most(self) -> int:
        """How many wait in the conversation in which most do."""
        return max((len(waiting.parents) for waiting in self._waiting.values()), default=0)

    def keep(self, entry: Entry, parent: bytes, sender: bytes) -> bool:
        """Let an entry wait for a parent; False when too much waits already."""
        waiting = self._waiting.setdefault(entry.header.conversation, _Waiting())
        if entry.id in waiting.parents:
            return True
        size = _size(entry)
        if len(waiting.parents) >= MAX_ORPHANS or waiting.size + size > MAX_ORPHAN_BYTES:
            return False
        waiting.by_parent.setdefault(parent, {})[entry.id] = Orphan(entry, sender)
        waiting.parents[entry.id] = parent
        waiting.size += size
        return True

    def waits(self, conversation: bytes, id: bytes) -> bool:
        """Whether an entry waits itself."""
        waiting = self._waiting.get(conversation)
        return waiting is not None and id in waiting.parents

    def is_awaited(self, conversation: bytes, parent: bytes) -> bool:
        """Whether something waits for an entry."""
        waiting = self._waiting.get(conversation)
        return waiting is not None and parent in waiting.by_parent

    def disowned(self, conversation: bytes, parent: bytes, by: PeerId) -> set[PeerId]:
        """Somebody has no more of an awaited parent than that it is one: all who have said so, since it is awaited."""
        by_whom = self._waiting[conversation].disowned.setdefault(parent, set())
        by_whom.add(by)
        return by_whom

    def is_disowned(self, conversation: bytes, parent: bytes) -> bool:
        """Whether anybody has said that of it."""
        waiting = self._waiting.get(conversation)
        return waiting is not None and parent in waiting.disowned

    def alone(self, conversation: bytes, id: bytes) -> Entry | None:
        """An awaited parent of which somebody has no more, as they handed it over."""
        waiting = self._waiting.get(conversation)
        if waiting is None or id not in waiting.disowned or id not in waiting.parents:
            return None
        return waiting.by_parent[waiting.parents[id]][id].entry

    def sought(self, conversation: bytes) -> list[tuple[bytes, int]]:
        """The parents to ask somebody else for, some of them, each with where it stands as far as that is told."""
        waiting = self._waiting.get(conversation)
        if waiting is None:
            return []
        lacked = (one for one in waiting.by_parent if one not in waiting.parents or one in waiting.disowned)
        return [(one, _seq_of(one, waiting.by_parent[one].values())) for one in islice(lacked, MAX_SOUGHT)]

    def drop(self, conversation: bytes, id: bytes) -> None:
        """An entry waits no longer, whatever becomes of its parent."""
        waiting = self._waiting.get(conversation)
        if waiting is not None and id in waiting.parents:
            parent = waiting.parents.pop(id)
            waiting.size -= _size(waiting.by_parent[parent].pop(id).entry)
            if not waiting.by_parent[parent]:
                del waiting.by_parent[parent]
                waiting.disowned.pop(parent, None)

    def release(self, conversation: bytes, parent: bytes, released: deque[Orphan]) -> None:
        """A parent has come: whatever waited for it goes to `released`."""
        waiting = self._waiting.get(conversation)
        if waiting is None:
            return
        waiting.disowned.pop(parent, None)
        for orphan in waiting.by_parent.pop(parent, {}).values():
            del waiting.parents[orphan.entry.id]
            waiting.size -= _size(orphan.entry)
            released.append(orphan)


def _seq_of(parent: bytes, orphans: Iterable[Orphan]) -> int:
    return max(above(parent, orphan.entry) for orphan in orphans)


def above(parent: bytes, orphan: Entry) -> int:
    """Where a parent of an orphan's stands, if it is the one before it in its chain; else no more than that it does."""
    return orphan.header.seq - 1 if parent == orphan.header.prev else 0


def _size(entry: Entry) -> int:
    return len(entry.signed) + len(entry.body or b"")
