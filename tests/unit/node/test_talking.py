"""Friends talk: how far each message came, what is in the way, what is unread, and how to look back."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.api.types import ApiError
from p2pdm.node.saying import MAX_TEXT
from tests.fakes.world import World

HOUR = 3_600_000


async def test_a_message_is_delivered_and_then_read(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "Lunch?")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert [m.state for m in bob.history(alice)] == ["delivered"]
    await bob.node.read(bob.chat(alice))
    await world.until(lambda: alice.state(sent) == "read")
    assert [m.state for m in bob.history(alice)] == ["read"]
    await world.until(lambda: len(alice.told("state")) == 2)
    assert [(n.id, n.state) for n in alice.told("state")] == [(sent.id, "delivered"), (sent.id, "read")]


async def test_a_chat_looks_alike_from_both_sides(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for speaker, listener, text in (
        (alice, bob, "Lunch?"),
        (bob, alice, "Sure, when?"),
        (bob, alice, "I'm free at noon"),
        (alice, bob, "Noon it is 🍜"),
    ):
        sent = await speaker.says(listener, text)
        await world.until(lambda: speaker.state(sent) == "delivered")  # noqa: B023 -- awaited here
    await bob.node.read(alice.id)
    await world.until(lambda: "(read)" in alice.shows(bob))
    assert alice.shows(bob) == (
        "Alice: Lunch? (read)\n"
        "Bob: Sure, when? (delivered)\n"
        "Bob: I'm free at noon (delivered)\n"
        "Alice: Noon it is 🍜 (read)"
    )
    assert bob.shows(alice) == (
        "Alice: Lunch? (read)\n"
        "Bob: Sure, when? (delivered)\n"
        "Bob: I'm free at noon (delivered)\n"
        "Alice: Noon it is 🍜 (read)"
    )


async def test_what_is_said_while_the_other_is_away_waits_and_arrives_once_and_in_order(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await world.until(lambda: not alice.online(bob))
    texts = [f"message {n}" for n in range(30)]
    sent = [await alice.says(bob, text) for text in texts]
    assert {(alice.state(s), alice.why(s)) for s in sent} == {("waiting", "Bob is offline")}
    status = await alice.node.status()
    assert [(w.name, w.count, w.why) for w in status.waiting] == [("Bob", 30, "Bob is offline")]

    await alice.leaves()
    await alice.starts()
    await bob.starts()
    await world.until(lambda: {alice.state(s) for s in sent} == {"delivered"})
    assert bob.texts(alice) == texts
    assert len(bob.told("message")) == 30
    assert (await alice.node.status()).waiting == []


async def test_a_thousand_messages_cross_and_are_the_same_on_both_sides(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(500):
        await asyncio.gather(alice.says(bob, f"a{n}"), bob.says(alice, f"b{n}"))
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 1_000)
    assert alice.texts(bob) == bob.texts(alice)
    assert [text for text in alice.texts(bob) if text[0] == "a"] == [f"a{n}" for n in range(500)]
    assert len({notice.id for notice in bob.told("message")}) == len(bob.told("message")) == 1_000


async def test_a_wrong_clock_changes_no_order(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    bob.clock_off_by = -24 * HOUR
    for n, (speaker, listener) in enumerate([(alice, bob), (bob, alice)] * 3):
        sent = await speaker.says(listener, str(n))
        await world.until(lambda: speaker.state(sent) == "delivered")  # noqa: B023 -- awaited here
    assert alice.texts(bob) == bob.texts(alice) == list("012345")


async def test_what_arrives_late_stands_where_it_belongs_and_counts_as_unread(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    world.cut(alice, bob)
    await alice.says(bob, "said first, heard last")
    await world.passes(5)
    for text in ("one", "two", "three"):
        await bob.says(alice, text)
    await bob.node.read(alice.id)
    world.lan.mend()
    await world.until(lambda: len(bob.texts(alice)) == 4)
    assert bob.texts(alice) == alice.texts(bob)
    assert bob.texts(alice)[-1] != "said first, heard last"
    assert [m.text for m in bob.history(alice) if m.unread] == ["said first, heard last"]
    assert [chat.unread for chat in await bob.node.chats()] == [1]


# Waiting for a message


async def test_wait_returns_once_it_is_delivered(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "Lunch?")
    before = asyncio.get_running_loop().time()
    assert (await alice.node.wait(sent.id, 30)).state == "delivered"
    assert asyncio.get_running_loop().time() - before < 1


async def test_wait_gives_up_and_says_what_is_in_the_way(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Lunch?")
    before = asyncio.get_running_loop().time()
    message = await alice.node.wait(sent.id, 12)
    assert (message.state, message.why) == ("waiting", "Bob is offline")
    assert 12 <= asyncio.get_running_loop().time() - before < 12.1


async def test_wait_takes_an_id_as_people_type_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Lunch?")
    waiting = asyncio.create_task(alice.node.wait(f" {sent.id.upper()} ", 60))
    await bob.starts()
    before = asyncio.get_running_loop().time()
    assert (await waiting).state == "delivered"
    assert asyncio.get_running_loop().time() - before < 5


async def test_many_may_wait_and_all_are_woken(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    sent = [await alice.says(bob, f"message {n}") for n in range(70)]
    waits = [asyncio.create_task(alice.node.wait(s.id, 100)) for s in sent for _ in range(2)]
    await bob.starts()
    assert {message.state for message in await asyncio.gather(*waits)} == {"delivered"}


@pytest.mark.parametrize("id", ["", "nonsense", "a" * 52, "\ud800"])
async def test_wait_and_message_for_what_is_not_there(world: World, id: str) -> None:
    alice = await world.person("Alice")
    for call in (alice.node.wait(id, 5), alice.node.message(id)):
        with pytest.raises(ApiError) as caught:
            await call
        assert caught.value.kind == "unknown_message"


# Unread


async def test_unread_counts_what_others_said_until_it_is_read(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "one")
    await alice.says(bob, "two")
    await bob.says(alice, "my own words are never unread")
    await world.until(lambda: len(bob.texts(alice)) == 3)
    (chat,) = await bob.node.chats()
    assert chat.unread == 2
    await bob.node.read("Alice")
    (chat,) = await bob.node.chats()
    assert chat.unread == 0
    assert not any(m.unread for m in bob.history(alice))
    await alice.says(bob, "three")
    await world.until(lambda: len(bob.texts(alice)) == 4)
    assert [m.text for m in bob.history(alice) if m.unread] == ["three"]
    told = len(bob.told("chat"))
    await bob.node.read("Alice")
    await bob.node.read("Alice")
    assert len(bob.told("chat")) - told == 1


async def test_what_was_read_while_the_other_was_away_is_told_later(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "Lunch?")
    await world.until(lambda: alice.state(sent) == "delivered")
    await alice.leaves()
    await bob.node.read(alice.id)
    await bob.leaves()
    await alice.starts()
    assert alice.state(sent) == "delivered"
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "read")


# Looking back


async def test_history_in_pages(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for n in range(25):
        await alice.says(bob, f"{n:02}")
    page = await alice.node.history("Bob", limit=10)
    assert [m.text for m in page] == [f"{n:02}" for n in range(15, 25)]
    page = await alice.node.history("Bob", limit=10, before=page[0].id)
    assert [m.text for m in page] == [f"{n:02}" for n in range(5, 15)]
    page = await alice.node.history(bob.id, limit=10, before=page[0].id)
    assert [m.text for m in page] == [f"{n:02}" for n in range(5)]
    assert await alice.node.history(alice.chat(bob), limit=10, before=page[0].id) == []


@pytest.mark.parametrize("limit", [0, -1, 1_001])
async def test_a_page_has_a_size(world: World, limit: int) -> None:
    alice, _bob = await world.friends("Alice", "Bob")
    with pytest.raises(ApiError, match="1 to 1000"):
        await alice.node.history("Bob", limit=limit)


async def test_search_finds_words_and_their_beginnings_with_and_without_accents(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for text in ("Café at noon", "the cafeteria is closed", "noon works", "nothing here"):
        await alice.says(bob, text)

    async def found(words: str) -> list[str]:
        return [m.text for m in await alice.node.history("Bob", search=words)]

    assert await found("cafe") == ["Café at noon", "the cafeteria is closed"]
    assert await found("NOON cafe") == ["Café at noon"]
    assert await found("closed") == ["the cafeteria is closed"]
    assert await found("afeteria") == []
    assert len(await found("  ")) == 4
    (newest,) = await alice.node.history("Bob", search="cafe", limit=1)
    assert newest.text == "the cafeteria is closed"
    (older,) = await alice.node.history("Bob", search="cafe", limit=1, before=newest.id)
    assert older.text == "Café at noon"


@pytest.mark.parametrize(
    "words", ['"', "''", "a OR b", "NEAR(", "*", "-", "text:", "^", "\0", "a\0b", "(", "!!!", "\ud800", "{", "💥", "%"]
)
async def test_whatever_is_searched_for_is_no_error(world: World, words: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "text")
    assert await alice.node.history("Bob", search=words) in ([], alice.history(bob))


async def test_searching_one_chat_finds_nothing_of_another(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await alice.says(bob, "secret for Bob")
    await alice.says(carol, "secret for Carol")
    assert [m.text for m in await alice.node.history("Carol", search="secret")] == ["secret for Carol"]


async def test_chats_show_the_latest_first_with_its_last_line(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await alice.says(bob, "to Bob")
    await alice.says(carol, "to Carol")
    await bob.says(alice, "from Bob")
    await world.until(lambda: len(alice.texts(bob)) == 2)
    chats = await alice.node.chats()
    assert [(c.name, c.last.text if c.last else None, c.unread) for c in chats] == [
        ("Bob", "from Bob", 1),
        ("Carol", "to Carol", 0),
    ]
    assert {*chats[0].members} == {alice.id, bob.id}


# What can't be said


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u2060", "empty"),
        ("x" * (MAX_TEXT + 1), "too_long"),
        ("é" * MAX_TEXT, "too_long"),
    ],
)
async def test_what_can_not_be_sent(world: World, text: str, kind: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    with pytest.raises(ApiError) as caught:
        await alice.says(bob, text)
    assert caught.value.kind == kind
    assert alice.texts(bob) == []


async def test_half_a_character_can_not_be_sent(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    with pytest.raises(ApiError) as caught:
        await alice.says(bob, "half \ud83d of an emoji")
    assert caught.value.kind == "text"
    assert (await alice.says(bob, "whole 🍜")).state == "waiting"


async def test_the_longest_text_arrives_as_it_was(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    text = "a\0b\r\n" + "ü" * (MAX_TEXT // 2 - 4)
    await alice.says(bob, text)
    await world.until(lambda: bob.texts(alice) == [text])


async def test_nobody_can_write_to_nobody(world: World) -> None:
    alice = await world.person("Alice")
    for to in ("Zoe", "a" * 52, ""):
        with pytest.raises(ApiError) as caught:
            await alice.node.send(to, "hello?")
        assert caught.value.kind == "unknown_person"
