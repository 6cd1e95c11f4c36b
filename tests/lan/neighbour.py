"""What a host does in the stories of discovery and links: `python -m tests.lan.neighbour find|echo|call|meet ...`.

Prints one JSON object a line: what happened, as `event`, and when, as `at` (seconds of the monotonic clock, which
all namespaces of a machine share).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import signal
import time

from p2pdm.identity import OPEN_SPACE
from p2pdm.net.discovery.finder import Advert, Sighting
from p2pdm.net.discovery.mdns import MdnsFinder
from p2pdm.net.interfaces import Change, Watcher
from p2pdm.net.links import Address, Link, LinkError
from p2pdm.net.sockets import SocketNetwork


def tell(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, "at": time.monotonic(), **fields}), flush=True)


async def until_told_to_end() -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


async def find(name: str, space: bytes, only: list[str]) -> None:
    """Announce oneself and tell who else does, until SIGTERM."""
    names: dict[str, str] = {}

    def seen(sighting: Sighting) -> None:
        names[sighting.instance] = sighting.name
        tell("seen", name=sighting.name, hosts=[address.host for address in sighting.addresses])

    watcher = Watcher(only)
    await watcher.start()
    watcher.subscribe(lambda change: _tell_change(change))
    finder = MdnsFinder(watcher)
    began = time.monotonic()
    identity = hashlib.sha256(name.encode()).digest()
    await finder.start(Advert(identity, name, 53530, space), seen, lambda instance: tell("gone", name=names[instance]))
    tell("started", took=time.monotonic() - began, trouble=finder.trouble)
    await until_told_to_end()
    tell("leaving")
    await finder.close()
    await watcher.close()


def _tell_change(change: Change) -> None:
    tell("change", hosts=[i.address for i in change.now], shaken=sorted(change.shaken))


class Echo:
    """Says back what it hears."""

    def __init__(self, link: Link) -> None:
        self.link = link
        link.start(self)

    def data_received(self, data: bytes) -> None:
        self.link.write(data)

    def writable(self) -> None:
        pass

    def link_closed(self, why: str) -> None:
        tell("closed", why=why)


class Call:
    """Says something and tells what comes back."""

    def __init__(self, link: Link, words: bytes) -> None:
        self.ended = asyncio.Event()
        self._left = len(words)
        self._got = bytearray()
        link.start(self)
        link.write(words)

    def data_received(self, data: bytes) -> None:
        self._got += data
        if len(self._got) >= self._left:
            tell("heard", words=bytes(self._got[:80]).decode(), count=len(self._got))
            self.ended.set()

    def writable(self) -> None:
        pass

    def link_closed(self, why: str) -> None:
        tell("closed", why=why)
        self.ended.set()


def answer(link: Link) -> None:
    """Say back on a link what comes."""
    Echo(link)


async def echo(port: int) -> None:
    """Answer links and datagrams on a port until SIGTERM."""
    network = SocketNetwork()
    listener = await network.listen(port, answer)
    datagrams = await network.datagrams(port, lambda data, sender: datagrams.send(data, sender))
    tell("listening", port=listener.port)
    await until_told_to_end()
    await listener.close()
    await datagrams.close()


async def call(to: Address, count: int) -> None:
    """Say `count` bytes over a link, a word in a datagram, and tell what comes back."""
    network = SocketNetwork()
    answered = asyncio.Event()

    def received(data: bytes, sender: Address) -> None:
        tell("answered", words=data.decode())
        answered.set()

    datagrams = await network.datagrams(0, received)
    while not answered.is_set():
        datagrams.send(b"typing", to)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(answered.wait(), 0.2)
    await datagrams.close()
    link = await network.dial(to, 0, 10)
    call = Call(link, b"x" * count)
    await call.ended.wait()
    link.close()


async def meet(port: int, to: Address) -> None:
    """Listen on `port` and dial from it until the two are connected, then talk."""
    network = SocketNetwork()
    listener = await network.listen(port, answer)
    link = await _dial_until_met(network, to, port)
    tell("met", dialled=link.dialled, local=str(link.local), remote=str(link.remote))
    await Call(link, b"well met").ended.wait()
    await until_told_to_end()
    link.abort()
    await listener.close()


async def _dial_until_met(network: SocketNetwork, to: Address, port: int) -> Link:
    while True:
        try:
            return await network.dial(to, port, 3)
        except LinkError as error:
            tell("not yet", why=str(error))
            await asyncio.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    finding = verbs.add_parser("find")
    finding.add_argument("--name", required=True)
    finding.add_argument("--space", default=OPEN_SPACE.hex())
    finding.add_argument("--interface", nargs="*", default=[])
    echoing = verbs.add_parser("echo")
    echoing.add_argument("port", type=int)
    calling = verbs.add_parser("call")
    calling.add_argument("host")
    calling.add_argument("port", type=int)
    calling.add_argument("count", type=int)
    meeting = verbs.add_parser("meet")
    meeting.add_argument("own_port", type=int)
    meeting.add_argument("host")
    meeting.add_argument("port", type=int)
    given = parser.parse_args()
    if given.verb == "find":
        asyncio.run(find(given.name, bytes.fromhex(given.space), given.interface))
    elif given.verb == "echo":
        asyncio.run(echo(given.port))
    elif given.verb == "call":
        asyncio.run(call(Address(given.host, given.port), given.count))
    else:
        asyncio.run(meet(given.own_port, Address(given.host, given.port)))


if __name__ == "__main__":
    main()
