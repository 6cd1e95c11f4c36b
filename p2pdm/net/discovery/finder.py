"""Finder: says who announces themselves on this network. And its in-memory twin."""

from __future__ import annotations

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
