"""Lookout: watches for other devices of this identity, which are dialled like anybody, and again when they are lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from p2pdm.identity import PeerId
from p2pdm.net.discovery.finder import Sighting
from p2pdm.net.links import Address
from p2pdm.node.dialing import Dialing
from p2pdm.node.sessions import Sessions

LOOK_AGAIN = 15.0
"""Seconds until somebody who announces this identity and is not connected is looked at again."""


class Lookout:
    """Remembers who announces this identity. `is_here` says whether an address is this node's own."""

    def __init__(self, own: PeerId, sessions: Sessions, dialing: Dialing, is_here: Callable[[Address], bool]) -> None:
        self._own = own
        self._sessions = sessions
        self._dialing = dialing
        self._is_here = is_here
        self._announced: dict[str, tuple[Address, ...]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def seen(self, sighting: Sighting) -> None:
        """Somebody announces this identity: a copy of this profile, another device of it, or this node itself."""
        self._announced[sighting.instance] = tuple(sighting.addresses)
        self._look()

    def gone(self, instance: str) -> None:
        """An announcement was taken back."""
        self._announced.pop(instance, None)

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self.close()
        connected = {peer.listens_at for peer in self._sessions.of(self._own)}
        missing = [
            addresses
            for addresses in self._announced.values()
            if connected.isdisjoint(addresses) and not any(self._is_here(address) for address in addresses)
        ]
        for addresses in missing:
            self._dialing.look(self._own, list(addresses))
        if self._announced:
            self._timer = asyncio.get_running_loop().call_later(LOOK_AGAIN, self._look)
