"""Lines: how readers see what was said: pages, and what later entries changed in a message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from p2pdm.conversation.chronicle import Order
from p2pdm.conversation.encoding import restore
from p2pdm.conversation.entries import CONTENT, Entry, Header, Kind
from p2pdm.conversation.timeline import Authored, Line, body_of, fold, line_of, target_of
from p2pdm.identity import PeerId
from p2pdm.store.database import Database, Row
from p2pdm.store.entries import EntryTable
from p2pdm.store.heads import Branch
from p2pdm.store.search import WordTable

PURGED_AT_ONCE = 50
"""Entries in one piece of a purge: some 15 ms, most of it for the words' index, more on a busy machine."""
ERASED = -1
"""In place of whether an entry is shown: it was erased on this disk, and is not, whatever comes to count again."""
INDEXED_AT_ONCE = 128 * 1024
"""Characters in one piece of indexing: some 10 ms."""


class Span(NamedTuple):
    """A piece of a chain: PURGED_AT_ONCE sequence numbers from `start`."""

    conversation: bytes
    device: bytes
    chain: int
    start: int
    full: bool
    """Whether all of its numbers are taken."""


class Judged(NamedTuple):
    """An entry that counts now and did not, or the other way round."""

    id: bytes
    arrival: int
    void: bool
    is_message: bool


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A message as a reader sees it, with what the reader's states are made of."""

    entry: Entry
    conversation: bytes
    arrival: int
    identity: PeerId
    """The author."""
    line: Line


_INDEXED = "words are indexed up to arrival"
_LINE = (
    "SELECT e.signed, e.signature, e.salt, e.body, d.identity, c.id, e.arrival FROM entries e "
    "JOIN devices d ON d.number = e.device JOIN conversations c ON c.number = e.conversation "
)


class LineTable:
    """The messages of the conversations, and the index of their words."""

    def __init__(self, database: Database, entries: EntryTable, words: WordTable) -> None:
        self._db = database
        self._entries = entries
        self._rows = entries.rows
        self._words = words
        self._indexed: int | None = None
        self.erased = False
        """Something was taken back: what the database's log still holds of it is to be erased, too."""

    # --- writing; the caller holds a transaction ---

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._indexed = None

    def index(self, message: StoredLine) -> None:
        """Its words are these now, and no others; a message that is not indexed yet will be in its turn."""
        if message.arrival <= self._indexed_to():
            self._words.remove(message.arrival)
            self._add_words(message)

    def _add_words(self, message: StoredLine) -> None:
        header = message.entry.header
        self._words.add(message.arrival, message.conversation, header.device, header.time, message.line.text)

    def unindexed(self) -> bool:
        """Whether there are messages whose words are not in the index yet."""
        row = self._db.first("SELECT 1 FROM entries WHERE arrival > ? AND shown = 1 LIMIT 1", (self._indexed_to(),))
        return row is not None

    def index_more(self, most: int) -> None:
        """Put the words of the next `most` messages into the index, or of fewer if they are long."""
        rows = self._db.execute(
            _LINE + "WHERE e.arrival > ? AND e.shown = 1 ORDER BY e.arrival LIMIT ?", (self._indexed_to(), most)
        )
        if not rows:
            return
        self._indexed = int(rows[-1][6])
        size = 0
        for message in self._folded(rows):
            self._add_words(message)
            size += len(message.line.text)
            if size >= INDEXED_AT_ONCE:
                self._indexed = message.arrival
                break
        self._db.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (_INDEXED, self._indexed.to_bytes(8, "big")),
        )

    def _indexed_to(self) -> int:
        if self._indexed is None:
            row = self._db.first("SELECT value FROM settings WHERE name = ?", (_INDEXED,))
            self._indexed = int.from_bytes(row[0], "big") if row else 0
        return self._indexed

    def judge(self, conversation: bytes, device: bytes, above: int, counts: Callable[[Header], bool]) -> list[Judged]:
        """Look again which entries of a device's content chain above `above` count; returns those that changed."""
        changed, targets, knowing = [], [], False
        chain = self._rows.conversation(conversation), self._rows.device(device)
        for arrival, void, before, *parts in self._db.execute(
            "SELECT arrival, void, shown, signed, signature, salt, body FROM entries"
            " WHERE conversation = ? AND device = ? AND chain = 0 AND seq > ?",
            (*chain, above),
        ):
            entry = restore(*parts)
            now_void = entry.header.kind != Kind.UNSEND and not counts(entry.header)
            if now_void == bool(void):
                continue
            is_message = entry.header.kind == Kind.TEXT  # also one that was taken back: it has its place
            shown = before if before == ERASED else not now_void and (is_message or line_of(entry) is not None)
            self._db.execute("UPDATE entries SET void = ?, shown = ? WHERE arrival = ?", (now_void, shown, arrival))
            changed.append(Judged(entry.id, arrival, now_void, is_message))
            knowing = knowing or bool(entry.header.membership)
            targets.append(target_of(body_of(entry)) or entry.id)
        self._index_again(changed, targets)
        if knowing:
            self._entries.witnesses.look_again(*chain, self._counting(*chain))
        return changed

    def _counting(self, conversation: int, device: int) -> Iterator[tuple[Header, bytes]]:
        """The content of a device by which others can tell what it knew."""
        for parts in self._db.execute(
            "SELECT signed, signature, salt, body FROM entries"  # noqa: S608
            f" WHERE conversation = ? AND device = ? AND chain = 0 AND void = 0 AND kind != {Kind.UNSEND:d}",
            (conversation, device),
        ):
            entry = restore(*parts)
            yield entry.header, entry.id

    def _index_again(self, changed: list[Judged], targets: list[bytes]) -> None:
        """After all was judged: what is a message no more has no words, and an edit that counts gives other words."""
        for judged in changed:
            self._words.remove(judged.arrival)
        for target in targets:
            line = self.line(target)
            if line is not None:
                self.index(line)

    def take_back(self, message: StoredLine) -> None:
        """Erase the body of a message and of its edits, and its words."""
        self.erased = True
        self._words.remove(message.arrival)
        self._erase_body(message.entry.id, message.conversation)

    def erase(self, messages: Iterable[StoredLine]) -> None:
        """Erase messages and their edits on this disk only: they are lines no more, whatever comes later about them."""
        for message in messages:
            self.take_back(message)
            self._db.execute("UPDATE entries SET shown = ? WHERE id = ?", (ERASED, message.entry.id))

    def erase_unshown(self, arrivals: Iterable[int]) -> None:
        """The same of those of these messages that are no lines now: their author may come to count again."""
        for arrival in arrivals:
            row = self._db.first(
                "SELECT e.id, c.id FROM entries e JOIN conversations c ON c.number = e.conversation"
                " WHERE e.arrival = ? AND e.shown = 0",
                (arrival,),
            )
            if row is not None:
                self.erased = True
                self._erase_body(*row)
                self._db.execute("UPDATE entries SET shown = ? WHERE arrival = ?", (ERASED, arrival))

    def _erase_body(self, id: bytes, conversation: bytes) -> None:
        self._entries.bodies_erased()
        self._db.execute(
            "UPDATE entries SET body = NULL, salt = x'', lacking = 0"  # noqa: S608
            f" WHERE id = ? OR (target = ? AND kind = {Kind.EDIT:d})",
            (id, id),
        )
        self._entries.bodies.look_again(conversation)

    def hide(self, ids: Iterable[bytes]) -> None:
        """Entries that came without their words keep no place for these any more."""
        for id in ids:
            self._db.execute("UPDATE entries SET shown = ?, lacking = 0 WHERE id = ? AND body IS NULL", (ERASED, id))

    def take_back_unshown(self, conversation: bytes, target: bytes, author: PeerId) -> None:
        """The same of a message of `author` that does not count or was erased here, and may have been edited since."""
        self._entries.bodies_erased()
        self._db.execute(
            "UPDATE entries SET body = NULL, salt = x'', lacking = 0 WHERE"  # noqa: S608
            f" ((id = ?1 AND kind = {Kind.TEXT:d}) OR (target = ?1 AND kind = {Kind.EDIT:d}))"
            " AND device IN (SELECT number FROM devices WHERE identity = ?2)",
            (target, author),
        )
        self._entries.bodies.look_again(conversation)

    # --- reading ---

    def line(self, id: bytes) -> StoredLine | None:
        """One message."""
        lines = self._folded(self._db.execute(_LINE + "WHERE e.id = ? AND e.shown = 1", (id,)))
        return lines[0] if lines else None

    def between_ids(self, low: bytes, high: bytes, limit: int) -> list[StoredLine]:
        """Messages whose ids lie between two, both included."""
        rows = self._db.execute(_LINE + "WHERE e.id BETWEEN ? AND ? AND e.shown = 1 LIMIT ?", (low, high, limit))
        return self._folded(rows)

    def line_at(self, arrival: int) -> StoredLine | None:
        """One message by its arrival."""
        lines = self._folded(self._db.execute(_LINE + "WHERE e.arrival = ? AND e.shown = 1", (arrival,)))
        return lines[0] if lines else None

    def page(self, conversation: bytes, limit: int, before: Entry | None) -> list[StoredLine]:
        """The last `limit` lines, or those before one; oldest first."""
        place = None if before is None else (before.header.lamport, before.header.time, before.id)
        return self.page_below(conversation, limit, place)

    def page_below(self, conversation: bytes, limit: int, place: Order | None) -> list[StoredLine]:
        """The last `limit` lines, or those that stand before a place; oldest first."""
        lines: list[StoredLine] = []
        while len(lines) < limit:
            rows = self._rows_before(conversation, limit, place)
            lines = self._folded(rows[::-1])[len(lines) - limit :] + lines
            if len(rows) < limit:
                break
            place = _authored(rows[-1][:5]).order  # what came without its words shows nothing, and hides nothing
        return lines

    def _rows_before(self, conversation: bytes, limit: int, place: Order | None) -> list[Row]:
        number = self._rows.conversation(conversation)
        if place is None:
            return self._db.execute(
                _LINE
                + "WHERE e.conversation = ? AND e.shown = 1 ORDER BY e.lamport DESC, e.time DESC, e.id DESC LIMIT ?",
                (number, limit),
            )
        return self._db.execute(
            _LINE + "WHERE e.conversation = ? AND e.shown = 1 AND (e.lamport, e.time, e.id) < (?, ?, ?)"
            " ORDER BY e.lamport DESC, e.time DESC, e.id DESC LIMIT ?",
            (number, *place, limit),
        )

    def onward(self, conversation: bytes, limit: int, after: Entry | None) -> list[StoredLine]:
        """The first lines, or those after one, oldest first: at most `limit`, and none only at the end."""
        place = (-1, -1, b"") if after is None else (after.header.lamport, after.header.time, after.id)
        lines: list[StoredLine] = []
        while not lines:
            rows = self._db.execute(
                _LINE + "WHERE e.conversation = ? AND e.shown = 1 AND (e.lamport, e.time, e.id) > (?, ?, ?)"
                " ORDER BY e.lamport, e.time, e.id LIMIT ?",
                (self._rows.conversation(conversation), *place, limit),
            )
            if not rows:
                break
            lines = self._folded(rows)
            place = _authored(rows[-1][:5]).order
        return lines

    def at(self, arrivals: list[int]) -> list[StoredLine]:
        """Messages by their arrivals, in that order; those that are not here any more are left out."""
        named = ",".join("?" * len(arrivals))
        rows = self._db.execute(_LINE + f"WHERE e.arrival IN ({named}) AND e.shown = 1", arrivals)
        lines = {line.arrival: line for line in self._folded(rows)}
        return [lines[arrival] for arrival in arrivals if arrival in lines]

    def request_of(self, conversation: bytes, device: bytes, after: int) -> tuple[Entry, Entry] | None:
        """The opening of a device's chain and its first line above `after`: what a request carries."""
        rows = self._db.execute(
            "SELECT signed, signature, salt, body FROM entries WHERE conversation = ? AND device = ? AND chain = 0"
            " AND (seq = 0 OR (seq > ? AND shown = 1)) ORDER BY seq LIMIT 2",
            (self._rows.conversation(conversation), self._rows.device(device), after),
        )
        return (restore(*rows[0]), restore(*rows[1])) if len(rows) == 2 else None

    def waiting_count(self, conversation: bytes, device: bytes, after: int) -> int:
        """How many lines a device's chain has above `after`: as quick for any number of them.

        All that it has without what is no line, which is little: reactions, edits, what was erased.
        """
        above = self._entries.content_above(conversation, device, after)
        if not above:
            return 0
        row = self._db.first(
            "SELECT count(*) FROM entries INDEXED BY entries_unshown"
            " WHERE conversation = ? AND device = ? AND seq > ? AND chain = 0 AND shown != 1",
            (self._rows.conversation(conversation), self._rows.device(device), after),
        )
        return above - (int(row[0]) if row else 0)

    def unread_after(self, conversation: bytes, reader: PeerId, above: int, up_to: int) -> int:
        """How many lines of others than `reader` have above < arrival <= up_to."""
        row = self._db.first(
            "SELECT count(*) FROM entries WHERE arrival > ? AND arrival <= ? AND +conversation = ? AND shown = 1"
            " AND body IS NOT NULL AND device NOT IN (SELECT number FROM devices WHERE identity = ?)",
            (above, up_to, self._rows.conversation(conversation), reader),
        )
        return int(row[0]) if row else 0

    def arrival_before(self, conversation: bytes, reader: PeerId, time: int, above: int) -> int:
        """The arrival from `above` up to which no line of others than `reader` was written at `time` or later."""
        row = self._db.first(
            "SELECT coalesce((SELECT min(arrival) - 1 FROM entries WHERE arrival > ? AND +conversation = ?"
            " AND shown = 1 AND time >= ? AND device NOT IN (SELECT number FROM devices WHERE identity = ?)),"
            " (SELECT coalesce(max(arrival), 0) FROM entries))",
            (above, self._rows.conversation(conversation), time, reader),
        )
        return int(row[0]) if row else 0

    def last_of_others(self, conversation: bytes, reader: PeerId) -> int:
        """The arrival of the line of somebody else that is shown last; 0: there is none."""
        row = self._db.first(
            "SELECT arrival FROM entries WHERE conversation = ? AND shown = 1"
            " AND device NOT IN (SELECT number FROM devices WHERE identity = ?)"
            " ORDER BY lamport DESC, time DESC, id DESC LIMIT 1",
            (self._rows.conversation(conversation), reader),
        )
        return int(row[0]) if row else 0

    def was_purged(self, id: bytes) -> bool:
        """Whether this is a message that was erased on this disk, so that it is no line any more."""
        row = self._db.first("SELECT 1 FROM entries WHERE id = ? AND kind = ? AND shown != 1", (id, int(Kind.TEXT)))
        return row is not None

    def last_read(self, conversation: bytes, reader: PeerId, read_arrival: int) -> list[Branch]:
        """The last line of each other's device that arrived no later than `read_arrival`: how far `reader` has read."""
        found = []
        for head in self._entries.heads.all(conversation):
            if head.chain or self._entries.identity_of(head.device) == reader:
                continue
            row = self._db.first(
                "SELECT seq, id, lamport FROM entries WHERE conversation = ? AND device = ? AND chain = 0"
                " AND arrival <= ? AND shown = 1 ORDER BY seq DESC LIMIT 1",
                (self._rows.conversation(conversation), self._rows.device(head.device), read_arrival),
            )
            if row is not None:
                found.append(Branch(head.device, 0, *row))
        return found

    def lines_between(self, conversation: bytes, device: bytes, above: int, up_to: int, limit: int) -> list[bytes]:
        """The ids of a device's lines with above < seq <= up_to, the last `limit` of them."""
        rows = self._db.execute(
            "SELECT id FROM entries WHERE conversation = ? AND device = ? AND chain = 0 AND seq > ? AND seq <= ?"
            " AND shown = 1 ORDER BY seq DESC LIMIT ?",
            (self._rows.conversation(conversation), self._rows.device(device), above, up_to, limit),
        )
        return [row[0] for row in reversed(rows)]

    def spans(self, conversation: bytes) -> list[Span]:
        """All that is stored of a conversation, in pieces that are each quickly purged."""
        tops: dict[tuple[bytes, int], int] = {}
        for head in self._entries.heads.all(conversation):
            if head.chain != CONTENT:
                continue  # who belongs is to be known as long as the conversation is
            tops[head.device, head.chain] = max(head.seq, tops.get((head.device, head.chain), 0))
        return [
            Span(conversation, device, chain, start, full=start + PURGED_AT_ONCE <= top + 1)
            for (device, chain), top in tops.items()
            for start in range(0, top + 1, PURGED_AT_ONCE)
        ]

    def purge(self, span: Span) -> None:
        """Erase what was said in a piece of a chain; the chain stays verifiable, so nothing of it comes back."""
        self._entries.bodies_erased()
        place = (
            self._rows.conversation(span.conversation),
            self._rows.device(span.device),
            span.chain,
            span.start,
        )
        bindings = (*place, span.start + PURGED_AT_ONCE)
        within = "conversation = ? AND device = ? AND chain = ? AND seq >= ? AND seq < ?"
        self._db.execute(
            f"DELETE FROM words WHERE rowid IN (SELECT arrival FROM entries WHERE {within} AND shown = 1)",  # noqa: S608
            bindings,
        )
        self._db.execute(
            f"UPDATE entries SET body = NULL, salt = x'', shown = {ERASED}, lacking = 0"  # noqa: S608
            f" WHERE {within} AND kind NOT IN ({Kind.OPEN:d}, {Kind.MEMO:d})",  # what own devices agreed on stays
            bindings,
        )
        self._entries.bodies.look_again(span.conversation)

    def latest_about(self, conversation: bytes, target: bytes) -> bytes | None:
        """The last entry, by (lamport, time, id), of those in a conversation that are about `target`."""
        row = self._db.first(
            "SELECT id FROM entries INDEXED BY entries_by_target WHERE target = ? AND conversation = ?"
            " ORDER BY lamport DESC, time DESC, id DESC LIMIT 1",
            (target, self._rows.conversation(conversation)),
        )
        return row[0] if row else None

    # --- private ---

    def _folded(self, rows: list[Row]) -> list[StoredLine]:
        """Messages with everything that was said about them; what shows nothing is left out."""
        messages = [(_authored(row[:5]), row[5], row[6]) for row in rows]
        about = self._about([message.entry.id for message, _, _ in messages])
        return [
            StoredLine(message.entry, conversation, arrival, message.author, line)
            for message, conversation, arrival in messages
            if (line := fold(message, about.get(message.entry.id, ()))) is not None
        ]

    def _about(self, ids: list[bytes]) -> dict[bytes, list[Authored]]:
        """By message, what is about it; from the same conversation only, for anybody may name any id."""
        if not ids:
            return {}
        found: dict[bytes, list[Authored]] = {}
        named = ",".join("?" * len(ids))
        rows = self._db.execute(
            # INDEXED BY: the planner would rather read the whole conversation for each message.
            "SELECT e.target, e.signed, e.signature, e.salt, e.body, d.identity"  # noqa: S608
            " FROM entries e INDEXED BY entries_by_target"
            " CROSS JOIN devices d ON d.number = e.device CROSS JOIN entries m ON m.id = e.target"
            f" WHERE e.target IN ({named}) AND m.conversation = e.conversation AND e.void = 0",
            ids,
        )
        for target, *parts in rows:
            found.setdefault(target, []).append(_authored(parts))
        return found


def _authored(row: Row | list[bytes]) -> Authored:
    signed, signature, salt, body, identity = row
    return Authored(restore(signed, signature, salt, body), identity)
