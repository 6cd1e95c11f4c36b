"""Migrations: the ordered, named steps from an empty database to today's tables.

A step that was once released is never changed, renamed, removed or moved; a new one goes to the end. Each runs in its
own transaction together with the note that it ran, so that a database stands between two steps or after the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from p2pdm.store import schema
from p2pdm.store.database import Database
from p2pdm.store.errors import NewerVersion, StoreDefect

Step = tuple[str, str]
"""A name that stays for good, and SQL: one or several statements, every table STRICT."""

STEPS: Final[tuple[Step, ...]] = schema.STEPS


def migrate(database: Database, steps: Sequence[Step] = STEPS) -> list[str]:
    """Bring the database up to the last of `steps`; return the names of those that ran now."""
    database.execute("CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    done = [name for (name,) in database.execute("SELECT name FROM migrations ORDER BY position")]
    names = [name for name, _ in steps]
    if set(done) - set(names):
        raise NewerVersion("This profile was last used by a newer version of p2pdm. Update p2pdm to open it.")
    if done != names[: len(done)] or len(set(names)) != len(names):
        raise StoreDefect("The migrations are out of order. This is a mistake in p2pdm; please report it.")
    for name, sql in steps[len(done) :]:
        with database.transaction():
            database.execute(sql)
            database.execute("INSERT INTO migrations (name) VALUES (?)", (name,))
    return names[len(done) :]
