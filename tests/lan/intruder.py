"""A hostile host: `python -m tests.lan.intruder crowd|babble|flood|version|other_version HOST PORT`.

Prints one JSON object a line, as `event`, when it has begun, and what it was answered. Works until SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import time
from collections.abc import Awaitable, Callable

from p2pdm.identity import OPEN_SPACE, Certificate, SigningKey
from p2pdm.wire.handshake import Established, Party, SessionHandshake
from p2pdm.wire.noise import KeyPair

CROWD = 300
"""Connections held at once: many times what a node gives to one address."""
PREFACE = b"p2pdm\0\1\1"
MDNS = "224.0.0.251", 5353
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def tell(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, **fields}), flush=True)


async def crowd(host: str, port: int) -> None:
    """Begin handshakes and leave them open, as many as can be; whoever is thrown out comes back."""
    opened = itertools.count(1)

    async def stand() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(PREFACE)
                if next(opened) == CROWD:
                    tell("begun")
                await reader.read()
                writer.close()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(stand() for _ in range(CROWD)))


async def babble(host: str, port: int) -> None:
    """Connect and say nonsense: noise, half handshakes, whole ones with noise in their last message or behind them."""
    rng = random.Random(7)
    kinds: list[Callable[[Streams], Awaitable[object]]] = [
        lambda streams: _say(streams, rng.randbytes(rng.randrange(1, 70_000))),
        lambda streams: _say(streams, PREFACE + rng.randbytes(rng.randrange(1, 4_000))),
        lambda streams: _say(
            streams, SessionHandshake(_party(), dialled=True, expected=None, keys=_keys).to_send()[:40]
        ),
        lambda streams: _spoil(streams, rng),
        lambda streams: _babble_inside(streams, rng),
    ]
    for number in itertools.count():
        with contextlib.suppress(OSError):
            streams = await asyncio.open_connection(host, port)
            await kinds[number % len(kinds)](streams)
            if number % 2:
                streams[1].transport.abort()
            else:
                streams[1].close()
        if number == 50:
            tell("begun")


async def _say(streams: Streams, words: bytes) -> None:
    reader, writer = streams
    writer.write(words)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.02):  # wait_for may lose a cancellation before Python 3.12
            await reader.read()


async def _spoil(streams: Streams, rng: random.Random) -> None:
    reader, writer = streams
    handshake = SessionHandshake(_party(), dialled=True, expected=None, keys=_keys)
    writer.write(handshake.to_send())
    handshake.receive(await reader.readexactly(8 + 368))
    third = bytearray(handshake.to_send())
    third[rng.randrange(len(third))] ^= 1 << rng.randrange(8)
    writer.write(third)
    assert await reader.read() == b"", "a spoilt handshake was answered"


async def _babble_inside(streams: Streams, rng: random.Random) -> None:
    reader, writer = streams
    established = await _shake_hands(reader, writer)
    if established is None:
        return
    noise = rng.randbytes(rng.randrange(1, 2_000))
    record = established.send.encrypt_with_ad(b"", noise) if rng.random() < 0.8 else noise
    writer.write(len(record).to_bytes(2, "big") + record)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await reader.read()


async def _shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Established | None:
    handshake = SessionHandshake(_party(), dialled=True, expected=None, keys=_keys)
    writer.write(handshake.to_send())
    while data := await reader.read(65_536):
        established = handshake.receive(data)
        writer.write(handshake.to_send())
        if established is not None:
            return established
    return None


def _party() -> Party:
    identity, device = SigningKey.from_seed(os.urandom(32)), SigningKey.from_seed(os.urandom(32))
    return Party(Certificate.issue(identity, device, time.time_ns() // 1_000_000), device, os.urandom(8), OPEN_SPACE)


def _keys() -> KeyPair:
    return KeyPair.from_private(os.urandom(32))


async def flood(host: str, port: int) -> None:
    """Send datagrams without end, noise and what looks like packets of a lane, to the node and into its mDNS."""
    rng = random.Random(11)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_own_address(host)))
        for number in itertools.count(1):
            size = rng.randrange(1_400)
            for to in ((host, port), MDNS) if number % 10 == 0 else ((host, port),):
                sock.sendto(b"\1" + rng.randbytes(size), to)
            if number == 2_000:
                tell("begun")
            if number % 20 == 0:
                await asyncio.sleep(0.005)


def _own_address(towards: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((towards, 9))
        return str(sock.getsockname()[0])


async def version(host: str, port: int) -> None:
    """Speak another version of the protocol."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"p2pdm\0\x63\1" + bytes(48))
    tell("answered", words=(await reader.read()).hex())
    writer.close()


async def other_version(host: str, port: int) -> None:
    """Be dialled, and speak another version."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"p2pdm\0\x63\0")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, host, port)
    tell("begun")
    await server.serve_forever()


async def until_told_to_end(work: Awaitable[None]) -> None:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


WORKS = {"crowd": crowd, "babble": babble, "flood": flood, "version": version, "other_version": other_version}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    asyncio.run(until_told_to_end(WORKS[given.work](given.host, given.port)))


if __name__ == "__main__":
    main()
