"""From the addresses that somebody claims to the few worth dialling, best first."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from p2pdm.net.addresses import IpAddress, scope_name
from p2pdm.net.discovery.finder import MAX_ADDRESSES
from p2pdm.net.interfaces import Interface
from p2pdm.net.links import Address

MAX_CLAIMS = 32
"""Addresses looked at: a record with more is a flood."""


def best_addresses(claims: Iterable[str], port: int, ours: tuple[Interface, ...]) -> tuple[Address, ...]:
    """At most MAX_ADDRESSES of the claimed: those on a subnet of ours first, IPv4 before IPv6.

    Our own addresses last: somebody on this machine has no others, but many machines have one alike (as containers'
    bridges do), which leads nowhere else.
    """
    if not 0 < port <= 65_535:
        return ()
    own = {i.address for i in ours}
    ranked: dict[Address, tuple[bool, bool, bool, str]] = {}
    for claim, _ in zip(claims, range(MAX_CLAIMS), strict=False):
        host = _dialable(claim, ours)
        if host is not None:
            ip = ipaddress.ip_address(host)
            ranked.setdefault(Address(host, port), (host in own, not _is_near(ip, ours), ip.version == 6, host))
    return tuple(sorted(ranked, key=ranked.__getitem__)[:MAX_ADDRESSES])


def _dialable(claim: str, ours: tuple[Interface, ...]) -> str | None:
    try:
        ip = ipaddress.ip_address(claim)
    except ValueError:
        return None
    if ip.is_multicast or ip.is_unspecified or ip.is_reserved or str(ip) == "255.255.255.255":
        return None
    if ip.is_loopback and not any(ipaddress.ip_address(i.address).is_loopback for i in ours):
        return None  # would lead to this machine
    if isinstance(ip, ipaddress.IPv6Address) and ip.is_link_local:
        return _scoped(ip, ours)
    return str(ip)


def _scoped(ip: ipaddress.IPv6Address, ours: tuple[Interface, ...]) -> str | None:
    """With the scope that the announcement came by; if it came by IPv4, that of our only interface."""
    bare = str(ip).partition("%")[0]
    if ip.scope_id:
        return f"{bare}%{scope_name(int(ip.scope_id)) if ip.scope_id.isdigit() else ip.scope_id}"
    scopes = {i.name for i in ours if i.link_local}
    return f"{bare}%{scopes.pop()}" if len(scopes) == 1 else None


def _is_near(ip: IpAddress, ours: tuple[Interface, ...]) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip.scope_id:
        return True
    return any(ip in i.network for i in ours if not i.link_local)
