"""Gate: links become handshakes, and handshakes that succeed become sessions. Bounded against whoever knocks."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable

from p2pdm.identity import PeerId
from p2pdm.net.links import Address, Link
from p2pdm.wire.errors import WireError
from p2pdm.wire.handshake import Established, Party, SessionHandshake
from p2pdm.wire.noise import KeyPair

MAX_HALF_OPEN = 64
"""Handshakes in progress that others began: each costs a socket and three key agreements."""
HANDSHAKE_TIME = 5.0
"""Seconds for a handshake: three messages across one network, on a busy machine."""

Admit = Callable[[Link, Established, bool], None]
"""Takes a link whose handshake succeeded: (link, established, this side dialled)."""


class Knock:
    """One handshake in progress, on its link."""

    def __init__(self, gate: Gate, link: Link, handshake: SessionHandshake) -> None:
        self.link = link
        self.outcome: asyncio.Future[Established] = asyncio.get_running_loop().create_future()
        self._gate = gate
        self._handshake = handshake
        self._timer = asyncio.get_running_loop().call_later(HANDSHAKE_TIME, self._fail, "the handshake took too long")

    def begin(self) -> None:
        """Start to talk."""
        self.link.start(self)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Bytes of the handshake, and perhaps already of the session."""
        if self.outcome.done():
            return
        try:
            established = self._handshake.receive(data)
        except WireError as error:
            self._send()
            self._fail(str(error), error)
            return
        self._send()
        if established is not None:
            self._timer.cancel()
            self.outcome.set_result(established)
            self._gate.opened(self, established)

    def writable(self) -> None:
        """A handshake writes too little to wait."""

    def link_closed(self, why: str) -> None:
        """The other side left before the end, or after it was sent away."""
        self._fail(why or "the other side hung up during the handshake")
        self._gate.gone(self)

    def dismiss(self) -> None:
        """Make room for another."""
        self._fail("too many knock at once")
        self.link.abort()
        self._gate.gone(self)

    def _send(self) -> None:
        data = self._handshake.to_send()
        if data:
            self.link.write(data)

    def _fail(self, why: str, error: WireError | None = None) -> None:
        self._timer.cancel()
        if not self.outcome.done():
            self.outcome.set_exception(error or WireError(why))
            self.outcome.exception()  # marks it as retrieved: nobody awaits those who knock
            self.link.close()  # its socket lingers, and counts as one that knocks until it is gone


class Gate:
    """All handshakes in progress."""

    def __init__(self, party: Callable[[], Party], random: Callable[[int], bytes], admit: Admit) -> None:
        self._party = party
        self._random = random
        self._admit = admit
        self._knocking: dict[Knock, None] = {}
        self._dialling: set[Knock] = set()

    def accepted(self, link: Link) -> None:
        """Somebody dialled this node."""
        if len(self._knocking) >= MAX_HALF_OPEN:
            self._make_room()
        knock = Knock(self, link, self._handshake(dialled=False, expected=None))
        self._knocking[knock] = None
        knock.begin()

    async def dialled(self, link: Link, expected: PeerId | None) -> Established:
        """Shake hands on a link that this node dialled; WireError says why not. The session is admitted already."""
        knock = Knock(self, link, self._handshake(dialled=True, expected=expected))
        self._dialling.add(knock)
        knock.begin()
        try:
            return await knock.outcome
        except asyncio.CancelledError:  # another address led there first: nothing else would end this link
            knock.dismiss()
            raise

    def opened(self, knock: Knock, established: Established) -> None:
        """A handshake succeeded."""
        dialled = knock in self._dialling
        self.gone(knock)
        self._admit(knock.link, established, dialled)

    def gone(self, knock: Knock) -> None:
        """A handshake ended."""
        self._knocking.pop(knock, None)
        self._dialling.discard(knock)

    def close(self) -> None:
        """End all handshakes."""
        for knock in [*self._knocking, *self._dialling]:
            knock.dismiss()

    def _handshake(self, *, dialled: bool, expected: PeerId | None) -> SessionHandshake:
        return SessionHandshake(self._party(), dialled=dialled, expected=expected, keys=self._fresh_keys)

    def _fresh_keys(self) -> KeyPair:
        return KeyPair.from_private(self._random(32))

    def _make_room(self) -> None:
        """Dismiss the oldest of the origin that holds most."""
        held = Counter(origin(knock.link.remote) for knock in self._knocking)
        greediest = held.most_common(1)[0][0]
        next(knock for knock in self._knocking if origin(knock.link.remote) == greediest).dismiss()


def origin(address: Address) -> str:
    """What counts as one origin: an IPv4 address, or the /64 of an IPv6 one, which one host can fill at will."""
    host = ipaddress.ip_address(address.host.partition("%")[0])
    if isinstance(host, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((host, 64), strict=False))
    return str(host)
