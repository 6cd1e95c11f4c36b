"""Notices: a client that was away asks for all since its cursor, and gets each once."""

from __future__ import annotations

import asyncio
import random

import pytest

from p2pdm.api.types import ApiError, Notice
from p2pdm.store.errors import StoreError
from tests.fakes.world import Someone, World

DURABLE = {"message", "state", "request", "person", "chat", "profile"}


def all_since(someone: Someone, cursor: int, page: int = 7) -> list[Notice]:
    """What a client that comes back is told."""
    told: list[Notice] = []
    while notices := someone.node.board.since(told[-1].cursor if told else cursor, page):
        told += notices
    return told


def durable(notices: list[Notice]) -> list[Notice]:
    """Those with a cursor of their own: it grows with each."""
    kept: list[Notice] = []
    for notice in notices:
        if notice.event in DURABLE and notice.cursor > (kept[-1].cursor if kept else 0):
            kept.append(notice)
    return kept


async def talk(world: World, alice: Someone, bob: Someone) -> None:
    for n in range(10):
        await alice.says(bob, f"a{n}")
        await bob.says(alice, f"b{n}")
        await world.passes(0.1)
    await alice.node.read(bob.id)
    await bob.node.nickname(alice.id, "Al")
    await alice.node.rename("Alicia")
    await world.passes(1)


async def test_who_was_away_is_told_the_same_as_who_listened(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.says(bob, "Hello")
    await world.until(lambda: bob.relation(alice) == "request")
    await bob.node.accept(alice.id)
    await talk(world, alice, bob)
    for someone in (alice, bob):
        live = durable(someone.notices)
        assert all_since(someone, 0) == live
        assert [notice.cursor for notice in live] == list(range(1, len(live) + 1))
        middle = live[len(live) // 2].cursor
        assert all_since(someone, middle) == live[len(live) // 2 + 1 :]
        assert someone.node.board.cursor() == (await someone.node.status()).cursor == live[-1].cursor
        assert await someone.node.subscribe() == live[-1].cursor


async def test_cursors_go_on_after_a_restart(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await talk(world, alice, bob)
    cursor = alice.node.board.cursor()
    for end in (alice.leaves, alice.dies):
        await end()
        await alice.starts()
        assert alice.node.board.cursor() >= cursor
        await alice.says(bob, "again")
        notices = all_since(alice, cursor)
        assert notices[0].cursor == cursor + 1
        cursor = notices[-1].cursor


async def test_passing_notices_bear_the_cursor_of_the_durable_one_before(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await talk(world, alice, bob)
    cursor = alice.node.board.cursor()
    await bob.node.typing(alice.id, True)
    await world.until(lambda: alice.told("typing"))
    assert alice.told("typing")[0].cursor == cursor
    assert all_since(alice, cursor) == []


@pytest.mark.parametrize("seed", range(3))
async def test_no_cursor_is_given_twice_whatever_the_disk_does(seed: int) -> None:
    """A listener and a client that keeps asking since its last cursor: both hear each notice once, without a gap."""
    async with World(seed) as world:
        alice, bob = await world.friends("Alice", "Bob")
        chance = random.Random(seed)
        asked: list[Notice] = all_since(alice, 0)
        start = len(alice.notices)
        running = True

        def ask() -> None:  # at every turn of the loop
            if chance.random() < 0.2:
                asked.extend(alice.node.board.since(asked[-1].cursor if asked else 0, 3))
            if running:
                asyncio.get_running_loop().call_later(0.0005, ask)

        ask()
        for n in range(120):
            alice.disk.full = chance.random() < 0.2
            alice.disk.broken = chance.random() < 0.1
            try:
                await asyncio.gather(alice.says(bob, f"a{n}"), bob.says(alice, f"b{n}"))
            except ApiError as error:
                assert error.kind == "disk"  # noqa: PT017 -- not all of them fail
            await world.passes(chance.random() / 50)
        alice.disk.full = alice.disk.broken = False
        await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)))
        await world.passes(30)
        running = False
        asked += all_since(alice, asked[-1].cursor)
        assert [notice.cursor for notice in asked] == list(range(1, len(asked) + 1))
        live = [n for n in durable(alice.notices[start:]) if n.cursor > asked[0].cursor]
        assert {n.cursor: n for n in asked if n.cursor >= live[0].cursor} == {n.cursor: n for n in live}


async def test_what_a_commit_led_to_is_not_told_before_it_is_committed_itself(world: World) -> None:
    alice = await world.person("Alice")
    node = alice.node

    def write_again(error: StoreError | None) -> None:
        with node.commits.writing():
            node.board.post("chat")

    before = node.board.cursor()
    with node.commits.writing(write_again):
        node.board.post("person")
    assert node.board.since(before, 10) == []
    node.commits.flush()
    assert [notice.event for notice in node.board.since(before, 10)] == ["person"]
    alice.disk.full = True
    node.commits.settle()
    assert [(n.event, n.cursor) for n in alice.notices[-2:]] == [("person", before + 1), ("trouble", before + 1)]
    alice.disk.full = False
    with node.commits.writing():
        node.board.post("profile")
    node.commits.flush()
    assert [(n.event, n.cursor) for n in node.board.since(before + 1, 10)] == [("profile", before + 2)]


async def test_a_message_is_noticed_before_its_states(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "Lunch?")
    await world.until(lambda: alice.state(sent) == "delivered")
    await bob.node.read(alice.id)
    await world.until(lambda: len(alice.told("state")) == 2)
    about = [(n.event, n.state) for n in alice.notices if n.id == sent.id]
    assert about == [("message", ""), ("state", "delivered"), ("state", "read")]


async def test_many_states_at_once_are_one_notice(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    for n in range(200):
        await alice.says(bob, str(n))
    before = len(alice.told("state"))
    await bob.starts()
    await world.until(lambda: {m.state for m in alice.history(bob)} == {"delivered"})
    await world.passes(1)
    assert len(alice.told("state")) - before < 60


async def test_one_listener_that_fails_does_not_silence_what_follows(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))

    def fails(notice: Notice) -> None:
        alice.node.board.listeners.remove(fails)
        raise RuntimeError("a client's mistake")

    alice.node.board.listeners.append(fails)
    sent = await alice.says(bob, "Lunch?")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert len(failures) <= 1
