"""Words: the index by which messages are found, newest first, in pieces that are each quickly done.

A row for each message, numbered by its arrival. Every word in it carries, as its first character, its volume: which
VOLUME of arrivals the message belongs to. So a volume is an index of its own within the one, and a search goes from
volume to volume until it has enough. In a single index each word that may go on would first be gathered over all
messages, however few of them are wanted: 46 ms among a million for a word that is in all of them, here 0.6 ms.

Among the words stand also the numbers of the conversation and of the device that wrote, so that what is filtered by
them is not gone through message by message. For dates, the times of each BLOCK of arrivals are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from p2pdm.conversation.words import Phrase, stands_in, words_of
from p2pdm.identity import PeerId
from p2pdm.store.database import Database, Value
from p2pdm.store.rows import RowNumbers

VOLUME = 16_384
"""Arrivals in a volume: a million messages are 62 of them, and the worst piece of a search takes some 2 ms."""
BLOCK = 1_024
"""Arrivals whose earliest and latest time are kept: at the ends of a span of dates, so many are looked at each."""
FEW = 16
"""Messages in a volume that are rather read than looked up by what else they must have."""
MANY = 16
"""Words with one beginning, in one volume, from which on they are gathered, not each looked up."""
TAGS = 2
"""Of each row: the conversation and the device."""
NOBODY = "_"
"""A word that no message has."""
LEAST, MOST = -(2**62), 2**62
_FIRST = 0x80
"""The character of volume 0: the tokenizer takes everything above ASCII for letters."""
_BEYOND = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to search."""

    conversation: bytes | None = None
    person: PeerId | None = None
    """The author."""
    since: int | None = None
    """Milliseconds since 1970, by the author's clock; with `until`: not at or after that."""
    until: int | None = None
    below: int | None = None
    """Only what arrived before this arrival."""


_Part = list[Phrase]
"""A message must have one of these."""


class _Run(NamedTuple):
    """Arrivals in one volume, from `low` on and below `high`."""

    volume: int
    low: int
    high: int
    checked: bool
    """All of them were written in the span of dates that is asked for."""


class WordTable:
    """The words of all messages. Writing needs a transaction of the caller's."""

    def __init__(self, database: Database, rows: RowNumbers) -> None:
        self._db = database
        self._rows = rows

    def add(self, arrival: int, conversation: bytes, device: bytes, time: int, text: str) -> None:
        """These are the words of a message that has none here yet."""
        words = words_of(text)
        if not words:
            return
        sign = _sign(arrival // VOLUME)
        words += [_of_chat(self._rows.conversation(conversation)), _of_device(self._rows.device(device))]
        self._db.execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", (arrival, " ".join(sign + word for word in words))
        )
        self._db.execute(
            "INSERT INTO blocks (number, earliest, latest) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
            (arrival // BLOCK, time, time),
        )

    def remove(self, arrival: int) -> None:
        """Let a message be found no more."""
        self._db.execute("DELETE FROM words WHERE rowid = ?", (arrival,))

    def texts(self, arrivals: list[int]) -> dict[int, list[str]]:
        """By arrival, the folded words of messages; those that are found no more are left out."""
        return {arrival: words[:-TAGS] for arrival, words in self._words(arrivals).items()}

    def newest(self, asked: list[Phrase], scope: Scope, limit: int) -> Iterator[list[int]]:
        """The last `limit` messages with all that was asked, latest arrival first: one list of arrivals a step.

        Each step takes a few milliseconds at most; others may write between two.
        """
        if not asked:
            return
        parts = self._tags(scope) + [[phrase] for phrase in sorted(_with_beginnings(asked), key=_rarest_first)]
        rare = list(parts)
        for run in self._runs(scope):
            found = self._in_run(run, parts, rare, scope, limit)
            yield found
            limit -= len(found)
            if limit <= 0:
                return

    def written(self, scope: Scope, limit: int) -> Iterator[list[int]]:
        """As `newest`, whatever the words: also what has none, and what is not in the index yet."""
        where, given = self._written_in(scope)
        top = self._db.first("SELECT max(arrival) FROM entries")
        below = ((top[0] if top else None) or 0) + 1
        below = below if scope.below is None else min(scope.below, below)
        while below > 0 and limit > 0:  # a BLOCK at a time: unlike the words, entries are long
            low = max(below - BLOCK, 0)
            rows = self._db.execute(
                f"SELECT arrival FROM entries WHERE arrival >= ? AND arrival < ? AND shown = 1 AND body NOT NULL{where}"  # noqa: S608
                " ORDER BY arrival DESC LIMIT ?",
                (low, below, *given, limit),
            )
            yield [row[0] for row in rows]
            limit -= len(rows)
            below = low

    # --- private ---

    def _written_in(self, scope: Scope) -> tuple[str, list[Value]]:
        """`scope` as conditions, and what stands for their question marks."""
        chat = None if scope.conversation is None else self._rows.conversation(scope.conversation)
        conditions: list[tuple[str, Value]] = [
            ("+conversation = ?", chat),
            ("device IN (SELECT number FROM devices WHERE identity = ?)", scope.person),
            ("time >= ?", scope.since),
            ("time < ?", scope.until),
        ]
        asked = [(condition, value) for condition, value in conditions if value is not None]
        return "".join(f" AND {condition}" for condition, _ in asked), [value for _, value in asked]

    def _runs(self, scope: Scope) -> Iterator[_Run]:
        """The arrivals that may hold something in `scope`, the last first."""
        row = self._db.first("SELECT max(number) FROM blocks")
        top = ((row[0] if row else None) or 0) * BLOCK + BLOCK
        below = top if scope.below is None else min(scope.below, top)
        if scope.since is None and scope.until is None:
            for volume in range((below - 1) // VOLUME, -1, -1):
                yield _Run(volume, volume * VOLUME, min(volume * VOLUME + VOLUME, below), checked=True)
            return
        since, until = _or(scope.since, LEAST), _or(scope.until, MOST)
        run: _Run | None = None
        for number, earliest, latest in self._db.execute(
            "SELECT number, earliest, latest FROM blocks WHERE number <= ? AND latest >= ? AND earliest < ?"
            " ORDER BY number DESC",
            ((below - 1) // BLOCK, since, until),
        ):
            low = number * BLOCK
            block = _Run(low // VOLUME, low, min(low + BLOCK, below), since <= earliest and latest < until)
            if run is not None and (run.volume, run.low, run.checked) == (block.volume, block.high, block.checked):
                block = block._replace(high=run.high)
            elif run is not None:
                yield run
            run = block
        if run is not None:
            yield run

    def _in_run(self, run: _Run, parts: list[_Part], rare: list[_Part], scope: Scope, limit: int) -> list[int]:
        """What a run has of all `parts`. What is `rare` is looked up alone, and the others in the few messages that
        have it; what proves not to be is taken out."""
        sign = _sign(run.volume)
        if len(parts) == 1:
            return self._select(_whole(sign, parts[0]), run, scope, limit)
        if rare:
            few = self._select(_whole(sign, rare[0]), run, scope, FEW + 1)
            if len(few) <= FEW:
                words = self._words(few) if few else {}
                return [one for one in few if all(_has(words.get(one, []), part) for part in parts)][:limit]
            rare.pop(0)
        queries = []
        for part in parts:
            queries.append(self._one_by_one(sign, part))
            if not queries[-1]:
                return []
        return self._select(" AND ".join(queries), run, scope, limit)

    def _select(self, query: str, run: _Run, scope: Scope, limit: int) -> list[int]:
        if run.checked:
            rows = self._db.execute(
                "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
                (query, run.low, run.high, limit),
            )
        else:
            rows = self._db.execute(
                "SELECT w.rowid FROM words w CROSS JOIN entries e ON e.arrival = w.rowid"
                " WHERE w.words MATCH ? AND w.rowid >= ? AND w.rowid < ? AND e.time >= ? AND e.time < ?"
                " ORDER BY w.rowid DESC LIMIT ?",
                (query, run.low, run.high, _or(scope.since, LEAST), _or(scope.until, MOST), limit),
            )
        return [row[0] for row in rows]

    def _words(self, arrivals: list[int]) -> dict[int, list[str]]:
        rows = self._db.execute(
            f"SELECT rowid, text FROM words WHERE rowid IN ({','.join('?' * len(arrivals))})",  # noqa: S608
            arrivals,
        )
        return {arrival: [word[1:] for word in text.split(" ")] for arrival, text in rows}

    def _tags(self, scope: Scope) -> list[_Part]:
        """The words that stand for `scope`."""
        tags = []
        if scope.conversation is not None:
            tags.append([_tag(_of_chat(self._rows.conversation(scope.conversation)))])
        if scope.person is not None:
            rows = self._db.execute("SELECT number FROM devices WHERE identity = ?", (scope.person,))
            tags.append([_tag(_of_device(row[0])) for row in rows] or [_tag(NOBODY)])
        return tags

    def _one_by_one(self, sign: str, part: _Part) -> str:
        """A part beside others. What may go on is given as the few words that it is here: these are compared only
        where the other parts are, while what may go on is gathered first. Empty when there are none."""
        phrase = part[0]
        if not phrase.open:
            return _whole(sign, part)
        *whole, last = (sign + word for word in phrase.words)
        found: list[str] = []
        after = last
        while (word := self._next(after, last + _BEYOND)) is not None:
            found.append(" ".join([*whole, word]))
            if len(found) > MANY:
                return _whole(sign, part)
            after = word + "\x01"
        return _either(found) if found else ""

    def _next(self, start: str, end: str) -> str | None:
        """The first word of the index from `start` on, below `end`."""
        row = self._db.first("SELECT term FROM words_there WHERE term >= ? AND term < ? LIMIT 1", (start, end))
        return row[0] if row else None


def _sign(volume: int) -> str:
    code = _FIRST + volume
    return chr(code if code < 0xD800 else code + 0x800)


def _of_chat(number: int) -> str:
    """The word of a conversation; no word of a text has a `_`."""
    return f"_c{number}"


def _of_device(number: int) -> str:
    return f"_d{number}"


def _with_beginnings(asked: list[Phrase]) -> list[Phrase]:
    """Also what comes before a last word that goes on: a search for "Ben's" need not gather all that begins with s."""
    return asked + [Phrase(phrase.words[:-1], open=False) for phrase in asked if phrase.open and len(phrase.words) > 1]


def _rarest_first(phrase: Phrase) -> int:
    """By a guess: long words are rarer."""
    return -sum(map(len, phrase.words))


def _tag(word: str) -> Phrase:
    return Phrase((word,), open=False)


def _has(words: list[str], part: _Part) -> bool:
    return any(stands_in(words, phrase) for phrase in part)


def _whole(sign: str, part: _Part) -> str:
    """A part for FTS5."""
    if part[0].open:
        return f'"{_coded(sign, part[0])}" *'
    return _either([_coded(sign, phrase) for phrase in part])


def _coded(sign: str, phrase: Phrase) -> str:
    return " ".join(sign + word for word in phrase.words)


def _either(phrases: list[str]) -> str:
    return "(" + " OR ".join(f'"{phrase}"' for phrase in phrases) + ")"


def _or(value: int | None, instead: int) -> int:
    return instead if value is None else value
