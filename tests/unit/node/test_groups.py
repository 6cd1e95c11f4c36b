"""Groups: who is called in, what they read, who may do what, and who hands on what to whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from p2pdm.api.types import ApiError, Message
from p2pdm.conversation.entries import MAX_DEPENDENCIES
from p2pdm.node.inbox import SLICE
from p2pdm.node.peer import Peer
from p2pdm.store.heads import Branch
from p2pdm.sync.exchange import Exchange
from tests.fakes.world import Someone, World


async def group_of(world: World, maker: Someone, *others: Someone, name: str = "Lunch") -> str:
    """A group that everybody has joined; its id."""
    chat = (await maker.node.create_group(name, [other.id for other in others])).id
    for other in others:
        await world.until(partial(is_invited, other, chat))
        await other.node.join_group(chat)
    everybody = (maker, *others)
    await world.until(lambda: all(len(members(one, chat)) == len(everybody) for one in everybody))
    return chat


def is_invited(one: Someone, chat: str) -> bool:
    """Whether somebody's node shows the invitation."""
    return standing(one, chat) == "invited"


def standing(one: Someone, chat: str) -> str:
    """Where somebody stands, as their own node shows it."""
    shown = {chat.id: chat.standing for chat in one.node.view.chats()}
    return shown.get(chat, "not there")


def members(one: Someone, chat: str) -> list[str]:
    """Who belongs, as somebody sees it."""
    (shown,) = (c.members for c in one.node.view.chats() if c.id == chat)
    return shown


def texts(one: Someone, chat: str) -> list[str]:
    """What somebody reads."""
    return [message.text for message in messages(one, chat)]


def messages(one: Someone, chat: str) -> list[Message]:
    """All that somebody reads."""
    return one.node.view.history(chat, 1_000, None)


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
    await world.until(lambda: standing(carol, chat) == "invited")
    await carol.node.join_group(chat)
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
    await world.until(lambda: is_invited(bob, chat))
    await bob.node.join_group(chat)
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


async def test_any_member_hands_on_what_the_author_can_not(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    await alice.node.send(chat, "see you")
    await world.until(lambda: texts(bob, chat) == ["see you"])
    await alice.leaves()
    await carol.starts()
    await world.until(lambda: texts(carol, chat) == ["see you"])


async def test_who_can_not_reach_the_author_gets_it_from_another_at_once(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    world.cut(alice, carol)
    await world.passes(120)
    await alice.node.send(chat, "by way of Bob")
    await world.until(lambda: texts(carol, chat) == ["by way of Bob"], within=10)


async def test_what_many_say_at_once_goes_to_each_member_once(world: World) -> None:
    everybody = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")
    chat = await group_of(world, *everybody)
    for one in everybody:
        await one.node.send(chat, "here")
    await world.until(lambda: all(len(texts(one, chat)) == 6 for one in everybody))
    await world.passes(10)
    carried = [0]
    for one in everybody:
        count_entries(one, carried)
    await asyncio.gather(*(one.node.send(chat, f"{one.name} talks") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == 12 for one in everybody))
    await world.passes(10)
    assert carried == [6 * 5]


async def test_many_join_at_once_more_than_an_entry_can_name_and_all_read_all(world: World) -> None:
    everybody = [await world.person(f"Person {n}") for n in range(MAX_DEPENDENCIES + 6)]
    maker, *others = everybody
    await world.until(lambda: all(maker.online(other) for other in others))
    for other in others:
        await maker.node.accept(other.id)
        await other.node.accept(maker.id)
    chat = (await maker.node.create_group("Everybody", [other.id for other in others])).id
    await world.until(lambda: all(is_invited(other, chat) for other in others))
    await asyncio.gather(*(other.node.join_group(chat) for other in others))
    # Some have not heard of all others yet.
    await asyncio.gather(*(one.node.send(chat, f"{one.name} is here") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    assert len({tuple(texts(one, chat)) for one in everybody}) == 1
    assert all(len(members(one, chat)) == len(everybody) for one in everybody)


def count_entries(one: Someone, carried: list[int]) -> None:
    """Add to `carried` how many entries are handed to somebody from now on."""
    received = one.node.inbox.received

    def count(peer: Peer, conversation: bytes, entries: list[bytes], quick: bool) -> None:
        carried[0] += len(entries)
        received(peer, conversation, entries, quick)

    one.node.inbox.received = count  # type: ignore[method-assign]


async def test_each_members_state_is_their_own_word(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    sent = await alice.node.send(chat, "who reads this?")
    await world.until(lambda: texts(bob, chat) == ["who reads this?"])
    await world.until(lambda: alice.state(sent) == "sent")
    (message,) = messages(alice, chat)
    assert {(state.person, state.state, state.why) for state in message.states} == {
        (bob.id, "delivered", ""),
        (carol.id, "waiting", "Carol is offline"),
    }
    assert message.why == "Carol is offline"
    await carol.starts()
    await world.until(lambda: alice.state(sent) == "delivered")
    await bob.node.read(chat)
    await world.until(lambda: [s.state for s in messages(alice, chat)[0].states].count("read") == 1)
    assert alice.state(sent) == "delivered"
    await carol.node.read(chat)
    await world.until(lambda: alice.state(sent) == "read")
    assert all(state.time for state in messages(alice, chat)[0].states)


async def test_clients_hear_of_a_state_once_and_of_nothing_from_before_somebodys_time(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    old = await alice.node.send(chat, "before Carol")
    await world.until(lambda: alice.state(old) == "delivered")
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: is_invited(carol, chat))
    await carol.node.join_group(chat)
    await world.until(lambda: len(members(alice, chat)) == 3)
    new = await alice.node.send(chat, "welcome")
    await alice.node.describe(chat, name="Dinner")
    await world.until(lambda: alice.state(new) == "delivered")
    await world.passes(5)
    heard = [(notice.person, notice.id) for notice in alice.told("state") if notice.chat == chat]
    assert sorted(heard) == sorted([(bob.id, old.id), (bob.id, new.id), (carol.id, new.id)])


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
    await world.until(lambda: standing(bob, chat) == "invited")
    await bob.node.join_group(chat)
    await world.until(lambda: len(members(carol, chat)) == 3)
    await carol.node.send(chat, "welcome back")
    await world.until(lambda: texts(bob, chat) == ["welcome back"])
    await bob.node.send(chat, "here I am")
    await world.until(lambda: texts(alice, chat)[-2:] != [] and "here I am" in texts(alice, chat))
    await world.until(lambda: sorted(texts(bob, chat)) == ["here I am", "welcome back"])


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


async def test_what_one_member_has_erased_comes_from_another(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    first = await alice.node.send(chat, "one")
    await alice.node.send(chat, "two")
    await world.until(lambda: texts(bob, chat) == ["one", "two"])
    with bob.node.commits.writing():
        bob.node.store.lines.take_back(bob.node.view.line(first.id))
    await alice.leaves()
    await carol.starts()
    await world.until(lambda: texts(carol, chat) == ["two"])
    await alice.starts()
    await world.until(lambda: texts(carol, chat) == ["one", "two"])
    assert [hit.message.text for hit in await carol.node.search("one")] == ["one"]
    await world.until(lambda: alice.state(first) == "delivered")
    assert [message.unread for message in messages(carol, chat)] == [True, True]


async def test_what_nobody_can_hand_over_is_not_called_delivered(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await carol.leaves()
    first = await alice.node.send(chat, "one")
    await world.until(lambda: texts(bob, chat) == ["one"])
    with bob.node.commits.writing():
        bob.node.store.lines.take_back(bob.node.view.line(first.id))
    world.cut(alice, carol)
    await carol.starts()
    await world.until(
        lambda: len(carol.node.store.entries.bodies.lacking(carol.node.view.find(chat).conversation)) == 1
    )
    await world.passes(60)
    assert alice.state(first) == "sent"
    world.lan.mend()
    await world.until(lambda: texts(carol, chat) == ["one"], within=120)
    await world.until(lambda: alice.state(first) == "delivered")


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


async def test_what_all_say_at_once_is_handed_on_to_each_once_not_once_for_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi")
    chat = await group_of(world, *everybody)
    await world.passes(10)
    told: Counter[Exchange] = Counter()
    stored = Exchange.stored

    def counted(exchange: Exchange, *arguments: Any, **more: Any) -> None:
        told[exchange] += 1
        stored(exchange, *arguments, **more)

    monkeypatch.setattr(Exchange, "stored", counted)
    await asyncio.gather(*(one.node.send(chat, f"{one.name} is here") for one in everybody))
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    pairs = len(everybody) * (len(everybody) - 1)
    assert told.total() <= 4 * pairs  # what one says oneself, what they say, and what others say


async def test_how_far_one_has_read_is_looked_up_once_for_all_who_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = alice, *_ = await world.friends("Alice", "Bob", "Carol", "Dave", "Erin")
    chat = await group_of(world, *everybody)
    for one in everybody:
        await one.node.send(chat, f"{one.name} is here")
    await world.until(lambda: all(len(texts(one, chat)) == len(everybody) for one in everybody))
    lines, looked_up = alice.node.store.lines, list[bytes]()
    last_read = lines.last_read

    def counted(conversation: bytes, reader: bytes, read_arrival: int) -> list[Branch]:
        looked_up.append(conversation)
        return last_read(conversation, reader, read_arrival)

    monkeypatch.setattr(lines, "last_read", counted)
    await alice.node.read(chat)
    for other in everybody[1:]:
        await world.until(partial(is_read_by, other, alice, chat))
    assert len(looked_up) <= 2  # for the others, and for one's own devices


def is_read_by(author: Someone, reader: Someone, chat: str) -> bool:
    """Whether an author sees that somebody has read what they said."""
    (mine,) = (message for message in messages(author, chat) if message.mine)
    return [state.state for state in mine.states if state.person == reader.id] == ["read"]
