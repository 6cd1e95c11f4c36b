"""Which claimed addresses are dialled, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.net.discovery.finder import MAX_ADDRESSES
from p2pdm.net.discovery.hints import best_addresses
from p2pdm.net.interfaces import Interface

WIFI = Interface("wlan0", "10.0.0.5", 24, 3)
WIFI6 = Interface("wlan0", "fe80::5%wlan0", 64, 3)
CABLE6 = Interface("eth0", "fe80::6%eth0", 64, 2)
LOOPBACK = Interface("lo", "127.0.0.1", 8, 1)


def hosts(claims: list[str], *ours: Interface) -> list[str]:
    return [address.host for address in best_addresses(claims, 53530, ours)]


def test_neighbours_on_our_subnet_come_first_and_ipv4_before_ipv6() -> None:
    claims = ["192.168.7.7", "2001:db8::1", "fe80::9%wlan0", "10.0.0.9"]
    assert hosts(claims, WIFI, WIFI6) == ["10.0.0.9", "fe80::9%wlan0", "192.168.7.7", "2001:db8::1"]


def test_an_address_that_is_also_ours_comes_last() -> None:
    assert hosts(["10.0.0.5", "192.168.7.7"], WIFI) == ["192.168.7.7", "10.0.0.5"]


def test_a_link_local_address_gets_the_scope_of_our_only_interface() -> None:
    assert hosts(["fe80::9"], WIFI, WIFI6) == ["fe80::9%wlan0"]
    assert hosts(["fe80::9"], WIFI, WIFI6, CABLE6) == []
    assert hosts(["fe80::9%eth0"], WIFI, WIFI6, CABLE6) == ["fe80::9%eth0"]


def test_loopback_is_dialled_by_those_who_live_on_it_only() -> None:
    assert hosts(["127.0.0.1", "::1"], WIFI) == []
    assert hosts(["127.0.0.1"], LOOPBACK) == ["127.0.0.1"]


def test_claims_are_bounded() -> None:
    assert len(hosts([f"10.0.0.{n}" for n in range(1, 250)], WIFI)) == MAX_ADDRESSES
    assert len(hosts(["10.0.0.9"] * 20, WIFI)) == 1


@pytest.mark.parametrize("claim", ["224.0.0.251", "0.0.0.0", "255.255.255.255", "ff02::fb", "::", "nonsense", ""])  # noqa: S104
def test_what_is_no_host_is_ignored(claim: str) -> None:
    assert hosts([claim], WIFI, WIFI6) == []


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_what_is_no_port_is_ignored(port: int) -> None:
    assert best_addresses(["10.0.0.9"], port, (WIFI,)) == ()


@given(st.lists(st.text(max_size=20) | st.ip_addresses().map(str), max_size=40), st.integers(-1, 70_000))
def test_no_claim_makes_it_fail(claims: list[str], port: int) -> None:
    assert len(best_addresses(claims, port, (WIFI, WIFI6, CABLE6))) <= MAX_ADDRESSES
