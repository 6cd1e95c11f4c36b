"""Which of two connections stays: dialled at once, renewed, restarted, moved to another address."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.node.reception import RENEW
from p2pdm.wire.frames import LEAVING
from tests.fakes.world import Someone, World


def sessions(*people: Someone) -> list[int]:
    return [len(list(someone.node.sessions)) for someone in people]


@pytest.mark.parametrize("seed", range(8))
async def test_when_both_dial_at_once_exactly_one_connection_stays(seed: int) -> None:
    async with World(seed) as world:
        alice, bob = await world.friends("Alice", "Bob")
        for someone in (alice, bob):
            someone.node.dialing.want = lambda *_, **__: None  # type: ignore[method-assign] # only what is dialled below
        world.lan.reset(alice.host, bob.host)
        await world.until(lambda: sessions(alice, bob) == [0, 0])
        await asyncio.gather(
            alice.node.dialing.dial_any(bob.key, alice.node.roster.addresses(bob.key)),
            bob.node.dialing.dial_any(alice.key, bob.node.roster.addresses(alice.key)),
        )
        await world.passes(5)
        assert sessions(alice, bob) == [1, 1]
        (a,), (b,) = list(alice.node.sessions), list(bob.node.sessions)
        assert (a.link.local, a.link.remote) == (b.link.remote, b.link.local)
        sent = await alice.says(bob, "once")
        await world.until(lambda: alice.state(sent) == "delivered", within=1)
        assert len(world.lan.links) == 2


@pytest.mark.parametrize("seed", range(4))
async def test_a_crowd_that_wakes_up_ends_with_one_connection_a_pair(seed: int) -> None:
    async with World(seed) as world:
        people = await world.people(*"ABCDEF")
        for one in people:
            for other in people:
                world.lan.reset(one.host, other.host)
        await world.until(lambda: all(a.online(b) for a in people for b in people if a is not b))
        await world.passes(5)
        assert sessions(*people) == [5] * 6
        assert len(world.lan.links) == 30


async def test_the_hourly_renewal_is_not_seen_by_anybody(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    told = [len(alice.notices), len(bob.notices)]
    (before,) = list(alice.node.sessions)
    loop = asyncio.get_running_loop()
    await asyncio.sleep(before.session.started + RENEW - 0.01 - loop.time())
    assert list(alice.node.sessions) == [before]
    seen: set[bool] = set()

    def look() -> None:  # at every turn of the loop
        seen.update((alice.online(bob), bob.online(alice)))
        if loop.time() < end:
            loop.call_soon(look)

    end = loop.time() + 0.03
    look()
    await world.passes(1)
    assert list(alice.node.sessions) not in ([], [before])
    assert seen == {True}
    assert sessions(alice, bob) == [1, 1]
    assert {n.event for n in (*alice.notices[told[0] :], *bob.notices[told[1] :])} <= {"person"}
    sent = await alice.says(bob, "with new keys")
    await world.until(lambda: alice.state(sent) == "delivered", within=1)


async def test_keys_are_renewed_hour_after_hour_even_when_one_renewal_fails(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    world.lan.refuse(bob.host)
    world.lan.refuse(alice.host)
    (before,) = list(alice.node.sessions)
    await world.passes(RENEW + 60)
    assert list(alice.node.sessions) == [before]
    world.lan.refuse(bob.host, on=False)
    world.lan.refuse(alice.host, on=False)
    await world.passes(RENEW)
    (after,) = list(alice.node.sessions)
    assert after is not before
    await world.passes(RENEW)
    assert list(alice.node.sessions) != [after]
    assert sessions(alice, bob) == [1, 1]


async def test_messages_under_way_survive_the_renewal(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await world.passes(RENEW - 2)
    for n in range(400):
        await alice.says(bob, str(n))
        await world.passes(0.01)
    await world.until(lambda: len(bob.texts(alice)) == 400)
    assert bob.texts(alice) == [str(n) for n in range(400)]
    await world.until(lambda: {m.state for m in alice.history(bob)} == {"delivered"})


@pytest.mark.parametrize("end", ["leaves", "dies", "loses_power"])
async def test_a_restart_is_welcome_at_once_and_no_clone(world: World, end: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    device = bob.node.myself.device.public
    await getattr(bob, end)()
    await bob.starts()
    await world.until(lambda: alice.online(bob) and bob.online(alice), within=3)
    sent = await bob.says(alice, "I'm back")
    await world.until(lambda: bob.state(sent) == "delivered", within=1)
    await world.passes(60)
    assert sessions(alice, bob) == [1, 1]
    assert bob.node.myself.device.public == device
    assert not alice.told("trouble")
    assert not bob.told("trouble")


async def test_whose_goodbye_comes_after_the_word_that_they_are_back_is_met_again(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    bob.node.dialing.want = lambda *_, **__: None  # type: ignore[method-assign]  # he is connected: with a copy of hers
    (announced,) = alice.node.roster._sightings.values()
    alice.node._seen(announced)  # as after a restart of his
    (before,), (session,) = alice.node.sessions, bob.node.sessions
    session.close(LEAVING)  # from before it, late
    await world.until(lambda: before.session.closed)
    await world.until(lambda: alice.online(bob))


async def test_many_restarts_in_a_row_lose_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(12):
        end = (bob.dies, bob.loses_power, bob.leaves)[n % 3]
        await alice.says(bob, f"a{n}")
        await bob.says(alice, f"b{n}")
        await end()
        await bob.starts()
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 24)
    assert alice.texts(bob) == bob.texts(alice)
    assert sorted(alice.texts(bob)) == sorted(f"{who}{n}" for who in "ab" for n in range(12))


async def test_another_address_of_this_machine_ends_what_hung_on_the_old(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    (before,) = list(alice.node.sessions)
    alice.node.network_changed([alice.host])
    await world.passes(1)
    assert list(alice.node.sessions) == [before]
    alice.node.network_changed(["10.0.7.7"])
    await world.until(lambda: list(alice.node.sessions) not in ([], [before]), within=2)
    await world.until(lambda: alice.online(bob) and bob.online(alice), within=2)


async def test_an_address_where_somebody_else_is_now_is_not_him(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    eve = await world.person("Eve")
    eve_was = eve.host
    await eve.leaves()
    eve.host = bob.host
    await eve.starts()
    sent = await alice.says(bob, "for Bob only")
    await world.passes(20)
    assert alice.state(sent) == "waiting"
    assert not alice.online(bob)
    assert b"for Bob only" not in eve.disk.pages()
    bob.host = eve_was
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "delivered")
