"""A disk that fails: nothing is promised, the user is told, and afterwards everything goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from p2pdm.api.types import ApiError, Privacy, Profile
from p2pdm.conversation.entries import Text
from p2pdm.node.node import Node
from tests.fakes.world import Someone, World

FULL = "The disk is full"


async def test_a_message_that_can_not_be_stored_is_not_sent(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.disk.full = True
    with pytest.raises(ApiError, match=FULL) as caught:
        await alice.says(bob, "lost?")
    assert caught.value.kind == "disk"
    await world.passes(60)
    assert alice.texts(bob) == bob.texts(alice) == []
    assert any(text.startswith(FULL) for text in (await alice.node.status()).trouble)

    alice.disk.full = False
    sent = await alice.says(bob, "not lost")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert alice.texts(bob) == bob.texts(alice) == ["not lost"]
    assert not any(text.startswith(FULL) for text in (await alice.node.status()).trouble)


async def test_nobody_hears_what_is_not_durable_yet_whenever_they_ask(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "kept")
    await world.until(lambda: bob.texts(alice) == ["kept"])
    (peer,) = alice.node.sessions.of(bob.key)
    conversation = alice.node.roster.chat_with(bob.key)
    alice.node.talk.write_to(bob.key, Text("not kept"))
    alice.disk.full = True
    # The other side's word comes before the commit, and whatever is asked then is answered from the disk.
    peer.exchange.have_received(conversation, [], True, asyncio.get_running_loop().time())
    peer.exchange.tell_whole(conversation)
    peer.turn()
    await world.passes(10)
    assert alice.texts(bob) == bob.texts(alice) == ["kept"]


@pytest.mark.parametrize("refused", [True, False])
async def test_who_says_hello_while_being_accepted_gets_nothing_before_that_is_durable(
    world: World, refused: bool
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await alice.says(bob, "for a friend's eyes")
    await alice.node.block(bob.id)
    await bob.starts()
    await world.until(lambda: bool(alice.node.sessions.of(bob.key)))
    await world.passes(5)
    (peer,) = alice.node.sessions.of(bob.key)
    conversation = alice.node.roster.chat_with(bob.key)
    alice.disk.full = refused
    accepting = asyncio.ensure_future(alice.node.accept(bob.id))
    await asyncio.sleep(0)
    assert alice.node.roster.is_contact(bob.key)
    assert alice.node.commits.open, "it is not durable yet"
    alice.node.requests.meet(peer)  # as on a hello that comes now
    assert not peer.exchange.shares(conversation)
    await asyncio.gather(accepting, return_exceptions=True)
    await world.passes(30)
    assert (alice.relation(bob) == "contact") is not refused
    assert peer.exchange.shares(conversation) is not refused
    assert bob.texts(alice) == ([] if refused else ["for a friend's eyes"])
    alice.disk.full = False
    await alice.node.accept(bob.id)
    await world.until(lambda: bob.texts(alice) == ["for a friend's eyes"])


async def test_what_can_not_be_stored_is_not_acknowledged_and_comes_again(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    bob.disk.full = True
    sent = [await alice.says(bob, f"message {n}") for n in range(250)]
    await world.passes(60)
    assert {alice.state(s) for s in sent} == {"waiting"}
    assert bob.texts(alice) == []
    assert not bob.told("message")
    assert [n.text[: len(FULL)] for n in bob.told("trouble")] == [FULL]
    bob.disk.full = False
    await world.until(lambda: {alice.state(s) for s in sent} == {"delivered"}, within=60)
    assert bob.texts(alice) == [f"message {n}" for n in range(250)]
    assert len({n.id for n in bob.told("message")}) == len(bob.told("message")) == 250


async def test_receipts_that_could_not_be_stored_are_made_up_for(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Lunch?")
    alice.disk.full = True
    await bob.starts()
    await world.until(lambda: bob.texts(alice) == ["Lunch?"])
    await bob.node.read(alice.id)
    await world.passes(30)
    alice.disk.full = False
    await world.until(lambda: alice.state(sent) == "read", within=60)
    await world.until(lambda: [n.state for n in alice.told("state")] == ["delivered", "read"])


async def test_a_request_that_could_not_be_stored_comes_again(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    bob.disk.full = True
    sent = await alice.says(bob, "Hello")
    await world.passes(30)
    assert alice.state(sent) == "waiting"
    assert bob.relation(alice) == "nearby"
    bob.disk.full = False
    await world.until(lambda: alice.state(sent) == "sent", within=60)
    assert bob.person(alice).request == "Hello"


async def test_an_answer_to_a_request_that_could_not_be_stored_is_made_up_for(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Hello")
    alice.disk.full = True
    await bob.starts()
    await world.until(lambda: bob.relation(alice) == "request")
    await bob.node.accept(alice.id)
    await world.passes(30)
    alice.disk.full = False
    await world.until(lambda: alice.state(sent) == "delivered", within=60)
    assert alice.person(bob).accepted_by_them


async def said_of_alice(alice: Someone) -> tuple[Profile, Privacy]:
    """What she says of herself, and to whom."""
    return await alice.node.profile(), await alice.node.privacy()


@pytest.mark.parametrize(
    "call",
    [
        lambda node, bob: node.accept(bob),
        lambda node, bob: node.block(bob),
        lambda node, bob: node.forget(bob),
        lambda node, bob: node.nickname(bob, "Bobby"),
        lambda node, bob: node.rename("Alicia"),
        lambda node, bob: node.set_profile(department="Sales"),
        lambda node, bob: node.set_status("busy", "thinking"),
        lambda node, bob: node.set_privacy(receipts=False, presence=False),
        lambda node, bob: node.read(bob),
        lambda node, bob: node.send(bob, "hello"),
    ],
    ids=["accept", "block", "forget", "nickname", "rename", "profile", "status", "privacy", "read", "send"],
)
@pytest.mark.parametrize("when", ["at the commit", "before"])
async def test_whatever_can_not_be_stored_is_said_and_undone(
    world: World, call: Callable[[Node, str], Awaitable[object]], when: str
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.says(alice, "unread")
    await world.until(lambda: alice.texts(bob) == ["unread"])
    await world.passes(1)
    before = (await said_of_alice(alice), alice.person(bob), bob.person(alice), alice.shows(bob))
    alice.disk.full, alice.disk.broken = when == "at the commit", when == "before"
    with pytest.raises(ApiError, match=FULL) as caught:
        await call(alice.node, bob.id)
    assert caught.value.kind == "disk"
    alice.disk.full = alice.disk.broken = False
    assert (await said_of_alice(alice), alice.person(bob), bob.person(alice), alice.shows(bob)) == before
    await call(alice.node, bob.id)


async def test_a_change_that_can_not_be_stored_is_said(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "hello")
    alice.disk.full = True
    for change in (alice.node.edit, alice.node.react):
        with pytest.raises(ApiError, match=FULL):
            await change(sent.id, "x")
    with pytest.raises(ApiError, match=FULL):
        await alice.node.pin(sent.id, True)
    with pytest.raises(ApiError, match=FULL):
        await alice.node.unsend(sent.id)
    alice.disk.full = False
    assert alice.texts(bob) == ["hello"]


async def test_a_disk_that_breaks_in_the_middle_loses_and_doubles_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")

    async def talks(speaker: Someone, listener: Someone) -> list[str]:
        said = []
        for n in range(120):
            with contextlib.suppress(ApiError):
                await speaker.says(listener, f"{speaker.name} {n}")
                said.append(f"{speaker.name} {n}")
            await world.passes(0.05)
        return said

    async def breaks(someone: Someone, first: float, last: float) -> None:
        await world.passes(first)
        someone.disk.full = True
        await world.passes(last - first)
        someone.disk.full = False
        someone.disk.broken = True
        await world.passes(0.2)
        someone.disk.broken = False

    by_alice, by_bob, _, _ = await asyncio.gather(
        talks(alice, bob), talks(bob, alice), breaks(alice, 1, 2), breaks(bob, 1.5, 3)
    )
    assert 60 < len(by_alice) < 120
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == len(by_alice + by_bob), within=90)
    assert alice.texts(bob) == bob.texts(alice)
    assert sorted(alice.texts(bob)) == sorted(by_alice + by_bob)
    for someone, other in ((alice, bob), (bob, alice)):
        await world.until(lambda: {m.state for m in someone.history(other)} == {"delivered"})  # noqa: B023
        heard = [n.id for n in someone.told("message")]
        assert len(heard) == len(set(heard)) == len(by_alice + by_bob)


async def test_a_device_that_can_not_be_replaced_yet_is_replaced_later(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    was = alice.node.myself.device.public
    alice.disk.full = True
    alice.node._cloned()
    await world.passes(20)
    assert alice.node.myself.device.public == was
    alice.disk.full = False
    await world.until(lambda: alice.node.myself.device.public != was)
    sent = await alice.says(bob, "as a new device")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert len([n for n in alice.told("trouble") if "somewhere else" in n.text]) == 1
    now = alice.node.myself.device.public
    await alice.leaves()
    await alice.starts()
    assert alice.node.myself.device.public == now


async def test_leaving_with_a_full_disk_works(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.disk.full = True
    await alice.leaves()
    alice.disk.full = False
    await world.until(lambda: not bob.online(alice))
    await alice.starts()
    alice.disk.broken = True
    await alice.leaves()
    alice.disk.broken = False
    await alice.starts()
    await world.until(lambda: bob.online(alice))


async def test_one_turn_shares_one_commit(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await world.passes(1)
    before = alice.disk.commits
    await asyncio.gather(*(alice.says(bob, f"message {n}") for n in range(50)))
    assert alice.disk.commits - before == 1
    await alice.leaves()
    await bob.starts()
    await world.passes(1)
    before = bob.disk.commits
    await alice.starts()
    await world.until(lambda: len(bob.texts(alice)) == 50)
    await world.passes(1)
    assert bob.disk.commits - before <= 6
