"""Inbox: entries that peers hand over are judged (`admission`), stored in groups (`filing`), then acknowledged.

Each peer has a queue (`queues`); the inbox takes at most SLICE entries a turn, from one peer after the other, so that
no call at the door waits long and nobody starves when several press. What lacks parents waits (`orphans`); once they
are here, what waited for them is stored in slices, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from functools import partial

from p2pdm.conversation.encoding import check_signature, decode
from p2pdm.conversation.entries import MEMBERSHIP, Entry, EntryError, Floor
from p2pdm.conversation.log import DoesNotFit, Place, authorise, is_at, lacking, name_in, place_of
from p2pdm.node.admission import Admission, NoRoom
from p2pdm.node.batch import Batch, heads_of
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.filing import Filing
from p2pdm.node.gaps import Gaps
from p2pdm.node.myself import Myself
from p2pdm.node.orphans import Orphan, above
from p2pdm.node.peer import Peer
from p2pdm.node.queues import Queues
from p2pdm.node.sharing import Brought
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.sync.ledger import Head
from p2pdm.wire.frames import VIOLATION

SLICE = 20
"""Entries judged and stored in one turn of the loop: some 2 ms, and a call waits for two or three turns."""
SLICES_A_COMMIT = 4
"""Turns that share a commit while there is more to store: by itself, each would cost half as much again."""
ASK_FOR_DROPPED = 1.0
"""Seconds until entries are asked for again that waited for their parents in vain."""
ASK_AGAIN_IN_ROOM = 10.0
"""Seconds until a room's entries are asked for again that were too many of one author."""
ASK_AGAIN = 5.0
"""Seconds until what could not be stored (a full disk) is asked for again."""


class Inbox:
    """Judges and stores. `rolled_back` is told that this device forgot something; `stored` of what peers brought."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        filing: Filing,
        myself: Myself,
        circles: Circles,
        gaps: Gaps,
        stored: Callable[[bytes, dict[Peer, Brought]], None],
        rolled_back: Callable[[], None],
    ) -> None:
        self._store = store
        self._commits = commits
        self._filing = filing
        self._myself = myself
        self._circles = circles
        self._stored = stored
        self._rolled_back = rolled_back
        self._admission = Admission(store, myself, circles)
        self._admission.held_back = self._ask_again_in_room
        self.sharers: Callable[[bytes], list[Peer]] = lambda _: []
        """With whom a conversation is shared now."""
        self.look_for_lost: Callable[[bytes], None] = lambda _: None
        """Called when a parent was handed over alone: whoever else is there may have more of it."""
        self.arriving: Callable[[bytes, Peer, Collection[tuple[bytes, int]]], None] = lambda _conversation, _by, _: None
        """Told, within `writing`, of the chains that got longer, and by whom."""
        self.queues = Queues()
        self._turn: asyncio.Handle | None = None
        self._asking: dict[tuple[Peer, bytes], asyncio.TimerHandle] = {}
        self._orphans = gaps.orphans
        self._gaps = gaps
        self._uncommitted: dict[bytes, dict[Peer, Batch]] = {}
        """By conversation, what is acknowledged once what is being written is on the disk."""
        self._slices = 0
        self._released: dict[Peer, deque[Orphan]] = {}
        """By whoever brought their parents, the orphans that are to be stored now: before all that came later."""
        commits.participants.append(self)
        commits.synced = self._go_on

    def received(self, peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> None:
        """A peer handed entries over."""
        if not entries or not peer.exchange.shares(conversation):
            return
        if not self.queues.add(peer, conversation, entries, quick):
            peer.close(VIOLATION)
            return
        if self._turn is None and not self._is_full:
            self._work()

    def wanted(self, peer: Peer, conversation: bytes, id: bytes) -> None:
        """A peer asks for an entry: of what is awaited here, it has no more than we."""
        parent = self._orphans.alone(conversation, id)
        if parent is not None and peer.exchange.shares(conversation):
            self.received(peer, conversation, [parent.encode()], False)

    def close(self) -> None:
        """Stop; what is queued was never acknowledged and comes again."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self.queues.clear()
        self._released.clear()
        for timer in self._asking.values():
            timer.cancel()

    # --- judging ---

    def _work(self) -> None:
        """One turn: a slice of the queue of the peer whose turn it is."""
        self._turn = None
        if self._released:
            peer = next(iter(self._released))
            self._take(peer, [], self._released.pop(peer))
        elif self.queues:
            self._take(*self.queues.take(SLICE), deque())
        self._go_on()

    def _go_on(self) -> None:
        if self._turn is None and (self.queues or self._released) and not self._is_full:
            self._turn = asyncio.get_running_loop().call_soon(self._work)

    @property
    def _is_full(self) -> bool:
        """Whether as much is written already, while the disk syncs what was before, as one commit is to hold."""
        return self._commits.copying or (self._slices == 0 and self._commits.waits)

    def _take(self, peer: Peer, taken: list[tuple[bytes, bytes, bool]], orphans: deque[Orphan]) -> None:
        batches: dict[bytes, Batch] = {}
        quick = bool(taken) and all(was_quick for _, _, was_quick in taken)
        goes_on = self._goes_on(orphans)
        try:
            with self._commits.writing(patient=goes_on, bulk=(goes_on and not quick) or None):
                for conversation, data, was_quick in taken:
                    batch = batches.setdefault(conversation, Batch(conversation, quick))
                    self._take_one(peer, batch, data, was_quick, orphans)
                self._admit_orphans(orphans, batches, peer, SLICE - len(taken))
                for batch in batches.values():
                    self.arriving(batch.conversation, peer, batch.devices)
                self._count(batches.values())
        except StoreError:
            for batch in batches.values():
                self._ask_for_lost(peer, batch)
        except EntryError:
            # Nothing of this slice is kept: what was good in it comes again, from whoever has it.
            peer.close(VIOLATION)
        else:
            self._acknowledge_together(peer, batches)
        if orphans:
            self._released[peer] = orphans

    def _goes_on(self, orphans: Collection[Orphan]) -> bool:
        """Whether the next turn may share this one's commit."""
        self._slices = (self._slices + 1) % SLICES_A_COMMIT
        return self._slices > 0 and bool(self.queues or self._released or orphans)

    def _take_one(self, peer: Peer, batch: Batch, data: bytes, quick: bool, orphans: deque[Orphan]) -> None:
        entry = decode(data)
        if entry.header.conversation != batch.conversation:
            raise EntryError("an entry came under another conversation")
        if not peer.exchange.shares(batch.conversation):
            return
        if self._circles.is_room(batch.conversation) and not self._admission.fits_room(entry, peer):
            return
        if self._admission.is_for_members(entry) or self._admission.is_from_outside(entry, peer):
            return
        try:
            floor = self._admission.floor_of(entry) or self._gap_at(entry, peer)
            if floor is not None:
                self._take_parent(entry, floor, batch, orphans)
                return
            missing = self._accept(entry, batch)
        except NoRoom:
            return
        except DoesNotFit:
            if self._circles.is_direct(batch.conversation):
                raise
            return  # it is its author's doing, or of an invitation that is not here: whoever hands it on means well
        if not missing:
            batch.received_one(entry)
            self._orphans.release(batch.conversation, entry.id, orphans)
            return
        check_signature(entry)  # what nobody signed must not keep the place of what somebody did
        if not self._orphans.keep(entry, missing[0], peer.device):
            self._ask_later(peer, batch.conversation, ASK_FOR_DROPPED)
        elif not quick and not any(missing[0] == orphan.entry.id for orphan in orphans):
            self._want(peer, entry, missing[0])

    def _gap_at(self, entry: Entry, peer: Peer) -> Floor | None:
        """The floor that an awaited parent becomes which nobody has any more."""
        conversation = entry.header.conversation
        asked = self._orphans.is_disowned(conversation, entry.id)
        gap = self._gaps.floor_at(entry, peer.identity)
        if gap is not None:
            self._orphans.drop(conversation, entry.id)
        if gap is not None or asked != self._orphans.is_disowned(conversation, entry.id):
            asyncio.get_running_loop().call_soon(self.look_for_lost, conversation)
        return gap

    def _want(self, peer: Peer, orphan: Entry, parent: bytes) -> None:
        """Ask for what an entry waits for, unless that waits itself, or came bare and may be at another's."""
        conversation = orphan.header.conversation
        if not self._orphans.waits(conversation, parent) or self._orphans.is_disowned(conversation, parent):
            peer.exchange.lacking(conversation, parent, above(parent, orphan))

    def _accept(self, entry: Entry, batch: Batch) -> list[bytes]:
        """Store an entry, unless it is here; returns the parents that it lacks, if any."""
        known = self._store.entries.knows(entry.id)
        if known and not self._gaps.is_mended(entry):
            if entry.body is not None:
                self._filing.fill(entry, batch)
            return []
        if entry.body is None and entry.header.chain == MEMBERSHIP:
            raise DoesNotFit("what was decided came without its body")  # nobody erases it: it is kept whole or not
        conversation = batch.conversation
        missing = lacking(entry, lambda id: self._find(conversation, id))
        if missing:
            return missing
        certificate = authorise(entry, self._circles.authors(conversation) if entry.header.seq == 0 else ())
        if certificate is None and self._store.entries.identity_of(entry.header.device) is None:
            raise DoesNotFit("an entry's device has no certificate here")
        self._admission.check_room(entry)
        if certificate is not None:
            self._store.entries.add_device(certificate, name_in(entry, certificate.identity))
        if entry.header.device == self._myself.device.public:
            self._rolled_back()
        is_head = not known or entry.id in self._store.entries.heads.by_id(conversation)
        if known:
            self._store.entries.floors.remove(entry.id)
        self._filing.store(entry, batch)
        if not is_head:
            self._store.entries.heads.is_no_end(conversation, entry.id)
        return []

    def _take_parent(self, entry: Entry, floor: Floor, batch: Batch, orphans: deque[Orphan]) -> None:
        """Know an entry from before one belonged, if something hangs on it."""
        if entry.body is not None and entry.header.seq == 0:
            certificate = authorise(entry, self._circles.authors(batch.conversation))
            if certificate is not None:
                self._store.entries.add_device(certificate, name_in(entry, certificate.identity))
        is_floor = entry.id == floor.id
        if not is_floor and not self._orphans.is_awaited(batch.conversation, entry.id):
            return
        check_signature(entry)
        place = place_of(entry)
        self._store.entries.floors.add(entry)
        if is_floor and is_at(place, batch.conversation, floor):
            self._store.entries.heads.begin_above(place)
            batch.devices.add((place.device, place.chain))  # who has said to be there says so of all below it
        self._orphans.release(batch.conversation, entry.id, orphans)

    def _admit_orphans(self, orphans: deque[Orphan], batches: dict[bytes, Batch], by: Peer, room: int) -> None:
        """Store what had waited, and what waited for those; the first `room` of them."""
        while orphans and room > 0:
            room -= 1
            entry, sender = orphans.popleft()
            batch = batches.setdefault(entry.header.conversation, Batch(entry.header.conversation))
            if self._admission.is_for_members(entry):
                continue
            try:
                floor = self._admission.floor_of(entry)
                if floor is not None:
                    self._take_parent(entry, floor, batch, orphans)
                    continue
                missing = self._accept(entry, batch)
            except EntryError:
                continue  # whoever sent it is not at hand; it is gone
            if missing:
                self._orphans.keep(entry, missing[0], sender)
                if not any(missing[0] == orphan.entry.id for orphan in orphans):
                    self._want(by, entry, missing[0])
                continue
            batch.senders.add(sender)
            if sender == by.device:
                batch.received_one(entry)
            self._orphans.release(batch.conversation, entry.id, orphans)

    def _find(self, conversation: bytes, id: bytes) -> Place | None:
        return self._store.entries.place_in(conversation, id)

    def admit_request(self, opening: Entry, entry: Entry) -> list[Head]:
        """Someone was accepted: their held entries join history, if their parents are here. Returns the new heads."""
        batch = Batch(entry.header.conversation)
        for one in (opening, entry):
            self._accept(one, batch)
        self._count([batch])
        return heads_of(batch, self._store.entries.heads.all(batch.conversation))

    def _count(self, batches: Collection[Batch]) -> None:
        self._filing.count(batches)
        for batch in batches:
            if batch.membership and self._admission.missed_something(batch.conversation):
                for peer in self.sharers(batch.conversation):
                    self._ask_later(peer, batch.conversation, ASK_FOR_DROPPED)

    # --- after the commit ---

    def _acknowledge_together(self, peer: Peer, batches: dict[bytes, Batch]) -> None:
        """What one commit makes durable is said in one word to each peer, of each conversation."""
        if not self._uncommitted:
            self._commits.then(partial(self._committed, self._uncommitted))
        for conversation, batch in batches.items():
            before = self._uncommitted.setdefault(conversation, {}).setdefault(peer, batch)
            if before is not batch:
                before.join(batch)

    def mark(self) -> int:
        """See Participant: what is acknowledged is noted after `writing`, so there is nothing to rewind."""
        return 0

    def rewind(self, mark: int) -> None:
        """See `mark`."""

    def ended(self, committed: bool) -> None:
        """What is written from now on is acknowledged with the next group."""
        self._uncommitted = {}

    def _committed(self, uncommitted: dict[bytes, dict[Peer, Batch]], error: StoreError | None) -> None:
        for conversation, batches in uncommitted.items():
            if error is not None:
                for peer, batch in batches.items():
                    self._ask_for_lost(peer, batch)
                continue
            branches = self._store.entries.heads.durable(conversation)
            brought = {
                peer: Brought(batch.quick, heads_of(batch, branches), list(batch.received.values()))
                for peer, batch in batches.items()
            }
            self._stored(conversation, {peer: what for peer, what in brought.items() if what.heads})

    def _ask_for_lost(self, peer: Peer, batch: Batch) -> None:
        for one in {peer, *self.sharers(batch.conversation)}:
            if one is peer or one.device in batch.senders:
                self._ask_later(one, batch.conversation, ASK_AGAIN)

    def _ask_again_in_room(self, peer: Peer, conversation: bytes) -> None:
        self._ask_later(peer, conversation, ASK_AGAIN_IN_ROOM)

    def _ask_later(self, peer: Peer, conversation: bytes, seconds: float) -> None:
        """Ask for what had to be dropped, by telling all that is here; once for all that is dropped until then."""
        if (peer, conversation) not in self._asking:
            loop = asyncio.get_running_loop()
            self._asking[peer, conversation] = loop.call_later(seconds, self._ask_again, peer, conversation)

    def _ask_again(self, peer: Peer, conversation: bytes) -> None:
        self._asking.pop((peer, conversation), None)
        if not peer.session.closed:
            peer.exchange.tell_whole(conversation)
            peer.turn()
