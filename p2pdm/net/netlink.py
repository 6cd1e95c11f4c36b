"""What Linux tells of its interfaces: flags by ioctl (netdevice(7)), changes by netlink (rtnetlink(7))."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import sys
from collections.abc import Callable, Iterator

UP = 0x1
RUNNING = 0x40
"""IFF_RUNNING: up and plugged in."""

EVERYTHING_UNKNOWN = 0
"""In place of an index, when events were lost."""

_SIOCGIFFLAGS = 0x8913
_NETLINK_ROUTE = 0
_RTMGRP_LINK = 0x1
_RTMGRP_IPV4_IFADDR = 0x10
_RTMGRP_IPV6_IFADDR = 0x100
_RTM_NEWLINK, _RTM_DELLINK, _RTM_DELADDR = 16, 17, 21
_NLMSGHDR = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_IFINFOMSG = struct.Struct("=BxHiII")  # family, device type, index, flags, change
_IFADDRMSG = struct.Struct("=BBBBi")  # family, prefix, flags, scope, index


def interface_flags(name: str) -> int:
    """The interface's flags; 0 when it has gone; elsewhere than on Linux, where they are not asked, UP | RUNNING."""
    if sys.platform != "linux":
        return UP | RUNNING
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            answer = fcntl.ioctl(sock, _SIOCGIFFLAGS, struct.pack("16sH14x", name.encode()[:15], 0))
        except OSError:
            return 0
    flags: int = struct.unpack("16xH14x", answer)[0]
    return flags


class RouteEvents:
    """Calls `changed` from the event loop with the indices of interfaces that lost an address or their link
    (often none) whenever anything about links and addresses changes."""

    def __init__(self, changed: Callable[[set[int]], None]) -> None:
        self._changed = changed
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_ROUTE)
        try:
            self._socket.setblocking(False)
            self._socket.bind((0, _RTMGRP_LINK | _RTMGRP_IPV4_IFADDR | _RTMGRP_IPV6_IFADDR))
        except OSError:
            self._socket.close()
            raise
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        """Listen no more."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        lost: set[int] = set()
        try:
            while True:
                lost |= set(losses(self._socket.recv(65_536)))
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno == errno.ENOBUFS:  # more happened than the kernel kept for us
                lost.add(EVERYTHING_UNKNOWN)
        self._changed(lost)


def losses(messages: bytes) -> Iterator[int]:
    """The indices of interfaces that lost an address, their link, or themselves, by a buffer of route messages."""
    while len(messages) >= _NLMSGHDR.size:
        length, kind, *_ = _NLMSGHDR.unpack_from(messages)
        if length < _NLMSGHDR.size:
            return
        body = messages[_NLMSGHDR.size : length]
        if kind in {_RTM_NEWLINK, _RTM_DELLINK} and len(body) >= _IFINFOMSG.size:
            _, _, index, flags, _ = _IFINFOMSG.unpack_from(body)
            if kind == _RTM_DELLINK or not flags & RUNNING:
                yield index
        elif kind == _RTM_DELADDR and len(body) >= _IFADDRMSG.size:
            yield _IFADDRMSG.unpack_from(body)[4]
        messages = messages[(length + 3) & ~3 :]
