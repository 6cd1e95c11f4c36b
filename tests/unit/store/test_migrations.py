"""The database of an older version is brought up to date step by step; that of a newer one is left alone."""

from __future__ import annotations

import pytest

from p2pdm.store.database import Database
from p2pdm.store.errors import NewerVersion, StoreDefect
from p2pdm.store.migrations import STEPS, migrate
from tests.unit.store.notes import KEY, NOTES, write

# Migrations

FIRST = ("notes", NOTES)


SECOND = ("authors", "ALTER TABLE notes ADD COLUMN author TEXT NOT NULL DEFAULT ''; CREATE INDEX a ON notes (author)")


def test_each_step_runs_once_and_in_order() -> None:
    database = Database.open(None, KEY)
    assert migrate(database, [FIRST]) == ["notes"]
    write(database, "hello")
    assert migrate(database, [FIRST, SECOND]) == ["authors"]
    assert migrate(database, [FIRST, SECOND]) == []
    assert database.execute("SELECT text, author FROM notes") == [("hello", "")]


def test_a_step_that_fails_leaves_nothing_of_itself() -> None:
    database = Database.open(None, KEY)
    with pytest.raises(StoreDefect):
        migrate(database, [FIRST, ("bad", "CREATE TABLE half (id INTEGER) STRICT; SELEKT")])
    assert database.execute("SELECT name FROM migrations") == [("notes",)]
    assert database.first("SELECT name FROM sqlite_schema WHERE name = 'half'") is None
    assert migrate(database, [FIRST, SECOND]) == ["authors"]


def test_a_database_of_a_newer_version_is_refused_untouched() -> None:
    database = Database.open(None, KEY)
    migrate(database, [FIRST, SECOND])
    with pytest.raises(NewerVersion, match="Update p2pdm"):
        migrate(database, [FIRST])


@pytest.mark.parametrize("steps", [[SECOND, FIRST], [("new", "SELECT 1"), FIRST, SECOND], [FIRST, SECOND, FIRST]])
def test_steps_out_of_order_are_our_mistake(steps: list[tuple[str, str]]) -> None:
    database = Database.open(None, KEY)
    migrate(database, [FIRST, SECOND])
    with pytest.raises(StoreDefect, match="out of order"):
        migrate(database, steps)


def test_the_steps_of_this_version_make_strict_tables_only() -> None:
    database = Database.open(None, KEY)
    assert migrate(database) == [name for name, _ in STEPS]
    assert (
        database.execute(
            "SELECT name FROM pragma_table_list WHERE NOT strict AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        == []
    )
