"""What is measured of a long history on its way to somebody who was away: how fast, and who waits meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from p2pdm.api.client import Client, connect
from tests.bench.measures import write
from tests.bench.nodes import RunningNode, acquainted, running
from tests.bench.references import round_trips_meanwhile, syncs_meanwhile
from tests.bench.table import Row

HISTORY = 100_000
LOOK_EVERY = 0.002
"""Seconds between two calls at a door."""
SYNC_EVERY = 0.05
"""Seconds between two syncs of a page."""


async def catch_up(folder: Path) -> list[Row]:
    """A long history that was written while the other was away; calls at both doors all along."""
    async with acquainted(folder) as (alice, bob):
        bob_id, alice_id = bob.id, alice.id
    async with running(folder / "alice") as alice:
        last = await write(alice, bob_id, HISTORY)
        async with (
            running(folder / "bob") as bob,
            round_trips_meanwhile(folder, LOOK_EVERY) as at_nobody,
            syncs_meanwhile(folder, SYNC_EVERY) as at_disk,
            looking(alice, bob_id) as at_alice,
            looking(bob, alice_id) as at_bob,
        ):
            begun = time.perf_counter()
            await alice.client.api.wait(last, 600)
            took = time.perf_counter() - begun
    return [
        Row(f"catching up on {HISTORY:,}, entries a second", HISTORY / took, 5_000, "/s", "at least 5,000", 1.0, True),
        Row("longest call meanwhile, who hands over", max(at_alice), 0.05, "s", f"50 ms; {len(at_alice)} calls", 1.0),
        Row("longest call meanwhile, who catches up", max(at_bob), 0.05, "s", f"50 ms; {len(at_bob)} calls", 1.0),
        Row("longest round trip to an idle process", max(at_nobody), 0.05, "s", f"50 ms; {len(at_nobody)}", None),
        Row("longest sync of a page on the same disk", max(at_disk), 0.05, "s", f"50 ms; {len(at_disk)}", None),
    ]


@asynccontextmanager
async def looking(node: RunningNode, chat: str) -> AsyncIterator[list[float]]:
    """Call at a door of one's own again and again until the block ends; how long each call took."""
    client = await connect(node.profile, start=False)
    taken: list[float] = []
    task = asyncio.ensure_future(_look(client, chat, taken))
    try:
        yield taken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.close()


async def _look(client: Client, chat: str, taken: list[float]) -> None:
    while True:
        for call in (client.api.status, lambda: client.api.history(chat, 50)):
            begun = time.perf_counter()
            await call()
            taken.append(time.perf_counter() - begun)
            await asyncio.sleep(LOOK_EVERY)
