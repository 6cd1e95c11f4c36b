"""Forgetting somebody: what was said leaves the disk, the chains stay whole, and talking again works."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.api.types import ApiError
from p2pdm.store.lines import PURGED_AT_ONCE
from tests.fakes.world import World

SECRETS = ("marzipan", "Zuckerwatte", "knäckebröd")


async def test_what_was_said_leaves_every_page_of_the_database(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(300):
        await alice.says(bob, f"{SECRETS[0]} {n}")
        await bob.says(alice, f"{n} {SECRETS[1]} {SECRETS[2]}{n}")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 600)
    await alice.node.nickname(bob.id, "Sugarlips")
    hidden = [secret.encode() for secret in (*SECRETS, "Sugarlips", "knackebrod", "zuckerwatte")]
    await world.passes(2)  # the words get into the index
    alice.node.commits.settle()
    assert all(secret in alice.disk.pages() for secret in hidden)

    await alice.node.forget(bob.id)
    assert [secret for secret in hidden if secret in alice.disk.pages()] == []
    assert alice.texts(bob) == []
    assert await alice.node.chats() == []
    assert alice.relation(bob) == "nearby"
    assert len(bob.texts(alice)) == 600  # what is his stays his


async def test_a_request_that_is_forgotten_leaves_the_disk_too(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.says(bob, SECRETS[0])
    await world.until(lambda: bob.relation(alice) == "request")
    assert SECRETS[0].encode() in bob.disk.pages()
    await bob.node.forget(alice.id)
    assert bob.relation(alice) == "nearby"
    assert SECRETS[0].encode() not in bob.disk.pages()


async def test_talking_again_begins_with_a_request_and_nothing_comes_back(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "old words of Alice")
    await bob.says(alice, "old words of Bob")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 2)
    device = alice.node.myself.device.public
    await alice.node.forget(bob.id)
    await world.until(lambda: not bob.person(alice).accepted_by_them)

    sent = await bob.says(alice, "hello again")
    await world.until(lambda: bob.state(sent) == "sent")
    assert bob.why(sent) == "waiting for Alice to accept"
    assert alice.person(bob).request == "hello again"
    assert alice.texts(bob) == []

    answer = await alice.says(bob, "and hello to you")
    await world.until(lambda: alice.state(answer) == bob.state(sent) == "delivered")
    assert alice.texts(bob) == ["hello again", "and hello to you"]
    assert bob.texts(alice) == ["old words of Alice", "old words of Bob", "hello again", "and hello to you"]
    for someone in (alice, bob):
        await someone.leaves()
        await someone.starts()
    await world.passes(60)
    assert alice.texts(bob) == ["hello again", "and hello to you"]
    assert alice.node.myself.device.public == device
    assert not alice.told("trouble")
    assert not bob.told("trouble")


async def test_what_was_edited_after_it_was_forgotten_can_still_be_taken_back(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await bob.says(alice, "old words")
    await world.until(lambda: bob.state(sent) == "delivered")
    await alice.node.forget(bob.id)
    await alice.node.accept(bob.id)
    await bob.node.edit(sent.id, SECRETS[0])
    more = await bob.says(alice, "more")
    await world.until(lambda: bob.state(more) == "delivered")
    await bob.node.unsend(sent.id)
    more = await bob.says(alice, "and more")
    await world.until(lambda: bob.state(more) == "delivered")
    assert SECRETS[0].encode() not in alice.disk.pages()


async def test_who_forgets_may_write_first(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.says(alice, "old words")
    await world.until(lambda: len(alice.texts(bob)) == 1)
    await alice.node.forget(bob.id)
    sent = await alice.says(bob, "I changed my mind")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert alice.texts(bob) == ["I changed my mind"]
    assert bob.texts(alice) == ["old words", "I changed my mind"]
    more = await bob.says(alice, "Good")
    await world.until(lambda: bob.state(more) == "delivered")


async def test_asking_and_being_forgotten_twice_shows_the_latest_request_as_sent(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    for text in ("first", "second", "third"):
        sent = await alice.says(bob, text)
        await world.until(lambda: alice.state(sent) == "sent")  # noqa: B023 -- awaited here
        await bob.node.accept(alice.id)
        await world.until(lambda: alice.state(sent) == "delivered")  # noqa: B023
        await bob.node.forget(alice.id)
        await world.until(lambda: not alice.person(bob).accepted_by_them)
    sent = await alice.says(bob, "fourth")
    await world.until(lambda: alice.state(sent) == "sent")
    assert bob.person(alice).request == "fourth"


async def test_who_is_accepted_again_at_once_is_who_they_said_they_are(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.node.set_profile(role="Gardener")
    await world.until(lambda: alice.person(bob).role == "Gardener")
    await alice.leaves()
    await alice.starts()
    await world.until(lambda: alice.online(bob))
    await alice.node.forget(bob.id)
    await alice.node.accept(bob.id)
    assert (alice.relation(bob), alice.person(bob).role) == ("contact", "Gardener")


async def test_what_they_said_while_forgotten_is_theirs_to_say_again(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await bob.says(alice, "before")
    await world.until(lambda: bob.state(sent) == "delivered")
    await bob.leaves()
    await alice.node.forget(bob.id)
    await alice.leaves()
    await bob.starts()
    for n in range(3):
        await bob.says(alice, f"while away {n}")
    await alice.starts()
    await world.until(lambda: alice.person(bob).request == "while away 0")
    await alice.node.accept(bob.id)
    await world.until(lambda: alice.texts(bob) == [f"while away {n}" for n in range(3)])


async def test_a_long_chat_is_forgotten_in_pieces_while_others_talk(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    for n in range(3 * PURGED_AT_ONCE):
        await alice.says(bob, f"{SECRETS[0]} {n}")
    await world.until(lambda: alice.state(alice.history(bob)[-1]) == "delivered")
    forgetting = asyncio.create_task(alice.node.forget(bob.id))
    await asyncio.sleep(0)
    await bob.says(alice, "said while being forgotten")
    sent = await alice.says(carol, "meanwhile")
    await forgetting
    await world.until(lambda: alice.state(sent) == "delivered")
    assert alice.texts(bob) == []
    assert SECRETS[0].encode() not in alice.disk.pages()
    await world.passes(10)
    assert alice.texts(bob) == []
    assert not alice.told("trouble")


async def test_forgetting_nobody_says_so(world: World) -> None:
    alice = await world.person("Alice")
    with pytest.raises(ApiError) as caught:
        await alice.node.forget("Zoe")
    assert caught.value.kind == "unknown_person"
