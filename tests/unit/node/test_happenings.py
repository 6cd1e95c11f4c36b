"""What happened to a group, as lines among what was said: the same for everybody, and no words of anybody."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError, Message
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, joins, members, standing, texts


def page(one: Someone, chat: str, limit: int = 1_000, before: str | None = None) -> list[Message]:
    return one.node.view.history(chat, limit, before, happenings=True)


def lines(one: Someone, chat: str) -> list[str]:
    """What somebody is shown: sentences as they are, what was said in quotes."""
    return [line.happening.sentence if line.happening else f"“{line.text}”" for line in page(one, chat)]


async def says(world: World, by: Someone, chat: str, text: str, *to: Someone) -> None:
    await by.node.send(chat, text)
    await world.until(lambda: all(text in texts(one, chat) for one in (by, *to)))


async def test_who_comes_and_goes_is_shown_among_what_was_said(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await says(world, alice, chat, "Just us", bob)
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await world.until(lambda: len(members(bob, chat)) == 3)
    await says(world, bob, chat, "Welcome", alice, carol)
    await alice.node.promote(chat, carol.id, True)
    await alice.node.describe(chat, name="Supper", topic="Tonight")
    await world.until(lambda: "Alice set the topic “Tonight”" in lines(carol, chat))
    await bob.node.leave(chat)
    await world.until(lambda: "Bob left" in lines(carol, chat))
    await says(world, carol, chat, "Pity", alice)
    assert lines(alice, chat) == [
        "You made this group",
        "You invited Bob",
        "Bob joined",
        "“Just us”",
        "You invited Carol",
        "Carol joined",
        "“Welcome”",
        "You made Carol an admin",
        "You named the group “Supper”",
        "You set the topic “Tonight”",
        "Bob left",
        "“Pity”",
    ]
    assert lines(carol, chat) == [
        "Alice invited you",
        "You joined",
        "“Welcome”",
        "Alice made you an admin",
        "Alice named the group “Supper”",
        "Alice set the topic “Tonight”",
        "Bob left",
        "“Pity”",
    ]
    assert lines(bob, chat)[-1] == "You left"


async def test_nobody_takes_it_for_words(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await says(world, alice, chat, "Hello", bob)
    await bob.node.read(chat)
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: "Alice invited Carol" in lines(bob, chat))
    line = page(bob, chat)[-1]
    assert line.happening
    assert (line.happening.what, line.happening.who, line.sender) == ("invited", carol.id, alice.id)
    assert (line.text, line.mine, line.unread, line.state, line.states, line.why) == ("", False, False, "read", [], "")
    assert texts(bob, chat) == ["Hello"], "who does not ask for it is not told"
    (shown,) = (one for one in bob.node.view.chats() if one.id == chat)
    assert (shown.unread, shown.last and shown.last.text) == (0, "Hello")
    assert await bob.node.search("invited") == []
    for done_with_it in (bob.node.react(line.id, "👍"), bob.node.pin(line.id, True), bob.node.delete(line.id)):
        with pytest.raises(ApiError, match="no such message"):
            await done_with_it


async def test_pages_join_wherever_they_are_cut(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    for n in range(3):
        await says(world, alice, chat, f"text {n}", bob)
        await alice.node.invite(chat, carol.id)
        await alice.node.remove(chat, carol.id)
    whole = page(alice, chat)
    assert len(whole) == 12
    for limit in range(1, len(whole) + 1):
        pages: list[Message] = []
        while part := page(alice, chat, limit, pages[0].id if pages else None):
            assert len(part) <= limit
            pages = part + pages
        assert pages == whole
    assert page(alice, chat, 5, whole[5].id[:10]) == whole[:5]


async def test_what_two_did_apart_stands_in_one_order_for_all(world: World) -> None:
    alice, bob, carol, dan = await world.friends("Alice", "Bob", "Carol", "Dan")
    chat = await group_of(world, alice, bob, carol)
    await says(world, alice, chat, "Together", bob, carol)
    await bob.leaves()
    await alice.node.invite(chat, dan.id)
    await joins(world, dan, chat)
    await world.until(lambda: len(members(carol, chat)) == 4)
    await says(world, carol, chat, "Hello Dan", alice, dan)
    await alice.leaves()
    await carol.leaves()
    await dan.leaves()
    await bob.starts()
    for n in range(4):
        await bob.node.send(chat, f"Alone {n}")
    for one in (alice, carol, dan):
        await one.starts()
    await world.until(lambda: all("Alone 3" in texts(one, chat) for one in (alice, carol)))
    await world.until(lambda: "Dan joined" in lines(bob, chat))
    await world.passes(5)
    found = lines(bob, chat)
    assert found.index("Dan joined") < found.index("“Hello Dan”")
    common = [line.id for line in page(bob, chat)[3:]]
    for one in (alice, carol):
        assert [line.id for line in page(one, chat) if line.id in common] == common
    ids = [line.id for line in page(dan, chat)]
    assert [id for id in ids if id in common] == [id for id in common if id in ids]


async def test_who_was_asked_twice_is_told_from_where_they_read(world: World) -> None:
    """Carol does not read what was said before the second invitation, and so could not tell where it stood."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "invited")
    await alice.node.describe(chat, name="Supper")
    await says(world, alice, chat, "Better so", bob)
    await alice.node.invite(chat, carol.id)
    await world.passes(5)
    assert lines(carol, chat) == ["Alice invited you"]
    await carol.node.join_group(chat)
    await says(world, bob, chat, "Welcome", carol)
    assert lines(carol, chat) == ["Alice invited you", "You joined", "“Welcome”"]
    assert [line.id for line in page(alice, chat)][-2:] == [line.id for line in page(carol, chat)][-2:]


async def test_who_comes_back_still_has_what_happened_before(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    await says(world, alice, chat, "All here", bob, carol)
    before = lines(carol, chat)
    await carol.node.leave(chat)
    await world.until(lambda: "Carol left" in lines(alice, chat))
    await alice.node.describe(chat, name="Supper")
    await says(world, bob, chat, "Pity", alice)
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await says(world, bob, chat, "Welcome", carol)
    assert lines(carol, chat) == [
        *before,
        "You left",
        "Alice named the group “Supper”",
        "Alice invited you",
        "You joined",
        "“Welcome”",
    ]


async def test_who_did_not_belong_any_more_tells_of_nobodys_knowing(world: World) -> None:
    """What Carol says without knowing that she was removed reaches Bob, who does not know it either."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob, carol)
    for one in (alice, bob, carol):
        await says(world, one, chat, f"{one.name} is in", alice, bob, carol)
    await alice.node.describe(chat, name="Supper")
    await world.until(lambda: all("Alice named the group “Supper”" in lines(one, chat) for one in (bob, carol)))
    world.cut(alice, bob)
    world.cut(alice, carol)
    await alice.node.remove(chat, carol.id)
    await says(world, carol, chat, "Where?", bob)
    assert lines(bob, chat)[-2:] == ["Alice named the group “Supper”", "“Where?”"]
    await carol.leaves()
    await alice.node.send(chat, "Quiet now")
    await world.passes(200)
    world.lan.mend()
    await world.until(lambda: {"“Quiet now”", "“Where?”"} & set(lines(bob, chat)) == {"“Quiet now”"}, within=300)
    assert [line.id for line in page(bob, chat)] == [line.id for line in page(alice, chat)[1:]]
    assert lines(bob, chat)[-3:] == ["Alice named the group “Supper”", "Alice removed Carol", "“Quiet now”"]


async def test_a_deleted_chat_tells_nothing_of_what_was(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    await says(world, alice, chat, "secret", bob)
    await bob.node.delete_chat(chat)
    assert lines(bob, chat) == []
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: lines(bob, chat) == ["Alice invited Carol"])
    assert "“secret”" in lines(alice, chat)


async def test_other_chats_have_only_words(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "hello")
    await world.until(lambda: bob.texts(alice) == ["hello"])
    assert [line.text for line in page(bob, alice.id)] == ["hello"]
    await alice.node.open_room("Programme", announcement=True)
    await alice.node.promote("Programme", bob.id, True)
    assert page(alice, "Programme") == []
