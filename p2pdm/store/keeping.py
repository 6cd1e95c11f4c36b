"""Keeping: drafts, and how long what was said stays on this disk.

Times here are ages: milliseconds of the clock that `node.age` keeps, which no wall clock can turn back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from p2pdm.conversation.entries import Kind
from p2pdm.store.database import Database
from p2pdm.store.rows import RowNumbers

Order = tuple[int, int, bytes]
"""(lamport, time, id) of an entry."""
EVERYWHERE: Final = b""
"""In place of a chat: what holds for those without a wish of their own."""
_SWEPT = "retention swept up to arrival"
_NO_WORDS = ", ".join(f"{kind:d}" for kind in (Kind.OPEN, Kind.EDIT, Kind.UNSEND, Kind.MARK, Kind.MEMO))
"""Content that is no message by itself; an edit goes with what it changes."""


class Arrived(NamedTuple):
    """A message that a sweep looks at."""

    arrival: int
    chat: bytes
    id: bytes
    shown: bool
    """Whether it counts: else its author is blocked, or was put out, and may come to count again."""


class KeepingTable:
    """Drafts, expiry, retention. Whoever writes holds a transaction."""

    def __init__(self, database: Database, rows: RowNumbers) -> None:
        self._db = database
        self._rows = rows
        self._expiry: dict[bytes, int] = {}
        self._day = -1

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._expiry.clear()
        self._day = -1

    # --- drafts ---

    def draft(self, chat: bytes) -> str:
        """What is typed there and not sent."""
        row = self._db.first("SELECT text FROM drafts WHERE chat = ?", (chat,))
        return str(row[0]) if row else ""

    def set_draft(self, chat: bytes, text: str) -> None:
        """Keep what is typed."""
        if text:
            self._db.execute("INSERT OR REPLACE INTO drafts (chat, text) VALUES (?, ?)", (chat, text))
        else:
            self._db.execute("DELETE FROM drafts WHERE chat = ?", (chat,))

    # --- what is set for a chat ---

    def expiry(self, chat: bytes) -> int:
        """Seconds after reading at which what is said there now disappears; 0: it stays."""
        if chat not in self._expiry:
            row = self._db.first("SELECT seconds FROM expiry_settings WHERE chat = ?", (chat,))
            self._expiry[chat] = int(row[0]) if row else 0
        return self._expiry[chat]

    def set_expiry(self, chat: bytes, seconds: int, order: Order) -> None:
        """Somebody set it; the latest by `order` counts, whichever came first."""
        self._expiry.pop(chat, None)
        self._db.execute(
            "INSERT INTO expiry_settings (chat, seconds, lamport, time, id) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE"
            " SET seconds = excluded.seconds, lamport = excluded.lamport, time = excluded.time, id = excluded.id"
            " WHERE (excluded.lamport, excluded.time, excluded.id) > (lamport, time, id)",
            (chat, seconds, *order),
        )

    def retention(self, chat: bytes = EVERYWHERE) -> int:
        """Days that this chat is kept by its own wish; 0: it has none."""
        row = self._db.first("SELECT days FROM retention WHERE chat = ?", (chat,))
        return int(row[0]) if row else 0

    def retentions(self) -> dict[bytes, int]:
        """All wishes by chat, the one for EVERYWHERE among them."""
        return dict(self._db.execute("SELECT chat, days FROM retention"))

    def set_retention(self, chat: bytes, days: int) -> None:
        """Keep a chat for so long; 0 takes the wish back. The next sweep begins anew."""
        if days:
            self._db.execute("INSERT OR REPLACE INTO retention (chat, days) VALUES (?, ?)", (chat, days))
        else:
            self._db.execute("DELETE FROM retention WHERE chat = ?", (chat,))
        self.set_swept(0)

    def emptied(self, chat: bytes) -> None:
        """All that was said in a chat is erased."""
        self._db.execute("DELETE FROM expiring WHERE conversation = ?", (self._rows.conversation(chat),))

    def forget(self, chat: bytes) -> None:
        """Nothing that the user wished for a chat is kept. What its members agreed on stays: it holds for them, too."""
        self.set_draft(chat, "")
        self._db.execute("DELETE FROM retention WHERE chat = ?", (chat,))

    # --- messages that disappear ---

    def expires(self, arrival: int, chat: bytes, seconds: int, own: bool) -> None:
        """A message disappears `seconds` after it was read; an own one, after it was delivered."""
        self._db.execute(
            "INSERT OR IGNORE INTO expiring (arrival, conversation, seconds, own) VALUES (?, ?, ?, ?)",
            (arrival, self._rows.conversation(chat), seconds, own),
        )

    def was_read(self, chat: bytes, up_to: int, now: int) -> bool:
        """Others' messages there, up to this arrival, were read; whether any of them disappears."""
        rows = self._db.execute(
            "UPDATE expiring SET due = ? + 1000 * seconds"
            " WHERE conversation = ? AND due IS NULL AND own = 0 AND arrival <= ?"
            " AND EXISTS (SELECT 1 FROM entries WHERE entries.arrival = expiring.arrival AND shown = 1)"
            " RETURNING arrival",
            (now, self._rows.conversation(chat), up_to),
        )
        return bool(rows)

    def own_waiting(self, above: int, most: int) -> list[int]:
        """The arrivals of the first own messages above one whose time has not begun."""
        rows = self._db.execute(
            "SELECT arrival FROM expiring WHERE due IS NULL AND own = 1 AND arrival > ? ORDER BY arrival LIMIT ?",
            (above, most),
        )
        return [row[0] for row in rows]

    def begin(self, arrival: int, now: int) -> None:
        """The time of a message begins."""
        self._db.execute("UPDATE expiring SET due = ? + 1000 * seconds WHERE arrival = ?", (now, arrival))

    def due(self, now: int, most: int) -> list[int]:
        """The arrivals of `most` messages whose time is over."""
        rows = self._db.execute("SELECT arrival FROM expiring WHERE due <= ? ORDER BY due LIMIT ?", (now, most))
        return [row[0] for row in rows]

    def next_due(self) -> int | None:
        """When the next one is."""
        row = self._db.first("SELECT min(due) FROM expiring WHERE due IS NOT NULL")
        return row[0] if row else None

    def gone(self, arrivals: Sequence[int]) -> None:
        """These are erased."""
        for arrival in arrivals:
            self._db.execute("DELETE FROM expiring WHERE arrival = ?", (arrival,))

    # --- how long ago things came ---

    def day_begins(self, day: int, above: int) -> None:
        """What arrived above this number came on this day, or later."""
        if day > self._day:
            self._db.execute("INSERT OR IGNORE INTO calendar (day, above) VALUES (?, ?)", (day, above))
            self._day = day

    def came_by(self, day: int) -> int:
        """The highest arrival of what came on this day or earlier."""
        if day < 0:
            return 0
        row = self._db.first("SELECT min(above) FROM calendar WHERE day > ?", (day,))
        if row is None or row[0] is None:
            row = self._db.first("SELECT max(arrival) FROM entries")
        return int(row[0] or 0) if row else 0

    def surplus(self, chat: bytes, keep: int, keep_each: int, most: int) -> list[bytes]:
        """The ids of some messages beyond the last `keep` of a chat, or beyond the last `keep_each` of one device."""
        number = self._rows.conversation(chat)
        latest_first = "ORDER BY lamport DESC, time DESC, id DESC LIMIT ? OFFSET ?"
        rows = self._db.execute(
            f"SELECT id FROM entries INDEXED BY entries_shown WHERE conversation = ? AND shown = 1 {latest_first}",  # noqa: S608
            (number, most, keep),
        )
        if rows:
            return [row[0] for row in rows]
        loud = self._db.execute(
            "SELECT device FROM entries INDEXED BY entries_shown WHERE conversation = ? AND shown = 1"
            " GROUP BY device HAVING count(*) > ? LIMIT 1",
            (number, keep_each),
        )
        if not loud:
            return []
        rows = self._db.execute(
            "SELECT id FROM entries INDEXED BY entries_shown"  # noqa: S608
            f" WHERE conversation = ? AND shown = 1 AND device = ? {latest_first}",
            (number, loud[0][0], most, keep_each),
        )
        return [row[0] for row in rows]

    def swept(self) -> int:
        """The arrival up to which a sweep has nothing to look for."""
        row = self._db.first("SELECT value FROM settings WHERE name = ?", (_SWEPT,))
        return int.from_bytes(row[0], "big") if row else 0

    def set_swept(self, arrival: int) -> None:
        """Nothing is left to be swept up to here."""
        self._db.execute(
            "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (_SWEPT, arrival.to_bytes(8, "big"))
        )

    def arrived(self, above: int, up_to: int) -> list[Arrived]:
        """The messages with above < arrival <= up_to, and words that do not count."""
        rows = self._db.execute(
            "SELECT e.arrival, c.id, e.id, e.shown FROM entries e JOIN conversations c ON c.number = e.conversation"  # noqa: S608
            " WHERE e.arrival > ? AND e.arrival <= ? AND (e.shown = 1 OR"
            f" (e.shown = 0 AND e.void = 1 AND e.body IS NOT NULL AND e.kind NOT IN ({_NO_WORDS}))) ORDER BY e.arrival",
            (above, up_to),
        )
        return [Arrived(arrival, chat, id, bool(shown)) for arrival, chat, id, shown in rows]
