"""Long answers leave everybody else their turn, and are one picture of how things are in the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import pytest

from p2pdm.identity import SigningKey, encode_id
from p2pdm.node import browsing
from p2pdm.node.browsing import AT_ONCE, LINES_AT_ONCE
from p2pdm.store.people import CONTACT
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of

T = TypeVar("T")
MANY = 1_000
LONG = 15.0
"""Milliseconds."""


async def longest_turn(call: Callable[[], Coroutine[Any, Any, object]]) -> float:
    """The longest turn of a call, in milliseconds; the least of some, for the machine may be busy with others."""
    return min([max((await in_turns(call()))[1]) for _ in range(5)])


async def in_turns(call: Coroutine[Any, Any, T]) -> tuple[T, list[float]]:
    """What a call answers, and the milliseconds of this thread's work in each turn of the loop until then."""
    turns: list[float] = []
    task = asyncio.ensure_future(call)
    while not task.done():
        before = time.thread_time()
        await asyncio.sleep(0)
        turns.append((time.thread_time() - before) * 1_000)
    return await task, turns


async def with_many_chats(world: World, number: int) -> Someone:
    """Somebody who has said something to many who are away."""
    alice = await world.person("Alice")
    people = [SigningKey.from_seed(n.to_bytes(32, "big")).public for n in range(number)]
    with alice.node.commits.writing():
        for n, who in enumerate(people):
            alice.node.store.people.ensure(who, f"Friend {n}")
            alice.node.store.people.set_relation(who, CONTACT)
    for n, who in enumerate(people):
        await alice.node.send(encode_id(who), f"hello {n}")
    return alice


async def test_a_thousand_chats_are_listed_in_short_turns(world: World) -> None:
    alice = await with_many_chats(world, MANY)
    chats, turns = await in_turns(alice.node.chats())
    assert [chat.name for chat in chats] == [f"Friend {n}" for n in reversed(range(MANY))]
    assert len(turns) > MANY / AT_ONCE
    assert await longest_turn(alice.node.chats) < LONG


async def test_a_few_chats_and_messages_come_at_once(world: World) -> None:
    alice = await with_many_chats(world, 5)
    for call in (alice.node.chats(), alice.node.history("Friend 1"), alice.node.history("Friend 2", 1_000)):
        assert len((await in_turns(call))[1]) <= 2


async def test_chats_are_listed_as_they_are_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "AT_ONCE", 4)
    alice = await with_many_chats(world, 100)
    listing = asyncio.ensure_future(alice.node.chats())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not listing.done()
    changes: list[Coroutine[Any, Any, object]] = [  # of those who are looked up by now, and of those who are not
        alice.node.send("Friend 1", "This is new"),
        alice.node.nickname(encode_id(alice.node.roster.find("Friend 99")), "Fred"),
        alice.node.delete_chat("Friend 98"),
        alice.node.send("Friend 97", "This is new, too"),
    ]
    changing = [asyncio.ensure_future(change) for change in changes]
    listed = await listing
    now = alice.node.view.chats()
    done = [change.done() for change in changing]
    await asyncio.gather(*changing)
    assert all(done)
    assert listed == now


async def test_a_page_of_a_thousand_comes_in_short_turns(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    said = [f"hello {n}" for n in range(MANY)]
    for text in said:
        await alice.node.send(chat, text)
    await world.until(lambda: alice.node.view.history(chat, 1, None)[-1].state == "delivered")
    page, turns = await in_turns(alice.node.history(chat, MANY, happenings=True))
    assert [line.text for line in page] == said
    assert len(turns) >= MANY / LINES_AT_ONCE
    assert await longest_turn(partial(alice.node.history, chat, MANY, happenings=True)) < LONG
    assert page == alice.node.view.history(chat, MANY, None, happenings=True)
    whole = await alice.node.history(chat, MANY, page[2].id, happenings=True)
    assert [line.text for line in whole[-3:]] == ["", "hello 0", "hello 1"]


async def test_a_page_is_as_it_is_in_the_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "LINES_AT_ONCE", 4)
    alice, bob = await world.friends("Alice", "Bob")
    sent = [await alice.says(bob, f"hello {n}") for n in range(120)]
    await world.until(lambda: alice.state(sent[-1]) == "delivered")
    changes: list[Coroutine[Any, Any, object]] = [
        alice.node.edit(sent[-1].id, "goodbye"),
        alice.node.delete(sent[-2].id),
        alice.node.delete(sent[-8].id),  # where two pieces meet
        alice.node.send(bob.id, "one more"),
        alice.node.nickname(bob.id, "Robert"),
        bob.node.send(alice.id, "and another"),
    ]
    for change in changes:
        reading = asyncio.ensure_future(alice.node.history(bob.id, 1_000))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        changing = asyncio.ensure_future(change)
        page = await reading
        assert page == alice.node.view.history(bob.id, 1_000, None)
        await changing
        await world.passes(5)
    page = alice.history(bob)
    assert [message.text for message in page[-4:]] == ["hello 117", "goodbye", "one more", "and another"]
    assert page[-1].name == "Robert"
