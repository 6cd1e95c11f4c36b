"""A network in bad weather: links that are slow and cut bytes anywhere, datagrams lost, late, doubled and replayed."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from p2pdm.net.links import Address, Datagrams, Link, LinkError, Listener
from p2pdm.net.memory import MemoryDatagrams, MemoryLan, MemoryLink, MemoryListener, MemoryNetwork, Received

REMEMBERED = 50
"""Datagrams of the past that may be replayed."""


@dataclass
class Weather:
    """How bad it is now; all chances are of 1, all times in seconds."""

    loss: float = 0.0
    doubling: float = 0.0
    replay: float = 0.0
    datagram_delay: float = 0.0
    """At most; each has its own, so they overtake each other."""
    link_delay: float = 0.0
    splitting: float = 0.0
    """Chance that a link delivers what was written in two pieces."""

    @classmethod
    def bad(cls, chance: random.Random) -> Weather:
        """Any weather."""
        return cls(
            loss=chance.choice((0.0, 0.1, 0.3, 1.0)),
            doubling=chance.choice((0.0, 0.2)),
            replay=chance.choice((0.0, 0.1)),
            datagram_delay=chance.choice((0.0, 0.02, 1.0)),
            link_delay=chance.choice((0.0, 0.01, 0.2, 1.0)),
            splitting=chance.choice((0.0, 0.3)),
        )


class _Links(dict["MemoryLink", None]):
    """A set that keeps its order, so that a seed is always the same story."""

    def add(self, link: MemoryLink) -> None:
        self[link] = None

    def discard(self, link: MemoryLink) -> None:
        self.pop(link, None)


class StormyLan(MemoryLan):
    """The cable, and what can befall it."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.weather = Weather()
        self.links = _Links()  # type: ignore[assignment]  # as much of a set as is used

    def host(self, address: str) -> StormyNetwork:
        return StormyNetwork(self, address)

    def heal(self, one: str, other: str) -> None:
        """Undo the cut between two hosts."""
        self._cuts.discard(frozenset((one, other)))
        for link in list(self.links):
            if {link.local.host, link.remote.host} == {one, other}:
                link.pump()


class StormyNetwork(MemoryNetwork):
    """The network as one start of one node has it; `die` ends it without a word."""

    def __init__(self, lan: StormyLan, address: str) -> None:
        super().__init__(lan, address)
        self.stormy = lan
        self.dead = False
        self._bound: list[tuple[dict[Address, MemoryListener] | dict[Address, MemoryDatagrams], Address]] = []

    def die(self) -> None:
        """Nothing leaves or arrives any more."""
        self.dead = True
        for taken, at in self._bound:
            taken.pop(at, None)

    async def listen(self, port: int, accepted: Callable[[Link], None], hosts: tuple[str, ...] = ()) -> Listener:
        self._check_alive()
        listener = await super().listen(port, accepted, hosts)
        self._bound.append((self._lan.listeners, Address(self.address, listener.port)))
        return listener

    async def dial(self, to: Address, local_port: int, timeout: float) -> Link:
        self._check_alive()
        if self._lan.is_cut(self.address, to.host):
            await asyncio.sleep(timeout)
            raise LinkError(f"{to} did not answer within {timeout:g} s")
        await asyncio.sleep(self.stormy.chance.uniform(0, self.stormy.weather.link_delay))
        self._check_alive()
        if self._lan.refuses(to):
            raise LinkError(f"{to} could not be reached: nothing listens there")
        local = self._leave_from(local_port, to)
        here = StormyLink(self.stormy, local, to, dialled=True)
        there = StormyLink(self.stormy, to, local, dialled=False)
        here.peer, there.peer = there, here
        asyncio.get_running_loop().call_soon(self._lan.listeners[to].accepted, there)
        return here

    async def datagrams(self, port: int, received: Received, hosts: tuple[str, ...] = ()) -> Datagrams:
        self._check_alive()
        at = self._claim(port, self._lan.ports)
        bound = self._lan.ports[at] = StormyDatagrams(self, at, received)
        self._bound.append((self._lan.ports, at))
        return bound

    def _check_alive(self) -> None:
        if self.dead:
            raise LinkError("this machine is off")


class StormyDatagrams(MemoryDatagrams):
    """A port in bad weather."""

    def __init__(self, network: StormyNetwork, at: Address, received: Received) -> None:
        super().__init__(network.stormy, at, received)
        self._network = network
        self._past: deque[tuple[bytes, Address]] = deque(maxlen=REMEMBERED)

    def send(self, data: bytes, to: Address) -> None:
        weather, chance = self._network.stormy.weather, self._network.stormy.chance
        if self._network.dead or self._lan.is_cut(self._at.host, to.host):
            return
        self._past.append((data, to))
        if chance.random() >= weather.loss:
            self._send(data, to)
        if chance.random() < weather.doubling:
            self._send(data, to)
        if chance.random() < weather.replay:
            self._send(*chance.choice(self._past))

    def _send(self, data: bytes, to: Address) -> None:
        if to in self._lan.ports:
            delay = self._network.stormy.chance.uniform(0, self._network.stormy.weather.datagram_delay)
            asyncio.get_running_loop().call_later(delay, self._lan.ports[to].deliver, data, self._at)


class StormyLink(MemoryLink):
    """One end of a slow link."""

    def __init__(self, lan: StormyLan, local: Address, remote: Address, dialled: bool) -> None:
        self._stormy = lan
        super().__init__(lan, local, remote, dialled)

    def write(self, data: bytes) -> None:
        chance, weather = self._stormy.chance, self._stormy.weather
        at = chance.randrange(len(data)) if data and chance.random() < weather.splitting else 0
        for piece in (data[:at], data[at:]):
            if piece:
                super().write(piece)

    def pump(self) -> None:
        if not self._pumping and self._ended is None:
            self._pumping = True
            delay = self._stormy.chance.uniform(0, self._stormy.weather.link_delay)
            asyncio.get_running_loop().call_later(delay, self._deliver)
