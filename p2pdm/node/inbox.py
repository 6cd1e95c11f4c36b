"""Inbox: entries that peers hand over are judged, stored in groups, then acknowledged.

Each peer has a queue; the inbox takes at most SLICE entries a turn, from one peer after the other, so that no call at
the door waits long and nobody starves when several press. What lacks parents waits (`orphans`); once they are here,
what waited for them is stored in slices, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from p2pdm.conversation.encoding import CHAIN_AT, check_signature, decode, without_body
from p2pdm.conversation.entries import CONTENT, MEMBERSHIP, Body, Edit, Entry, EntryError, Floor, Kind, Memo, Unsend
from p2pdm.conversation.log import DoesNotFit, Place, authorise, is_at, lacking, name_in, place_of
from p2pdm.conversation.timeline import body_of, is_line, target_of
from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.circles import Circles, Standing
from p2pdm.node.commits import Commits
from p2pdm.node.gate import origin
from p2pdm.node.myself import Myself
from p2pdm.node.orphans import Orphan, Orphans
from p2pdm.node.peer import Peer
from p2pdm.node.quota import BARE, ROOM_BODY, Quota
from p2pdm.node.sharing import Brought
from p2pdm.store.entries import MAX_FORKED, Branch
from p2pdm.store.errors import StoreError
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store
from p2pdm.sync.ledger import Head
from p2pdm.wire.frames import VIOLATION

SLICE = 20
"""Entries judged and stored in one turn of the loop: some 2 ms, and a call waits for two or three turns."""
SLICES_A_COMMIT = 4
"""Turns that share a commit while there is more to store: by itself, each would cost half as much again."""
MAX_QUEUED = 4 * 1024 * 1024
"""Bytes that one peer may have waiting: several exchange windows; an honest peer never comes near."""
ASK_FOR_DROPPED = 1.0
"""Seconds until entries are asked for again that waited for their parents in vain."""
ASK_AGAIN_IN_ROOM = 10.0
"""Seconds until a room's entries are asked for again that were too many of one author."""
ASK_AGAIN = 5.0
"""Seconds until what could not be stored (a full disk) is asked for again."""


MAX_HEADS = 700
"""Heads of one conversation up to which chains and branches may begin: each entry looks at all of them, and a frame
says how far each was read."""
COMING = (Kind.TEXT, Kind.EDIT, Kind.UNSEND, Kind.MARK, Kind.SETTING)
"""Kinds of which a reader sees the body, so that one which came without it is asked for."""
KNOWN_KINDS = frozenset(int(kind) for kind in Kind)


class _NoRoom(EntryError):
    """Somebody makes up chains or branches without end. Not kept; but who hands it on may honestly hold others."""


@dataclass(slots=True)
class _Batch:
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

    def join(self, later: _Batch) -> None:
        """What the next turn stored is acknowledged with this."""
        self.quick = self.quick and later.quick
        self.devices |= later.devices
        self.senders |= later.senders
        for head in later.received.values():
            self._holds(head)


def _slice(queue: deque[tuple[bytes, bytes, bool]]) -> list[tuple[bytes, bytes, bool]]:
    """What is judged in one turn. Content after a change of membership waits for the next: who belongs is then folded
    anew, which takes as long as many signature checks."""
    taken = [queue.popleft()]
    while queue and len(taken) < SLICE:
        if taken[-1][1][CHAIN_AT : CHAIN_AT + 1] > queue[0][1][CHAIN_AT : CHAIN_AT + 1]:
            break
        taken.append(queue.popleft())
    return taken


class Inbox:
    """Judges and stores. `rolled_back` is told that this device forgot something; `stored` of what peers brought."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        circles: Circles,
        stored: Callable[[bytes, dict[Peer, Brought]], None],
        rolled_back: Callable[[], None],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._circles = circles
        self._stored = stored
        self._rolled_back = rolled_back
        self.memo_stored: Callable[[Entry, Memo], None] = lambda _entry, _memo: None
        """Told, within `writing`, what another device of this identity says."""
        self.lines_stored: Callable[[bytes], None] = lambda _: None
        """Told, within `writing`, that messages of a conversation were stored."""
        self.sharers: Callable[[bytes], list[Peer]] = lambda _: []
        """With whom a conversation is shared now."""
        self.arriving: Callable[[bytes, Peer, Collection[tuple[bytes, int]]], None] = lambda _conversation, _by, _: None
        """Told, within `writing`, of the chains that got longer, and by whom."""
        self.membership_stored: Callable[[bytes], None] = lambda _: None
        """Told, within `writing`, that membership entries of a conversation were stored."""
        self._queues: dict[Peer, deque[tuple[bytes, bytes, bool]]] = {}
        self._queued: dict[Peer, int] = {}
        self._turn: asyncio.Handle | None = None
        self._quota = Quota()
        self._chains = Quota()
        """By address: the people whose first entry in a room came from there. Anybody can make up any number."""
        self._asking: dict[tuple[Peer, bytes], asyncio.TimerHandle] = {}
        self.arrived: Callable[[Entry, Body | None, int, PeerId | None], None] = lambda *_: None
        """Told of each message that is stored, with its arrival and its author, within the writing."""
        self._refused: set[bytes] = set()
        """Groups of which something came while one did not belong to them."""
        self._orphans = Orphans()
        self._uncommitted: dict[bytes, dict[Peer, _Batch]] = {}
        """By conversation, what is acknowledged after the next commit."""
        self._slices = 0
        self._released: dict[Peer, deque[Orphan]] = {}
        """By whoever brought their parents, the orphans that are to be stored now: before all that came later."""

    def received(self, peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> None:
        """A peer handed entries over."""
        if not entries:
            return
        size = self._queued.get(peer, 0) + sum(map(len, entries))
        if size > MAX_QUEUED:
            peer.close(VIOLATION)
            return
        self._queued[peer] = size
        queue = self._queues.setdefault(peer, deque())
        queue.extend((conversation, entry, quick) for entry in entries)
        if self._turn is None:
            self._work()

    def close(self) -> None:
        """Stop; what is queued was never acknowledged and comes again."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._queues.clear()
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
        elif self._queues:
            self._take_from_queue()
        if self._queues or self._released:
            self._turn = asyncio.get_running_loop().call_soon(self._work)

    def _take_from_queue(self) -> None:
        peer = next(iter(self._queues))
        queue = self._queues.pop(peer)
        taken = _slice(queue)
        if queue:
            self._queues[peer] = queue
            self._queued[peer] -= sum(len(entry) for _, entry, _ in taken)
        else:
            self._queued.pop(peer, None)
        self._take(peer, taken, deque())

    def _take(self, peer: Peer, taken: list[tuple[bytes, bytes, bool]], orphans: deque[Orphan]) -> None:
        batches: dict[bytes, _Batch] = {}
        quick = bool(taken) and all(was_quick for _, _, was_quick in taken)
        try:
            with self._commits.writing(patient=self._goes_on(orphans)):
                for conversation, data, was_quick in taken:
                    batch = batches.setdefault(conversation, _Batch(conversation, quick))
                    self._take_one(peer, batch, data, was_quick, orphans)
                self._admit_orphans(orphans, batches, peer, SLICE - len(taken))
                for batch in batches.values():
                    self.arriving(batch.conversation, peer, batch.devices)
                self._count(batches)
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
        return self._slices > 0 and bool(self._queues or self._released or orphans)

    def _take_one(self, peer: Peer, batch: _Batch, data: bytes, quick: bool, orphans: deque[Orphan]) -> None:
        entry = decode(data)
        if entry.header.conversation != batch.conversation:
            raise EntryError("an entry came under another conversation")
        if not peer.exchange.shares(batch.conversation):
            return
        if self._circles.is_room(batch.conversation) and not self._fits_room(entry, peer):
            return
        if self._is_for_members(entry) or self._is_from_outside(entry, peer):
            return
        try:
            floor = self._floor_of(entry)
            if floor is not None:
                self._take_parent(entry, floor, batch, orphans)
                return
            missing = self._accept(entry, batch)
        except _NoRoom:
            return
        except DoesNotFit:
            if self._circles.is_direct(batch.conversation):
                raise
            return  # it is its author's doing, or of an invitation that is not here: whoever hands it on means well
        if not missing:
            batch.received_one(entry)
            self._orphans.release(batch.conversation, entry.id, orphans)
            return
        if not self._orphans.keep(entry, missing[0], peer.device):
            self._ask_later(peer, batch.conversation, ASK_FOR_DROPPED)
        elif not quick and not any(missing[0] == orphan.entry.id for orphan in orphans):
            self._want(peer, entry, missing[0])

    def _want(self, peer: Peer, orphan: Entry, parent: bytes) -> None:
        """Ask for what an entry waits for, unless that waits itself."""
        conversation = orphan.header.conversation
        if not self._orphans.waits(conversation, parent):
            above = orphan.header.seq - 1 if parent == orphan.header.prev else 0
            peer.exchange.lacking(conversation, parent, above)

    def _accept(self, entry: Entry, batch: _Batch) -> list[bytes]:
        """Store an entry, unless it is here; returns the parents that it lacks, if any."""
        if self._store.entries.knows(entry.id):
            if entry.body is not None:
                self._fill(entry, batch)
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
        self._check_room(entry)
        if certificate is not None:
            self._store.entries.add_device(certificate, name_in(entry, certificate.identity))
        if entry.header.device == self._myself.device.public:
            self._rolled_back()
        self.store(entry, batch)
        return []

    def _fits_room(self, entry: Entry, peer: Peer) -> bool:
        """Whether a room takes this entry, now; what its author's quota holds back is asked for again."""
        if entry.header.body_length > ROOM_BODY:
            return False
        if self._store.entries.knows(entry.id):
            return True
        now = asyncio.get_running_loop().time()
        check_signature(entry)  # nobody uses up what is somebody else's
        if entry.header.seq == 0 and not self._chains.takes(origin(peer.link.remote).encode(), now):
            self._ask_later(peer, entry.header.conversation, ASK_AGAIN_IN_ROOM)
            return False
        cost = BARE if entry.body is None else 1.0
        if self._quota.takes(entry.header.device, now, cost):
            return True
        self._ask_later(peer, entry.header.conversation, ASK_AGAIN_IN_ROOM)
        return False

    def _is_from_outside(self, entry: Entry, peer: Peer) -> bool:
        """Whether somebody who is not in a group hands over what would be shown nowhere: else they could fill disks."""
        conversation, author = entry.header.conversation, self._store.entries.identity_of(entry.header.device)
        if entry.header.chain != CONTENT or author is None or not self._circles.is_group(conversation):
            return False
        is_member = self._circles.standing(conversation, peer.identity) == Standing.MEMBER
        return not is_member and not self._circles.counts(author, entry.header)

    def _is_for_members(self, entry: Entry) -> bool:
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

    def _floor_of(self, entry: Entry) -> Floor | None:
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

    def _take_parent(self, entry: Entry, floor: Floor, batch: _Batch, orphans: deque[Orphan]) -> None:
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
        self._store.entries.add_floor(entry)
        if is_floor and is_at(place, batch.conversation, floor):
            self._store.entries.begin_above(place)
        self._orphans.release(batch.conversation, entry.id, orphans)

    def _admit_orphans(self, orphans: deque[Orphan], batches: dict[bytes, _Batch], by: Peer, room: int) -> None:
        """Store what had waited, and what waited for those; the first `room` of them."""
        while orphans and room > 0:
            room -= 1
            entry, sender = orphans.popleft()
            batch = batches.setdefault(entry.header.conversation, _Batch(entry.header.conversation))
            if self._is_for_members(entry):
                continue
            try:
                floor = self._floor_of(entry)
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

    def _check_room(self, entry: Entry) -> None:
        header = entry.header
        if header.chain == MEMBERSHIP and header.seq and self._circles.has_decided_enough(header):
            raise _NoRoom  # it would not count, and would have to be looked at with all others for ever
        heads = self._store.entries.heads(header.conversation)
        if any(head.id == header.prev for head in heads):
            return  # it takes the place of its parent
        branches = [h for h in heads if (h.device, h.chain) == (header.device, header.chain)]
        if len(branches) >= MAX_FORKED:
            raise _NoRoom
        if len(heads) >= MAX_HEADS:
            if not self._circles.is_room(header.conversation):
                raise _NoRoom
            self._store.entries.let_go_of_a_head(header.conversation, but=self._myself.device.public)

    # --- storing; within `writing` ---

    def store(self, entry: Entry, batch: _Batch) -> None:
        """Write an entry that was accepted, its notice, and what it adds to the batch."""
        body = body_of(entry)
        batch.devices.add((entry.header.device, entry.header.chain))
        if entry.header.chain == MEMBERSHIP:
            self._store_membership(entry, batch)
            return
        if isinstance(body, Memo):
            self._store.entries.add(entry, shown=False, target=body.subject)
            self.memo_stored(entry, body)
            return
        author = self._store.entries.identity_of(entry.header.device)
        # What is taken back can't be brought back: an unsend counts whatever became of its author.
        counts = author is None or entry.header.kind == Kind.UNSEND or self._circles.counts(author, entry.header)
        if not counts:
            self._store.entries.add(entry, shown=False, target=target_of(body), void=True)
            return
        target = target_of(body)
        if target is not None:
            self._store_about(entry, body, target, batch)
            return
        shown = is_line(body)
        # A text whose body was purged before it came here still has its place: what took it back says so there.
        place = shown or entry.header.kind in (Kind.TEXT, Kind.SETTING)
        arrival = self._store.entries.add(entry, shown=place, lacking=self._should_come(entry))
        if not shown:
            self._explain(entry)
            return
        batch.last = arrival
        batch.unread += author != self._myself.id
        self.arrived(entry, body, arrival, author)
        self._board.post("message", chat=batch.conversation, person=author or b"", id=entry.id)

    def _should_come(self, entry: Entry) -> bool:
        """Whether an entry came without what it says, and somebody may have that: not in rooms, which forget."""
        kind, known = entry.header.kind, entry.header.kind in KNOWN_KINDS
        room = self._circles.is_room(entry.header.conversation)
        return entry.body is None and not room and (kind in COMING or not known)

    def _explain(self, entry: Entry) -> None:
        """A text without words was perhaps taken back: then nothing is lacking."""
        line = self._store.lines.line(entry.id)
        if line is not None and line.line.unsent:
            self._store.entries.no_longer_lacking(entry.header.conversation, entry.id)

    def _fill(self, entry: Entry, batch: _Batch) -> None:
        """What an entry says has come after it."""
        if isinstance(edit := body_of(entry), Edit) and self._is_erased(edit.target):
            self._store.entries.set_target(entry.id, edit.target)
            self._store.entries.no_longer_lacking(batch.conversation, entry.id)
            return
        arrival = self._store.entries.fill(entry)
        if arrival is None:
            return
        batch.devices.add((entry.header.device, entry.header.chain))
        author = self._store.entries.identity_of(entry.header.device)
        body = body_of(entry)
        target = target_of(body)
        if target is not None:
            before = self._store.lines.line(target)
            self._store.entries.set_target(entry.id, target)
            if before is None and isinstance(body, Unsend) and author is not None:
                self._store.lines.take_back_unshown(batch.conversation, target, author)
            self._changed(before, self._store.lines.line(target), author, batch)
            return
        line = self._store.lines.line(entry.id)
        if line is None or line.line.unsent:
            return
        self._store.lines.index(line)
        stored = self._store.conversations.get(batch.conversation)
        batch.last = max(batch.last, arrival)
        batch.unread += author != self._myself.id and stored is not None and arrival > stored.read_arrival
        self.arrived(entry, body, arrival, author)
        self._board.post("message", chat=batch.conversation, person=author or b"", id=entry.id)

    def _store_membership(self, entry: Entry, batch: _Batch) -> None:
        self._store.entries.add(entry, shown=False)
        author = self._store.entries.identity_of(entry.header.device)
        if author is not None:
            self._circles.operated(entry, author)
        batch.membership = True

    def _store_about(self, entry: Entry, body: Body | None, target: bytes, batch: _Batch) -> None:
        """Write an edit, a taking back or a mark, and what it changes in the message that it is about."""
        before = self._store.lines.line(target)
        if isinstance(body, Edit) and self._is_erased(target):
            entry = without_body(entry)  # of what was taken back or erased here: it comes too late to say anything
        self._store.entries.add(entry, shown=False, target=target)
        after = self._store.lines.line(target)
        author = self._store.entries.identity_of(entry.header.device)
        if before is None and isinstance(body, Unsend) and author is not None:
            self._store.lines.take_back_unshown(batch.conversation, target, author)
        if after is not None and after.line.unsent:
            self._store.entries.no_longer_lacking(batch.conversation, target)
        self._changed(before, after, author, batch)

    def _is_erased(self, message: bytes) -> bool:
        """Whether a message was taken back, or its words were purged here: an edit says nothing of it any more."""
        line = self._store.lines.line(message)
        return line.line.unsent if line is not None else self._store.entries.is_erased(message)

    def _changed(
        self, before: StoredLine | None, after: StoredLine | None, author: PeerId | None, batch: _Batch
    ) -> None:
        """A message is another than before."""
        if before is None or after is None or after.conversation != batch.conversation or after.line == before.line:
            return
        if after.line.unsent:
            self._store.lines.take_back(after)
            batch.unread -= self._is_unread(after)
        elif after.line.text != before.line.text:
            self._store.lines.index(after)
        self._board.post("change", chat=batch.conversation, person=author or b"", id=after.entry.id)

    def _is_unread(self, message: StoredLine) -> bool:
        stored = self._store.conversations.get(message.conversation)
        return stored is not None and message.identity != self._myself.id and message.arrival > stored.read_arrival

    def store_own(self, entry: Entry) -> None:
        """Write an entry of this device."""
        batch = _Batch(entry.header.conversation)
        self.store(entry, batch)
        self._count({batch.conversation: batch})

    def admit_request(self, opening: Entry, entry: Entry) -> list[Head]:
        """Someone was accepted: their held entries join history, if their parents are here. Returns the new heads."""
        batch = _Batch(entry.header.conversation)
        for one in (opening, entry):
            self._accept(one, batch)
        self._count({batch.conversation: batch})
        return _heads_of(batch, self._store.entries.heads(batch.conversation))

    def _count(self, batches: dict[bytes, _Batch]) -> None:
        for batch in batches.values():
            if batch.last or batch.unread:
                self._store.conversations.lines_added(batch.conversation, batch.last, batch.unread)
                self.lines_stored(batch.conversation)
            if batch.membership:
                self.membership_stored(batch.conversation)
                self._ask_for_refused(batch.conversation)

    # --- after the commit ---

    def _acknowledge_together(self, peer: Peer, batches: dict[bytes, _Batch]) -> None:
        """What one commit makes durable is said in one word to each peer, of each conversation."""
        if not self._uncommitted:
            self._commits.then(self._committed)
        for conversation, batch in batches.items():
            before = self._uncommitted.setdefault(conversation, {}).setdefault(peer, batch)
            if before is not batch:
                before.join(batch)

    def _committed(self, error: StoreError | None) -> None:
        uncommitted, self._uncommitted = self._uncommitted, {}
        for conversation, batches in uncommitted.items():
            if error is not None:
                for peer, batch in batches.items():
                    self._ask_for_lost(peer, batch)
                continue
            branches = self._store.entries.heads(conversation)
            brought = {
                peer: Brought(batch.quick, _heads_of(batch, branches), list(batch.received.values()))
                for peer, batch in batches.items()
            }
            self._stored(conversation, {peer: what for peer, what in brought.items() if what.heads})

    def _ask_for_lost(self, peer: Peer, batch: _Batch) -> None:
        for one in {peer, *self.sharers(batch.conversation)}:
            if one is peer or one.device in batch.senders:
                self._ask_later(one, batch.conversation, ASK_AGAIN)

    def _ask_for_refused(self, conversation: bytes) -> None:
        if conversation in self._refused and self._circles.standing(conversation, self._myself.id) == Standing.MEMBER:
            self._refused.remove(conversation)
            for peer in self.sharers(conversation):
                self._ask_later(peer, conversation, ASK_FOR_DROPPED)

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


def _heads_of(batch: _Batch, branches: list[Branch]) -> list[Head]:
    """Of all heads of its conversation, those of the chains that got longer."""
    return [head_of(branch) for branch in branches if (branch.device, branch.chain) in batch.devices]


def head_of(branch: Branch) -> Head:
    """A stored head as the exchange tells it."""
    return Head(branch.device, branch.chain, branch.seq, branch.id)
