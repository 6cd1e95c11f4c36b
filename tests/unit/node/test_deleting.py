"""Deleting for oneself: one message, or a whole chat. It leaves this disk, nothing brings it back, others keep it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError, Notice
from p2pdm.store.lines import PURGED_AT_ONCE
from tests.fakes.world import Someone, World

SECRET = "marzipan"


async def heard(world: World, alice: Someone, bob: Someone, text: str) -> str:
    """Alice says something that Bob has; the message's id."""
    sent = await alice.says(bob, text)
    await world.until(lambda: alice.state(sent) == "delivered")
    return sent.id


def deleted(notices: list[Notice]) -> list[str]:
    return [notice.id for notice in notices if notice.state == "deleted"]


async def test_it_is_gone_here_and_stays_there(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, bob, alice, f"{SECRET} one")
    await heard(world, bob, alice, "two")
    await bob.node.edit(id, f"{SECRET} I")
    await world.until(lambda: alice.texts(bob) == [f"{SECRET} I", "two"])
    await world.passes(2)
    await alice.node.delete(id)
    assert alice.texts(bob) == ["two"]
    assert bob.texts(alice) == [f"{SECRET} I", "two"]
    assert deleted(alice.told("change")) == [id]
    assert await alice.node.history(bob.id, search=SECRET) == []
    assert SECRET.encode() not in alice.disk.pages()


async def test_it_never_comes_back(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, bob, alice, SECRET)
    await alice.node.delete(id)
    await bob.node.edit(id, f"{SECRET}!")
    await bob.node.react(id, "👍")
    await bob.node.pin(id, True)
    for someone in (alice, bob):
        await someone.leaves()
        await someone.starts()
    await heard(world, bob, alice, "more")
    await world.passes(60)
    assert alice.texts(bob) == ["more"]
    assert SECRET.encode() not in alice.disk.pages()
    await bob.node.unsend(id)
    await heard(world, bob, alice, "and more")
    assert alice.texts(bob) == ["more", "and more"]  # and no word that something was taken back


async def test_an_answer_to_it_says_that_it_was_deleted(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, bob, alice, "Tea?")
    await alice.node.send(bob.id, "Yes", id)
    await alice.node.delete(id)
    (answer,) = alice.history(bob)
    assert answer.reply_to == id
    with pytest.raises(ApiError, match="deleted here") as caught:
        await alice.node.message(id)
    assert caught.value.kind == "deleted"


async def test_the_badge_and_the_list_follow(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    first = await heard(world, bob, alice, "one")
    await alice.node.read(bob.id)
    last = await heard(world, bob, alice, "two")
    await alice.node.delete(last)
    (chat,) = await alice.node.chats()
    assert (chat.unread, chat.last and chat.last.text) == (0, "one")
    await alice.node.delete(first)
    (chat,) = await alice.node.chats()
    assert (chat.unread, chat.last) == (0, None)


async def test_what_still_waits_is_not_deleted_but_taken_back(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "oops")
    with pytest.raises(ApiError, match="not delivered yet"):
        await alice.node.delete(sent.id)
    await alice.node.unsend(sent.id)
    await alice.node.delete(sent.id)
    assert alice.history(bob) == []


async def test_it_leaves_the_log_of_the_database_too(tmp_path: Path) -> None:
    async with World() as world:
        alice = await world.person("Alice", path=tmp_path / "messages")
        bob = await world.person("Bob")
        await world.until(lambda: alice.online(bob))
        sent = await alice.says(bob, SECRET)
        await bob.node.accept(alice.id)
        await world.until(lambda: alice.state(sent) == "delivered")
        alice.node.commits.settle()
        await alice.node.delete(sent.id)
        await world.passes(1)
        assert (tmp_path / "messages-wal").stat().st_size == 0


async def test_a_deleted_chat_is_gone_until_something_new_is_said(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(2 * PURGED_AT_ONCE):
        await alice.says(bob, f"{SECRET} {n}")
    await heard(world, bob, alice, f"{SECRET} too")
    await alice.node.set_draft(bob.id, f"{SECRET} draft")
    await alice.node.delete_chat(bob.id)
    assert await alice.node.chats() == []
    assert alice.texts(bob) == []
    assert SECRET.encode() not in alice.disk.pages()
    assert alice.relation(bob) == "contact"
    assert [notice.state for notice in alice.told("chat")][-1] == "deleted"
    for someone in (alice, bob):
        await someone.leaves()
        await someone.starts()
    await world.passes(60)
    assert await alice.node.chats() == []

    await heard(world, bob, alice, "hello again")
    assert alice.texts(bob) == ["hello again"]
    assert len(bob.texts(alice)) == 2 * PURGED_AT_ONCE + 2
    assert [chat.unread for chat in await alice.node.chats()] == [1]


async def test_others_talk_while_a_long_chat_is_deleted(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    for n in range(3 * PURGED_AT_ONCE):
        await alice.says(bob, f"{SECRET} {n}")
    await world.until(lambda: alice.state(alice.history(bob)[-1]) == "delivered")
    deleting = asyncio.create_task(alice.node.delete_chat(bob.id))
    await asyncio.sleep(0)
    await bob.says(alice, "said meanwhile")
    sent = await alice.says(carol, "meanwhile")
    await deleting
    await world.until(lambda: alice.state(sent) == "delivered")
    assert SECRET.encode() not in alice.disk.pages()
