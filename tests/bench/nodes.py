"""Two real nodes on loopback, each a process with a profile of its own, and clients of both."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from p2pdm.api.client import Client, connect

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0


@dataclass
class RunningNode:
    """One node."""

    profile: Path
    process: asyncio.subprocess.Process
    client: Client
    id: str
    ready_after: float
    """Seconds from starting the process to its `ready`."""

    def resident(self) -> int:
        """Bytes of memory that the process holds now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


async def p2pdm(profile: Path, *arguments: str) -> None:
    """Run one command of the command line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "p2pdm", "--profile", str(profile), *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"p2pdm {arguments[0]} failed")


@asynccontextmanager
async def running(profile: Path) -> AsyncIterator[RunningNode]:
    """A node on `profile`, until the block ends."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "p2pdm", "--profile", str(profile), "node", "--json", "--interface", LOOPBACK),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    ready_after = loop.time() - begun
    client = await connect(profile, start=False)
    try:
        yield RunningNode(profile, process, client, msgspec.json.decode(line)["id"], ready_after)
    finally:
        await client.close()
        process.terminate()
        await process.wait()


@asynccontextmanager
async def acquainted(folder: Path) -> AsyncIterator[tuple[RunningNode, RunningNode]]:
    """Alice and Bob, who have accepted each other and are connected."""
    for name in ("alice", "bob"):
        if not (folder / name).exists():
            await p2pdm(folder / name, "init", "--name", name.capitalize())
    async with running(folder / "alice") as alice, running(folder / "bob") as bob:
        await meet(alice, bob)
        yield alice, bob


async def meet(alice: RunningNode, bob: RunningNode) -> None:
    """Wait until both are online for each other, contacts, and a first message is delivered."""
    async with asyncio.timeout(PATIENCE):
        await _until_online(alice, bob.id)
        await _until_online(bob, alice.id)
        await alice.client.api.accept(bob.id)
        await bob.client.api.accept(alice.id)
        for one, other in ((alice, bob), (bob, alice)):
            sent = await one.client.api.send(other.id, "hello")
            await one.client.api.wait(sent.id, PATIENCE)


async def _until_online(node: RunningNode, id: str) -> None:
    await node.client.api.subscribe()
    notices = node.client.notices()
    while not any(person.id == id and person.online for person in await node.client.api.people()):
        await anext(notices)
