"""What strangers and contacts without manners try, and what it gets them."""

from __future__ import annotations

import pytest

from p2pdm.store.conversations import DELIVERED
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World


async def befriended(world: World, someone: Someone, name: str = "Mallory") -> Puppet:
    """A puppet that `someone` has accepted, in a session, about to be sent what is said."""
    mallory = await Puppet(world, name).dials(someone)
    await someone.node.accept(mallory.id)
    mallory.says(frames.Have(mallory.conversation(someone), [], whole=True))
    await world.passes(1)
    return mallory


# --- one device, twice ---


@pytest.mark.parametrize("accepted", [False, True])
async def test_nobody_else_can_make_a_device_retire(world: World, accepted: bool) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    device = alice.node.myself.device.public
    mallory = await Puppet(world, "Mallory").dials(alice)
    if accepted:
        await alice.node.accept(mallory.id)
    mallory.says(frames.Close(frames.CLONED))
    await world.passes(5)
    assert alice.node.myself.device.public == device
    assert alice.told("trouble") == []
    assert alice.online(bob)


async def test_two_copies_of_a_device_notice_by_what_the_other_says(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    copy = await world.person("Alice", disk=alice.disk.copy())
    await world.until(lambda: len(bob.node.sessions.of(alice.key)) == 2)
    await world.passes(10)
    assert len(bob.node.sessions.of(alice.key)) == 2
    await alice.says(bob, "from the one")
    await world.until(lambda: copy.told("trouble"))
    await copy.says(bob, "from the other")
    await world.until(lambda: len(bob.texts(alice)) == len(alice.texts(bob)) == len(copy.texts(bob)) == 2)
    assert alice.node.myself.device != copy.node.myself.device
    assert bob.texts(alice) == alice.texts(bob) == copy.texts(bob) == ["from the one", "from the other"]


# --- states ---


async def test_nobody_has_what_was_not_written_yet(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriended(world, alice)
    first = await alice.node.send(mallory.id, "one")
    await world.passes(1)
    conversation, device = mallory.conversation(alice), alice.node.myself.device.public
    (own,) = [h for h in alice.node._store.entries.heads(conversation) if h.device == device]
    for seq in (own.seq, own.seq + 1, 10**9):
        claim = [frames.Head(device, 0, seq, own.id)]
        mallory.says(frames.Have(conversation, claim, whole=False), frames.Read(conversation, claim))
    await world.passes(1)
    second = await alice.node.send(mallory.id, "two")
    await world.passes(1)
    assert alice.node.view.message(alice.node.view.line(first.id)).state == "read"
    assert alice.node.view.message(alice.node.view.line(second.id)).state == "waiting"
    progress = alice.node._store.conversations.reached(conversation, mallory.key, device, 0, DELIVERED, -1, 0)
    assert progress == own.seq
