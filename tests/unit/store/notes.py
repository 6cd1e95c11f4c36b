"""A database of notes, to write into and read from."""

from __future__ import annotations

from pathlib import Path

from p2pdm.store.database import Database

KEY = bytes(range(32))
NOTES = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"


def write(database: Database, *texts: str) -> None:
    """Add notes."""
    for text in texts:
        database.execute("INSERT INTO notes (text) VALUES (?)", (text,))


def texts(database: Database) -> list[str]:
    """All notes, as they were added."""
    return [text for (text,) in database.execute("SELECT text FROM notes ORDER BY id")]


def fill(path: Path, rows: int) -> None:
    """Make a database of so many long notes."""
    database = Database.open(path, KEY)
    database.execute(NOTES)
    database.executemany("INSERT INTO notes (text) VALUES (?)", ((f"{n} {'lunch? ' * 50}",) for n in range(rows)))
    database.close()
