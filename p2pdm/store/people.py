"""People: who is known, where they were reached, and what strangers asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from p2pdm.identity import PeerId
from p2pdm.store.database import Database, Row, Value

Relation = Literal[0, 1, 2]
NEARBY: Final = 0
CONTACT: Final = 1
BLOCKED: Final = 2
MAX_CACHED = 4_096
"""People remembered in memory: twice the largest event."""
MAX_ADDRESSES = 8
"""Addresses kept for a person: the newest reached; a laptop that visits more networks starts over."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What is stored of someone."""

    identity: PeerId
    name: str
    """The name that they gave themselves; empty before their first record."""
    nickname: str
    record: bytes
    record_number: int
    relation: int
    was_contact: bool
    verified: bool
    accepts_us: bool
    last_seen: int
    """Milliseconds since 1970; 0: never."""

    @property
    def shown_name(self) -> str:
        """The name in lists."""
        return self.nickname or self.name


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """A stranger's request, apart from history."""

    identity: PeerId
    opening: bytes
    entry: bytes
    text: str
    arrived: int
    declined: bool


_COLUMNS = (
    "identity, name, nickname, record, record_number, relation, was_contact, verified, accepts_us, last_seen"
    " FROM people"
)


class PeopleTable:
    """Everyone known. Contacts and blocks stay; somebody who was only seen is written once something is said."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._known: dict[PeerId, KnownPerson | None] = {}
        self._held: dict[PeerId, bytes | None] = {}

    def forget_cached(self) -> None:
        """After a rollback: what is remembered may not be stored."""
        self._known.clear()
        self._held.clear()

    def get(self, identity: PeerId) -> KnownPerson | None:
        """One person."""
        if identity not in self._known:
            row = self._db.first(f"SELECT {_COLUMNS} WHERE identity = ?", (identity,))
            _make_room(self._known)
            self._known[identity] = _person(row) if row else None
        return self._known[identity]

    def _write(self, identity: PeerId, sql: str, bindings: tuple[Value, ...]) -> None:
        self._known.pop(identity, None)
        self._db.execute(sql, bindings)

    def all(self) -> list[KnownPerson]:
        """Everyone stored."""
        return [_person(row) for row in self._db.execute(f"SELECT {_COLUMNS}")]

    def identities(self) -> list[PeerId]:
        """Of everyone stored, who they are."""
        return [row[0] for row in self._db.execute("SELECT identity FROM people")]

    def ensure(self, identity: PeerId, name: str = "") -> None:
        """Write someone who is not here yet."""
        if self.get(identity) is None:
            self._write(identity, "INSERT INTO people (identity, name) VALUES (?, ?)", (identity, name))

    def set_record(self, identity: PeerId, name: str, number: int, record: bytes) -> bool:
        """Keep a newer profile record, and say whether it is; of two with one number, as ProfileRecord.replaces."""
        known = self.get(identity)
        if known is None or (known.record_number, known.record) >= (number, record):
            return False
        self._write(
            identity,
            "UPDATE people SET name = ?, record_number = ?, record = ? WHERE identity = ?",
            (name, number, record, identity),
        )
        return True

    def set_relation(self, identity: PeerId, relation: Relation) -> None:
        """Contact, blocked, or neither; a block remembers what was before it."""
        if relation == BLOCKED:
            sql = "UPDATE people SET was_contact = (relation = 1), relation = 2 WHERE identity = ? AND relation != 2"
            self._write(identity, sql, (identity,))
        else:
            sql = "UPDATE people SET relation = ?, was_contact = 0 WHERE identity = ?"
            self._write(identity, sql, (relation, identity))

    def set_nickname(self, identity: PeerId, nickname: str) -> None:
        """The user's own name for someone."""
        self._write(identity, "UPDATE people SET nickname = ? WHERE identity = ?", (nickname, identity))

    def set_verified(self, identity: PeerId) -> None:
        """The safety numbers were compared and are equal."""
        self._write(identity, "UPDATE people SET verified = 1 WHERE identity = ?", (identity,))

    def set_accepts_us(self, identity: PeerId, accepts: bool) -> None:
        """Their own word on whether they have accepted us."""
        self._write(identity, "UPDATE people SET accepts_us = ? WHERE identity = ?", (accepts, identity))

    def set_last_seen(self, identity: PeerId, at: int) -> None:
        """When a session with them last was alive."""
        self._write(identity, "UPDATE people SET last_seen = ? WHERE identity = ?", (at, identity))

    def remove(self, identity: PeerId) -> None:
        """Forget someone: name, addresses, request."""
        self._held.pop(identity, None)
        for table in ("people", "addresses", "requests", "held"):
            self._write(identity, f"DELETE FROM {table} WHERE identity = ?", (identity,))  # noqa: S608 -- our own names

    # --- addresses ---

    def addresses(self, identity: PeerId) -> list[tuple[str, int]]:
        """Where they were reached, latest first."""
        return self._db.execute(
            "SELECT host, port FROM addresses WHERE identity = ? ORDER BY reached DESC", (identity,)
        )

    def reached_at(self, identity: PeerId, host: str, port: int, at: int) -> None:
        """A session stood at this address (`at` 0: somebody said so)."""
        self._db.execute(
            "INSERT INTO addresses (identity, host, port, reached) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET reached = max(reached, excluded.reached)",
            (identity, host, port, at),
        )
        self._db.execute(
            "DELETE FROM addresses WHERE identity = ? AND (host, port) NOT IN"
            " (SELECT host, port FROM addresses WHERE identity = ? ORDER BY reached DESC LIMIT ?)",
            (identity, identity, MAX_ADDRESSES),
        )

    # --- requests ---

    def hold(self, request: HeldRequest) -> None:
        """Keep a stranger's request; they have one, so a second changes nothing."""
        self._db.execute(
            "INSERT OR IGNORE INTO requests (identity, opening, entry, text, arrived) VALUES (?, ?, ?, ?, ?)",
            (request.identity, request.opening, request.entry, request.text, request.arrived),
        )

    def request(self, identity: PeerId) -> HeldRequest | None:
        """Someone's request, declined or not."""
        row = self._db.first(
            "SELECT identity, opening, entry, text, arrived, declined FROM requests WHERE identity = ?", (identity,)
        )
        return _request(row) if row else None

    def requests(self) -> dict[PeerId, HeldRequest]:
        """All requests that wait for the user."""
        rows = self._db.execute(
            "SELECT identity, opening, entry, text, arrived, declined FROM requests WHERE declined = 0 ORDER BY arrived"
        )
        return {row[0]: _request(row) for row in rows}

    def decline(self, identity: PeerId) -> None:
        """Put a request away for good; its text goes."""
        self._db.execute(
            "UPDATE requests SET declined = 1, text = '', opening = x'', entry = x'' WHERE identity = ?", (identity,)
        )

    def release(self, identity: PeerId) -> None:
        """The request moved into history, or is forgotten."""
        self._db.execute("DELETE FROM requests WHERE identity = ?", (identity,))

    def set_held(self, entry: bytes, identity: PeerId, at: int) -> None:
        """They say that they hold this request of ours."""
        self._held.pop(identity, None)
        self._db.execute("INSERT OR IGNORE INTO held (entry, identity, at) VALUES (?, ?, ?)", (entry, identity, at))

    def held(self, identity: PeerId) -> bytes | None:
        """Our latest entry that they hold as a request."""
        if identity not in self._held:
            row = self._db.first("SELECT entry FROM held WHERE identity = ? ORDER BY at DESC LIMIT 1", (identity,))
            _make_room(self._held)
            self._held[identity] = row[0] if row else None
        return self._held[identity]


def _make_room(cache: dict[PeerId, Any]) -> None:
    if len(cache) >= MAX_CACHED:
        cache.clear()


def _request(row: Row) -> HeldRequest:
    identity, opening, entry, text, arrived, declined = row
    return HeldRequest(identity, opening, entry, text, arrived, bool(declined))


def _person(row: Row) -> KnownPerson:
    identity, name, nickname, record, number, relation, was_contact, verified, accepts, seen = row
    return KnownPerson(
        identity, name, nickname, record, number, relation, bool(was_contact), bool(verified), bool(accepts), seen
    )
