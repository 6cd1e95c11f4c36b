"""Batch: what one turn of the inbox stored of one conversation, from one peer."""

from __future__ import annotations

from dataclasses import dataclass, field

from p2pdm.conversation.entries import Entry
from p2pdm.store.heads import Branch
from p2pdm.sync.ledger import Head


@dataclass(slots=True)
class Batch:
    """What one turn stored of one conversation, from one peer."""

    conversation: bytes
    quick: bool = False
    """It came over the quick lane, all of it."""
    devices: set[tuple[bytes, int]] = field(default_factory=set)
    received: dict[tuple[bytes, int], Head] = field(default_factory=dict)
    """The highest entry of each chain that the peer itself showed to have."""
    last: int = 0
    unread: int = 0
    membership: bool = False
    """Who belongs may have changed."""
    senders: set[bytes] = field(default_factory=set)
    """The devices that handed over what had waited for its parents."""

    def received_one(self, entry: Entry) -> None:
        """The peer handed over an entry that is stored."""
        header = entry.header
        self.devices.add((header.device, header.chain))
        self._holds(Head(header.device, header.chain, header.seq, entry.id))

    def _holds(self, head: Head) -> None:
        chain = (head.device, head.chain)
        before = self.received.get(chain)
        if before is None or before.seq < head.seq:
            self.received[chain] = head

    def join(self, later: Batch) -> None:
        """What the next turn stored is acknowledged with this."""
        self.quick = self.quick and later.quick
        self.devices |= later.devices
        self.senders |= later.senders
        for head in later.received.values():
            self._holds(head)


def heads_of(batch: Batch, branches: list[Branch]) -> list[Head]:
    """Of all heads of its conversation, those of the chains that got longer."""
    return [head_of(branch) for branch in branches if (branch.device, branch.chain) in batch.devices]


def head_of(branch: Branch) -> Head:
    """A stored head as the exchange tells it."""
    return Head(branch.device, branch.chain, branch.seq, branch.id)
