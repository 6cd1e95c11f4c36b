"""Which addresses are used, and how changes of them are noticed (on real interfaces: tests/lan)."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

import ifaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.net import interfaces
from p2pdm.net.interfaces import Change, Interface, Watcher, check_chosen, usable_interfaces
from p2pdm.net.links import LinkError
from p2pdm.net.netlink import RUNNING, UP, losses

LO = Interface("lo", "127.0.0.1", 8, 1)
CABLE = Interface("eth0", "10.0.0.5", 24, 2)
CABLE6 = Interface("eth0", "fe80::5%eth0", 64, 2)
WIFI = Interface("wlan0", "10.1.0.5", 24, 3)


class Machine:
    """A machine whose interfaces a test changes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *all_of_them: Interface) -> None:
        self.all = list(all_of_them)
        self.flags: dict[str, int] = {}
        monkeypatch.setattr(interfaces, "_all_addresses", lambda: sorted(self.all))
        monkeypatch.setattr(interfaces, "interface_flags", lambda name: self.flags.get(name, UP | RUNNING))


def test_loopback_is_used_only_where_there_is_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, LO, Interface("lo", "::1", 128, 1), CABLE, CABLE6)
    assert usable_interfaces() == (CABLE, CABLE6)
    machine.flags["eth0"] = UP  # the cable is pulled
    assert usable_interfaces() == (LO,)


def test_chosen_addresses_are_used_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(monkeypatch, LO, CABLE, CABLE6, WIFI)
    assert usable_interfaces(["10.1.0.5"]) == (WIFI,)
    assert usable_interfaces(["127.0.0.1"]) == (LO,)
    assert usable_interfaces(["fe80::5"]) == (CABLE6,)
    assert usable_interfaces(["10.9.9.9"]) == ()
    check_chosen(["10.0.0.5", "fe80::5%eth0"])
    with pytest.raises(LinkError, match=r"no interface .* 10\.9\.9\.9; there are 10\.0\.0\.5"):
        check_chosen(["10.9.9.9"])


async def test_a_watcher_tells_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, LO, CABLE)
    watcher, told = Watcher(), list[Change]()
    stop = watcher.subscribe(told.append)
    watcher.look()
    assert told == []
    machine.all.append(WIFI)
    watcher.look()
    assert told == [Change((CABLE, WIFI), frozenset({WIFI.index}))]
    stop()
    machine.all.remove(WIFI)
    watcher.look()
    assert len(told) == 1


async def test_an_interface_that_blinked_is_told_though_all_looks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(monkeypatch, LO, CABLE, WIFI)
    watcher, told = Watcher(), asyncio.Queue[Change]()
    watcher.subscribe(told.put_nowait)
    watcher._kernel_told({CABLE.index, 99})
    watcher._kernel_told(set())
    change = await asyncio.wait_for(told.get(), 2)
    assert change == Change((CABLE, WIFI), frozenset({CABLE.index}))
    watcher._kernel_told({0})  # the kernel lost count
    assert (await asyncio.wait_for(told.get(), 2)).shaken == {CABLE.index, WIFI.index}
    await watcher.close()


async def test_where_the_kernel_does_not_tell_the_watcher_looks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_netlink(changed: object) -> None:
        raise OSError

    monkeypatch.setattr(interfaces, "RouteEvents", no_netlink)
    monkeypatch.setattr(interfaces, "POLL", 0.01)
    machine = Machine(monkeypatch, LO, CABLE)
    watcher, told = Watcher(), asyncio.Queue[Change]()
    watcher.subscribe(told.put_nowait)
    await watcher.start()
    machine.all.append(WIFI)
    assert (await asyncio.wait_for(told.get(), 2)).now == (CABLE, WIFI)
    await watcher.close()


@pytest.mark.skipif(sys.platform != "linux", reason="addresses that are being checked are known on Linux only")
def test_every_real_address_can_be_bound() -> None:
    for interface in usable_interfaces():
        host, _, scope = interface.address.partition("%")
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(kind, socket.SOCK_DGRAM) as sock:
            sock.bind((host, 0, 0, socket.if_nametoindex(scope) if scope else 0) if ":" in host else (host, 0))


def test_down_interfaces_are_not_listed() -> None:
    names = {adapter.nice_name for adapter in ifaddr.get_adapters()}
    assert {i.name for i in interfaces._all_addresses()} <= names


def link_message(kind: int, index: int, flags: int) -> bytes:
    body = struct.pack("=BxHiII", 0, 1, index, flags, 0)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def test_losses_are_read_from_route_messages() -> None:
    up, down, deleted = link_message(16, 2, UP | RUNNING), link_message(16, 3, UP), link_message(17, 4, UP | RUNNING)
    address_gone = struct.pack("=IHHII", 24, 21, 0, 0, 0) + struct.pack("=BBBBi", 2, 24, 0, 0, 5)
    assert list(losses(up + down + deleted + address_gone)) == [3, 4, 5]


@given(st.binary(max_size=200))
def test_no_message_makes_it_fail(message: bytes) -> None:
    assert all(isinstance(index, int) for index in losses(message))
