"""Ledger: what one peer may get of the entries on this disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from p2pdm.conversation.entries import CONTENT
from p2pdm.identity import PeerId
from p2pdm.node.circles import Circles, Standing
from p2pdm.store.entries import EntryTable, Handed
from p2pdm.store.heads import Branch
from p2pdm.sync.ledger import Ledger


class PeerLedger(Ledger):
    """The entries as an exchange with `identity` reads them: content for members, from their floors on."""

    def __init__(self, entries: EntryTable, circles: Circles, own: PeerId, identity: PeerId) -> None:
        self._entries = entries
        self._circles = circles
        self._own = own
        self._identity = identity

    def _sees_content(self, conversation: bytes) -> bool:
        # Who is called, or has parted, neither gives nor gets content.
        standings = (self._circles.standing(conversation, who) for who in (self._own, self._identity))
        return all(standing == Standing.MEMBER for standing in standings)

    def _is_outside(self, conversation: bytes) -> bool:
        # Whoever names a group may belong to it, and this node not know it yet: they may bring, and get nothing.
        return self._circles.standing(conversation, self._identity) == Standing.NONE

    def _is_last_word(self, conversation: bytes, device: bytes) -> bool:
        # Who has left still hands over what they said before, and what the peer did: whoever stays may lack it (an
        # older copy was restored), and it counts.
        mine, theirs = (self._circles.standing(conversation, who) for who in (self._own, self._identity))
        return self._is_of_the_two(device) and mine == Standing.PARTED and theirs == Standing.MEMBER

    def _is_of_the_two(self, device: bytes) -> bool:
        return self._entries.identity_of(device) in (self._own, self._identity)

    def heads(self, conversation: bytes) -> Sequence[Branch]:
        """See Ledger."""
        if self._is_outside(conversation):
            return []
        heads = self._entries.heads.durable(conversation)
        if self._circles.standing(conversation, self._identity) == Standing.PARTED:
            known = self._circles.heads_at_parting(conversation, self._identity)
            durable = {h.device: h.seq for h in sorted(heads, key=lambda h: h.seq) if h.chain != CONTENT}
            return [*(h for h in known if h.seq <= durable.get(h.device, -1)), *self._said_before(conversation, heads)]
        if self._identity != self._own and self._circles.has_left_room(conversation):
            return [head for head in heads if head.chain != CONTENT or self._is_of_the_two(head.device)]
        if not self._circles.is_group(conversation) or self._sees_content(conversation):
            return heads
        return [head for head in heads if head.chain != CONTENT or self._is_last_word(conversation, head.device)]

    def _said_before(self, conversation: bytes, heads: Sequence[Branch]) -> Iterator[Branch]:
        """What was said, as far as who has parted may know: theirs, and of one's own what they have said to hold."""
        for device in dict.fromkeys(head.device for head in heads if head.chain == CONTENT):
            author = self._entries.identity_of(device)
            if author == self._identity:
                yield from (head for head in heads if (head.device, head.chain) == (device, CONTENT))
            elif author == self._own:
                top = self._circles.reached(conversation, self._identity, device)
                for held in self._entries.after(conversation, device, CONTENT, top - 1, 1) if top >= 0 else ():
                    yield Branch(device, CONTENT, held.seq, held.id, held.lamport)

    def knows(self, id: bytes) -> bool:
        """See Ledger."""
        return self._entries.knows(id)

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        """See Ledger."""
        return self._entries.chain_of(id)

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> Sequence[Handed]:
        """See Ledger."""
        if not self._circles.is_group(conversation):
            return self._entries.after(conversation, device, chain, seq, limit)
        if chain != CONTENT:
            return self._membership(conversation, device, chain, seq, limit)
        if not self._sees_content(conversation) and not self._is_last_word(conversation, device):
            return []
        floor = self._circles.floors(conversation, self._identity).get(device)
        return self._entries.after(conversation, device, chain, max(seq, floor.seq) if floor else seq, limit)

    def _membership(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> Sequence[Handed]:
        if self._is_outside(conversation):
            return []
        entries = self._entries.after(conversation, device, chain, seq, limit)
        if self._circles.standing(conversation, self._identity) != Standing.PARTED:
            return entries
        return [entry for entry in entries if self._circles.may_still_know(conversation, self._identity, entry.id)]

    def lacking(self, conversation: bytes) -> Sequence[bytes]:
        """See Ledger. In rooms, `room_bodies` names it, to one after the other."""
        if self._circles.is_room(conversation):
            return []
        if self._circles.is_group(conversation) and not self._sees_content(conversation):
            return []
        return self._entries.bodies.lacking(conversation)

    def whole(self, conversation: bytes, id: bytes) -> Handed | None:
        """See Ledger."""
        place = self._entries.place(id)
        if place is None or place.conversation != conversation:
            return None  # whoever names an entry need not have any part in where it was said
        handed = self.after(place.conversation, place.device, place.chain, place.seq - 1, 1)
        found = next((one for one in handed if one.id == id), None)
        return found if found is not None and self._entries.bodies.has(id) else None

    def bare(self, id: bytes) -> Sequence[Handed]:
        """See Ledger: only of what is from before they belonged, or of which no more is here."""
        place = self._entries.place(id)
        if place is None or place.chain != CONTENT or not self._sees_content(place.conversation):
            return []
        floor = self._circles.floors(place.conversation, self._identity).get(place.device)
        if (floor is None or place.seq > floor.seq) and self._entries.floors.header(id) is None:
            return []
        bare = self._entries.bare(id)
        openings = [
            one for one in self._entries.after(place.conversation, place.device, CONTENT, -1, 1) if one.seq == 0
        ]
        return [*openings, bare] if bare is not None and place.seq else openings

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        """See Ledger."""
        return self._entries.fork_base(conversation, device, chain)
