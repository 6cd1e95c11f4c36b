"""The in-memory Finder behaves as the real one promises."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from p2pdm.net.discovery.finder import Advert, Air, MemoryFinder, Sighting
from p2pdm.net.links import Address

OFFICE, EVENT = b"o" * 32, b"e" * 32


class Watch:
    """What one finder reported."""

    def __init__(self) -> None:
        self.seen: list[Sighting] = []
        self.gone: list[str] = []

    def names(self) -> list[str]:
        return [sighting.name for sighting in self.seen]


async def start(air: Air, name: str, host: str, space: bytes = OFFICE) -> tuple[MemoryFinder, Watch]:
    finder, watch = MemoryFinder(air, host), Watch()
    await finder.start(Advert(name.encode() * 8, name, 53530, space), watch.seen.append, watch.gone.append)
    return finder, watch


async def test_neighbours_see_each_other_and_changes_and_goodbyes() -> None:
    air = Air()
    alice, at_alice = await start(air, "anna", "10.0.0.1")
    bob, at_bob = await start(air, "bobo", "10.0.0.2")
    await asyncio.sleep(0)
    assert at_alice.names() == ["bobo"]
    assert at_bob.names() == ["anna"]
    assert at_alice.seen[0].addresses == (Address("10.0.0.2", 53530),)
    assert bob.advert is not None
    await bob.update(replace(bob.advert, name="robert"))
    await bob.close()
    await asyncio.sleep(0)
    assert at_alice.names() == ["bobo", "robert"]
    assert at_alice.gone == [bob.instance]
    await alice.close()


async def test_spaces_do_not_mix() -> None:
    air = Air()
    _, at_alice = await start(air, "anna", "10.0.0.1", OFFICE)
    _, at_eve = await start(air, "evee", "10.0.0.9", EVENT)
    await asyncio.sleep(0)
    assert at_alice.seen == at_eve.seen == []
