"""What holds for every Network: told once, for real sockets and for their in-memory twin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from p2pdm.net.links import HIGH_WATER, Address, Link, LinkError, Network
from p2pdm.net.memory import MemoryLan
from p2pdm.net.sockets import SocketNetwork
from tests.unit.net.ends import SOON, End, Two

Networks = tuple[Network, Network, str]
"""Alice's, Bob's, and Bob's address."""


def over_sockets(host: str) -> Callable[[], Networks]:
    return lambda: (SocketNetwork(), SocketNetwork(), host)


def over_memory() -> Networks:
    lan = MemoryLan()
    return lan.host("10.0.0.1"), lan.host("10.0.0.2"), "10.0.0.2"


@pytest.fixture(params=[over_sockets("127.0.0.1"), over_sockets("::1"), over_memory], ids=["IPv4", "IPv6", "memory"])
def networks(request: pytest.FixtureRequest) -> Networks:
    made: Networks = request.param()
    return made


async def test_alice_and_bob_exchange_bytes_in_order(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    for word in (b"how ", b"are ", b"you?"):
        two.alice.link.write(word)
    assert await two.bob.receives(12) == b"how are you?"
    two.bob.link.write(b"fine")
    assert await two.alice.receives(4) == b"fine"
    await two.part()


async def test_each_end_knows_who_dialled_and_the_addresses(networks: Networks) -> None:
    two = await Two.meet(*networks)
    alice, bob = two.alice.link, two.bob.link
    assert alice.dialled
    assert not bob.dialled
    assert alice.local == bob.remote
    assert alice.remote == bob.local == Address(networks[2], two.listener.port)
    await two.part()


async def test_a_pause_keeps_what_comes_until_it_ends(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    two.alice.link.write(b"before")
    await two.bob.receives(6)
    two.bob.link.pause()
    two.alice.link.write(b", after")
    await asyncio.sleep(0.02)  # nothing tells when bytes have arrived that nobody may see yet
    assert two.bob.got == b"before"
    two.bob.link.resume()
    two.bob.link.resume()
    assert await two.bob.receives(13) == b"before, after"
    await two.part()
    two.bob.link.pause()
    two.bob.link.resume()


async def test_what_comes_before_start_is_kept(networks: Networks) -> None:
    two = await Two.meet(*networks)
    two.alice.started()
    two.alice.link.write(b"early bird")
    await asyncio.sleep(0.02)  # nothing tells when bytes have arrived that nobody may see yet
    assert two.bob.got == b""
    two.bob.started()
    assert await two.bob.receives(10) == b"early bird"
    await two.part()


async def test_write_never_calls_back_into_its_caller(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    two.alice.link.write(b"x" * (HIGH_WATER * 2))
    two.alice.link.abort()
    assert two.alice.closings == []
    assert two.alice.writables == 0
    await two.part()


async def test_a_slow_reader_shows_as_pending_and_then_as_writable(networks: Networks) -> None:
    two = await Two.meet(*networks)
    two.alice.started()
    total = 0
    while two.alice.link.pending <= HIGH_WATER:
        two.alice.link.write(b"x" * 65_536)
        total += 65_536
        assert total < 64 * 1024 * 1024, "pending never grew"
        await asyncio.sleep(0)
    assert two.alice.writables == 0
    two.bob.started()
    await two.alice.can_write()
    assert len(await two.bob.receives(total)) == total
    assert two.alice.writables == 1
    await two.part()


async def test_close_sends_what_is_queued_and_both_see_an_orderly_end(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    farewell = b"bye" * 400_000
    two.alice.link.write(farewell)
    two.alice.link.close()
    two.alice.link.write(b"ignored")
    assert await two.bob.closed() == ""
    assert two.bob.got == farewell
    assert await two.alice.closed() == ""
    await two.part()
    assert two.alice.closings == two.bob.closings == [""]


async def test_close_does_not_lose_the_farewell_when_the_other_side_is_still_talking(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    two.bob.link.write(b"wait, one more thing" * 10_000)
    two.alice.link.write(b"bye")
    two.alice.link.close()
    assert await two.bob.closed() == ""
    assert two.bob.got == b"bye"
    await two.alice.closed()
    await two.part()


async def test_abort_drops_the_link_and_says_so_to_the_other_side(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    two.alice.link.write(b"hello")
    await two.bob.receives(5)
    two.bob.link.write(b"unread")
    two.alice.link.abort()
    assert await two.alice.closed() == ""
    await two.bob.closed()
    await two.part()
    assert len(two.alice.closings) == len(two.bob.closings) == 1


async def test_nobody_listens(networks: Networks) -> None:
    alice, bob, host = networks
    listener = await bob.listen(0, lambda link: link.abort())
    await listener.close()
    with pytest.raises(LinkError, match="nothing listens there"):
        await alice.dial(Address(host, listener.port), 0, SOON)


async def test_open_links_survive_the_end_of_listening(networks: Networks) -> None:
    two = (await Two.meet(*networks)).start()
    await two.listener.close()
    two.alice.link.write(b"still here")
    assert await two.bob.receives(10) == b"still here"
    await two.part()


async def test_a_taken_port_is_refused_in_words(networks: Networks) -> None:
    _, bob, _ = networks
    listener = await bob.listen(0, lambda link: link.abort())
    with pytest.raises(LinkError, match=f"port {listener.port} is used by another program"):
        await bob.listen(listener.port, lambda link: link.abort())
    await listener.close()
    again = await bob.listen(listener.port, lambda link: link.abort())
    await again.close()


async def test_dials_leave_from_the_listening_port_where_they_can(networks: Networks) -> None:
    alice, bob, host = networks
    own = await alice.listen(0, lambda link: link.abort())
    accepted: asyncio.Queue[Link] = asyncio.Queue()
    listener = await bob.listen(0, accepted.put_nowait)
    there = Address(host, listener.port)
    first = await alice.dial(there, own.port, SOON)
    second = await alice.dial(there, own.port, SOON)
    assert first.local.port == own.port
    assert second.local.port not in (own.port, 0)
    ends = [End(link).started() for link in (first, second, await accepted.get(), await accepted.get())]
    for end in ends:
        end.link.abort()
        await end.closed()
    await own.close()
    await listener.close()


async def test_datagrams_come_and_go(networks: Networks) -> None:
    alice, bob, host = networks
    arrived: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
    answers: asyncio.Queue[tuple[bytes, Address]] = asyncio.Queue()
    at_bob = await bob.datagrams(0, lambda data, sender: arrived.put_nowait((data, sender)))
    at_alice = await alice.datagrams(0, lambda data, sender: answers.put_nowait((data, sender)))
    at_alice.send(b"typing", Address(host, at_bob.port))
    data, sender = await asyncio.wait_for(arrived.get(), SOON)
    assert (data, sender.port) == (b"typing", at_alice.port)
    at_bob.send(b"seen", sender)
    assert await asyncio.wait_for(answers.get(), SOON) == (b"seen", Address(host, at_bob.port))
    await at_alice.close()
    await at_bob.close()


async def test_a_datagram_to_nobody_is_silent(networks: Networks) -> None:
    alice, _, host = networks
    at_alice = await alice.datagrams(0, lambda data, sender: None)
    for _ in range(3):
        at_alice.send(b"anybody?", Address(host, 9))
        await asyncio.sleep(0)
    at_alice.send(b"x" * 70_000, Address(host, 9))
    at_alice.send(b"from nowhere", Address("fe80::1%nosuch", 9))
    await at_alice.close()
    at_alice.send(b"after the end", Address(host, 9))


async def test_a_datagram_port_is_taken_once(networks: Networks) -> None:
    _, bob, _ = networks
    bound = await bob.datagrams(0, lambda data, sender: None)
    with pytest.raises(LinkError, match="used by another program"):
        await bob.datagrams(bound.port, lambda data, sender: None)
    await bound.close()
