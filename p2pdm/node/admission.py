"""Admission: what is taken in of what peers hand over, before anything of it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from p2pdm.conversation.encoding import check_signature
from p2pdm.conversation.entries import CONTENT, MEMBERSHIP, Entry, EntryError, Floor
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.gate import origin
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.quota import BARE, ROOM_BODY, Quota
from p2pdm.store.heads import MAX_FORKED
from p2pdm.store.tables import Store

MAX_HEADS = 700
"""Heads of one conversation up to which chains and branches may begin: each entry looks at all of them, and a frame
says how far each was read."""


class NoRoom(EntryError):
    """Somebody makes up chains or branches without end. Not kept; but who hands it on may honestly hold others."""


class Admission:
    """Who may bring what, and how much of it."""

    def __init__(self, store: Store, myself: Myself, circles: Circles) -> None:
        self._store = store
        self._myself = myself
        self._circles = circles
        self._quota = Quota()
        self._chains = Quota()
        """By address: the people whose first entry in a room came from there. Anybody can make up any number."""
        self._refused: set[bytes] = set()
        """Groups of which something came while one did not belong to them."""
        self.held_back: Callable[[Peer, bytes], None] = lambda _peer, _conversation: None
        """Told that something of a room has to come again, later."""

    def fits_room(self, entry: Entry, peer: Peer) -> bool:
        """Whether a room takes this entry, now; what its author's quota holds back is asked for again."""
        if entry.header.body_length > ROOM_BODY:
            return False
        if self._store.entries.knows(entry.id):
            return True
        now = asyncio.get_running_loop().time()
        check_signature(entry)  # nobody uses up what is somebody else's
        if entry.header.seq == 0 and not self._chains.takes(origin(peer.link.remote).encode(), now):
            self.held_back(peer, entry.header.conversation)
            return False
        cost = BARE if entry.body is None else 1.0
        if self._quota.takes(entry.header.device, now, cost):
            return True
        self.held_back(peer, entry.header.conversation)
        return False

    def is_from_outside(self, entry: Entry, peer: Peer) -> bool:
        """Whether somebody who is not in a group hands over what would be shown nowhere: else they could fill disks."""
        conversation, author = entry.header.conversation, self._store.entries.identity_of(entry.header.device)
        if entry.header.chain != CONTENT or author is None or not self._circles.is_group(conversation):
            return False
        is_member = self._circles.standing(conversation, peer.identity) == Standing.MEMBER
        return not is_member and not self._circles.counts(author, entry.header)

    def is_for_members(self, entry: Entry) -> bool:
        """Whether this was said where oneself does not belong, as far as is known here: then it is not kept.

        Whoever hands it on leaks it, or knows more: once one belongs, it is asked for again.
        """
        conversation = entry.header.conversation
        if entry.header.chain != CONTENT or not entry.header.seq or not self._circles.is_group(conversation):
            return False  # an opening holds no words
        if self._circles.standing(conversation, self._myself.id) == Standing.MEMBER:
            return False
        self._refused.add(conversation)
        return True

    def floor_of(self, entry: Entry) -> Floor | None:
        """The floor that this is not above: it is only a parent from before one belonged, or tells whose it is.

        Honest peers hand it on without what it says. A member can always leak what they read, but not have it stored
        and shown here as if one had been there: of others' words from before, nothing but the chain is kept.
        """
        header = entry.header
        if header.chain != CONTENT:
            return None
        floor = self._circles.floors(header.conversation, self._myself.id).get(header.device)
        if floor is None or header.seq > floor.seq:
            return None
        if header.seq and self._circles.is_after_invitation(header, self._myself.id):
            return None
        own = self._store.entries.identity_of(header.device) == self._myself.id
        return None if own and header.seq and entry.body is not None else floor

    def check_room(self, entry: Entry) -> None:
        """NoRoom where a chain or branch too many would begin; a room lets go of an old one instead."""
        header = entry.header
        if header.chain == MEMBERSHIP and header.seq and self._circles.has_decided_enough(header):
            raise NoRoom  # it would not count, and would have to be looked at with all others for ever
        heads = self._store.entries.heads
        if header.prev in heads.by_id(header.conversation):
            return  # it takes the place of its parent
        if len(heads.of_chain(header.conversation, header.device, header.chain)) >= MAX_FORKED:
            raise NoRoom
        if len(heads.by_id(header.conversation)) >= MAX_HEADS:
            if not self._circles.is_room(header.conversation):
                raise NoRoom
            heads.let_go_of_one(header.conversation, but=self._myself.device.public)

    def missed_something(self, conversation: bytes) -> bool:
        """Whether something of a group was not kept for oneself not belonging to it, and one does now; once."""
        if conversation in self._refused and self._circles.standing(conversation, self._myself.id) == Standing.MEMBER:
            self._refused.remove(conversation)
            return True
        return False
