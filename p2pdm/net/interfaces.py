"""This machine's addresses, and a watcher that notices within two seconds when they change.

On Linux the kernel tells of changes (see `netlink`), elsewhere the addresses are read every POLL seconds. An
interface that went and came back between two looks looks the same afterwards but has lost its multicast
memberships; the watcher reports it as shaken.
"""

from __future__ import annotations

import asyncio
import ipaddress
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import ifaddr

from p2pdm.net.links import LinkError
from p2pdm.net.netlink import EVERYTHING_UNKNOWN, RUNNING, UP, RouteEvents, interface_flags

POLL = 1.5
"""Seconds between looks where the kernel does not tell: half a millisecond each, noticed within two seconds."""
SETTLE = 0.1
"""Seconds to let a burst of changes end: an interface that comes up gets its addresses one by one."""

_TENTATIVE = 0x40
"""IFA_F_TENTATIVE: an IPv6 address that is still being checked for duplicates cannot be bound."""
_DADFAILED = 0x08


@dataclass(frozen=True, slots=True, order=True)
class Interface:
    """One address of one interface."""

    name: str
    address: str
    """IPv6 link-local addresses with `%name`."""
    prefix: int
    index: int = 0

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The subnet that the address is on."""
        return ipaddress.ip_network((self.address.partition("%")[0], self.prefix), strict=False)

    @property
    def link_local(self) -> bool:
        """Whether it is an IPv6 address that means something on this interface only."""
        return "%" in self.address


@dataclass(frozen=True, slots=True)
class Change:
    """What a watcher noticed."""

    now: tuple[Interface, ...]
    shaken: frozenset[int]
    """Indices of interfaces that lost an address or their link since the last report, even if all is back, and of
    those that were not there before, even if an older one had the same name and address."""


def usable_interfaces(only: Iterable[str] = ()) -> tuple[Interface, ...]:
    """Addresses that neighbours can be met on: interfaces up and plugged in.

    Loopback only where there is nothing else, so that two people on one machine without a network still meet;
    with addresses in `only`, those of them that exist now, whatever they are.
    """
    everything = _all_addresses()
    wanted = {host.partition("%")[0] for host in only}
    if wanted:
        return tuple(i for i in everything if i.address.partition("%")[0] in wanted)
    loopback = {i.name for i in everything if ipaddress.ip_address(i.address).is_loopback}
    connected = [i for i in everything if i.name not in loopback and interface_flags(i.name) & RUNNING]
    return tuple(connected or [i for i in everything if i.name in loopback and ":" not in i.address])


class Watcher:
    """Tells its subscribers when the usable interfaces change."""

    def __init__(self, only: Iterable[str] = ()) -> None:
        self.only = tuple(only)
        """The addresses that the user chose; none: all."""
        self._subscribers: list[Callable[[Change], None]] = []
        self._events: RouteEvents | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._shaken: set[int] = set()
        self.interfaces: tuple[Interface, ...] = usable_interfaces(self.only)
        """As of the last look."""

    def subscribe(self, changed: Callable[[Change], None]) -> Callable[[], None]:
        """Call `changed` from the event loop after each change; returns how to stop that."""
        self._subscribers.append(changed)
        return lambda: self._subscribers.remove(changed)

    async def start(self) -> None:
        """Watch from now on."""
        self.interfaces = usable_interfaces(self.only)
        if sys.platform == "linux":
            try:
                self._events = RouteEvents(self._kernel_told)
                return
            except OSError:
                pass  # a sandbox without netlink
        self._again()

    async def close(self) -> None:
        """Watch no more."""
        if self._events is not None:
            self._events.close()
        if self._timer is not None:
            self._timer.cancel()
        self._events = self._timer = None

    def _kernel_told(self, lost: set[int]) -> None:
        self._shaken |= lost
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SETTLE, self._settled)

    def _settled(self) -> None:
        self._timer = None
        self.look()

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(POLL, self._poll)

    def _poll(self) -> None:
        self.look()
        self._again()

    def look(self) -> None:
        """Compare with what was, and tell."""
        before, self.interfaces = self.interfaces, usable_interfaces(self.only)
        known = {i.index for i in before}
        told, self._shaken = self._shaken, set()
        new = {i.index for i in self.interfaces} - known
        shaken = frozenset(new | (known if EVERYTHING_UNKNOWN in told else known & told))
        if before != self.interfaces or shaken:
            for changed in list(self._subscribers):
                changed(Change(self.interfaces, shaken))


def check_chosen(only: Iterable[str]) -> None:
    """LinkError, with the addresses there are, unless each of `only` is an address of this machine now."""
    there = {i.address.partition("%")[0] for i in _all_addresses()}
    for host in only:
        if host.partition("%")[0] not in there:
            raise LinkError(
                f"no interface of this machine has the address {host}; there are {', '.join(sorted(there))}"
            )


def _all_addresses() -> list[Interface]:
    unusable = _unusable_ipv6()
    found = []
    for adapter in ifaddr.get_adapters():
        if not interface_flags(adapter.nice_name) & UP:
            continue
        for ip in adapter.ips:
            host = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            if host not in unusable:
                shown = f"{host}%{adapter.nice_name}" if _needs_scope(host) else host
                found.append(Interface(adapter.nice_name, shown, ip.network_prefix, adapter.index or 0))
    return sorted(found)


def _needs_scope(host: str) -> bool:
    return ":" in host and ipaddress.ip_address(host).is_link_local


def _unusable_ipv6() -> set[str]:
    """Addresses not yet, or never to be, bound: Linux lists flags in /proc/net/if_inet6 (see proc_net(5))."""
    if sys.platform != "linux":
        return set()
    try:
        lines = Path("/proc/net/if_inet6").read_text("ascii").splitlines()
    except OSError:
        return set()  # no IPv6 here
    rows = [line.split() for line in lines]
    return {str(ipaddress.IPv6Address(int(row[0], 16))) for row in rows if int(row[4], 16) & (_TENTATIVE | _DADFAILED)}
