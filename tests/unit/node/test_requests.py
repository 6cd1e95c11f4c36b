"""Strangers meet: one request, and what can become of it."""

from __future__ import annotations

from tests.fakes.world import World


async def test_a_request_waits_apart_until_it_is_accepted(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    sent = await alice.says(bob, "Hello Bob!")
    await world.until(lambda: bob.relation(alice) == "request")
    assert bob.person(alice).request == "Hello Bob!"
    assert bob.texts(alice) == []
    await world.until(lambda: alice.state(sent) == "sent")
    assert alice.why(sent) == "waiting for Bob to accept"

    await bob.node.accept(alice.id)
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == ["Hello Bob!"]
    assert bob.relation(alice) == "contact"
    assert bob.person(alice).request is None
