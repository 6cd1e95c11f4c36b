"""What is measured of a group as large as groups get.

64 processes would measure this machine's scheduler: here 64 real nodes live in one process and one thread, each with a
profile in a file of its own on this disk and real commits, over the network in memory, and their timers run in made-up
time (in real time, a thread that is 64 nodes behind would take them all for gone). So the times are what one processor
and one disk need for the work of all 64, one after the other, and the bytes are those that would be on the wire.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unittest.mock import patch

from p2pdm.net.links import Address
from p2pdm.net.memory import MemoryDatagrams, MemoryLink
from p2pdm.node.circles import Standing
from tests.bench.references import durable_commits
from tests.bench.table import Row
from tests.fakes.world import Someone, World

MEMBERS = 64
AUTHORS = 20
PATIENCE = 300.0
UNTIL_QUIET = 5.0
"""Seconds after which everything was offered to everybody (exchange.RELAY_AFTER and RELAY_LATER)."""


@dataclass
class Traffic:
    """Bytes that left the nodes."""

    count: int = 0


async def group(folder: Path) -> list[Row]:
    """A message, and a burst by several, to all members of a group of 64."""
    commit = median(durable_commits(folder))
    with counting() as traffic:
        async with World() as world:
            everybody = [await world.person(f"Person {n}", path=folder / f"{n}.db") for n in range(MEMBERS)]
            joined_after, chat = await _gather(world, everybody)
            await _say(world, chat, everybody, everybody[:AUTHORS], traffic)  # their chains have begun
            single = await _say(world, chat, everybody, everybody[:1], traffic)
            burst = await _say(world, chat, everybody, everybody[:AUTHORS], traffic)
    rows = [Row(f"{MEMBERS - 1} join at once", joined_after, commit * MEMBERS, "s", _commits(1), None)]
    for name, messages, (took, sent, bare) in (("a message", 1, single), (f"{AUTHORS} messages", AUTHORS, burst)):
        rows += [
            Row(f"{name} to {MEMBERS - 1} disks", took, commit * MEMBERS * messages, "s", _commits(messages), None),
            Row(f"{name} to {MEMBERS - 1}, bytes", sent, bare, "B", f"{MEMBERS - 1} bare copies of each", 5.0),
        ]
    return rows


def _commits(messages: int) -> str:
    return f"{MEMBERS * messages} commits; {MEMBERS} nodes in one thread"


async def _gather(world: World, everybody: list[Someone]) -> tuple[float, str]:
    """Make the group: seconds from everybody's yes until everybody knows of all, and its id."""
    maker, *others = everybody
    await world.until(lambda: all(maker.node.sessions.online(other.key) for other in others), PATIENCE)
    for other in others:
        await maker.node.accept(other.id)
        await other.node.accept(maker.id)
    chat = (await maker.node.create_group("Everybody", [other.id for other in others])).id
    conversation = maker.node.view.find(chat).conversation
    await world.until(lambda: all(_is_called(other, conversation) for other in others), PATIENCE)
    begun = time.perf_counter()
    await asyncio.gather(*(other.node.join_group(chat) for other in others))
    await world.until(lambda: all(_knows_all(one, conversation, everybody) for one in everybody), PATIENCE)
    return time.perf_counter() - begun, chat


def _is_called(one: Someone, conversation: bytes) -> bool:
    return one.node.circles.standing(conversation, one.key) == Standing.CALLED


def _knows_all(one: Someone, conversation: bytes, everybody: list[Someone]) -> bool:
    return len(one.node.circles.group(conversation).members) == len(everybody)


async def _say(
    world: World,
    chat: str,
    everybody: list[Someone],
    authors: list[Someone],
    traffic: Traffic,
) -> tuple[float, int, int]:
    """Some say something at once: seconds until all have it, bytes sent until it is quiet, and bytes of bare copies."""
    wanted = len(authors) * len(everybody)
    for one in everybody:
        one.notices.clear()
    before, begun = traffic.count, time.perf_counter()
    sent = await asyncio.gather(*(one.node.send(chat, f"{one.name} has something to say") for one in authors))
    ids = {message.id for message in sent}

    await world.until(lambda: sum(n.id in ids for one in everybody for n in one.told("message")) == wanted, PATIENCE)
    took = time.perf_counter() - begun
    await asyncio.sleep(UNTIL_QUIET)
    bare = sum(_size(author, message.id) for author, message in zip(authors, sent, strict=True))
    return took, traffic.count - before, bare * (len(everybody) - 1)


def _size(author: Someone, id: str) -> int:
    return len(author.node.view.line(id).entry.encode())


@contextmanager
def counting() -> Iterator[Traffic]:
    """Count what leaves every node in memory."""
    traffic = Traffic()

    def writes(write: Callable[[MemoryLink, bytes], None]) -> Callable[[MemoryLink, bytes], None]:
        def counted(link: MemoryLink, data: bytes) -> None:
            traffic.count += len(data)
            write(link, data)

        return counted

    def sends(send: Callable[[MemoryDatagrams, bytes, Address], None]) -> Callable[..., None]:
        def counted(datagrams: MemoryDatagrams, data: bytes, to: Address) -> None:
            traffic.count += len(data)
            send(datagrams, data, to)

        return counted

    with (
        patch.object(MemoryLink, "write", writes(MemoryLink.write)),
        patch.object(MemoryDatagrams, "send", sends(MemoryDatagrams.send)),
    ):
        yield traffic
