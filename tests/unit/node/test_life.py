"""A node's beginning and end: nothing is left behind, and everything is as it was."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.net.links import LinkError
from p2pdm.node.node import PORT, Node
from p2pdm.node.reception import RENEW
from p2pdm.store.tables import Store
from tests.fakes.puppet import Puppet
from tests.fakes.virtual_time import NothingWillHappen, VirtualLoop
from tests.fakes.world import Someone, World


def left_behind(world: World) -> tuple[int, int, int]:
    """Links, listeners and ports."""
    return len(world.lan.links), len(world.lan.listeners), len(world.lan.ports)


async def nothing_runs(world: World, within: float) -> None:
    """No task but this test's own, and after `within` seconds nothing of a closed node has happened."""
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    commits = [someone.disk.commits for someone in world.everyone]
    notices = [len(someone.notices) for someone in world.everyone]
    await world.passes(within)
    assert [someone.disk.commits for someone in world.everyone] == commits
    assert [len(someone.notices) for someone in world.everyone] == notices


async def test_whoever_leaves_leaves_nothing_running(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.typing(bob.id, True)
    await bob.says(alice, "goodbye")
    await alice.leaves()
    await bob.leaves()
    await nothing_runs(world, RENEW + 100)
    assert left_behind(world) == (0, 0, 0)


async def test_leaving_while_dialling_renewing_and_knocking_leaves_nothing(world: World) -> None:
    alice, bob, carol, dave = await world.friends("Alice", "Bob", "Carol", "Dave")
    await dave.leaves()
    await world.passes(RENEW - 22)
    world.cut(alice, dave)
    world.cut(alice, carol)
    await alice.says(carol, "are you there?")
    await alice.node.join((await bob.node.me()).invite)
    knock = await world.lan.host("10.6.6.6").dial(alice.node.roster.addresses(bob.key)[0], 0, 5)
    world.cut(alice, bob)
    await world.passes(3)  # renewals are under way, and hang
    await alice.says(dave, "are you there?")
    await world.passes(0.1)  # so does this dial
    await Puppet(world, "Stranger").dials(alice, greets=False)
    for someone in (alice, bob, carol):
        await someone.leaves()
    knock.abort()
    world.lan.mend()
    await nothing_runs(world, 300)
    assert left_behind(world)[1:] == (0, 0)


async def test_leaving_twice_is_leaving(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.close()
    await alice.leaves()
    await nothing_runs(world, 10)


async def test_stop_asks_the_one_who_runs_the_node_to_end_it(world: World) -> None:
    alice = await world.person("Alice")
    assert not alice.node.stopped.is_set()
    await alice.node.stop()
    await asyncio.wait_for(alice.node.stopped.wait(), 1)


async def test_a_taken_port_is_replaced_by_a_free_one_unless_it_was_asked_for(world: World) -> None:
    alice = await world.person("Alice")
    assert (await alice.node.status()).port == PORT
    neighbour = Someone(world, "Neighbour", alice.host, type(alice.disk).open(None))
    neighbour.make_profile()
    world.everyone.append(neighbour)
    await neighbour.starts()
    port = (await neighbour.node.status()).port
    assert port != PORT
    await world.until(lambda: alice.online(neighbour) and neighbour.online(alice))
    await neighbour.leaves()
    again = Node(
        Store(neighbour.disk),
        world.lan.host(alice.host),
        neighbour._finder,
        neighbour,
        neighbour._random.randbytes,
        neighbour.wall,
    )
    with pytest.raises(LinkError):
        await again.start(PORT)
    await again.close()


async def test_status_tells_how_it_is(world: World) -> None:
    alice, bob, _carol = await world.people("Alice", "Bob", "Carol")
    status = await alice.node.status()
    assert (status.id, status.name, status.port, status.nearby) == (alice.id, "Alice", PORT, 2)
    assert [(i.name, i.address) for i in status.interfaces] == [("eth0", alice.host)]
    assert bob.id in status.online
    assert not status.trouble
    assert not status.waiting


def test_one_seed_is_one_course_of_events() -> None:
    async def course() -> list[object]:
        async with World(5) as world:
            alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
            for n in range(10):
                await asyncio.gather(alice.says(bob, f"{n}"), bob.says(carol, f"{n}"), carol.says(alice, f"{n}"))
            await bob.dies()
            await bob.starts()
            await world.passes(60)
            return [someone.notices for someone in world.everyone] + [someone.shows(alice) for someone in (bob, carol)]

    courses = []
    for _ in range(2):
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            courses.append(runner.run(course()))
    assert courses[0] == courses[1]


def test_a_loop_in_which_nothing_can_happen_says_so() -> None:
    loop = VirtualLoop()
    try:
        with pytest.raises(NothingWillHappen):
            loop.run_until_complete(loop.create_future())
    finally:
        loop.close()
