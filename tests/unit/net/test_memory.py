"""What a test can do to the in-memory network that it cannot do to a real one."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.net.links import Address, LinkError
from p2pdm.net.memory import MemoryLan
from tests.unit.net.ends import SOON, Two

ALICE, BOB, CAROL = "10.0.0.1", "10.0.0.2", "10.0.0.3"


async def two_on(lan: MemoryLan) -> Two:
    return (await Two.meet(lan.host(ALICE), lan.host(BOB), BOB)).start()


async def test_a_cut_cable_is_silent_and_what_waited_arrives_after_it_is_mended() -> None:
    lan = MemoryLan()
    two = await two_on(lan)
    lan.cut(ALICE, BOB)
    two.alice.link.write(b"are you there?")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert two.bob.got == b""
    assert two.alice.closings == []
    assert two.alice.link.pending == 14
    lan.mend()
    assert await two.bob.receives(14) == b"are you there?"
    await two.part()


async def test_a_dial_over_a_cut_cable_times_out() -> None:
    lan = MemoryLan()
    listener = await lan.host(BOB).listen(0, lambda link: link.abort())
    lan.cut(ALICE, BOB)
    with pytest.raises(LinkError, match=r"did not answer within 0\.01 s"):
        await lan.host(ALICE).dial(Address(BOB, listener.port), 0, 0.01)


async def test_a_partition_parts_the_sides_only() -> None:
    lan = MemoryLan()
    lan.partition([ALICE, BOB], [CAROL])
    assert not lan.is_cut(ALICE, BOB)
    assert lan.is_cut(ALICE, CAROL)
    assert lan.is_cut(CAROL, BOB)


async def test_a_host_may_refuse() -> None:
    lan = MemoryLan()
    listener = await lan.host(BOB).listen(0, lambda link: link.abort())
    lan.refuse(BOB)
    with pytest.raises(LinkError, match="nothing listens there"):
        await lan.host(ALICE).dial(Address(BOB, listener.port), 0, SOON)


async def test_a_reset_breaks_both_ends() -> None:
    lan = MemoryLan()
    two = await two_on(lan)
    lan.reset(ALICE, BOB)
    assert await two.alice.closed() == await two.bob.closed() == "the other side dropped the connection"
    assert not lan.links


async def test_datagrams_are_lost_as_the_test_says() -> None:
    lan = MemoryLan()
    got: asyncio.Queue[bytes] = asyncio.Queue()
    bob = await lan.host(BOB).datagrams(53530, lambda data, sender: got.put_nowait(data))
    alice = await lan.host(ALICE).datagrams(53530, lambda data, sender: None)
    lan.loses = lambda datagram: datagram == b"unlucky"
    alice.send(b"unlucky", Address(BOB, bob.port))
    alice.send(b"lucky", Address(BOB, bob.port))
    assert await asyncio.wait_for(got.get(), SOON) == b"lucky"
    await bob.close()
    alice.send(b"too late", Address(BOB, bob.port))
    await alice.close()
