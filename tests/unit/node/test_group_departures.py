"""Who leaves a group or is removed: what they and the others get from then on, and how they may come back."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError
from tests.fakes.world import World
from tests.unit.node.groups import group_of, is_invited, joins, members, standing, texts


async def test_a_removed_member_gets_nothing_later_and_knows_it(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.node.send(chat, "hello all")
    await world.until(lambda: all(texts(one, chat) == ["hello all"] for one in (alice, bob, carol)))
    await alice.node.remove(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "removed" and len(members(bob, chat)) == 2)
    await alice.node.send(chat, "between us")
    await world.until(lambda: "between us" in texts(bob, chat))
    await world.passes(10)
    assert texts(carol, chat) == ["hello all"] == texts(bob, chat)[:1]
    with pytest.raises(ApiError, match="do not belong to this group any more: you were removed"):
        await carol.node.send(chat, "I am still here")
    assert b"between us" not in carol.disk.pages()


async def test_who_left_and_who_was_removed_are_told_apart(world: World) -> None:
    alice, bob, carol, dan = await world.friends("Alice", "Bob", "Carol", "Dan")
    chat = await group_of(world, alice, bob, carol)
    await alice.node.send(chat, "Hello all")
    await world.until(lambda: all(texts(one, chat) == ["Hello all"] for one in (bob, carol)))
    with pytest.raises(ApiError, match="you are in it already"):
        await bob.node.join_group(chat)
    await alice.node.invite(chat, dan.id)
    await world.until(lambda: is_invited(dan, chat))
    await dan.node.leave(chat)
    await bob.node.leave(chat)
    await world.until(lambda: len(members(carol, chat)) == 2)
    await alice.node.remove(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "removed")
    gone = [("Bob", None), ("Carol", alice.id)]
    for one, mine in ((alice, "member"), (bob, "left"), (carol, "removed")):
        shown = await one.node.group(chat)
        assert shown.standing == mine
        assert [(f.name, f.removed_by) for f in shown.former] == gone[: 1 if one is bob else 2], "Dan never was in it"
    with pytest.raises(ApiError, match="you have left it"):
        await bob.node.send(chat, "Hello?")
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: is_invited(carol, chat))
    assert [f.name for f in (await alice.node.group(chat)).former] == ["Bob"]


async def test_what_a_removed_member_said_meanwhile_is_shown_nowhere(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    world.cut(alice, carol)
    world.cut(bob, carol)
    await world.passes(120)
    await alice.node.remove(chat, carol.id)
    await carol.node.send(chat, "what nobody wants to read")
    world.lan.mend()
    await world.until(lambda: standing(carol, chat) == "removed", within=200)
    await world.passes(20)
    assert texts(alice, chat) == texts(bob, chat) == []
    assert texts(carol, chat) == []


async def test_what_a_removed_member_took_back_meanwhile_is_gone_everywhere(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    said = await carol.node.send(chat, "what I should not have said")
    everybody = (alice, bob, carol)
    await world.until(lambda: all(texts(one, chat) == ["what I should not have said"] for one in everybody))
    world.cut(alice, carol)
    world.cut(alice, bob)
    await world.passes(120)
    await carol.node.unsend(said.id)
    await world.until(lambda: texts(bob, chat) == [""])
    await alice.node.remove(chat, carol.id)
    world.lan.mend()
    await world.until(lambda: standing(carol, chat) == "removed", within=200)
    await world.passes(20)
    assert texts(alice, chat) == texts(bob, chat) == texts(carol, chat) == [""]
    assert all(b"should not have said" not in one.disk.pages() for one in everybody)


async def test_who_leaves_may_be_asked_in_again(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await bob.node.leave(chat)
    await world.until(lambda: len(members(alice, chat)) == len(members(carol, chat)) == 2)
    await alice.node.send(chat, "while Bob is away")
    await world.passes(5)
    await alice.node.invite(chat, bob.id)
    await joins(world, bob, chat)
    await world.until(lambda: len(members(carol, chat)) == 3)
    await carol.node.send(chat, "welcome back")
    await world.until(lambda: texts(bob, chat) == ["welcome back"])
    await bob.node.send(chat, "here I am")
    await world.until(lambda: texts(alice, chat)[-2:] != [] and "here I am" in texts(alice, chat))
    await world.until(lambda: sorted(texts(bob, chat)) == ["here I am", "welcome back"])
