"""Two ends of a link, as the stories of this folder need them."""

from __future__ import annotations

import asyncio

from p2pdm.net.links import Address, Link, Listener, Network

SOON = 5.0
"""Seconds within which everything here happens."""


class End:
    """Owns one end of a link and notes what it is told."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.got = bytearray()
        self.closings: list[str] = []
        self.writables = 0
        self._changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        assert not self.closings
        self.got += data
        self._changed.set()

    def writable(self) -> None:
        assert not self.closings
        self.writables += 1
        self._changed.set()

    def link_closed(self, why: str) -> None:
        self.closings.append(why)
        self._changed.set()

    def started(self) -> End:
        self.link.start(self)
        return self

    async def receives(self, count: int) -> bytes:
        """The first `count` bytes."""
        await self._until(lambda: len(self.got) >= count)
        return bytes(self.got[:count])

    async def closed(self) -> str:
        """The reason of the end."""
        await self._until(lambda: bool(self.closings))
        return self.closings[0]

    async def can_write(self) -> None:
        await self._until(lambda: self.writables > 0)

    async def _until(self, true) -> None:  # type: ignore[no-untyped-def]
        async with asyncio.timeout(SOON):
            while not true():
                self._changed.clear()
                await self._changed.wait()


class Two:
    """Alice dials Bob."""

    def __init__(self, alice: Link, bob: Link, listener: Listener) -> None:
        self.alice = End(alice)
        self.bob = End(bob)
        self.listener = listener

    @classmethod
    async def meet(cls, alice: Network, bob: Network, host: str, local_port: int = 0) -> Two:
        accepted: asyncio.Queue[Link] = asyncio.Queue()
        listener = await bob.listen(0, accepted.put_nowait)
        link = await alice.dial(Address(host, listener.port), local_port, SOON)
        return cls(link, await asyncio.wait_for(accepted.get(), SOON), listener)

    def start(self) -> Two:
        self.alice.started()
        self.bob.started()
        return self

    async def part(self) -> None:
        for end in (self.alice, self.bob):
            end.link.start(end)
            end.link.abort()
            await end.closed()
        await self.listener.close()
