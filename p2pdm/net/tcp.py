"""Links over TCP.

Every socket of a node is bound with SO_REUSEADDR, and SO_REUSEPORT is set on a listening one only *after* it
listens. So a dial may leave from the listening port (it sets SO_REUSEPORT before binding, and both sides of the
conflict allow it), while a second program that wants to listen there is refused by the kernel, even one of the
same user that starts at the same instant: its own socket lacks SO_REUSEPORT when it binds and listens. A listening
port whose old connections still linger can be listened on again at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable
from typing import cast

from p2pdm.net.addresses import SockAddr, family, from_sockaddr, nearest, to_sockaddr
from p2pdm.net.links import HIGH_WATER, LOW_WATER, Address, Link, LinkError, LinkHandler

BACKLOG = 128
"""Connections the kernel holds until the loop accepts them: twice the half-open handshakes a node allows."""
LINGER = 1.0
"""Seconds that a closing link waits for the other side to take what is queued, or to take more of it."""
LINGER_ROUNDS = 30
"""Times that it waits so: enough for a window over a poor radio, and nobody holds a socket byte by byte for days."""
FREE_PORT_TRIES = 20
"""Tries to find one port that is free on all addresses."""

_PORT_TAKEN = {errno.EADDRINUSE, errno.EADDRNOTAVAIL}
_NO_SUCH_FAMILY = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT}


class TcpLink(asyncio.Protocol):
    """A Link over one TCP connection."""

    def __init__(self, dialled: bool, ready: Callable[[Link], None] | None = None) -> None:
        self.dialled = dialled
        self.local = self.remote = Address("", 0)
        self._ready = ready
        self._handler: LinkHandler | None = None
        self._transport: asyncio.Transport | None = None
        self._closing = False
        self._why = ""
        self._lingering: asyncio.TimerHandle | None = None

    # --- the owner's side ---

    @property
    def pending(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport else 0

    def start(self, handler: LinkHandler) -> None:
        self._handler = handler
        if self._transport is None:
            asyncio.get_running_loop().call_soon(handler.link_closed, self._why)
        elif not self._closing:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._closing:
            self._transport.write(data)

    def pause(self) -> None:
        if self._transport is not None and not self._closing:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        # Closing a socket that holds unread bytes sends a reset, which may overtake what was queued:
        # end our direction only, read on until the other side has ended its own.
        if self._closing or self._transport is None:
            return
        self._closing = True
        try:
            self._transport.write_eof()
        except OSError:
            self._transport.abort()
            return
        self._transport.resume_reading()
        self._linger(self.pending, LINGER_ROUNDS)

    def abort(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        # Not at once: in Python 3.11.2 asyncio begins to read after this method, whatever it said.
        asyncio.get_running_loop().call_soon(self._wait_for_start)
        self._transport.set_write_buffer_limits(high=HIGH_WATER, low=LOW_WATER)
        local, remote = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
        if local is None or remote is None:  # reset before it was accepted
            self.abort()
            return
        # asyncio does so itself only for sockets that were made with an explicit IPPROTO_TCP.
        with contextlib.suppress(OSError):  # reset already: macOS then refuses every option
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local, self.remote = from_sockaddr(local), from_sockaddr(remote)
        if self._ready is not None:
            self._ready(self)

    def _wait_for_start(self) -> None:
        """Until `start`, leave the bytes in the kernel, which bounds them and slows the sender."""
        if self._transport is not None and self._handler is None and not self._closing:
            self._transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if self._handler is not None and not self._closing:
            self._handler.data_received(data)

    def eof_received(self) -> None:
        self._closing = True  # asyncio closes the transport once it has sent what is queued

    def resume_writing(self) -> None:
        if self._handler is not None and not self._closing:
            self._handler.writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._transport = None
        if self._lingering is not None:
            self._lingering.cancel()
        if exc is not None:
            self._why = say(exc)
        if self._handler is not None:
            self._handler.link_closed(self._why)

    def _linger(self, before: int, rounds: int) -> None:
        loop = asyncio.get_running_loop()
        self._lingering = loop.call_later(LINGER, self._linger_on, before, rounds - 1)

    def _linger_on(self, before: int, rounds: int) -> None:
        if 0 < self.pending < before and rounds:
            self._linger(self.pending, rounds)
        elif self._transport is not None:
            self._why = "the other side did not take what was left" if self.pending else ""
            self._transport.abort()


class TcpListener:
    """A Listener over one socket for each address."""

    def __init__(self, port: int, servers: list[asyncio.Server]) -> None:
        self.port = port
        self._servers = servers

    async def close(self) -> None:
        for server in self._servers:
            server.close()


async def listen(port: int, accepted: Callable[[Link], None], hosts: tuple[str, ...] = ()) -> TcpListener:
    """See Network.listen."""
    sockets = bind_all(port, hosts, socket.SOCK_STREAM)
    try:
        for sock in sockets:
            sock.listen(BACKLOG)
            if hasattr(socket, "SO_REUSEPORT"):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        close_all(sockets)
        raise LinkError(f"port {port} cannot be listened on: {say(error)}") from None
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: TcpLink(dialled=False, ready=accepted), sock=sock, backlog=BACKLOG)
        for sock in sockets
    ]
    return TcpListener(sockets[0].getsockname()[1], servers)


async def dial(to: Address, local_port: int, timeout: float, only: tuple[str, ...] = ()) -> Link:
    """See Network.dial; leaves from one of the addresses `only` if there are any."""
    sockaddr = to_sockaddr(to)
    source = nearest(only, to.host) if only else ""
    if source is None:
        raise LinkError(f"{to} cannot be reached from the chosen interfaces")
    try:
        async with asyncio.timeout(timeout):
            try:
                sock = await _connect(to, sockaddr, source, local_port)
            except OSError as error:
                if not local_port or error.errno not in _PORT_TAKEN:
                    raise
                sock = await _connect(to, sockaddr, source, 0)
    except TimeoutError:
        raise LinkError(f"{to} did not answer within {timeout:g} s") from None
    except OSError as error:
        raise LinkError(f"{to} could not be reached: {say(error)}") from None
    if sock.getsockname() == sock.getpeername():  # TCP lets a socket that dials its own port meet itself
        sock.close()
        raise LinkError(f"{to} is this program itself")
    _, link = await asyncio.get_running_loop().create_connection(lambda: TcpLink(dialled=True), sock=sock)
    return link


def bind_all(port: int, hosts: tuple[str, ...], kind: socket.SocketKind) -> list[socket.socket]:
    """Bound sockets with one port, for each of `hosts` (none: all addresses, IPv4 and IPv6); LinkError if taken."""
    for attempt in range(FREE_PORT_TRIES):
        try:
            return _bind_each(port, hosts or ("0.0.0.0", "::"), kind, optional=not hosts)
        except OSError as error:
            # A free port of the first address may be taken on the next: look for another.
            if port == 0 and error.errno == errno.EADDRINUSE and attempt + 1 < FREE_PORT_TRIES:
                continue
            raise LinkError(_why_not_bound(port, hosts, error)) from None
    raise AssertionError("the last attempt returns or raises")


def close_all(sockets: list[socket.socket]) -> None:
    """Close each."""
    for sock in sockets:
        sock.close()


def say(error: Exception) -> str:
    """An error of the network in words."""
    words = {
        errno.ECONNREFUSED: "nothing listens there",
        errno.ECONNRESET: "the other side dropped the connection",
        errno.EPIPE: "the other side dropped the connection",
        errno.ETIMEDOUT: "the other side stopped answering",
        errno.EHOSTUNREACH: "the machine does not answer",
        errno.ENETUNREACH: "there is no way there from this network",
        errno.EACCES: "this machine's firewall or permissions forbid it",
        errno.EPERM: "this machine's firewall or permissions forbid it",
        errno.EADDRINUSE: "another program uses it",
        errno.EADDRNOTAVAIL: "this machine does not have that address",
    }
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        return "the connection broke"
    return words.get(number) or os.strerror(number).lower()


async def _connect(to: Address, sockaddr: SockAddr, source: str, local_port: int) -> socket.socket:
    sock = socket.socket(family(to.host), socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if source or local_port:
            _allow_sharing(sock, local_port)
            sock.bind(to_sockaddr(Address(source or _any(to.host), local_port)))
        await asyncio.get_running_loop().sock_connect(sock, sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


def _any(host: str) -> str:
    return "::" if ":" in host else "0.0.0.0"


def _allow_sharing(sock: socket.socket, port: int) -> None:
    if port and hasattr(socket, "SO_REUSEPORT"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _bind_each(port: int, hosts: tuple[str, ...], kind: socket.SocketKind, optional: bool) -> list[socket.socket]:
    bound: list[socket.socket] = []
    for host in hosts:
        try:
            sock = _bind(Address(host, port), kind)
        except OSError as error:
            if optional and bound and error.errno in _NO_SUCH_FAMILY:
                continue  # a machine without IPv6
            close_all(bound)
            raise
        bound.append(sock)
        port = sock.getsockname()[1]
    return bound


def _bind(address: Address, kind: socket.SocketKind) -> socket.socket:
    sockaddr = to_sockaddr(address)
    sock = socket.socket(family(address.host), kind)
    try:
        sock.setblocking(False)
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind is socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(sockaddr)
    except OSError:
        sock.close()
        raise
    return sock


def _why_not_bound(port: int, hosts: tuple[str, ...], error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is used by another program"
    where = f" of {', '.join(hosts)}" if hosts else ""
    return f"port {port}{where} cannot be used: {say(error)}"
