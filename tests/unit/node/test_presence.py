"""Who is there: coming, leaving, cables pulled, machines asleep; and who is typing."""

from __future__ import annotations

import asyncio
import itertools

from p2pdm.node.dialer import SLOWEST
from p2pdm.node.reception import GRACE
from p2pdm.node.roster import TYPING_LASTS
from p2pdm.wire.session import ANSWER_GIVEN_UP, ANSWER_PING, DEAD_AFTER
from tests.fakes.world import LOOK, Someone, World


def now() -> float:
    return asyncio.get_running_loop().time()


async def time_until_offline(world: World, here: Someone, other: Someone, within: float) -> float:
    before = now()
    await world.until(lambda: not here.online(other), within)
    return now() - before


def comings_and_goings(here: Someone, other: Someone, since: int) -> int:
    return sum(1 for n in here.notices[since:] if n.event == "person" and n.person == other.id)


async def test_who_leaves_is_gone_at_once(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    told = len(alice.notices)
    await bob.leaves()
    await world.until(lambda: not alice.online(bob), within=0.1)
    await world.until(lambda: comings_and_goings(alice, bob, told) > 0, within=0.1)
    assert alice.person(bob).last_seen is not None


async def test_who_dies_is_gone_at_once_and_clients_are_told_after_a_grace(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await world.passes(5)
    told = len(alice.notices)
    await bob.dies()
    assert await time_until_offline(world, alice, bob, within=1) < 0.1
    await world.passes(GRACE / 2)
    assert comings_and_goings(alice, bob, told) == 0
    await world.passes(GRACE)
    assert comings_and_goings(alice, bob, told) == 1


async def test_a_connection_that_breaks_and_comes_back_is_not_worth_a_notice_of_leaving(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    told = len(alice.notices)
    (before,) = list(alice.node.sessions)
    world.lan.reset(alice.host, bob.host)
    await world.until(lambda: list(alice.node.sessions) != [before], within=0.1)
    await world.until(lambda: alice.online(bob), within=GRACE)
    await world.passes(2 * GRACE)
    assert comings_and_goings(alice, bob, told) == 1  # he is here (again)
    assert alice.online(bob)
    assert bob.online(alice)


async def test_an_unanswered_message_shows_that_somebody_does_not_answer(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    world.cut(alice, bob)
    sent = await alice.says(bob, "Are you there?")
    assert alice.why(sent) == ""
    assert await time_until_offline(world, alice, bob, within=10) > ANSWER_PING + ANSWER_GIVEN_UP - 0.1
    assert alice.why(sent) == "Bob is not answering"
    world.lan.mend()
    await world.until(lambda: alice.state(sent) == "delivered", within=1)
    assert alice.online(bob)
    assert bob.texts(alice) == ["Are you there?"]


async def test_a_cable_pulled_at_the_very_beginning_is_noticed_as_well(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await asyncio.gather(alice.node.accept(bob.id), bob.node.accept(alice.id))
    await world.until(lambda: alice.person(bob).accepted_by_them)
    world.cut(alice, bob)
    await alice.says(bob, "Are you there?")
    await time_until_offline(world, alice, bob, within=10)


async def test_a_pulled_cable_is_noticed_in_silence_too(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    world.cut(alice, bob)
    gone = await time_until_offline(world, alice, bob, within=90)
    assert gone < DEAD_AFTER + 1
    assert not bob.online(alice)


async def test_a_lost_machine_comes_back_by_itself(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.loses_power()
    sent = await alice.says(bob, "before the power is back")
    await world.until(lambda: not alice.online(bob), within=10)
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "delivered", within=10)
    assert bob.texts(alice) == ["before the power is back"]
    assert alice.online(bob)
    assert bob.online(alice)
    await world.passes(120)
    assert len(list(alice.node.sessions)) == len(list(bob.node.sessions)) == 1
    assert alice.node.myself.certificate.created == bob.node.myself.certificate.created  # nobody became a new device


async def test_silence_alone_ends_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    told = len(alice.notices)
    for _ in range(60):
        await world.passes(10)
        assert alice.online(bob)
        assert bob.online(alice)
    assert comings_and_goings(alice, bob, told) == 0


async def test_a_cut_of_ten_minutes_heals_within_a_minute(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    world.cut(alice, bob)
    a = await alice.says(bob, "from Alice")
    b = await bob.says(alice, "from Bob")
    await world.passes(600)
    assert (alice.why(a), bob.why(b)) == ("Bob is offline", "Alice is offline")
    world.lan.mend()
    await world.until(lambda: alice.state(a) == bob.state(b) == "delivered", within=SLOWEST + 6)
    assert alice.texts(bob) == bob.texts(alice)


async def test_dials_grow_rare_while_nobody_answers(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    dials: list[float] = []
    dial = alice.node.dialing.dial_any

    async def counted(*arguments: object) -> bool:
        dials.append(now())
        return await dial(*arguments)  # type: ignore[arg-type]

    alice.node.dialing.dial_any = counted  # type: ignore[method-assign, assignment]
    await bob.dies()
    world.air.tell(alice._finder)
    await world.passes(600)
    gaps = [after - before for before, after in itertools.pairwise(dials)]
    assert 10 <= len(dials) <= 20
    assert gaps[0] < 3
    assert gaps[-1] >= SLOWEST
    await alice.says(bob, "hello?")
    before = len(dials)
    await world.passes(1)
    assert len(dials) > before  # something to say: at once


async def test_an_announcement_is_answered_at_once(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.dies()
    await world.passes(300)
    await bob.starts()
    await world.until(lambda: alice.online(bob) and bob.online(alice), within=3)


# Typing


async def test_typing_is_seen_and_forgotten_by_itself(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.typing("Bob", True)
    before = now()
    await world.until(lambda: bob.person(alice).typing, within=0.1)
    await world.until(lambda: not bob.person(alice).typing, within=10)
    assert TYPING_LASTS - LOOK <= now() - before < TYPING_LASTS + 0.1
    assert [(n.person, n.chat, n.on) for n in bob.told("typing")] == [
        (alice.id, bob.chat(alice), True),
        (alice.id, bob.chat(alice), False),
    ]


async def test_typing_goes_on_while_it_is_repeated_and_ends_when_told(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for _ in range(5):
        await alice.node.typing("Bob", True)
        await world.passes(4)
        assert bob.person(alice).typing
    await alice.node.typing("Bob", False)
    await world.until(lambda: not bob.person(alice).typing, within=0.1)
    await alice.node.typing("Bob", False)
    await world.passes(10)
    assert [n.on for n in bob.told("typing")] == [True] * 5 + [False]


async def test_who_leaves_no_longer_types(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.typing("Bob", True)
    await world.until(lambda: bob.person(alice).typing)
    await alice.leaves()
    await world.until(lambda: not bob.person(alice).typing, within=0.1)
    assert [n.on for n in bob.told("typing")] == [True, False]


async def test_strangers_do_not_see_each_other_type(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.says(bob, "Hello")
    await alice.node.typing("Bob", True)
    await world.passes(1)
    assert not bob.person(alice).typing
