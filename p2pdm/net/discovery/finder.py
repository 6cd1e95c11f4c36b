"""Finder: says who announces themselves on this network. And its in-memory twin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from p2pdm.net.links import Address

MAX_ADDRESSES = 8
"""Addresses kept for a peer: two interfaces with IPv4 and IPv6 use four; more is a flood."""
MAX_SIGHTINGS = 2_000
"""Peers kept: beyond the largest event; each costs some 300 bytes."""


@dataclass(frozen=True, slots=True)
class Advert:
    """What a node says of itself on the network."""

    identity: bytes
    """The 32-byte PeerId."""
    name: str
    port: int
    space: bytes
    """The space's 32-byte key: the open space announces identity and name as they are, any other sealed."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody announces themselves: a hint, not proof."""

    instance: str
    """The announcement's own random name, new for each start of a node."""
    identity: bytes
    name: str
    addresses: tuple[Address, ...]
    """At most MAX_ADDRESSES."""


class Finder(Protocol):
    """One way of finding peers."""

    troubled: Callable[[str], None]
    """Its owner's: called with `trouble` whenever that changed, empty when it is over."""

    async def start(
        self,
        advert: Advert,
        seen: Callable[[Sighting], None],
        gone: Callable[[str], None],
    ) -> None:
        """Announce `advert` and report others: `seen` when one appears or changes, `gone` (instance) when one
        leaves. One's own announcement is not reported. Never raises for the network's sake: see `trouble`."""

    async def update(self, advert: Advert) -> None:
        """Announce something else from now on (a new name)."""

    @property
    def trouble(self) -> str:
        """Empty, or a sentence that says what is in the way and what to do."""
        ...

    async def close(self) -> None:
        """Say goodbye (others see it at once) and stop."""


class Air:
    """What the MemoryFinders of one test announce into: everyone on it hears everyone of the same space."""

    def __init__(self) -> None:
        self.finders: list[MemoryFinder] = []

    def tell(self, about: MemoryFinder) -> None:
        """All others who can read it see what `about` announces."""
        for finder in self.finders:
            finder.hear(about)

    def forget(self, about: MemoryFinder) -> None:
        """All others see `about` leave."""
        for finder in self.finders:
            finder.lose(about)


class MemoryFinder:
    """The in-memory twin of Finder: announces `hosts` with the advert's port to all others on `air`."""

    trouble = ""
    troubled: Callable[[str], None]

    def __init__(self, air: Air, *hosts: str) -> None:
        self.instance = f"memory{len(air.finders)}{id(self):x}"
        self.hosts = hosts
        self.advert: Advert | None = None
        self._air = air
        self._seen: Callable[[Sighting], None] = lambda sighting: None
        self._gone: Callable[[str], None] = lambda instance: None

    async def start(self, advert: Advert, seen: Callable[[Sighting], None], gone: Callable[[str], None]) -> None:
        self._seen, self._gone = seen, gone
        self.advert = advert
        self._air.finders.append(self)
        for other in self._air.finders:
            self.hear(other)
        self._air.tell(self)

    async def update(self, advert: Advert) -> None:
        self.advert = advert
        self._air.tell(self)

    async def close(self) -> None:
        if self in self._air.finders:
            self._air.finders.remove(self)
            self._air.forget(self)

    def hear(self, other: MemoryFinder) -> None:
        """Report `other` soon, if it is somebody else of this space."""
        mine, theirs = self.advert, other.advert
        if other is not self and mine is not None and theirs is not None and mine.space == theirs.space:
            addresses = tuple(Address(host, theirs.port) for host in other.hosts)
            sighting = Sighting(other.instance, theirs.identity, theirs.name, addresses)
            asyncio.get_running_loop().call_soon(self._seen, sighting)

    def lose(self, other: MemoryFinder) -> None:
        """Report that `other` left."""
        asyncio.get_running_loop().call_soon(self._gone, other.instance)
