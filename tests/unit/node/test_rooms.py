"""Rooms: everybody on the network may be in them; announcements have named announcers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest

from p2pdm.api.types import ApiError, Room
from p2pdm.node import room_keeping
from p2pdm.node.quota import BURST
from tests.fakes.world import Someone, World


@pytest.fixture
async def crowd() -> AsyncIterator[World]:
    """A network on which people are in the lobby, as they are unless they leave it."""
    async with World(lobby=True) as world:
        yield world


def texts(one: Someone, room: str) -> list[str]:
    """What somebody reads in a room."""
    return [message.text for message in one.node.view.history(room, 1_000, None)]


async def test_everybody_who_is_there_can_talk_in_the_lobby(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    sent = await alice.node.send("Lobby", "Anybody from the workshop?")
    await crowd.until(lambda: texts(bob, "Lobby") == texts(carol, "Lobby") == ["Anybody from the workshop?"])
    assert alice.relation(bob) == "nearby"
    await crowd.until(lambda: alice.state(sent) == "delivered")
    await bob.node.send("lobby", "Here!")
    await crowd.until(lambda: texts(alice, "Lobby") == texts(carol, "Lobby") != ["Anybody from the workshop?"])
    (lobby,) = [room for room in await carol.node.rooms() if room.name == "Lobby"]
    assert (lobby.entered, lobby.people) == (True, 3)


async def test_who_comes_late_reads_what_was_said_from_whoever_is_there(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await alice.node.send("Lobby", "Good morning")
    await crowd.until(lambda: texts(bob, "Lobby") == ["Good morning"])
    await alice.leaves()
    carol = await crowd.person("Carol")
    await crowd.until(lambda: texts(carol, "Lobby") == ["Good morning"])
    (message,) = carol.node.view.history("Lobby", 10, None)
    assert message.name == "Alice"


async def test_to_a_newcomer_what_was_said_before_is_not_new(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    for text in ("Good morning", "Is there coffee?"):
        await alice.node.send("Lobby", text)
        await crowd.passes(60)
    carol = await crowd.person("Carol")
    await crowd.until(lambda: texts(carol, "Lobby") == ["Good morning", "Is there coffee?"])
    assert unread(carol, "Lobby") == (0, [False, False])
    await carol.leaves()
    await bob.node.send("Lobby", "There is")
    await carol.starts()
    await crowd.until(lambda: len(texts(carol, "Lobby")) == 3)
    await alice.node.send("Lobby", "Thanks")
    await crowd.until(lambda: len(texts(carol, "Lobby")) == 4)
    assert unread(carol, "Lobby") == (2, [False, False, True, True])
    await carol.node.read("Lobby")
    await alice.node.send("Lobby", "And cake?")
    await crowd.until(lambda: unread(carol, "Lobby") == (1, [False, False, False, False, True]))


async def test_what_is_said_while_one_is_new_in_the_lobby_is_unread(crowd: World) -> None:
    alice = await crowd.person("Alice")
    await alice.node.send("Lobby", "Good morning")
    await crowd.passes(60)
    carol = await crowd.person("Carol")
    await crowd.until(lambda: texts(carol, "Lobby") == ["Good morning"])
    for n in range(2):
        await crowd.passes(1)
        await alice.node.send("Lobby", f"Hello {n}")
    await crowd.until(lambda: unread(carol, "Lobby") == (2, [False, True, True]))
    await carol.node.read("Lobby")
    await alice.node.send("Lobby", "Bye")
    await crowd.until(lambda: unread(carol, "Lobby") == (1, [False, False, False, True]))


def unread(one: Someone, room: str) -> tuple[int, list[bool]]:
    """The badge of a room, and which messages are new."""
    (badge,) = (chat.unread for chat in one.node.view.chats() if chat.name == room)
    return badge, [message.unread for message in one.node.view.history(room, 1_000, None)]


async def test_a_left_lobby_stays_left(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await bob.node.leave("Lobby")
    await alice.node.send("Lobby", "to whom it may concern")
    await crowd.passes(10)
    assert bob.node.view.chats() == []
    await bob.leaves()
    await bob.starts()
    await crowd.until(lambda: alice.online(bob))
    await crowd.passes(10)
    assert bob.node.view.chats() == []
    with pytest.raises(ApiError, match="enter it first"):
        await bob.node.send(next(room.id for room in await bob.node.rooms()), "hello?")
    await bob.node.enter_room("Lobby")
    await crowd.until(lambda: texts(bob, "Lobby") == ["to whom it may concern"])


async def test_who_comes_back_into_a_room_is_heard_again(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await bob.node.leave("Lobby")
    await crowd.passes(5)
    await bob.node.enter_room("Lobby")
    await bob.node.send("Lobby", "here I am again")
    await crowd.until(lambda: texts(alice, "Lobby") == ["here I am again"])


async def test_a_room_is_opened_found_and_entered(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    opened = await alice.node.open_room("Chess")
    await alice.node.send("Chess", "e4")
    await crowd.until(lambda: any(room.name == "Chess" for room in _rooms(bob)))
    await crowd.passes(5)
    assert not any(chat.name == "Chess" for chat in bob.node.view.chats())
    assert (await bob.node.enter_room("chess")).id == opened.id
    await crowd.until(lambda: texts(bob, "Chess") == ["e4"])
    await bob.node.send("Chess", "e5")
    await crowd.until(lambda: texts(alice, "Chess") == ["e4", "e5"])


async def test_only_announcers_write_in_an_announcement(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    await alice.node.open_room("Programme", announcement=True)
    await alice.node.send("Programme", "Doors open at nine")
    for one in (bob, carol):
        await crowd.until(partial(_knows_of_an_announcement, one))
        await one.node.enter_room("Programme")
    await crowd.until(lambda: texts(bob, "Programme") == texts(carol, "Programme") == ["Doors open at nine"])
    with pytest.raises(ApiError, match="Only its announcers"):
        await bob.node.send("Programme", "I have something to say")
    await alice.node.promote("Programme", bob.id, True)
    await crowd.until(lambda: bob.node.circles.may_not_write(bob.node.view.find("Programme").conversation) == "")
    await bob.node.send("Programme", "Lunch at twelve")
    said = ["Doors open at nine", "Lunch at twelve"]
    await crowd.until(lambda: texts(alice, "Programme") == texts(carol, "Programme") == said)
    shown = await carol.node.group("Programme")
    assert [(member.name, member.rights) for member in shown.members] == [("Alice", "creator"), ("Bob", "admin")]


async def test_what_an_announcer_said_stays_when_they_are_one_no_more(crowd: World) -> None:
    """As in a group that somebody was put out of: up to the last words that whoever decided it had."""
    alice, bob, carol, dave = await crowd.people("Alice", "Bob", "Carol", "Dave")
    room = (await alice.node.open_room("Programme", announcement=True)).id
    for one in (bob, carol, dave):
        await crowd.until(partial(_knows_of_an_announcement, one))
        await one.node.enter_room("Programme")
    await alice.node.promote(room, bob.id, True)
    await crowd.until(lambda: bob.node.circles.may_not_write(bob.node.view.find(room).conversation) == "")
    await bob.node.send(room, "Lunch at twelve")
    await crowd.until(lambda: all(texts(one, room) == ["Lunch at twelve"] for one in (alice, carol, dave)))
    await dave.leaves()
    crowd.lan.partition([alice.host], [bob.host, carol.host])
    await alice.node.promote(room, bob.id, False)
    await bob.node.send(room, "Lunch at one")
    await crowd.until(lambda: texts(carol, room) == ["Lunch at twelve", "Lunch at one"])
    crowd.lan.mend()
    await dave.starts()
    for one in (alice, bob, carol, dave):
        await crowd.until(lambda one=one: texts(one, room) == ["Lunch at twelve"])  # type: ignore[misc]
    with pytest.raises(ApiError, match="Only its announcers"):
        await bob.node.send(room, "Lunch at two")
    await crowd.passes(20)
    assert all(texts(one, room) == ["Lunch at twelve"] for one in (alice, bob, carol, dave))
    await alice.node.promote(room, bob.id, True)
    await crowd.until(lambda: bob.node.circles.may_not_write(bob.node.view.find(room).conversation) == "")
    await bob.node.send(room, "Coffee at three")
    await crowd.until(lambda: texts(dave, room) == ["Lunch at twelve", "Coffee at three"])


async def test_an_announcement_of_a_friend_is_not_entered_until_one_wishes_to(crowd: World) -> None:
    alice, bob, carol = await crowd.friends("Alice", "Bob", "Carol")
    await alice.node.open_room("Programme", announcement=True)
    await crowd.until(partial(_knows_of_an_announcement, bob))
    await bob.node.enter_room("Programme")
    await alice.node.promote("Programme", bob.id, True)
    await crowd.until(lambda: bob.node.circles.may_not_write(bob.node.view.find("Programme").conversation) == "")
    await bob.node.send("Programme", "Lunch at twelve")
    await crowd.until(lambda: texts(alice, "Programme") == ["Lunch at twelve"])
    await crowd.passes(10)
    assert not any(chat.name == "Programme" for chat in carol.node.view.chats())


async def test_the_blocked_are_not_heard_in_rooms_either(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    await alice.node.block(bob.id)
    await bob.node.send("Lobby", "can you hear me?")
    await crowd.until(lambda: texts(carol, "Lobby") == ["can you hear me?"])
    await crowd.passes(10)
    assert texts(alice, "Lobby") == []


async def test_a_flood_is_taken_in_slowly_and_nobody_else_waits(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    for number in range(BURST + 50):
        await bob.node.send("Lobby", f"spam {number}")
    await carol.node.send("Lobby", "May I say something?")
    await crowd.passes(5)
    assert "May I say something?" in texts(alice, "Lobby")
    assert len(texts(alice, "Lobby")) <= BURST + 10
    await crowd.passes(120)
    read = texts(alice, "Lobby")
    assert read[-1] == f"spam {BURST + 49}"
    assert len(read) == len(set(read)) == room_keeping.KEPT_OF_ONE + 1


async def test_a_room_keeps_the_latest_of_each_and_the_chains_of_all(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_keeping, "KEPT", 30)
    monkeypatch.setattr(room_keeping, "KEPT_OF_ONE", 20)
    alice, bob = await crowd.people("Alice", "Bob")
    for number in range(25):
        await alice.node.send("Lobby", f"alice {number}")
    await crowd.passes(20)
    assert texts(bob, "Lobby") == texts(alice, "Lobby") == [f"alice {number}" for number in range(5, 25)]
    for number in range(15):
        await bob.node.send("Lobby", f"bob {number}")
    await crowd.passes(20)
    kept = [f"alice {number}" for number in range(10, 25)] + [f"bob {number}" for number in range(15)]
    assert texts(alice, "Lobby") == texts(bob, "Lobby") == kept
    carol = await crowd.person("Carol")
    await crowd.until(lambda: texts(carol, "Lobby") == kept)
    await alice.node.send("Lobby", "goes on")
    await crowd.until(lambda: texts(carol, "Lobby")[-1:] == ["goes on"])


async def test_what_was_said_in_a_room_a_week_ago_goes(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await alice.node.send("Lobby", "old")
    await crowd.passes(5 * 86_400)
    await bob.node.send("Lobby", "newer")
    await crowd.passes(4 * 86_400)
    assert texts(alice, "Lobby") == texts(bob, "Lobby") == ["newer"]


async def test_a_page_is_enough_in_a_room(crowd: World) -> None:
    alice = await crowd.person("Alice")
    with pytest.raises(ApiError, match="in a room holds at most 8000 bytes"):
        await alice.node.send("Lobby", "x" * 8_001)
    await alice.node.send("Lobby", "x" * 8_000)


async def test_who_is_accepted_after_all_is_heard_again(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await bob.node.send("Lobby", "can you hear me?")
    await crowd.until(lambda: texts(alice, "Lobby") == ["can you hear me?"])
    await alice.node.block(bob.id)
    assert texts(alice, "Lobby") == []
    await alice.node.accept(bob.id)
    assert texts(alice, "Lobby") == ["can you hear me?"]


async def test_who_was_blocked_and_is_forgotten_is_heard_again(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    await bob.node.send("Lobby", "can you hear me?")
    await crowd.until(lambda: texts(alice, "Lobby") == ["can you hear me?"])
    await alice.node.block(bob.id)
    await alice.node.forget(bob.id)
    await bob.node.send("Lobby", "and now?")
    await crowd.until(lambda: texts(alice, "Lobby")[-1:] == ["and now?"])
    assert texts(alice, "Lobby") == ["can you hear me?", "and now?"]


async def test_what_the_blocked_take_back_is_gone_too(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    said = await bob.node.send("Lobby", "not for long")
    changed = await bob.node.send("Lobby", "first words")
    await crowd.until(lambda: len(texts(alice, "Lobby")) == len(texts(carol, "Lobby")) == 2)
    await alice.node.block(bob.id)
    await bob.node.unsend(said.id)
    await bob.node.edit(changed.id, "better words")
    await crowd.until(lambda: texts(carol, "Lobby") == ["", "better words"])
    await crowd.passes(10)
    assert texts(alice, "Lobby") == []
    assert b"not for long" not in alice.disk.pages()
    await alice.node.unblock(bob.id)
    assert texts(alice, "Lobby") == ["", "better words"]
    assert [m.text for m in await alice.node.history("Lobby", search="better")] == ["better words"]


def _knows_of_an_announcement(one: Someone) -> bool:
    return any(room.announcement for room in _rooms(one))


def _rooms(one: Someone) -> list[Room]:
    return [one.node._room(id, room) for id, room in one.node.rooms_here.known().items()]


async def test_what_has_expired_while_its_author_was_blocked_does_not_come_back(crowd: World) -> None:
    alice, bob = await crowd.people("Alice", "Bob")
    room = (await bob.node.open_room("Kitchen")).id
    await crowd.until(lambda: any(one.id == room for one in _rooms(alice)))
    await alice.node.enter_room(room)
    await bob.node.expire(room, 60)
    await bob.node.send(room, "marzipan")
    await crowd.until(lambda: "marzipan" in texts(alice, room))
    await alice.node.read(room)
    await alice.node.block(bob.id)
    await crowd.passes(120)
    await alice.node.unblock(bob.id)
    await crowd.passes(10)
    assert "marzipan" not in texts(alice, room)
    alice.node.commits.settle()
    assert b"marzipan" not in alice.disk.pages()


async def test_other_words_for_what_was_deleted_here_are_not_kept_though_their_author_was_blocked(crowd: World) -> None:
    alice, bob, carol = await crowd.people("Alice", "Bob", "Carol")
    said = await bob.node.send("Lobby", "marzipan")
    await crowd.until(lambda: texts(alice, "Lobby") == texts(carol, "Lobby") == ["marzipan"])
    await alice.node.delete(said.id)
    await alice.node.block(bob.id)
    await bob.node.edit(said.id, "nougat")
    await crowd.until(lambda: texts(carol, "Lobby") == ["nougat"])
    await crowd.passes(10)
    await alice.node.unblock(bob.id)
    alice.node.commits.settle()
    assert texts(alice, "Lobby") == []
    assert b"nougat" not in alice.disk.pages()
