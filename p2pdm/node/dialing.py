"""Dialing: carries out what the dialer wishes: addresses in turn, quickly, until somebody there is the right one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from p2pdm.identity import PeerId
from p2pdm.net.links import Address, LinkError, Network
from p2pdm.node.dialer import Dialer
from p2pdm.node.gate import Gate
from p2pdm.wire.errors import WireError
from p2pdm.wire.handshake import AnotherVersion

DIAL_TIME = 5.0
"""Seconds for one address: longer than TCP's second and third SYN, which meet a firewall that opens meanwhile."""
LOOKS_AT_ONCE = 4
"""Looks at who announces this identity: nobody has more devices about, and anybody may announce anything."""
STAGGER = 0.25
"""Seconds until the next address is tried beside the one before (RFC 8305, section 5)."""


class Dialing:
    """The dials in progress."""

    def __init__(
        self,
        dialer: Dialer,
        network: Network,
        gate: Gate,
        addresses: Callable[[PeerId], list[Address]],
        connected: Callable[[PeerId], bool],
        is_contact: Callable[[PeerId], bool],
    ) -> None:
        self.port = 0
        """Where this node listens: dials leave from there."""
        self.failures: dict[PeerId, str] = {}
        """Why someone who answers can't be talked with: they have another version."""
        self.failed: Callable[[PeerId], None] = lambda _: None
        """Told of a new failure."""
        self.rests: Callable[[PeerId], bool] = lambda _: False
        """Whether somebody's session was ended to make room for others: then they are dialled when they are needed."""
        self._needed: set[PeerId] = set()
        """To whom there is something to say."""
        self._dialer = dialer
        self._network = network
        self._gate = gate
        self._addresses = addresses
        self._connected = connected
        self._is_contact = is_contact
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking: set[tuple[Address, ...]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def want(self, identity: PeerId, *, urgent: bool = False, delay: float = 0.0, needed: bool = False) -> None:
        """Wish to be connected to someone, `delay` seconds from now; `needed`: there is something to say to them."""
        if needed and not self._connected(identity):
            self._needed.add(identity)
        self._wish(identity, urgent, delay)
        self._arm()

    def _wish(self, identity: PeerId, urgent: bool, delay: float) -> None:
        if self._may_dial(identity) and self._addresses(identity):
            self._dialer.want(identity, self._now() + delay, urgent=urgent, contact=self._is_contact(identity))

    def rest(self, identity: PeerId) -> None:
        """They were met, and what there was to say was said."""
        self._dialer.drop(identity)
        self._needed.discard(identity)

    def _may_dial(self, identity: PeerId) -> bool:
        return not self._connected(identity) and (identity in self._needed or not self.rests(identity))

    def forget(self, identity: PeerId) -> None:
        """They are nowhere any more."""
        self._dialer.drop(identity)
        self._needed.discard(identity)
        self.failures.pop(identity, None)

    def start_over(self, identities: list[PeerId]) -> None:
        """The network changed."""
        for identity in identities:
            self._wish(identity, urgent=True, delay=0.0)
        self._arm()

    def look(self, identity: PeerId, addresses: list[Address]) -> None:
        """Try once whether `identity` is there; one such try of the same addresses at a time."""
        places = tuple(addresses)
        if places not in self._looking and len(self._looking) < LOOKS_AT_ONCE:
            task = asyncio.get_running_loop().create_task(self._look(identity, places))
            self._looking.add(places)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _look(self, identity: PeerId, addresses: tuple[Address, ...]) -> None:
        try:
            await self.dial_any(identity, list(addresses))
        finally:
            self._looking.discard(addresses)

    async def close(self) -> None:
        """End all dials."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._dialer.deadline
        if due is not None and not self._closed:
            self._timer = asyncio.get_running_loop().call_at(due, self._work)

    def _work(self) -> None:
        self._timer = None
        for identity in self._dialer.due(self._now()):
            task = asyncio.get_running_loop().create_task(self._reach(identity))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._arm()

    async def _reach(self, identity: PeerId) -> None:
        try:
            if self._may_dial(identity):
                await self.dial_any(identity, self._addresses(identity))
        finally:
            connected = self._connected(identity)  # a session that came about may have ended at once
            self._dialer.ended(identity, self._now(), connected=connected)
            if connected:
                self._needed.discard(identity)
                self.failures.pop(identity, None)
            elif not self._may_dial(identity):
                self._dialer.drop(identity)
            elif not self._addresses(identity):
                self.forget(identity)
            self._arm()

    async def dial_any(self, identity: PeerId, addresses: list[Address]) -> bool:
        """Try addresses, each STAGGER after the one before, until one leads to `identity`; whether one did."""
        pending: set[asyncio.Task[bool]] = set()
        waiting = list(addresses)
        try:
            while waiting or pending:
                if waiting:
                    pending.add(asyncio.get_running_loop().create_task(self._dial(identity, waiting.pop(0))))
                timeout = STAGGER if waiting else None
                done, pending = await asyncio.wait(pending, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if any(task.result() for task in done):
                    return True
            return False
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _dial(self, identity: PeerId, address: Address) -> bool:
        try:
            link = await self._network.dial(address, self.port, DIAL_TIME)
        except LinkError:
            return False
        try:
            await self._gate.dialled(link, identity)
        except AnotherVersion as error:
            self._fail(identity, str(error))
            return False
        except WireError:
            return False
        return True

    def _fail(self, identity: PeerId, why: str) -> None:
        if self.failures.get(identity) != why:
            self.failures[identity] = why
            self.failed(identity)
