"""What holds for real TCP links alone."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest

from p2pdm.net import tcp
from p2pdm.net.links import Address, LinkError
from p2pdm.net.sockets import SocketNetwork
from tests.unit.net.ends import SOON, Two

LISTEN_ELSEWHERE = """
import asyncio, sys
from p2pdm.net import tcp
from p2pdm.net.links import LinkError
async def main():
    await tcp.listen(int(sys.argv[1]), lambda link: link.abort())
try:
    asyncio.run(main())
except LinkError as error:
    print(error)
"""


async def test_another_program_of_the_same_user_cannot_listen_on_the_port_too() -> None:
    listener = await tcp.listen(0, lambda link: link.abort())
    command = [sys.executable, "-c", LISTEN_ELSEWHERE, str(listener.port)]
    other = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=30, check=True)
    assert other.stdout == f"port {listener.port} is used by another program\n"
    await listener.close()


async def test_two_that_start_at_the_same_instant_do_not_both_get_the_port() -> None:
    # The race: both have bound before either listens.
    rival = socket.socket()
    rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    rival.bind(("", 0))
    listener = await tcp.listen(rival.getsockname()[1], lambda link: link.abort())
    with pytest.raises(OSError, match="in use"):
        rival.listen()
    rival.close()
    await listener.close()


async def test_a_restart_gets_its_port_back_while_old_connections_linger() -> None:
    network = SocketNetwork()
    two = (await Two.meet(network, network, "127.0.0.1")).start()
    await two.listener.close()
    again = await tcp.listen(two.listener.port, lambda link: link.abort())
    await again.close()
    two.bob.link.close()  # this side now waits in TIME_WAIT
    await two.bob.closed()
    again = await tcp.listen(two.listener.port, lambda link: link.abort())
    await again.close()
    await two.part()


async def test_segments_leave_at_once() -> None:
    two = (await Two.meet(SocketNetwork(), SocketNetwork(), "127.0.0.1")).start()
    for end in (two.alice, two.bob):
        assert isinstance(end.link, tcp.TcpLink)
        assert end.link._transport is not None
        sock = end.link._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    await two.part()


async def test_nothing_is_read_before_start() -> None:
    two = await Two.meet(SocketNetwork(), SocketNetwork(), "127.0.0.1")
    two.alice.started()
    for _ in range(200):
        two.alice.link.write(b"x" * 65_536)
    await asyncio.sleep(0.05)
    assert two.alice.link.pending > 0, "somebody reads for a handler that is not there"
    await two.part()


async def test_a_closing_link_does_not_wait_forever_for_one_who_reads_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "LINGER", 0.05)
    two = await Two.meet(SocketNetwork(), SocketNetwork(), "127.0.0.1")
    two.alice.started()
    for _ in range(200):
        two.alice.link.write(b"x" * 65_536)
    two.alice.link.close()
    assert await two.alice.closed() == "the other side did not take what was left"
    await two.part()


async def test_writes_after_the_other_side_ended_are_ignored() -> None:
    two = (await Two.meet(SocketNetwork(), SocketNetwork(), "127.0.0.1")).start()
    two.bob.link.abort()
    await two.alice.closed()
    for _ in range(10):
        two.alice.link.write(b"hello?")
    two.alice.link.close()
    await two.part()


async def test_a_node_that_dials_itself_is_told() -> None:
    listener = await tcp.listen(0, lambda link: link.abort())
    with pytest.raises(LinkError, match="is this program itself"):
        await tcp.dial(Address("127.0.0.1", listener.port), listener.port, SOON)
    await listener.close()


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("printer.local", 1, "not a numeric IP address"),
        ("10.0.0.1", 70_000, "not a port"),
        ("fe80::1%nosuch", 1, "no interface nosuch"),
        ("fe80::1", 1, "could not be reached"),
        ("255.255.255.255", 1, "could not be reached"),
    ],
)
async def test_hostile_hints_end_in_link_errors(host: str, port: int, words: str) -> None:
    with pytest.raises(LinkError, match=words):
        await tcp.dial(Address(host, port), 0, SOON)


async def test_a_dial_gives_up_in_time() -> None:
    full = socket.socket()  # accepts nobody: its queue of one is full after two
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    address = Address("127.0.0.1", full.getsockname()[1])
    crowd = [await tcp.dial(address, 0, SOON)]
    with pytest.raises(LinkError, match=r"did not answer within 0\.2 s"):
        await tcp.dial(address, 0, 0.2)
    crowd[0].abort()
    await asyncio.sleep(0)
    full.close()


async def test_only_the_chosen_addresses_are_used() -> None:
    network = SocketNetwork(only=("127.0.0.2",))
    listener = await network.listen(0, lambda link: link.abort())
    with pytest.raises(LinkError, match="nothing listens there"):
        await network.dial(Address("127.0.0.1", listener.port), 0, SOON)
    link = await network.dial(Address("127.0.0.2", listener.port), 0, SOON)
    assert link.local.host == "127.0.0.2"
    with pytest.raises(LinkError, match="chosen interfaces"):
        await network.dial(Address("::1", listener.port), 0, SOON)
    link.abort()
    await listener.close()
    await asyncio.sleep(0)


async def test_an_address_this_machine_lacks_cannot_be_listened_on() -> None:
    with pytest.raises(LinkError, match="does not have that address"):
        await tcp.listen(0, lambda link: link.abort(), ("203.0.113.7",))
