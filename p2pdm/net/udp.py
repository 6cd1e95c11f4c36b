"""Datagrams over asyncio-dgram.

asyncio-dgram queues what arrives without a bound. Here one task for each socket takes everything from that queue
whenever it runs, and never waits in between; the loop adds at most one datagram a round, so a handful is all that
ever waits, and what comes faster is dropped in the kernel's buffer, as UDP's way is. Sending goes straight to the
socket: the stream's own `send` would wait behind a full buffer and keep each error in another unbounded queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from typing import cast

import asyncio_dgram

from p2pdm.net.addresses import SockAddr, from_sockaddr, nearest, to_sockaddr
from p2pdm.net.links import Address, LinkError
from p2pdm.net.tcp import bind_all, close_all

RECEIVE_BUFFER = 1024 * 1024
"""Bytes the kernel may hold for us: a second's burst of entries from several peers while the disk commits."""

MAX_ROUTES = 4_096
"""Destinations remembered with their socket: twice the peers of the largest event."""

Received = Callable[[bytes, Address], None]
Stream = asyncio_dgram.aio.DatagramServer | asyncio_dgram.aio.DatagramClient


class UdpDatagrams:
    """Datagrams over one socket for each address."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._sockets: dict[str, socket.socket] = {}
        self._routes: dict[Address, tuple[socket.socket, SockAddr]] = {}
        self._streams: list[Stream] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, sockets: list[socket.socket], received: Received) -> None:
        """Begin to receive from bound sockets."""
        for sock in sockets:
            stream = await asyncio_dgram.from_socket(sock)
            self._sockets[from_sockaddr(sock.getsockname()).host] = sock
            self._streams.append(stream)
            self._tasks.append(asyncio.create_task(_drain(stream, received)))

    def send(self, data: bytes, to: Address) -> None:
        try:
            sock, sockaddr = self._routes.get(to) or self._route(to)
            sock.sendto(data, sockaddr)
        except (LinkError, OSError):
            # No such interface, no route, a full buffer, a firewall: lost, as on the wire.
            self._routes.pop(to, None)
        if sys.platform == "win32":  # where refusals reach unconnected sockets, and would pile up in the stream
            for stream in self._streams:
                with contextlib.suppress(OSError):
                    _ = stream.exception

    async def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._sockets.clear()
        self._routes.clear()
        await asyncio.gather(*self._tasks)

    def _route(self, to: Address) -> tuple[socket.socket, SockAddr]:
        host = nearest(self._sockets, to.host)
        if host is None:
            raise LinkError(f"{to} cannot be reached from here")
        if len(self._routes) >= MAX_ROUTES:
            self._routes.clear()
        route = self._routes[to] = self._sockets[host], to_sockaddr(to)
        return route


async def bind(port: int, received: Received, hosts: tuple[str, ...] = ()) -> UdpDatagrams:
    """See Network.datagrams."""
    sockets = bind_all(port, hosts, socket.SOCK_DGRAM)
    try:
        for sock in sockets:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        datagrams = UdpDatagrams(sockets[0].getsockname()[1])
        await datagrams.open(sockets, received)
    except OSError as error:
        close_all(sockets)
        raise LinkError(f"port {port} cannot be used: {error.strerror}") from None
    return datagrams


async def _drain(stream: Stream, received: Received) -> None:
    with contextlib.suppress(asyncio_dgram.TransportClosed):
        while True:
            try:
                data, sockaddr = await stream.recv()
            except OSError:
                continue  # an answer to something we sent: nobody listens there, the network is down
            received(data, from_sockaddr(cast(SockAddr, sockaddr)))
