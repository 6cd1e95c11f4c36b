"""The in-memory twin of the network: hosts on one cable that a test can cut.

    lan = MemoryLan()
    alice, bob = lan.host("10.0.0.1"), lan.host("10.0.0.2")   # each a Network
    lan.cut("10.0.0.1", "10.0.0.2")

As over real sockets, nothing is delivered reentrantly, order holds within a link, and a cut cable is silent: what
was written waits and arrives after `mend`, datagrams are lost, dials time out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import combinations

from p2pdm.net.links import HIGH_WATER, LOW_WATER, Address, Datagrams, Link, LinkError, LinkHandler, Listener

FIRST_FREE_PORT = 49_152
"""RFC 6335: where ephemeral ports begin."""

Received = Callable[[bytes, Address], None]


class MemoryLan:
    """One cable. Tests change it while nodes talk."""

    def __init__(self) -> None:
        self.listeners: dict[Address, MemoryListener] = {}
        self.ports: dict[Address, MemoryDatagrams] = {}
        self.links: set[MemoryLink] = set()
        self.loses: Callable[[bytes], bool] = lambda datagram: False
        """Which datagrams are lost."""
        self._cuts: set[frozenset[str]] = set()
        self._refusing: set[str] = set()
        self._next_port = FIRST_FREE_PORT

    def host(self, address: str) -> MemoryNetwork:
        """The network as the machine at `address` has it; several nodes may share one."""
        return MemoryNetwork(self, address)

    def cut(self, one: str, other: str) -> None:
        """Nothing passes between two hosts, and nothing says so."""
        self._cuts.add(frozenset((one, other)))

    def partition(self, *sides: Iterable[str]) -> None:
        """Cut every pair of hosts on different sides."""
        for one_side, other_side in combinations([list(side) for side in sides], 2):
            for one in one_side:
                for other in other_side:
                    self.cut(one, other)

    def mend(self) -> None:
        """Undo every cut; what waited in links arrives."""
        self._cuts.clear()
        for link in list(self.links):
            link.pump()

    def refuse(self, host: str, on: bool = True) -> None:
        """Dials to `host` are refused, as if nothing listened there."""
        (self._refusing.add if on else self._refusing.discard)(host)

    def reset(self, one: str, other: str) -> None:
        """Break the open links between two hosts, at both ends at once."""
        for link in list(self.links):
            if {link.local.host, link.remote.host} == {one, other}:
                link.broken("the other side dropped the connection")

    def is_cut(self, one: str, other: str) -> bool:
        """Whether nothing passes between two hosts."""
        return frozenset((one, other)) in self._cuts

    def refuses(self, to: Address) -> bool:
        """Whether a dial to `to` is refused."""
        return to.host in self._refusing or to not in self.listeners

    def free_port(self) -> int:
        """A port that nothing has used yet."""
        self._next_port += 1
        return self._next_port


class MemoryNetwork:
    """A Network as one host of a MemoryLan has it."""

    def __init__(self, lan: MemoryLan, address: str) -> None:
        self.address = address
        self._lan = lan

    async def listen(self, port: int, accepted: Callable[[Link], None], hosts: tuple[str, ...] = ()) -> Listener:
        at = self._claim(port, self._lan.listeners)
        listener = self._lan.listeners[at] = MemoryListener(self._lan, at, accepted)
        return listener

    async def dial(self, to: Address, local_port: int, timeout: float) -> Link:
        if self._lan.is_cut(self.address, to.host):
            await asyncio.sleep(timeout)
            raise LinkError(f"{to} did not answer within {timeout:g} s")
        await asyncio.sleep(0)
        if self._lan.refuses(to):
            raise LinkError(f"{to} could not be reached: nothing listens there")
        local = self._leave_from(local_port, to)
        here = MemoryLink(self._lan, local, to, dialled=True)
        there = MemoryLink(self._lan, to, local, dialled=False)
        here.peer, there.peer = there, here
        asyncio.get_running_loop().call_soon(self._lan.listeners[to].accepted, there)
        return here

    async def datagrams(self, port: int, received: Received, hosts: tuple[str, ...] = ()) -> Datagrams:
        at = self._claim(port, self._lan.ports)
        bound = self._lan.ports[at] = MemoryDatagrams(self._lan, at, received)
        return bound

    def _claim(self, port: int, taken: dict[Address, MemoryListener] | dict[Address, MemoryDatagrams]) -> Address:
        at = Address(self.address, port or self._lan.free_port())
        if at in taken:
            raise LinkError(f"port {port} is used by another program")
        return at

    def _leave_from(self, local_port: int, to: Address) -> Address:
        local = Address(self.address, local_port)
        same = any(link.local == local and link.remote == to for link in self._lan.links)
        return Address(self.address, self._lan.free_port()) if same or not local_port else local


class MemoryListener:
    """A Listener in memory."""

    def __init__(self, lan: MemoryLan, at: Address, accepted: Callable[[Link], None]) -> None:
        self.port = at.port
        self.accepted = accepted
        self._lan = lan
        self._at = at

    async def close(self) -> None:
        self._lan.listeners.pop(self._at, None)


class MemoryDatagrams:
    """Datagrams in memory."""

    def __init__(self, lan: MemoryLan, at: Address, received: Received) -> None:
        self.port = at.port
        self._lan = lan
        self._at = at
        self._received = received

    def send(self, data: bytes, to: Address) -> None:
        lost = self._lan.is_cut(self._at.host, to.host) or self._lan.loses(data)
        if not lost and to in self._lan.ports:
            asyncio.get_running_loop().call_soon(self._lan.ports[to].deliver, data, self._at)

    def deliver(self, data: bytes, sender: Address) -> None:
        """Hand over one datagram, unless the port was released meanwhile."""
        if self._lan.ports.get(self._at) is self:
            self._received(data, sender)

    async def close(self) -> None:
        self._lan.ports.pop(self._at, None)


class MemoryLink:
    """One end of a Link in memory."""

    peer: MemoryLink

    def __init__(self, lan: MemoryLan, local: Address, remote: Address, dialled: bool) -> None:
        self.local = local
        self.remote = remote
        self.dialled = dialled
        self.pending = 0
        self._lan = lan
        self._queue: deque[bytes] = deque()
        self._handler: LinkHandler | None = None
        self._closing = False
        self._ended: str | None = None
        self._above = False
        self._pumping = False
        self._paused = False
        lan.links.add(self)

    def start(self, handler: LinkHandler) -> None:
        self._handler = handler
        if self._ended is not None:
            asyncio.get_running_loop().call_soon(handler.link_closed, self._ended)
        self.peer.pump()

    def write(self, data: bytes) -> None:
        if self._closing or self._ended is not None:
            return
        self._queue.append(data)
        self.pending += len(data)
        self._above = self._above or self.pending > HIGH_WATER
        self.pump()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self.peer.pump()

    def close(self) -> None:
        self._closing = True
        self.pump()

    def abort(self) -> None:
        if self._ended is None:
            self.broken("")
            self.peer.broken("the other side dropped the connection")

    def broken(self, why: str) -> None:
        """This end is over, with what was queued."""
        if self._ended is not None:
            return
        self._ended = why
        self._queue.clear()
        self.pending = 0
        self._lan.links.discard(self)
        if self._handler is not None:
            asyncio.get_running_loop().call_soon(self._handler.link_closed, why)

    def pump(self) -> None:
        """Deliver what is queued, from the event loop, once it can be."""
        if not self._pumping and self._ended is None:
            self._pumping = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._pumping = False
        if self._ended is not None or self._lan.is_cut(self.local.host, self.remote.host):
            return
        if self._queue and self.peer._handler is not None and not self.peer._paused:
            data = self._queue.popleft()
            self.pending -= len(data)
            if not self.peer._closing:
                self.peer._handler.data_received(data)
            self.pump()
        self._say_writable()
        if self._closing and not self._queue:
            self.broken("")
            self.peer.broken("")

    def _say_writable(self) -> None:
        if self._above and self.pending <= LOW_WATER and self._handler is not None and not self._closing:
            self._above = False
            self._handler.writable()
