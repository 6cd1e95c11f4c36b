"""Link: an ordered byte path to one peer; Network: what makes them.

`sockets` has the real ones, `memory` their in-memory twins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

HIGH_WATER = 256 * 1024
"""Bytes pending in a link above which its owner should stop writing: four records of the largest size."""
LOW_WATER = 64 * 1024
"""Bytes pending at which a link that was above HIGH_WATER says `writable`."""


class LinkError(Exception):
    """An address could not be dialled or listened on; the message says why in words."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a device listens: a numeric IPv4 or IPv6 address (with `%scope` where link-local) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """`host:port`, IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class LinkHandler(Protocol):
    """What a link tells its owner; called from the event loop, never reentrantly from `write`."""

    def data_received(self, data: bytes) -> None:
        """Some bytes, in order."""

    def writable(self) -> None:
        """`pending` has fallen below the low-water mark after it was above the high one."""

    def link_closed(self, why: str) -> None:
        """The end, exactly once: `why` is empty for an orderly end, else words. Nothing is called after it."""


class Link(Protocol):
    """An ordered byte path to one peer."""

    local: Address
    remote: Address
    dialled: bool
    """Whether this side dialled (in a TCP simultaneous open both sides did)."""

    @property
    def pending(self) -> int:
        """Bytes written that the network has not taken yet."""
        ...

    def start(self, handler: LinkHandler) -> None:
        """Deliver bytes to `handler` from now on; what came before is kept for it."""

    def write(self, data: bytes) -> None:
        """Queue bytes; ignored after a close."""

    def pause(self) -> None:
        """Deliver nothing until `resume`: what comes waits in the network, which slows the sender."""

    def resume(self) -> None:
        """Deliver again."""

    def close(self) -> None:
        """Send what is queued, then end. `link_closed` follows."""

    def abort(self) -> None:
        """End at once, dropping what is queued. `link_closed` follows."""


class Listener(Protocol):
    """Listening for links on one port."""

    port: int

    async def close(self) -> None:
        """Stop listening; open links stay."""


class Datagrams(Protocol):
    """One bound UDP port."""

    port: int

    def send(self, data: bytes, to: Address) -> None:
        """Send one datagram; losses and refusals are silent, as UDP's are."""

    async def close(self) -> None:
        """Release the port."""


class Network(Protocol):
    """Where links and datagrams come from: real sockets, or memory in tests."""

    async def listen(self, port: int, accepted: Callable[[Link], None], hosts: tuple[str, ...] = ()) -> Listener:
        """Listen on `port` (0: any free one) of `hosts` (none: all addresses, IPv4 and IPv6).

        LinkError when the port is taken. `accepted` must `start` or `abort` each link.
        """
        ...

    async def dial(self, to: Address, local_port: int, timeout: float) -> Link:
        """Connect within `timeout` seconds, leaving from `local_port` where that is possible (SO_REUSEPORT,
        so that two hosts behind firewalls which admit only answers meet by simultaneous open), else from any.
        """
        ...

    async def datagrams(
        self, port: int, received: Callable[[bytes, Address], None], hosts: tuple[str, ...] = ()
    ) -> Datagrams:
        """Bind `port` for UDP; `received` is called for each datagram, from the event loop."""
        ...
