"""Groups: who is called in, what they read, and who may do what."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from p2pdm.node.inbox import SLICE
from tests.fakes.world import World
from tests.unit.node.groups import group_of, is_invited, joins, members, messages, standing, texts


async def test_a_group_is_asked_in_says_yes_and_talks(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await alice.node.send(chat, "Lunch at noon?")
    await world.until(lambda: texts(bob, chat) == texts(carol, chat) == ["Lunch at noon?"])
    await bob.node.send(chat, "Yes!")
    await carol.node.send("Lunch", "Me too")
    everybody = (alice, bob, carol)
    await world.until(lambda: all(len(texts(one, chat)) == 3 for one in everybody))
    assert texts(alice, chat) == texts(bob, chat) == texts(carol, chat)
    assert [chat.name for chat in bob.node.view.chats()] == ["Lunch"]


async def test_an_invitation_waits_for_a_yes_and_shows_who_is_in(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [bob.id])).id
    await alice.node.send(chat, "before")
    await world.until(lambda: standing(bob, chat) == "invited")
    shown = await bob.node.group(chat)
    assert (shown.name, shown.standing, shown.invited_by) == ("Lunch", "invited", alice.id)
    assert [(member.name, member.rights) for member in shown.members] == [("Alice", "creator"), ("Bob", "invited")]
    with pytest.raises(ApiError, match="join it first"):
        await bob.node.send(chat, "too early")
    await world.passes(5)
    assert texts(bob, chat) == []
    await bob.node.join_group(chat)
    await world.until(lambda: standing(bob, chat) == "member" and texts(bob, chat) == ["before"])


async def test_a_newcomer_reads_what_is_said_from_their_invitation_on(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await alice.node.send(chat, "old secret")
    await bob.node.send(chat, "old answer")
    await world.until(lambda: len(texts(alice, chat)) == len(texts(bob, chat)) == 2)
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await world.until(lambda: len(members(bob, chat)) == 3)
    old = messages(bob, chat)[0]
    await bob.node.send(chat, "welcome")
    await bob.node.send(chat, "as I said", reply_to=old.id)
    await bob.node.react(old.id, "👍")
    await carol.node.send(chat, "thanks")
    await world.until(lambda: all("thanks" in texts(one, chat) for one in (alice, bob)))
    await world.until(lambda: texts(carol, chat) == ["welcome", "as I said", "thanks"])
    assert await carol.node.search("old") == []
    pages = carol.disk.pages()
    assert b"old secret" not in pages
    assert b"old answer" not in pages


async def test_a_newcomer_gets_all_that_is_about_what_they_do_not_read(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    old = [await alice.node.send(chat, text) for text in ("one", "two", "three")]
    await alice.node.invite(chat, bob.id)
    await joins(world, bob, chat)
    await world.until(lambda: len(members(alice, chat)) == 2)
    world.cut(alice, bob)
    for sent in old:
        await alice.node.react(sent.id, "👍")
    await alice.node.send(chat, "news")
    world.lan.mend()
    await world.until(lambda: texts(bob, chat) == ["news"])


async def test_who_accepts_somebody_later_sees_their_invitation_then(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.node.accept(bob.id)
    chat = (await alice.node.create_group("Lunch", [bob.id])).id
    await world.passes(30)
    assert standing(bob, chat) == "not there"
    await bob.node.accept(alice.id)
    await world.until(lambda: is_invited(bob, chat))


async def test_an_invitation_on_its_way_is_waited_for(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [])).id
    for number in range(2 * SLICE):
        await alice.node.describe(chat, name=f"Lunch {number}")
    await alice.node.invite(chat, bob.id)
    await world.until(lambda: is_invited(bob, chat))


async def test_only_admins_invite_and_only_the_creator_makes_admins(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    with pytest.raises(ApiError, match="only admins may invite"):
        await bob.node.invite(chat, carol.id)
    await alice.node.promote(chat, bob.id, True)
    await world.until(lambda: [m.rights for m in bob.node._group(bob.node._group_in(chat)).members][1] == "admin")
    await bob.node.invite(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "invited")
    await bob.node.describe(chat, name="Dinner")
    await world.until(lambda: alice.node.view.chats()[0].name == "Dinner")


async def test_companions_who_are_no_contacts_share_the_group_and_nothing_else(world: World) -> None:
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    for other in (bob, carol):
        await alice.node.accept(other.id)
        await other.node.accept(alice.id)
    chat = await group_of(world, alice, bob, carol)
    await bob.node.send(chat, "hello Carol")
    await world.until(lambda: texts(carol, chat) == ["hello Carol"])
    assert bob.relation(carol) == carol.relation(bob) == "nearby"
    assert bob.node.view.history(carol.id, 10, None) == []
    await alice.leaves()
    await carol.node.send(chat, "without Alice")
    await world.until(lambda: "without Alice" in texts(bob, chat))


async def test_strangers_can_not_call_anybody_into_a_group(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    with pytest.raises(ApiError, match="not among your contacts"):
        await alice.node.create_group("Spam", [bob.id])
    await alice.node.accept(bob.id)
    chat = (await alice.node.create_group("Spam", [bob.id])).id
    await world.passes(30)
    assert standing(bob, chat) == "not there"
    assert bob.node.view.chats() == []


async def test_declined_is_gone_and_known(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Lunch", [bob.id])).id
    await world.until(lambda: standing(bob, chat) == "invited")
    await bob.node.leave(chat)
    assert standing(bob, chat) == "not there"
    await world.until(lambda: len(alice.node._group(alice.node._group_in(chat)).members) == 1)


async def test_a_group_survives_restarts(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    for one in (alice, bob, carol):
        await one.leaves()
    await bob.starts()
    await bob.node.send(chat, "anybody there?")
    for one in (alice, carol):
        await one.starts()
    await world.until(lambda: texts(alice, chat) == texts(carol, chat) == ["anybody there?"])


async def test_typing_in_a_group_is_seen_by_its_members_there(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    await alice.node.typing(chat, True)
    await world.until(lambda: any(notice.chat == chat for notice in bob.told("typing")))
    assert not bob.person(alice).typing


async def test_a_group_has_a_name_a_topic_and_a_picture_from_its_admins(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    with pytest.raises(ApiError, match="only admins"):
        await bob.node.describe(chat, name="Mine")
    face = tmp_path / "lunch.png"
    face.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2_000))
    name = alice.node.view.chat(alice.node.view.find(chat).conversation).name
    told = await alice.node.describe(name, name="Dinner", topic="At seven", picture=str(face))
    assert (told.name, told.topic) == ("Dinner", "At seven")
    await world.until(lambda: bob.node.circles.picture(bob.node.view.find(chat).conversation) == face.read_bytes())
    shown = await bob.node.group(chat)
    assert (shown.name, shown.topic, bool(shown.picture)) == ("Dinner", "At seven", True)
    assert (await bob.node.picture(chat)).data == face.read_bytes()
    assert [listed.picture for listed in await bob.node.chats()] == [shown.picture]
    face.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(17_000))
    with pytest.raises(ApiError, match="at most 16 KiB"):
        await alice.node.describe(chat, picture=str(face))
    await alice.node.describe(chat, picture="")
    await world.until(lambda: not bob.node.circles.picture(bob.node.view.find(chat).conversation))
