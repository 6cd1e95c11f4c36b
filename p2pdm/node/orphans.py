"""Orphans: entries that came before their parents. They wait in memory, bounded; what is dropped is asked for again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from p2pdm.conversation.entries import Entry

MAX_ORPHANS = 1_000
"""Entries of one conversation that wait."""
MAX_ORPHAN_BYTES = 4 * 1024 * 1024
"""Bytes of one conversation that wait: an exchange's windows of several members; many times that if all were long."""


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

    def release(self, conversation: bytes, parent: bytes, released: deque[Orphan]) -> None:
        """A parent has come: whatever waited for it goes to `released`."""
        waiting = self._waiting.get(conversation)
        if waiting is None:
            return
        for orphan in waiting.by_parent.pop(parent, {}).values():
            del waiting.parents[orphan.entry.id]
            waiting.size -= _size(orphan.entry)
            released.append(orphan)


def _size(entry: Entry) -> int:
    return len(entry.signed) + len(entry.body or b"")
