"""Strangers meet: one request each, and what can become of it."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.api.types import ApiError
from p2pdm.node.requests import MAX_REQUEST
from tests.fakes.world import Someone, World


async def test_a_request_waits_apart_until_it_is_accepted(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    sent = await alice.says(bob, "Hello Bob!")
    await world.until(lambda: alice.state(sent) == "sent")
    assert alice.why(sent) == "waiting for Bob to accept"
    assert bob.relation(alice) == "request"
    assert bob.person(alice).request == "Hello Bob!"
    assert bob.texts(alice) == []
    assert [notice.person for notice in bob.told("request")] == [alice.id]
    assert await bob.node.chats() == []

    await bob.node.accept(alice.id)
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == ["Hello Bob!"]
    assert bob.relation(alice) == "contact"
    assert bob.person(alice).request is None
    assert [chat.unread for chat in await bob.node.chats()] == [1]


async def test_only_the_first_message_goes_before_acceptance_and_all_follow_it(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    first, *rest = [await alice.says(bob, text) for text in ("Hello", "are you there?", "it's me")]
    await world.until(lambda: alice.state(first) == "sent")
    assert [alice.state(sent) for sent in rest] == ["waiting", "waiting"]
    assert {alice.why(sent) for sent in rest} == {"waiting for Bob to accept"}
    assert bob.person(alice).request == "Hello"
    await bob.node.accept(alice.id)
    await world.until(lambda: bob.texts(alice) == ["Hello", "are you there?", "it's me"])
    await world.until(lambda: {alice.state(sent) for sent in (first, *rest)} == {"delivered"})


async def test_writing_to_a_stranger_who_asked_accepts_them(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.says(bob, "Hello Bob!")
    await world.until(lambda: bob.relation(alice) == "request")
    await bob.says(alice, "Hello Alice!")
    await world.until(lambda: alice.texts(bob) == ["Hello Bob!", "Hello Alice!"])
    assert bob.texts(alice) == ["Hello Bob!", "Hello Alice!"]
    assert (alice.relation(bob), bob.relation(alice)) == ("contact", "contact")


async def test_two_who_write_at_once_have_both_accepted(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    a, b = await asyncio.gather(alice.says(bob, "Hi, I'm Alice"), bob.says(alice, "Hi, I'm Bob"))
    await world.until(lambda: alice.state(a) == bob.state(b) == "delivered")
    assert sorted(alice.texts(bob)) == ["Hi, I'm Alice", "Hi, I'm Bob"]
    assert alice.texts(bob) == bob.texts(alice)
    assert not alice.told("request")
    assert not bob.told("request")


async def test_a_request_survives_both_being_away(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Hello Bob!")
    assert (alice.state(sent), alice.why(sent)) == ("waiting", "Bob is offline")
    await alice.leaves()
    await bob.starts()
    await alice.starts()
    await world.until(lambda: alice.state(sent) == "sent")
    await bob.leaves()
    await bob.starts()
    assert bob.person(alice).request == "Hello Bob!"
    await bob.node.accept(alice.id)
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == ["Hello Bob!"]


async def test_a_request_accepted_while_the_asker_is_away_arrives_once(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    sent = await alice.says(bob, "Hello Bob!")
    await world.until(lambda: bob.relation(alice) == "request")
    await alice.leaves()
    await bob.node.accept(alice.id)
    assert bob.texts(alice) == ["Hello Bob!"]
    await bob.says(alice, "Hello Alice!")
    await alice.starts()
    await world.until(lambda: alice.texts(bob) == ["Hello Bob!", "Hello Alice!"])
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == ["Hello Bob!", "Hello Alice!"]


# Silence: ignored, declined, blocked


async def _as_seen_by_the_asker(alice: Someone, bob: Someone) -> tuple[object, ...]:
    person = alice.person(bob)
    return person.relation, person.accepted_by_them, person.online, alice.shows(bob)


async def test_ignored_declined_and_blocked_look_the_same_from_outside(world: World) -> None:
    seen = []
    for decision in ("ignored", "declined", "blocked", "blocked before"):
        alice, bob = await world.people("Alice", "Bob")
        if decision == "blocked before":
            await bob.node.block(alice.id)
        sent = await alice.says(bob, "Hello Bob!")
        await world.until(lambda: alice.state(sent) == "sent")  # noqa: B023 -- awaited here
        if decision == "declined":
            await bob.node.decline(alice.id)
        if decision == "blocked":
            await bob.node.block(alice.id)
        await alice.says(bob, "Are you there?")
        await world.passes(10)
        seen.append(await _as_seen_by_the_asker(alice, bob))
        assert bob.texts(alice) == []
        await alice.leaves()
        await bob.leaves()
    assert len(set(seen)) == 1, seen
    assert seen[0][3].count("(sent: waiting for Bob to accept)") == 1  # type: ignore[attr-defined]


async def test_a_declined_request_stays_away_but_is_not_lost(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    sent = await alice.says(bob, "Hello Bob!")
    await world.until(lambda: bob.relation(alice) == "request")
    await bob.node.decline(alice.id)
    assert bob.relation(alice) == "nearby"
    assert bob.person(alice).request is None
    assert b"Hello Bob!" not in bob.disk.pages()
    await alice.leaves()
    await alice.starts()
    await world.until(lambda: bob.online(alice))
    await world.passes(5)
    assert bob.relation(alice) == "nearby"

    await bob.node.accept(alice.id)
    await world.until(lambda: bob.texts(alice) == ["Hello Bob!"])
    await world.until(lambda: alice.state(sent) == "delivered")


async def test_declining_nothing_says_so(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    with pytest.raises(ApiError, match="no request of Bob") as caught:
        await alice.node.decline(bob.id)
    assert caught.value.kind == "no_request"


async def test_blocking_a_contact_stops_both_directions_and_unblocking_loses_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "before")
    await world.until(lambda: bob.texts(alice) == ["before"])
    assert (await bob.node.block(alice.id)).relation == "blocked"
    with pytest.raises(ApiError, match="You have blocked Alice: unblock Alice first") as caught:
        await bob.says(alice, "hear this")
    assert caught.value.kind == "blocked"
    during = await alice.says(bob, "during")
    await world.passes(10)
    assert bob.texts(alice) == ["before"]
    assert alice.why(during) == "waiting for Bob to accept"
    assert not alice.person(bob).accepted_by_them

    assert (await bob.node.unblock(alice.id)).relation == "contact"
    await world.until(lambda: bob.texts(alice) == ["before", "during"])
    await world.until(lambda: alice.state(during) == "delivered")


async def test_a_blocked_stranger_who_is_unblocked_is_a_stranger_again(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await bob.node.block(alice.id)
    sent = await alice.says(bob, "Hello Bob!")
    await world.until(lambda: alice.state(sent) == "sent")
    assert (await bob.node.unblock(alice.id)).relation == "nearby"
    assert (await bob.node.unblock(alice.id)).relation == "nearby"
    assert bob.texts(alice) == []
    await bob.says(alice, "Sorry, wrong button")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == alice.texts(bob) == ["Hello Bob!", "Sorry, wrong button"]


async def test_what_a_blocked_contact_types_is_not_seen(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.node.block(alice.id)
    await world.until(lambda: not alice.person(bob).accepted_by_them)
    await alice.node.typing(alice.chat(bob), True)
    await world.passes(1)
    assert not bob.told("typing")


# How much a request may be


async def test_a_first_message_is_short_until_they_have_accepted(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    with pytest.raises(ApiError, match="Bob has not accepted you yet: make this first message") as caught:
        await alice.says(bob, "long " * 1_000)
    assert caught.value.kind == "too_long"
    assert alice.relation(bob) == "nearby"
    assert alice.texts(bob) == []
    await world.passes(1)
    assert not bob.person(alice).accepted_by_them

    excess = int(str(caught.value).rsplit(" bytes", 1)[0].rsplit(" ", 1)[1])
    sent = await alice.says(bob, ("long " * 1_000)[:-excess])
    await world.until(lambda: alice.state(sent) == "sent")
    assert len(bob.person(alice).request or "") > MAX_REQUEST // 2
    await bob.node.accept(alice.id)
    await world.until(lambda: alice.state(sent) == "delivered")
    await alice.says(bob, "long " * 1_000)
    await world.until(lambda: len(bob.texts(alice)) == 2)


async def test_everyone_may_ask_once_and_carol_asks_as_well(world: World) -> None:
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    await alice.says(bob, "from Alice")
    await carol.says(bob, "from Carol")
    await world.until(lambda: len(bob.told("request")) == 2)
    await bob.node.accept(carol.id)
    await world.until(lambda: bob.texts(carol) == ["from Carol"])
    assert bob.relation(alice) == "request"
    assert bob.texts(alice) == []


async def test_who_is_accepted_while_hellos_are_under_way_hears_of_it(world: World) -> None:
    alice, bob = await world.person("Alice"), await world.person("Bob")
    while not alice.node.sessions.of(bob.key):  # noqa: ASYNC110 - the very next step may bring the hello
        await asyncio.sleep(0)
    assert not alice.node.sessions.of(bob.key)[0].greeted
    alice.node.requests.accept(bob.key)
    alice.node.commits.flush()
    await world.until(lambda: bob.online(alice))
    await bob.node.accept(alice.id)
    await world.passes(1)
    assert alice.person(bob).accepted_by_them
    assert bob.person(alice).accepted_by_them
