"""Run one seed, and say what was broken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from p2pdm.conversation.entries import Entry
from p2pdm.conversation.log import compose
from p2pdm.net.links import Link
from p2pdm.node import inbox, talk
from p2pdm.node.peer import Peer, PeerOwner
from p2pdm.sync.exchange import Exchange
from p2pdm.wire.frames import Frame
from p2pdm.wire.session import Session
from tests.fakes.virtual_time import VirtualLoop
from tests.simulation.people import StormyWorld
from tests.simulation.saving import cheap_files
from tests.simulation.story import Story

NAME = "tests.simulation"
SMALL_SLICE = 2
MOST = 400
"""Characters of a detail that are told."""


@dataclass(frozen=True)
class Failure:
    """A seed and what it broke first."""

    seed: int
    invariant: str
    detail: str

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.invariant}: {self.detail[:MOST]}"


def simulate(seed: int) -> list[Failure]:
    """Run a seed's story; empty when everything held."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        try:
            return runner.run(_story(seed))
        except Exception as error:
            logging.getLogger(NAME).debug("seed %s", seed, exc_info=True)
            return [Failure(seed, "the story goes on", repr(error))]


async def _story(seed: int) -> list[Failure]:
    async with StormyWorld(seed, lobby=seed % 3 == 0) as world:
        asyncio.get_running_loop().set_exception_handler(world.noticed)
        with world.files, _watched(world), _listened(world), cheap_files(seed):
            try:
                await Story(seed, world).happens()
            finally:
                await _left(world)
        broken = dict.fromkeys(world.record.broken)
    return [Failure(seed, invariant, detail) for invariant, detail in broken]


async def _left(world: StormyWorld) -> None:
    for machine in world.machines:
        if machine._running:
            await machine.leaves()
    await asyncio.sleep(0.1)  # for what was called soon
    for machine in world.machines:
        machine.disk.scrap()
    world.everyone.clear()


@contextmanager
def _watched(world: StormyWorld) -> Iterator[None]:
    """See what each machine sends to whom, and what it signs."""
    by_host = {machine.host: machine for machine in world.machines}
    make = Peer.__init__

    def made(peer: Peer, link: Link, session: Session, exchange: Exchange, owner: PeerOwner, send: object) -> None:
        make(peer, link, session, exchange, owner, send)  # type: ignore[arg-type]  # as it came
        by_host.update((machine.host, machine) for machine in world.machines)
        sender = by_host.get(link.local.host)
        by_link, by_lane = session.send, session.send_quick

        def said(frame: Frame, now: float, *, answered: bool = False) -> None:
            if sender is not None and not session.closed:  # else nothing leaves
                sender.said(peer, frame)
            by_link(frame, now, answered=answered)

        def said_quick(frame: Frame, now: float, *, answered: bool = False) -> bool:
            if sender is not None and not session.closed:  # else nothing leaves
                sender.said(peer, frame)
            return by_lane(frame, now, answered=answered)

        session.send, session.send_quick = said, said_quick  # type: ignore[method-assign]

    def written(*args: Any, **kwargs: Any) -> Entry:
        entry = compose(*args, **kwargs)
        world.record.written.add(entry.id)
        return entry

    with patch.object(Peer, "__init__", made), patch.object(talk, "compose", written), _in_slices(world.seed):
        yield


def _in_slices(seed: int) -> AbstractContextManager[object]:
    """In half of all stories, a few entries are taken in like a long history: a slice at a time, and synced aside."""
    return patch.object(inbox, "SLICE", SMALL_SLICE if seed % 2 else inbox.SLICE)


class _Listener(logging.Handler):
    """Keeps what is logged as wrong."""

    def __init__(self, world: StormyWorld) -> None:
        super().__init__(logging.WARNING)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        self._world.background.append(f"{record.name}: {record.getMessage()}")


@contextmanager
def _listened(world: StormyWorld) -> Iterator[None]:
    listener = _Listener(world)
    logger = logging.getLogger()
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
