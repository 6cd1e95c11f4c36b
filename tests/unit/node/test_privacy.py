"""What others get to know: receipts, typing and presence can be kept to oneself, and messages arrive all the same."""

from __future__ import annotations

from p2pdm.api.types import Privacy
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, texts


async def typing_shown(world: World, writer: Someone, reader: Someone) -> bool:
    """Whether somebody's typing is seen by another."""
    await writer.node.typing(reader.id, True)
    await world.passes(1)
    seen = reader.person(writer).typing
    await writer.node.typing(reader.id, False)
    await world.passes(1)
    return seen


async def test_everything_is_told_until_the_user_turns_it_off_and_that_stays(world: World) -> None:
    world.lobby = True
    alice = await world.person("Alice")
    assert await alice.node.privacy() == Privacy(receipts=True, typing=True, presence=True, lobby=True)
    turned = await alice.node.set_privacy(typing=False, lobby=False)
    assert turned == Privacy(receipts=True, typing=False, presence=True, lobby=False)
    await alice.leaves()
    await alice.starts()
    assert await alice.node.set_privacy() == turned
    assert alice.told("profile") != []
    assert [room.entered for room in await alice.node.rooms()] == [False]
    await alice.node.set_privacy(lobby=True)
    assert [(room.name, room.entered) for room in await alice.node.rooms()] == [("Lobby", True)]
    await alice.node.leave((await alice.node.rooms())[0].id)
    assert (await alice.node.privacy()).lobby is False


# Receipts


async def test_with_receipts_off_nobody_is_told_what_was_read_and_nobodys_reading_is_shown(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_privacy(receipts=False)
    from_bob = await bob.says(alice, "Did you read this?")
    from_alice = await alice.says(bob, "Did you?")
    await world.until(lambda: alice.texts(bob) == bob.texts(alice) == ["Did you read this?", "Did you?"])
    await alice.node.read(bob.id)
    await bob.node.read(alice.id)
    await world.passes(5)
    assert bob.state(from_bob) == alice.state(from_alice) == "delivered"
    assert {notice.state for notice in alice.told("state") + bob.told("state")} == {"delivered"}
    # Nor in the next session.
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: bob.online(alice))
    await world.passes(5)
    assert bob.state(from_bob) == "delivered"
    assert [m.state for m in alice.history(bob) if not m.mine] == ["read"], "what she has read herself, she knows"


async def test_what_was_shown_as_read_is_shown_as_delivered_once_receipts_are_off_and_clients_look_again(
    world: World,
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "Lunch?")
    await world.until(lambda: bob.texts(alice) == ["Lunch?"])
    await bob.node.read(alice.id)
    await world.until(lambda: alice.state(sent) == "read")
    await world.passes(1)
    told = len(alice.notices)
    await alice.node.set_privacy(receipts=False)
    assert alice.state(sent) == "delivered"
    assert [(n.event, n.chat) for n in alice.notices[told:]] == [("state", alice.chat(bob)), ("profile", "")]
    await alice.node.set_privacy(receipts=True)
    assert alice.state(sent) == "read"
    later = await alice.says(bob, "At noon?")
    await world.until(lambda: len(bob.texts(alice)) == 2)
    await bob.node.read(alice.id)
    await world.until(lambda: alice.state(later) == "read")


async def test_in_a_group_too_with_receipts_off(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await bob.node.set_privacy(receipts=False)
    sent = await alice.node.send(chat, "Lunch?")
    await world.until(lambda: texts(bob, chat) == texts(carol, chat) == ["Lunch?"])
    answer = await bob.node.send(chat, "Yes")
    await world.until(lambda: texts(alice, chat) == texts(carol, chat) == ["Lunch?", "Yes"])
    for one in (alice, bob, carol):
        await one.node.read(chat)
    await world.passes(5)
    read_by = {state.person: state.state for state in (await alice.node.message(sent.id)).states}
    assert read_by == {bob.id: "delivered", carol.id: "read"}
    seen_by_bob = await bob.node.message(answer.id)
    assert seen_by_bob.state == "delivered"
    assert {state.state for state in seen_by_bob.states} == {"delivered"}


# Typing


async def test_with_typing_off_it_is_neither_told_nor_shown(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "Hello")
    assert await typing_shown(world, alice, bob)
    assert await typing_shown(world, bob, alice)
    await alice.node.set_privacy(typing=False)
    assert not await typing_shown(world, alice, bob)
    assert not await typing_shown(world, bob, alice)
    await alice.node.set_privacy(typing=True)
    assert await typing_shown(world, alice, bob)
    assert await typing_shown(world, bob, alice)


# Presence


async def test_who_hides_is_seen_by_nobody_and_messages_arrive_all_the_same(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.leaves()
    await world.until(lambda: bob.person(alice).last_seen is not None)
    await alice.starts()
    await world.until(lambda: bob.online(alice))
    await alice.node.set_status("busy", "thinking")
    await alice.node.set_privacy(presence=False)
    await world.until(lambda: not bob.online(alice), within=0.5)
    seen = bob.person(alice)
    assert (seen.last_seen, seen.status, seen.status_text) == (None, None, "")
    assert alice.id not in (await bob.node.status()).online
    assert alice.online(bob), "she hides; he does not"

    sent = await bob.says(alice, "Where are you?")
    assert bob.why(sent) == "", "nothing is in the way"
    await world.until(lambda: bob.state(sent) == "delivered", within=1)
    answer = await alice.says(bob, "Far away")
    await world.until(lambda: alice.state(answer) == "delivered", within=1)
    assert not await typing_shown(world, alice, bob), "who is not here does not type"
    assert await typing_shown(world, bob, alice)


async def test_who_hides_is_not_seen_coming_or_leaving_either(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_privacy(presence=False)
    await world.until(lambda: not bob.online(alice))
    for _ in range(2):
        await alice.leaves()
        await world.passes(5)
        assert bob.person(alice).last_seen is None
        seen: set[bool] = set()
        bob.node.board.listeners.append(lambda _: seen.add(bob.online(alice)))  # noqa: B023 -- used within
        await alice.starts()
        await world.until(lambda: alice.online(bob))
        await world.passes(5)
        assert True not in seen
        bob.node.board.listeners.pop()
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: alice.online(bob))
    assert (bob.online(alice), bob.person(alice).last_seen) == (False, None)
    await alice.node.set_privacy(presence=True)
    await world.until(lambda: bob.online(alice), within=0.5)
    await alice.leaves()
    await world.until(lambda: bob.person(alice).last_seen is not None)


async def test_strangers_do_not_see_who_hides_either(world: World) -> None:
    alice, dave = await world.people("Alice", "Dave")
    mallory = await Puppet(world, "Mallory").dials(alice)
    await alice.node.set_privacy(presence=False)
    await world.until(lambda: not dave.online(alice))
    carol = await world.person("Carol")
    await world.until(lambda: alice.online(carol))
    await world.passes(5)
    assert (carol.online(alice), carol.person(alice).last_seen) == (False, None)
    assert mallory.heard_of(frames.Presence) == [frames.Presence(hidden=True)]
    sent = await carol.says(alice, "Hello")
    await world.until(lambda: carol.state(sent) == "sent")
    assert alice.person(carol).request == "Hello"
