"""One person, several devices: all know the same people, chats and groups, and what was read."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.api.types import Chat
from p2pdm.identity import decode_id
from tests.fakes.world import Someone, World


async def two_devices(world: World, alice: Someone) -> Someone:
    """A copy of Alice's profile runs on a second machine; both have noticed, and are connected."""
    copy = await world.copy(alice)
    await world.until(lambda: alice.node.myself.device != copy.node.myself.device)
    await world.until(lambda: bool(alice.node.sessions.of(alice.key) and copy.node.sessions.of(alice.key)), within=120)
    return copy


def chat_of(one: Someone, name: str) -> Chat | None:
    """A chat in the list."""
    return next((chat for chat in one.node.view.chats() if chat.name == name), None)


async def test_notes_to_oneself_are_on_every_device(world: World) -> None:
    alice = await world.person("Alice")
    second = await two_devices(world, alice)
    sent = await alice.node.send("self", "buy milk")
    await world.until(lambda: [m.text for m in second.node.view.history("self", 10, None)] == ["buy milk"])
    assert alice.state(sent) == "delivered"
    assert [chat.name for chat in alice.node.view.chats()] == ["Notes to self"]
    (note,) = second.node.view.history("self", 10, None)
    assert note.mine


async def test_a_note_needs_nobody(world: World) -> None:
    alice = await world.person("Alice")
    await alice.node.send(alice.id, "remember")
    await alice.leaves()
    await alice.starts()
    assert [message.text for message in alice.node.view.history("Notes to self", 10, None)] == ["remember"]


async def test_what_one_device_says_the_other_shows_as_its_own(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "before")
    await world.until(lambda: bob.texts(alice) == ["before"])
    second = await two_devices(world, alice)
    await second.says(bob, "from the second")
    await alice.says(bob, "from the first")
    await world.until(lambda: len(alice.texts(bob)) == len(second.texts(bob)) == 3)
    assert alice.texts(bob) == second.texts(bob) == bob.texts(alice)
    assert all(message.mine for message in second.history(bob))


async def test_how_far_it_came_is_shown_on_all_devices(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, alice)
    group = await bob.node.create_group("Lunch", [alice.id])
    await world.until(lambda: chat_of(alice, "Lunch") is not None)
    await alice.node.join_group(group.id)
    await world.passes(20)
    world.cut(alice, bob)
    sent = [await alice.says(bob, "from the first"), await alice.node.send(group.id, "to all from the first")]
    await world.passes(1)
    world.lan.mend()
    devices = (alice, second)

    def states() -> set[str]:
        lines = [one.node.store.lines.line(decode_id(message.id)) for one in devices for message in sent]
        return {one.state(message) for one in devices for message in sent} if all(lines) else set()

    await world.until(lambda: states() == {"delivered"}, within=20)


async def test_what_bob_says_to_the_one_reaches_the_other_without_bob(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, alice)
    await second.leaves()
    await bob.says(alice, "only the first hears this")
    await world.until(lambda: alice.texts(bob) == ["only the first hears this"])
    await bob.leaves()
    await second.starts()
    await world.until(lambda: second.texts(bob) == ["only the first hears this"], within=120)


async def test_people_that_one_device_decides_about_are_decided_about_on_the_other(world: World) -> None:
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    second = await two_devices(world, alice)
    await alice.node.accept(bob.id)
    await alice.node.nickname(bob.id, "Bobby")
    await world.until(lambda: second.relation(bob) == "contact" and second.person(bob).name == "Bobby")
    await second.node.block(carol.id)
    await world.until(lambda: alice.relation(carol) == "blocked")
    await alice.node.unblock(carol.id)
    await world.until(lambda: second.relation(carol) != "blocked")
    number = (await alice.node.safety_number(bob.id)).number
    await alice.node.verify(bob.id, number)
    await world.until(lambda: second.person(bob).verified)


async def test_what_was_read_on_one_device_is_read_on_the_other(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, alice)
    await bob.says(alice, "read me")
    await world.until(lambda: alice.texts(bob) == second.texts(bob) == ["read me"])
    assert (alice.history(bob)[0].unread, second.history(bob)[0].unread) == (True, True)
    await second.node.read(bob.id)
    await world.until(lambda: not alice.history(bob)[0].unread)
    chat = chat_of(alice, "Bob")
    assert chat is not None
    assert chat.unread == 0
    await bob.says(alice, "and me")
    await world.until(lambda: alice.texts(bob) == second.texts(bob) == ["read me", "and me"])
    assert [message.unread for message in alice.history(bob)] == [False, True]


async def test_a_group_that_one_device_joins_is_on_the_other(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, bob)
    group = await alice.node.create_group("Lunch", [bob.id])
    await world.until(lambda: chat_of(bob, "Lunch") is not None)
    await bob.node.join_group(group.id)
    await alice.node.send(group.id, "at noon")

    def heard(one: Someone) -> list[str]:
        chat = chat_of(one, "Lunch")
        return [m.text for m in one.node.view.history(chat.id, 10, None)] if chat is not None else []

    await world.until(lambda: heard(bob) == heard(second) == ["at noon"])
    await second.node.send(group.id, "I come from the second")
    await world.until(lambda: heard(alice) == heard(bob) == ["at noon", "I come from the second"])


async def test_a_new_name_is_that_of_all_devices(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, alice)
    await second.node.rename("Alicia")
    await world.until(lambda: alice.node.myself.name == "Alicia" and bob.person(alice).name == "Alicia")


@pytest.mark.parametrize("names", [("Alicia", "Ally"), ("Ally", "Alicia")])
async def test_of_two_names_given_in_one_moment_everybody_chooses_the_same(
    world: World, names: tuple[str, str]
) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    second = await two_devices(world, alice)
    world.cut(alice, second)
    world.cut(bob, second)
    world.cut(carol, alice)
    await asyncio.gather(alice.node.rename(names[0]), second.node.rename(names[1]))
    assert alice.node.myself.record.number == second.node.myself.record.number
    await world.until(lambda: (bob.person(alice).name, carol.person(alice).name) == names)
    world.lan.mend()

    def called() -> set[str]:
        return {bob.person(alice).name, carol.person(alice).name, alice.node.myself.name, second.node.myself.name}

    await world.until(lambda: len(called()) == 1, within=200)
    for one in (bob, carol, alice):
        await one.leaves()
        await one.starts()
    await world.passes(60)
    assert len(called()) == 1


async def test_two_devices_that_decided_apart_agree_on_the_later(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    second = await two_devices(world, alice)
    world.cut(alice, second)
    await world.passes(120)
    await alice.node.nickname(bob.id, "Bobby")
    await world.passes(5)
    await second.node.nickname(bob.id, "Robert")
    world.lan.mend()
    await world.until(lambda: alice.person(bob).name == second.person(bob).name == "Robert", within=200)
    await world.passes(30)
    assert alice.person(bob).name == second.person(bob).name == "Robert"
