"""Real mDNS, over the loopback interface: neighbours on one machine that has no network at all."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from p2pdm.identity import OPEN_SPACE
from p2pdm.net.discovery import mdns
from p2pdm.net.discovery.adverts import to_txt
from p2pdm.net.discovery.finder import Advert, Sighting
from p2pdm.net.discovery.mdns import SERVICE, MdnsFinder, multicast_hosts
from p2pdm.net.interfaces import Interface, Watcher
from p2pdm.net.links import Address

LOOPBACK = ("127.0.0.1",)


class Neighbour:
    """Somebody with a finder, and what it reported. Names and spaces are random: others may test here, too."""

    def __init__(self, name: str, space: bytes) -> None:
        self.advert = Advert(
            secrets.token_bytes(32), f"{name}-{secrets.token_hex(4)}", 1024 + secrets.randbelow(60_000), space
        )
        self.watcher = Watcher(LOOPBACK)
        self.finder = MdnsFinder(self.watcher)
        self.sightings: dict[str, Sighting] = {}
        self.left: list[Sighting] = []
        self.troubles: list[str] = []
        self.finder.troubled = self.troubles.append
        self._changed = asyncio.Event()

    async def start(self) -> Neighbour:
        await self.watcher.start()
        await self.finder.start(self.advert, self._seen, self._gone)
        return self

    async def close(self) -> None:
        await self.finder.close()
        await self.watcher.close()

    def _seen(self, sighting: Sighting) -> None:
        self.sightings[sighting.instance] = sighting
        self._changed.set()

    def _gone(self, instance: str) -> None:
        self.left.append(self.sightings.pop(instance))
        self._changed.set()

    def sees(self, other: Neighbour) -> list[Sighting]:
        return [s for s in self.sightings.values() if s.identity == other.advert.identity]

    async def until(self, true: Callable[[], object], seconds: float = 3.0) -> float:
        """Wait for something to become true of what was reported; the seconds it took."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while not true():
                self._changed.clear()
                await self._changed.wait()
        return time.monotonic() - began


@contextlib.asynccontextmanager
async def neighbours(*names: str, space: bytes = OPEN_SPACE) -> AsyncIterator[list[Neighbour]]:
    people = [await Neighbour(name, space).start() for name in names]
    try:
        yield people
    finally:
        for person in people:
            await person.close()


@pytest.mark.parametrize("space", [OPEN_SPACE, secrets.token_bytes(32)], ids=["open", "closed"])
async def test_alice_and_bob_see_each_other(space: bytes) -> None:
    async with neighbours("alice", "bob", space=space) as (alice, bob):
        await alice.until(lambda: alice.sees(bob))
        await bob.until(lambda: bob.sees(alice))
        (sighting,) = alice.sees(bob)
        assert sighting.name == bob.advert.name
        assert sighting.addresses == (Address("127.0.0.1", bob.advert.port),)
        assert not alice.sees(alice)
        assert alice.finder.trouble == ""


async def test_start_does_not_wait_for_the_network() -> None:
    alice = Neighbour("alice", OPEN_SPACE)
    began = time.monotonic()
    await alice.start()
    started = time.monotonic()
    await asyncio.gather(*alice.finder._tasks)  # it announces itself thrice
    assert started - began < (time.monotonic() - started) / 2
    await alice.close()


async def test_a_newcomer_is_seen_within_a_second_and_a_goodbye_too() -> None:
    async with neighbours("alice", "bob") as (alice, bob):
        await alice.until(lambda: alice.sees(bob), 1.0)
        leaving = asyncio.create_task(bob.close())
        await alice.until(lambda: not alice.sees(bob), 1.0)
        assert [s.name for s in alice.left if s.identity == bob.advert.identity] == [bob.advert.name]
        await leaving


async def test_a_new_name_is_seen() -> None:
    async with neighbours("alice", "bob") as (alice, bob):
        await alice.until(lambda: alice.sees(bob))
        await bob.finder.update(replace(bob.advert, name="Robert"))
        await alice.until(lambda: [s.name for s in alice.sees(bob)] == ["Robert"])


async def test_spaces_do_not_see_each_other() -> None:
    async with (
        neighbours("alice", space=secrets.token_bytes(32)) as (alice,),
        neighbours("bob", "carol", space=secrets.token_bytes(32)) as (bob, carol),
    ):
        await bob.until(lambda: bob.sees(carol))
        assert not alice.sightings
        assert not bob.sees(alice)


async def test_a_closed_space_goes_on_under_another_name() -> None:
    async with neighbours("alice", "bob", space=secrets.token_bytes(32)) as (alice, bob):
        await alice.until(lambda: alice.sees(bob))
        (before,) = alice.sees(bob)
        await bob.finder._renew()
        await alice.until(lambda: alice.left)
        (after,) = alice.sees(bob)
        assert alice.left == [before]
        assert after.instance != before.instance


async def test_hostile_announcements_are_ignored() -> None:
    async with neighbours("alice") as (alice,):
        good = Advert(secrets.token_bytes(32), "good", 4_000, OPEN_SPACE)
        txt = to_txt(good, "a")
        eve = AsyncZeroconf(interfaces=list(LOOPBACK))
        bad: list[tuple[str, int, dict[str, bytes], str]] = [
            ("UPPER and spaces", 4_000, txt, "127.0.0.1"),
            ("aaaaaaa1", 0, txt, "127.0.0.1"),
            ("aaaaaaa2", 4_000, txt, "224.0.0.1"),
            ("aaaaaaa3", 4_000, txt | {"k": b"short"}, "127.0.0.1"),
            ("aaaaaaa4", 4_000, txt | {"v": b"99"}, "127.0.0.1"),
            ("aaaaaaa5", 4_000, {}, "127.0.0.1"),
            ("aaaaaaa6", 4_000, txt | {"n": b"\xff\x00" * 80}, "127.0.0.1"),
        ]
        good_last = ("aaaaaaa9", 4_000, txt, "127.0.0.1")
        for instance, port, properties, host in [*bad, good_last]:
            info = AsyncServiceInfo(
                SERVICE,
                f"{instance}.{SERVICE}",
                port=port,
                properties=properties,
                server=f"{instance.split()[0]}.local.",
                parsed_addresses=[host],
            )
            await eve.async_register_service(info, cooperating_responders=True, strict=False)
        await alice.until(lambda: "aaaaaaa9" in alice.sightings)
        evil = set(alice.sightings) & {instance for instance, *_ in bad}
        assert evil <= {"aaaaaaa6"}
        assert all(len(s.name) <= 64 and s.name.isprintable() for s in alice.sightings.values())
        await eve.async_close()


async def test_a_flood_of_announcements_is_bounded_and_a_newcomer_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mdns, "MAX_SIGHTINGS", 3)
    async with neighbours("alice") as (alice,):
        crowd = [await Neighbour(f"eve{n}", OPEN_SPACE).start() for n in range(5)]
        await alice.until(lambda: alice.sees(crowd[-1]))
        assert len(alice.sightings) <= 3
        await asyncio.gather(*(eve.close() for eve in crowd))


async def test_without_any_interface_it_says_so_and_neither_start_nor_close_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("p2pdm.net.interfaces._all_addresses", list)
    alice = Neighbour("alice", OPEN_SPACE)
    alice.watcher.only = ()
    await alice.start()
    assert "on no network" in alice.finder.trouble
    assert alice.troubles == [alice.finder.trouble]
    await alice.finder.update(replace(alice.advert, name="Alicia"))
    await alice.close()


@pytest.mark.logs_warnings("Address in use")
async def test_when_the_mdns_port_is_taken_it_says_so_and_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = AsyncZeroconf
    monkeypatch.setattr(mdns, "RETRY", 0.01)

    def taken(*args: object, **kwargs: object) -> AsyncZeroconf:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(mdns, "AsyncZeroconf", taken)
    async with neighbours("alice", "bob") as (alice, bob):
        assert "UDP 5353" in alice.finder.trouble
        monkeypatch.setattr(mdns, "AsyncZeroconf", made)
        await alice.until(lambda: alice.sees(bob))
        assert alice.finder.trouble == ""
        assert alice.troubles == [mdns.PORT_TAKEN, ""]  # told once, and that it is over


def test_one_address_of_each_family_of_each_interface_joins() -> None:
    wifi = [
        Interface("wlan0", "10.0.0.5", 24, 3),
        Interface("wlan0", "10.0.0.6", 24, 3),
        Interface("wlan0", "2001:db8::5", 64, 3),
        Interface("wlan0", "fe80::5%wlan0", 64, 3),
    ]
    assert multicast_hosts((*wifi, Interface("eth0", "10.1.0.5", 24, 2))) == ("10.0.0.5", "fe80::5", "10.1.0.5")
