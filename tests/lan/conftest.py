"""The fixtures `lan`, hosts for a story, and `people` at them, gone when it is told.

They skip, with the reason, where no hosts can be made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.lan.hosts import Host, Lan, why_not
from tests.lan.people import Someone


class Hosts(Protocol):
    """The fixture `lan`."""

    def __call__(self, count: int, ipv6: bool = True) -> list[Host]:
        """Hosts on one switch of their own."""
        ...


class People(Protocol):
    """The fixture `people`."""

    def __call__(self, *names: str, start: bool = True, ipv6: bool = True) -> list[Someone]:
        """People of these names, each at a host of their own on one switch; with `start`, their nodes are ready."""
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


@pytest.fixture
def people(lan: Hosts) -> Iterator[People]:
    """Makes people at hosts of their own. None of their nodes may complain."""
    made: list[Someone] = []

    def make(*names: str, start: bool = True, ipv6: bool = True) -> list[Someone]:
        made.extend(fresh := [Someone(host, name) for host, name in zip(lan(len(names), ipv6), names, strict=True)])
        for someone in fresh if start else []:
            someone.start()
        return fresh

    yield make
    for someone in made:
        someone.hang_up()
    for someone in made:
        someone.check()
