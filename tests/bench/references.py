"""The unavoidable parts, bare: a UDP round trip, a Unix-socket round trip, a durable commit, an interpreter's start."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

ROUNDS = 1_000
PAGE = 4096

_UDP_ECHO = """
import asyncio
class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport): self.transport = transport
    def datagram_received(self, data, source): self.transport.sendto(data, source)
async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    print(transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""

_UNIX_ECHO = """
import asyncio, sys
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)
async def main():
    loop = asyncio.get_running_loop()
    await loop.create_unix_server(Echo, sys.argv[1])
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""

LIBRARIES = "asyncio, apsw, asyncio_dgram, msgspec, nacl.bindings, nacl.secret, platformdirs, zeroconf.asyncio, ifaddr"


class _Waiter(asyncio.Protocol, asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.answer.set_result(None)

    def datagram_received(self, data: bytes, source: object) -> None:
        self.answer.set_result(None)


async def udp_round_trips() -> list[float]:
    """Seconds of ROUNDS round trips to another process."""
    process, line = await _echo(_UDP_ECHO)
    loop = asyncio.get_running_loop()
    transport, waiter = await loop.create_datagram_endpoint(_Waiter, remote_addr=("127.0.0.1", int(line)))
    try:
        return await _time(waiter, lambda: transport.sendto(bytes(400)))
    finally:
        transport.close()
        process.kill()
        await process.wait()


async def unix_round_trips(folder: Path) -> list[float]:
    """Seconds of ROUNDS round trips over a Unix socket to another process."""
    path = folder / "echo"
    process, _ = await _echo(_UNIX_ECHO, str(path))
    transport, waiter = await asyncio.get_running_loop().create_unix_connection(_Waiter, str(path))
    try:
        return await _time(waiter, lambda: transport.write(bytes(200)))
    finally:
        transport.close()
        process.kill()
        await process.wait()


@asynccontextmanager
async def round_trips_meanwhile(folder: Path, pause: float) -> AsyncIterator[list[float]]:
    """Seconds of round trips to a process that does nothing else, one each `pause` seconds until the block ends: what
    this machine makes anybody wait meanwhile."""
    path = folder / "meanwhile"
    process, _ = await _echo(_UNIX_ECHO, str(path))
    transport, waiter = await asyncio.get_running_loop().create_unix_connection(_Waiter, str(path))
    taken: list[float] = []
    task = asyncio.ensure_future(_go_on(waiter, transport, pause, taken))
    try:
        yield taken
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        transport.close()
        process.kill()
        await process.wait()


@asynccontextmanager
async def syncs_meanwhile(folder: Path, pause: float) -> AsyncIterator[list[float]]:
    """Seconds of syncs of one page to the same disk, one each `pause` seconds until the block ends: how long this disk
    makes anybody wait meanwhile who waits for it."""
    taken: list[float] = []
    with open(folder / "pages", "wb", buffering=0) as file:  # noqa: ASYNC230 -- it is opened once, before anything is timed

        def sync() -> None:
            file.write(bytes(PAGE))
            begun = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - begun)

        async def go_on() -> None:
            while True:
                await asyncio.to_thread(sync)
                await asyncio.sleep(pause)

        task = asyncio.ensure_future(go_on())
        try:
            yield taken
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _go_on(waiter: _Waiter, transport: asyncio.Transport, pause: float, taken: list[float]) -> None:
    while True:
        waiter.answer = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        transport.write(bytes(200))
        await waiter.answer
        taken.append(time.perf_counter() - begun)
        await asyncio.sleep(pause)


async def _echo(program: str, *arguments: str) -> tuple[asyncio.subprocess.Process, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, await process.stdout.readline()


async def _time(waiter: _Waiter, send: Callable[[], None]) -> list[float]:
    loop = asyncio.get_running_loop()
    taken = []
    for _ in range(ROUNDS):
        waiter.answer = loop.create_future()
        begun = time.perf_counter()
        send()
        await waiter.answer
        taken.append(time.perf_counter() - begun)
    return taken


def durable_commits(folder: Path) -> list[float]:
    """Seconds of commits of one small row with synchronous=FULL in a plain SQLite database with a write-ahead log."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB)")
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        database.execute("INSERT INTO rows (body) VALUES (?)", (bytes(400),))
        taken.append(time.perf_counter() - begun)
    database.close()
    return taken


async def interpreter_start() -> float:
    """Seconds that a bare interpreter takes to import the libraries that a node uses."""
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", f"import {LIBRARIES}")
    await process.wait()
    return time.perf_counter() - begun
