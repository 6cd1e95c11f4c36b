"""The fixtures `lan`, hosts for a story, and `people` at them, gone when it is told; and `two_parted` long before.

They skip, with the reason, where no hosts can be made.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.lan.hosts import Host, Lan, why_not
from tests.lan.people import Someone, befriend


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


class Parted:
    """Two contacts, of whom one's cable was pulled; nothing is said while the other stories are told."""

    def __init__(self, lan: Lan) -> None:
        # No IPv6, whose addresses come a moment later: a change of addresses makes the nodes look after each other.
        self.alice, self.bob = (Someone(lan.add(ipv6=False), name) for name in ("Alice", "Bob"))
        self.alice.start()
        self.bob.start()
        befriend(self.alice, self.bob)
        self.listening = self.alice.host.start(self.alice.command("listen"))
        self.bob.host.pull_cable()
        self.since = time.monotonic()


@pytest.fixture(scope="session", autouse=True)
def parted(obstacle: str, request: pytest.FixtureRequest) -> Iterator[Parted | None]:
    """Begun before the first story and looked at in the last, because it takes more than a minute."""
    if obstacle or not any(_is_last(item) for item in request.session.items):
        yield None
        return
    lan = Lan()
    try:
        two = Parted(lan)
        yield two
        two.alice.hang_up()
        two.bob.hang_up()
    finally:
        lan.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell the story of `parted` last."""
    items.sort(key=_is_last)


def _is_last(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "two_parted" in item.fixturenames


@pytest.fixture
def two_parted(parted: Parted | None, obstacle: str) -> Parted:
    """Two whose cable was pulled when the first story began."""
    if parted is None:
        pytest.skip(obstacle)
    return parted


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
