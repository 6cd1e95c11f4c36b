"""What holds for real UDP alone."""

from __future__ import annotations

import asyncio
import time

from p2pdm.net import udp
from p2pdm.net.links import Address
from tests.unit.net.ends import SOON

FLOOD = 3_000


async def test_a_flood_leaves_no_heap_behind() -> None:
    """With a handler slower than the flood a handful waits in asyncio-dgram's queue; the kernel drops the rest."""
    waiting: list[int] = []
    enough = asyncio.Event()

    def slowly(data: bytes, sender: Address) -> None:
        time.sleep(0.0005)  # a handler at its work
        waiting.append(bob._streams[0]._recvq.qsize())  # type: ignore[union-attr]
        if len(waiting) == 200:
            enough.set()

    bob = await udp.bind(0, slowly, ("127.0.0.1",))
    alice = await udp.bind(0, lambda data, sender: None, ("127.0.0.1",))
    for _ in range(FLOOD):
        alice.send(b"x" * 1_200, Address("127.0.0.1", bob.port))
    await asyncio.wait_for(enough.wait(), SOON)
    assert max(waiting) <= 4
    await alice.close()
    await bob.close()


async def test_each_family_has_its_socket() -> None:
    got: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
    bob = await udp.bind(0, lambda data, sender: got.put_nowait((data, sender)))
    alice = await udp.bind(0, lambda data, sender: None)
    for host in ("127.0.0.1", "::1"):
        alice.send(host.encode(), Address(host, bob.port))
        assert await asyncio.wait_for(got.get(), SOON) == (host.encode(), Address(host, alice.port))
    await alice.close()
    await bob.close()
