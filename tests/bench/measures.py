"""What is measured of two nodes: a message's way, the flow of many, memory and start."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from statistics import median, quantiles

from tests.bench.finding import finding
from tests.bench.nodes import RunningNode, acquainted, p2pdm, running
from tests.bench.pipeline import bare_ways
from tests.bench.references import ROUNDS, durable_commits, interpreter_start, udp_round_trips, unix_round_trips
from tests.bench.table import Row

WARM_UP = 50
FLOW = 20_000
CALLS_AT_ONCE = 200
STARTS = 7
MESSAGES = 100_000


async def way_of_a_message(folder: Path) -> list[Row]:
    """From an API `send` on one node to the notice at the other, on disk at both ends."""
    async with acquainted(folder) as (alice, bob):
        taken = (await _ways(alice, bob, ROUNDS + WARM_UP))[WARM_UP:]
    udp, unix = await udp_round_trips(), await unix_round_trips(folder)
    commits = durable_commits(folder)
    bare = (await bare_ways(folder))[WARM_UP:]
    rows = []
    for name, pick in (("p50", median), ("p99", _p99)):
        parts = pick(udp) + 2 * pick(commits) + 2 * pick(unix)
        against = "1 UDP, 2 commits, 2 Unix round trips"
        rows.append(Row(f"a message's way, {name}", pick(taken), parts, "s", against, 1.5))
        rows.append(Row(f"a bare program's way, {name}", pick(bare), parts, "s", "the same", None))
    return rows


async def _ways(alice: RunningNode, bob: RunningNode, count: int) -> list[float]:
    await bob.client.api.subscribe()
    notices = bob.client.notices()
    taken = []
    for number in range(count):
        begun = time.perf_counter()
        calling = asyncio.ensure_future(alice.client.api.send(bob.id, f"message {number}"))
        async for notice in notices:
            if notice.event == "message":
                break
        taken.append(time.perf_counter() - begun)
        await calling
    return taken


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


async def flow_of_many(folder: Path) -> list[Row]:
    """Entries a second that were written while the other was away, durable at both ends; and while both are there."""
    async with acquainted(folder) as (alice, bob):
        begun = time.perf_counter()
        last = await write(alice, bob.id, FLOW)
        await alice.client.api.wait(last, 120)
        live = FLOW / (time.perf_counter() - begun)
        bob_id = bob.id
    async with running(folder / "alice") as alice:
        last = await write(alice, bob_id, FLOW)
        async with running(folder / "bob") as bob:
            first = (await bob.client.api.status()).cursor
            begun = time.perf_counter()
            await alice.client.api.wait(last, 120)
            away = FLOW / (time.perf_counter() - begun)
            assert (await bob.client.api.status()).cursor >= first
    return [
        Row("entries a second, caught up", away, 5_000, "/s", "at least 5,000", 1.0, more_is_better=True),
        Row("entries a second, sent live", live, 5_000, "/s", "(one API call each)", None, more_is_better=True),
    ]


async def write(node: RunningNode, to: str, count: int) -> str:
    """Send many messages, many calls at once; the id of the last."""
    last = ""
    for start in range(0, count, CALLS_AT_ONCE):
        calls = [node.client.api.send(to, f"message number {n}") for n in range(start, start + CALLS_AT_ONCE)]
        last = (await asyncio.gather(*calls))[-1].id
    return last


async def memory(folder: Path) -> list[Row]:
    """Resident memory of a node after its start, and after MESSAGES messages went through it."""
    async with acquainted(folder) as (alice, bob):
        fresh = alice.resident()
        last = await write(alice, bob.id, MESSAGES)
        await alice.client.api.wait(last, 300)
        sender, receiver = alice.resident(), bob.resident()
    mib = 1024 * 1024
    return [
        Row("memory after start", fresh / mib, 60, "MiB", "at most 60 MB", 1.0),
        Row(f"memory of the sender after {MESSAGES:,}", sender / mib, 80, "MiB", "at most 80 MB", 1.0),
        Row(f"memory of the receiver after {MESSAGES:,}", receiver / mib, 80, "MiB", "at most 80 MB", 1.0),
    ]


async def start(folder: Path) -> list[Row]:
    """From `p2pdm node` to ready."""
    await p2pdm(folder / "carol", "init", "--name", "Carol")
    ready, bare = [], []
    for _ in range(STARTS):
        bare.append(await interpreter_start())
        async with running(folder / "carol") as carol:
            ready.append(carol.ready_after)
    return [Row("from `node` to ready", median(ready), median(bare), "s", "an interpreter importing the same", 3.0)]


BENCHMARKS = {"way": way_of_a_message, "flow": flow_of_many, "memory": memory, "start": start, "finding": finding}
