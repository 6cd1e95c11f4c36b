"""Filing: entries that were accepted are written, with what they change in others, their notices and what is unread.

All of it within the caller's `writing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pdm.conversation.encoding import without_body
from p2pdm.conversation.entries import MEMBERSHIP, Body, Edit, Entry, Header, Kind, Memo, Unsend
from p2pdm.conversation.timeline import body_of, is_line, target_of
from p2pdm.identity import PeerId
from p2pdm.node.batch import Batch
from p2pdm.node.board import Board
from p2pdm.node.circles import Circles
from p2pdm.node.gaps import Gaps
from p2pdm.node.myself import Myself
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store

COMING = (Kind.TEXT, Kind.EDIT, Kind.UNSEND, Kind.MARK, Kind.SETTING)
"""Kinds of which a reader sees the body, so that one which came without it is asked for."""
KNOWN_KINDS = frozenset(int(kind) for kind in Kind)


class Filing:
    """Writes what was accepted, whoever said it and whoever brought it."""

    def __init__(self, store: Store, board: Board, myself: Myself, circles: Circles, gaps: Gaps) -> None:
        self._store = store
        self._board = board
        self._myself = myself
        self._circles = circles
        self._gaps = gaps
        self.memo_stored: Callable[[Entry, Memo], None] = lambda _entry, _memo: None
        """Told what another device of this identity says."""
        self.lines_stored: Callable[[bytes], None] = lambda _: None
        """Told that messages of a conversation were stored."""
        self.membership_stored: Callable[[bytes], None] = lambda _: None
        """Told that membership entries of a conversation were stored."""
        self.came: Callable[[int], None] = lambda _: None
        """Told the arrival of what is stored and is no message."""
        self.arrived: Callable[[Entry, Body | None, int, PeerId | None], None] = lambda *_: None
        """Told of each message that is stored, with its arrival and its author."""
        self.room_keeps: Callable[[Header], bool] = lambda _: False
        """Whether a room still keeps what an entry says."""
        self.lacks: Callable[[bytes], None] = lambda _: None
        """Told that to a conversation an entry came without what it says, which is to come."""
        self.filled: Callable[[bytes, bytes], None] = lambda _conversation, _id: None
        """Told that this came after it."""

    def store_own(self, entry: Entry) -> None:
        """Write an entry of this device."""
        batch = Batch(entry.header.conversation)
        self.store(entry, batch)
        self.count([batch])

    def store(self, entry: Entry, batch: Batch) -> None:
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
        if isinstance(body, Edit) and self._is_erased(body.target):
            entry = without_body(entry)  # of what was taken back or erased here: it comes too late to say anything
        author = self._store.entries.identity_of(entry.header.device)
        # What is taken back can't be brought back: an unsend counts whatever became of its author.
        counts = author is None or entry.header.kind == Kind.UNSEND or self._circles.counts(author, entry.header)
        if not counts:
            self.came(self._store.entries.add(entry, shown=False, target=target_of(body), void=True))
            return
        target = target_of(body)
        if target is not None:
            self._store_about(entry, body, target, batch)
            return
        shown = is_line(body)
        # A text whose body was purged before it came here still has its place: what took it back says so there.
        place = shown or entry.header.kind in (Kind.TEXT, Kind.SETTING)
        lacking = self._should_come(entry)
        arrival = self._store.entries.add(entry, shown=place, lacking=lacking)
        if lacking:
            self.lacks(batch.conversation)
        if not shown:
            self._explain(entry)
            return
        batch.last = arrival
        batch.unread += author != self._myself.id
        self.arrived(entry, body, arrival, author)
        self._board.post("message", chat=batch.conversation, person=author or b"", id=entry.id)

    def _should_come(self, entry: Entry) -> bool:
        """Whether an entry came without what it says, and somebody may have that: rooms forget."""
        header = entry.header
        if entry.body is not None or (header.kind in KNOWN_KINDS and header.kind not in COMING):
            return False
        return not self._circles.is_room(header.conversation) or self.room_keeps(header)

    def _explain(self, entry: Entry) -> None:
        """A text without words was perhaps taken back: then nothing is lacking."""
        line = self._store.lines.line(entry.id)
        if line is not None and line.line.unsent:
            self._store.entries.bodies.no_longer_lacking(entry.header.conversation, entry.id)

    def fill(self, entry: Entry, batch: Batch) -> None:
        """What an entry says has come after it."""
        if isinstance(edit := body_of(entry), Edit) and self._is_erased(edit.target):
            self._store.entries.set_target(entry.id, edit.target)
            self._store.entries.bodies.no_longer_lacking(batch.conversation, entry.id)
            return
        arrival = self._store.entries.fill(entry)
        if arrival is None:
            return
        self.filled(batch.conversation, entry.id)
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

    def _store_membership(self, entry: Entry, batch: Batch) -> None:
        self.came(self._store.entries.add(entry, shown=False))
        author = self._store.entries.identity_of(entry.header.device)
        if author is not None:
            self._circles.operated(entry, author)
        batch.membership = True

    def _store_about(self, entry: Entry, body: Body | None, target: bytes, batch: Batch) -> None:
        """Write an edit, a taking back or a mark, and what it changes in the message that it is about."""
        before = self._store.lines.line(target)
        self._store.entries.add(entry, shown=False, target=target)
        after = self._store.lines.line(target)
        author = self._store.entries.identity_of(entry.header.device)
        if before is None and isinstance(body, Unsend) and author is not None:
            self._store.lines.take_back_unshown(batch.conversation, target, author)
        if after is not None and after.line.unsent:
            self._store.entries.bodies.no_longer_lacking(batch.conversation, target)
        self._changed(before, after, author, batch)

    def _is_erased(self, message: bytes) -> bool:
        """Whether a message was taken back, or its words were purged here: an edit says nothing of it any more."""
        line = self._store.lines.line(message)
        if line is not None:
            return line.line.unsent
        return self._store.entries.bodies.is_erased(message) and not self._gaps.is_one(message)

    def _changed(
        self, before: StoredLine | None, after: StoredLine | None, author: PeerId | None, batch: Batch
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

    def count(self, batches: Iterable[Batch]) -> None:
        """All of these batches is written: what is last, what is unread, and who wants to know of it."""
        for batch in batches:
            if batch.last or batch.unread:
                self._store.conversations.lines_added(batch.conversation, batch.last, batch.unread)
                self.lines_stored(batch.conversation)
            if batch.membership:
                self.membership_stored(batch.conversation)
