"""The real Network: TCP links and UDP datagrams of this machine."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.net import tcp, udp
from p2pdm.net.links import Address, Datagrams, Link, Listener


class SocketNetwork:
    """A Network over this machine's sockets; with addresses in `only`, dials leave from those."""

    def __init__(self, only: tuple[str, ...] = ()) -> None:
        self._only = only

    async def listen(self, port: int, accepted: Callable[[Link], None], hosts: tuple[str, ...] = ()) -> Listener:
        return await tcp.listen(port, accepted, hosts or self._only)

    async def dial(self, to: Address, local_port: int, timeout: float) -> Link:
        return await tcp.dial(to, local_port, timeout, self._only)

    async def datagrams(
        self, port: int, received: Callable[[bytes, Address], None], hosts: tuple[str, ...] = ()
    ) -> Datagrams:
        return await udp.bind(port, received, hosts or self._only)
