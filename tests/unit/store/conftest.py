"""What the tests of the store get for the asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pdm.store.database import Database
from tests.unit.store.notes import KEY, NOTES


@pytest.fixture
def db() -> Database:
    """A database in memory, for notes."""
    database = Database.open(None, KEY)
    database.execute(NOTES)
    return database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be."""
    return tmp_path / "messages"
