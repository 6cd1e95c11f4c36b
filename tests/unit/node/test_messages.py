"""Answering, editing, taking back, reacting and pinning, between two people."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2pdm.api.types import ApiError, Message
from tests.fakes.world import Someone, World


async def heard(world: World, alice: Someone, bob: Someone, text: str) -> str:
    """Alice says something that Bob has; the message's id."""
    sent = await alice.says(bob, text)
    await world.until(lambda: alice.state(sent) == "delivered")
    return sent.id


def message(who: Someone, other: Someone, id: str) -> Message:
    return next(m for m in who.history(other) if m.id == id)


async def test_an_answer_names_what_it_answers(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    question = await heard(world, alice, bob, "Tea or coffee?")
    sent = await bob.node.send(alice.id, "Tea", question)
    await world.until(lambda: bob.state(sent) == "delivered")
    assert message(alice, bob, sent.id).reply_to == question


async def test_an_answer_stays_in_its_chat(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    question = await heard(world, alice, bob, "Tea or coffee?")
    with pytest.raises(ApiError, match="another chat"):
        await alice.node.send(carol.id, "Tea", question)


async def test_an_edit_reaches_the_other_and_shows_what_was_before(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "See you at ten")
    edited = await alice.node.edit(id, "See you at eleven")
    assert (edited.text, edited.state) == ("See you at eleven", "delivered")
    await world.until(lambda: message(bob, alice, id).text == "See you at eleven")
    assert [version.text for version in message(bob, alice, id).edited] == ["See you at ten"]
    await world.until(lambda: [n.id for n in bob.told("change")] == [id])
    assert [m.text for m in await bob.node.history(alice.id, search="eleven")] == ["See you at eleven"]
    assert await bob.node.history(alice.id, search="ten") == []


async def test_what_is_taken_back_is_on_neither_disk_any_more(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "rosebud is the password")
    await alice.node.edit(id, "rosebud2 is the password")
    await world.until(lambda: message(bob, alice, id).text.startswith("rosebud2"))
    assert (await alice.node.unsend(id)).unsent
    await world.until(lambda: message(bob, alice, id).unsent)
    assert (message(bob, alice, id).text, message(bob, alice, id).edited) == ("", [])
    for someone in (alice, bob):
        await world.passes(1)
        assert b"rosebud" not in someone.disk.pages()
        assert await someone.node.history((bob if someone is alice else alice).id, search="rosebud2") == []


async def test_taken_back_before_it_was_read_is_unread_no_more(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.node.read(alice.id)
    id = await heard(world, alice, bob, "oops")
    assert [chat.unread for chat in await bob.node.chats()] == [1]
    await alice.node.unsend(id)
    await world.until(lambda: message(bob, alice, id).unsent)
    assert [chat.unread for chat in await bob.node.chats()] == [0]


async def test_what_was_taken_back_while_the_other_was_away_never_shows(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "oops")
    await alice.node.unsend(sent.id)
    after = await alice.says(bob, "hello")
    await bob.starts()
    await world.until(lambda: alice.state(after) == "delivered")
    assert [(m.text, m.unsent) for m in bob.history(alice)][-2:] == [("", True), ("hello", False)]
    assert b"oops" not in bob.disk.pages()


async def test_reactions_and_pins_are_seen_by_both(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "Cake in the kitchen")
    await bob.node.react(id, "🎂")
    await bob.node.pin(id, True)
    await world.until(lambda: message(alice, bob, id).pinned)
    assert [(r.person, r.value) for r in message(alice, bob, id).reactions] == [(bob.id, "🎂")]
    await bob.node.react(id, "")
    await alice.node.pin(id, False)
    await world.until(lambda: not message(alice, bob, id).reactions and not message(bob, alice, id).pinned)


async def test_only_ones_own_words_can_be_changed(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "I owe you nothing")
    for change in (bob.node.edit(id, "I owe you 100"), bob.node.unsend(id)):
        with pytest.raises(ApiError, match="yourself"):
            await change
    await alice.node.unsend(id)
    for again in (
        alice.node.edit(id, "x"),
        alice.node.unsend(id),
        alice.node.react(id, "👍"),
        alice.node.pin(id, True),
    ):
        with pytest.raises(ApiError, match="taken back"):
            await again


async def test_a_message_is_named_by_the_beginning_of_its_id(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "hello")
    assert (await alice.node.message(id[:8])).id == id
    for wrong in (id[:3], "aaaa1", "zzzz", ""):
        with pytest.raises(ApiError):
            await alice.node.message(wrong)


async def test_edits_and_marks_are_not_new_messages(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    id = await heard(world, alice, bob, "hello")
    await bob.node.read(alice.id)
    before = len(bob.told("message"))
    await alice.node.edit(id, "hello!")
    await alice.node.react(id, "👋")
    await world.until(lambda: bool(message(bob, alice, id).reactions))
    assert [chat.unread for chat in await bob.node.chats()] == [0]
    assert len(bob.told("message")) == before
    assert [chat.last.text for chat in await bob.node.chats() if chat.last] == ["hello!"]


async def test_what_is_taken_back_leaves_the_log_of_the_database_too(tmp_path: Path) -> None:
    async with World() as world:
        alice = await world.person("Alice", path=tmp_path / "messages")
        bob = await world.person("Bob")
        await world.until(lambda: alice.online(bob))
        sent = await alice.says(bob, "rosebud")
        alice.node.commits.settle()
        await alice.node.unsend(sent.id)
        await world.passes(1)
        assert (tmp_path / "messages-wal").stat().st_size == 0
