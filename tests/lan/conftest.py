"""The fixture `lan`: hosts for a story, gone when it is told. Skips, with the reason, where none can be made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.lan.hosts import Host, Lan, why_not


@pytest.fixture(scope="session")
def obstacle() -> str:
    """Why no hosts can be made here."""
    return why_not()


@pytest.fixture
def lan(obstacle: str) -> Iterator[Callable[[int], list[Host]]]:
    """Hosts on one switch, as many as one asks for: alice and bob are those of two."""
    if obstacle:
        pytest.skip(obstacle)
    made: list[Lan] = []

    def make(count: int) -> list[Host]:
        made.append(Lan())
        return [made[-1].add() for _ in range(count)]

    yield make
    for one in made:
        one.close()
