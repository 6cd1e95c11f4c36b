"""Address <-> what the socket calls take and give, and which of our addresses is nearest to another."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from p2pdm.net.links import Address, LinkError

SockAddr = tuple[str, int] | tuple[str, int, int, int]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse_host(host: str) -> IpAddress:
    """A numeric IPv4 or IPv6 address, with `%scope` where link-local; LinkError otherwise."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise LinkError(f"{host!r} is not a numeric IP address") from None


def family(host: str) -> socket.AddressFamily:
    """AF_INET or AF_INET6."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def to_sockaddr(address: Address) -> SockAddr:
    """What bind, connect and sendto take; never makes them look a name up."""
    ip = parse_host(address.host)
    if not 0 <= address.port <= 65_535:
        raise LinkError(f"{address.port} is not a port")
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip), address.port
    return address.host.partition("%")[0], address.port, 0, _scope_id(ip.scope_id)


def from_sockaddr(sockaddr: SockAddr) -> Address:
    """What accept, getsockname and recvfrom give, as an Address: link-local ones with the interface's name."""
    host, port = sockaddr[0], sockaddr[1]
    if len(sockaddr) == 4 and sockaddr[3] and "%" not in host:
        host = f"{host}%{scope_name(sockaddr[3])}"
    return Address(host, port)


def scope_name(index: int) -> str:
    """The name of an interface by its index; the index itself when the interface has gone."""
    try:
        return socket.if_indextoname(index)
    except OSError:
        return str(index)


def nearest(hosts: Iterable[str], to: str) -> str | None:
    """Which of `hosts` shares the longest prefix with `to`; None when none is of its family."""
    target = parse_host(to)
    candidates = [host for host in hosts if parse_host(host).version == target.version]
    return max(candidates, key=lambda host: _common_bits(parse_host(host), target), default=None)


def _common_bits(one: IpAddress, other: IpAddress) -> int:
    return one.max_prefixlen - (int(one) ^ int(other)).bit_length()


def _scope_id(scope: str | None) -> int:
    if scope is None:
        return 0
    if scope.isascii() and scope.isdigit():
        return int(scope)
    try:
        return socket.if_nametoindex(scope)
    except OSError:
        raise LinkError(f"this machine has no interface {scope}") from None
