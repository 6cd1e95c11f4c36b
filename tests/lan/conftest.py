"""The fixture `lan`: hosts for a story, gone when it is told. Skips, with the reason, where none can be made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.lan.hosts import Host, Lan, why_not


class Hosts(Protocol):
    """The fixture `lan`."""

    def __call__(self, count: int, ipv6: bool = True) -> list[Host]:
        """Hosts on one switch of their own."""
        ...


@pytest.fixture(scope="session")
def obstacle() -> str:
    """Why no hosts can be made here."""
    return why_not()


@pytest.fixture
def lan(obstacle: str) -> Iterator[Hosts]:
    """Hosts on one switch, as many as one asks for: alice and bob are those of two."""
    if obstacle:
        pytest.skip(obstacle)
    made: list[Lan] = []

    def make(count: int, ipv6: bool = True) -> list[Host]:
        made.append(Lan())
        return [made[-1].add(ipv6) for _ in range(count)]

    yield make
    for one in made:
        one.close()
