"""What programs say is marked; what goes to many is never a first word to somebody."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError
from tests.fakes.world import World


async def test_what_a_program_wrote_says_so_on_both_sides(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.node.send(bob.id, "The build is green", automated=True, bulk=True)
    await world.until(lambda: alice.state(sent) == "delivered")
    by_hand = await alice.says(bob, "Nice!")
    await world.until(lambda: alice.state(by_hand) == "delivered")
    for history in (alice.history(bob), bob.history(alice)):
        assert [(message.automated, message.bulk) for message in history] == [(True, True), (False, False)]


async def test_what_goes_to_many_is_refused_before_it_asks_a_stranger(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    with pytest.raises(ApiError, match="Bob has not accepted you yet"):
        await alice.node.send(bob.id, "Buy this", bulk=True)
    assert alice.history(bob) == []
    assert alice.relation(bob) == "nearby"
    await world.passes(10)
    assert bob.relation(alice) == "nearby"


async def test_what_went_to_many_does_not_become_a_request_when_one_is_forgotten(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await alice.node.send(bob.id, "News for all", bulk=True)
    await alice.leaves()
    await bob.starts()
    await bob.node.forget(alice.id)
    await alice.starts()
    await world.until(lambda: alice.online(bob))
    await world.passes(10)
    assert bob.relation(alice) == "nearby"
    assert alice.online(bob)
    sent = await alice.says(bob, "It's me")
    await world.until(lambda: alice.state(sent) == "sent")
    assert bob.person(alice).request == "It's me"
