"""Drafts, deleting, disappearing and mentions in a group: the same as between two."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError
from tests.fakes.world import World
from tests.unit.node.groups import group_of, messages, texts


def said(one: object, chat: str) -> list[str]:
    return [message.text for message in messages(one, chat) if message.expiry_set is None]  # type: ignore[arg-type]


async def test_messages_disappear_for_everybody_when_each_has_read_them(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    assert (await alice.node.expire(chat, 3_600)).expiry == 3_600
    everybody = (alice, bob, carol)
    await world.until(lambda: all(len(messages(one, chat)) == 1 for one in everybody))
    await carol.leaves()
    await bob.node.send("Lunch", "Noon?")
    await world.until(lambda: said(alice, chat) == ["Noon?"])
    await alice.node.read(chat)
    await world.passes(2 * 3_600)
    assert (said(alice, chat), said(bob, chat)) == ([], ["Noon?"])  # Carol does not have it yet
    await carol.starts()
    await world.until(lambda: said(carol, chat) == ["Noon?"])
    await world.until(lambda: carol.online(bob))
    await world.passes(3_700)
    assert (said(bob, chat), said(carol, chat)) == ([], ["Noon?"])
    await carol.node.read(chat)
    await world.passes(3_700)
    assert said(carol, chat) == []


async def test_who_joins_while_the_author_is_away_gets_the_words_that_others_have_deleted(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: carol.node.view.chats() != [])
    sent = await alice.node.send(chat, "Noon?")
    await world.until(lambda: said(bob, chat) == ["Noon?"])
    await alice.leaves()
    await bob.node.delete(sent.id)
    await carol.node.join_group(chat)
    await world.passes(10)
    assert said(carol, chat) == []
    await alice.starts()
    await world.until(lambda: said(carol, chat) == ["Noon?"])
    await world.until(lambda: alice.state(sent) == "delivered")


async def test_a_group_is_marked_deleted_and_goes_on(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    await alice.node.set_draft("Lunch", "I thi")
    await alice.node.send(chat, "one")
    await bob.node.send(chat, "two")
    await world.until(lambda: all(len(texts(one, chat)) == 2 for one in (alice, bob)))
    await alice.node.read(chat)
    await alice.node.unread(chat)
    (shown,) = [one for one in await alice.node.chats() if one.id == chat]
    assert (shown.draft, shown.unread) == ("I thi", 1)
    await alice.node.delete_chat(chat)
    assert texts(alice, chat) == []
    for one in (alice, bob):
        await one.leaves()
        await one.starts()
    await world.until(lambda: alice.online(bob))
    await bob.node.send(chat, "three")
    await world.until(lambda: texts(alice, chat) == ["three"])
    await alice.node.send(chat, "four")
    await world.until(lambda: texts(bob, chat) == ["one", "two", "three", "four"])


async def test_members_are_named_and_strangers_are_not(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    sent = await alice.node.send(chat, "@Bob?", mentions=[bob.id])
    await world.until(lambda: texts(bob, chat) == ["@Bob?"])
    assert messages(bob, chat)[0].mentions == [bob.id]
    with pytest.raises(ApiError, match="does not belong"):
        await alice.node.edit(sent.id, "@Carol?", mentions=[carol.id])
    room = (await alice.node.open_room("Kitchen")).id
    sent = await alice.node.send(room, "@Carol?", mentions=[carol.id])  # a room is everybody's
    assert (await alice.node.message(sent.id)).mentions == [carol.id]
