"""What is typed and not sent survives; what was read can be marked as unread again."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError
from tests.fakes.world import Someone, World


async def badge(who: Someone) -> list[int]:
    return [chat.unread for chat in await who.node.chats()]


async def test_a_draft_survives_a_crash(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_draft(bob.id, "Dear Bob,\n  I")
    await alice.dies()
    await alice.starts()
    assert await alice.node.draft(bob.id) == "Dear Bob,\n  I"
    await alice.says(bob, "hello")  # from elsewhere: it says nothing of what is typed
    assert [chat.draft for chat in await alice.node.chats()] == ["Dear Bob,\n  I"]
    await alice.node.set_draft(bob.id, "")
    assert await alice.node.draft(bob.id) == ""


async def test_a_draft_leaves_the_disk_with_the_chat(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_draft(bob.id, "marzipan")
    assert b"marzipan" in alice.disk.pages()
    await alice.node.forget(bob.id)
    assert b"marzipan" not in alice.disk.pages()


async def test_a_draft_longer_than_a_message_is_refused_in_a_sentence(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    with pytest.raises(ApiError, match="at most 32000 bytes"):
        await alice.node.set_draft(bob.id, "x" * 32_001)


async def test_marked_as_unread_the_badge_is_back_and_bob_still_knows_it_was_read(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = [await bob.says(alice, text) for text in ("one", "two", "three")]
    await world.until(lambda: bob.state(sent[2]) == "delivered")
    await alice.node.read(bob.id)
    await world.until(lambda: bob.state(sent[2]) == "read")
    await alice.node.unread(bob.id)
    assert await badge(alice) == [1]
    await alice.node.unread(bob.id, sent[1].id)
    assert await badge(alice) == [2]
    assert [message.unread for message in alice.history(bob)] == [False, True, True]
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: bob.online(alice))
    await world.passes(5)
    assert [bob.state(one) for one in sent] == ["read"] * 3
    await alice.node.read(bob.id)
    assert await badge(alice) == [0]


async def test_it_stays_marked_over_a_restart_and_counts_what_comes(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.says(alice, "one")
    await world.until(lambda: len(alice.texts(bob)) == 1)
    await alice.node.read(bob.id)
    await alice.says(bob, "mine")
    await alice.node.unread(bob.id)
    await alice.leaves()
    await alice.starts()
    await bob.says(alice, "two")
    await world.until(lambda: len(alice.texts(bob)) == 3)
    assert await badge(alice) == [2]


async def test_where_nobody_else_has_spoken_there_is_nothing_to_mark(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await alice.says(bob, "hello?")
    with pytest.raises(ApiError, match="Nobody else"):
        await alice.node.unread(bob.id)
    sent = await carol.says(alice, "hello!")
    await world.until(lambda: carol.state(sent) == "delivered")
    with pytest.raises(ApiError, match="another chat"):
        await alice.node.unread(bob.id, sent.id)
