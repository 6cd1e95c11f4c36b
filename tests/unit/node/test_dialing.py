"""Dials as they are carried out: alice's, to a doorstep in memory."""

from __future__ import annotations

import asyncio
from typing import cast

from p2pdm.identity import PeerId
from p2pdm.net.links import Address, Link, Network
from p2pdm.node.dialer import FIRST_RETRY, Dialer
from p2pdm.node.dialing import Dialing
from p2pdm.node.gate import Gate

ALICE, BOB = b"a" * 32, b"b" * 32


class Doorstep:
    """Network and gate: every dial leads to bob, who shakes hands, and the first time hangs up at once."""

    def __init__(self) -> None:
        self.connected = False
        self.dials: list[float] = []
        self.dialing = Dialing(
            Dialer(ALICE),
            cast(Network, self),
            cast(Gate, self),
            lambda identity: [Address("10.0.0.2", 53530)],
            lambda identity: self.connected,
            lambda identity: True,
        )

    async def dial(self, to: Address, local_port: int, timeout: float) -> Link:
        return cast(Link, self)

    async def dialled(self, link: Link, expected: PeerId | None) -> None:
        self.dials.append(asyncio.get_running_loop().time())
        self.connected = len(self.dials) > 1
        if not self.connected:
            self.dialing.want(BOB, delay=FIRST_RETRY / 2)  # as after a session that was closed


async def test_whom_a_session_is_lost_with_before_the_dial_has_ended_is_dialled_again() -> None:
    doorstep = Doorstep()
    doorstep.dialing.want(BOB)
    await asyncio.sleep(60)
    first, second = doorstep.dials
    assert FIRST_RETRY / 2 <= second - first < FIRST_RETRY
    await doorstep.dialing.close()
