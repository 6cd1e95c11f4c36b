"""Finding what was said, over all chats."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from p2pdm.api.types import ApiError, Hit, Sent
from tests.fakes.world import Someone, World


async def found(who: Someone, words: str, **where: Any) -> list[str]:
    return [hit.message.text for hit in await who.node.search(words, **where)]


def arrived(who: Someone, sent: Sent) -> bool:
    return who.state(sent) == "delivered"


def marked(hit: Hit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.matched]


@pytest.fixture
async def talk(world: World) -> tuple[Someone, Someone, Someone]:
    """Alice has talked with Bob and with Carol about a plan, a minute between two words."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    for who, to, text in (
        (alice, bob, "The plan is ready"),
        (bob, alice, "Which plan?"),
        (alice, carol, "Carol, our planning starts in Zürich"),
        (carol, alice, "plan plan plan"),
    ):
        sent = await who.says(to, text)
        await world.until(partial(arrived, who, sent))
        await world.passes(60)
    return alice, bob, carol


Talk = tuple[Someone, Someone, Someone]


async def test_everything_is_searched_and_the_newest_comes_first(talk: Talk) -> None:
    alice, bob, carol = talk
    hits = await alice.node.search("plan")
    assert [hit.message.text for hit in hits] == [
        "plan plan plan",
        "Carol, our planning starts in Zürich",
        "Which plan?",
        "The plan is ready",
    ]
    assert [hit.chat for hit in hits] == [alice.chat(carol)] * 2 + [alice.chat(bob)] * 2
    assert [marked(hit) for hit in hits] == [["plan", "plan", "plan"], ["planning"], ["plan"], ["plan"]]
    assert await found(bob, "plan") == ["Which plan?", "The plan is ready"]


async def test_people_chats_and_dates_are_filters(talk: Talk) -> None:
    alice, _, _ = talk
    assert await found(alice, "plan", person="me") == ["Carol, our planning starts in Zürich", "The plan is ready"]
    assert await found(alice, "plan", person="Bob") == ["Which plan?"]
    assert await found(alice, "plan", chat="Carol", person="Bob") == []
    assert await found(alice, "plan", chat="Bob") == ["Which plan?", "The plan is ready"]
    assert await found(alice, "plan", until="2026-01-01T00:01") == ["The plan is ready"]
    assert await found(alice, "plan", since="2026-01-01T00:01", until="2026-01-01T00:02Z") == ["Which plan?"]
    assert await found(alice, "plan", since="2026-01-01T01:02:00+01:00", person="me") == [
        "Carol, our planning starts in Zürich"
    ]
    assert await found(alice, "plan", since="2026-01-02") == []


async def test_without_words_all_is_found_that_the_filters_let_through(talk: Talk, world: World) -> None:
    alice, bob, _ = talk
    sent = await bob.says(alice, "...")  # nothing that an index holds
    await world.until(partial(arrived, bob, sent))
    for order in ("newest", "best"):
        assert await found(alice, " ", person="Bob", order=order) == ["...", "Which plan?"]
    hits = await alice.node.search("", chat="Bob")
    assert [(hit.message.text, hit.snippet, hit.matched) for hit in hits] == [
        (text, text, []) for text in ("...", "Which plan?", "The plan is ready")
    ]
    assert await found(alice, "", since="2026-01-01T00:01", until="2026-01-01T00:02Z") == ["Which plan?"]
    assert await found(alice, "", chat="Bob", person="me") == ["The plan is ready"]
    assert await found(alice, "", chat="Bob", limit=1, before=hits[0].message.id) == ["Which plan?"]
    await bob.node.unsend(sent.id)
    await world.until(lambda: len(alice.texts(bob)) == 3 and "..." not in alice.texts(bob))
    assert await found(alice, "", person="Bob") == ["Which plan?"]
    assert await found(alice, "") == []
    assert await found(alice, "!!!", chat="Bob") == []


async def test_the_best_come_first_and_among_equals_the_newer(talk: Talk) -> None:
    alice, _, _ = talk
    assert await found(alice, "plan", order="best") == [
        "plan plan plan",
        "Which plan?",
        "The plan is ready",
        "Carol, our planning starts in Zürich",
    ]


@pytest.mark.parametrize("order", ["newest", "best"])
async def test_pages_join_without_gap_and_without_overlap(world: World, order: Any) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for number in range(25):
        await alice.says(bob, f"word {number}" + " word" * (number % 3))
    everything = await found(alice, "word", order=order)
    collected: list[str] = []
    before = None
    while page := await alice.node.search("word", order=order, limit=4, before=before):
        collected += [hit.message.text for hit in page]
        before = page[-1].message.id
    assert collected == everything
    assert len(collected) == 25


async def test_what_was_taken_back_is_not_found_and_what_was_edited_by_its_new_words(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    one, other = await alice.says(bob, "meet at ten"), await alice.says(bob, "meet at noon")
    await world.until(lambda: alice.state(other) == "delivered")
    await alice.node.unsend(one.id)
    await alice.node.edit(other.id, "meet at eleven")
    await world.until(lambda: bob.texts(alice) == ["", "meet at eleven"])
    for who in (alice, bob):
        assert await found(who, "meet") == ["meet at eleven"]
        assert await found(who, "noon") == await found(who, "ten") == []


async def test_a_forgotten_chat_is_not_found_and_a_blocked_one_is(talk: Talk) -> None:
    alice, bob, carol = talk
    await alice.node.block(bob.id)
    await alice.node.forget(carol.id)
    assert await found(alice, "plan") == ["Which plan?", "The plan is ready"]


async def test_a_held_request_is_no_history_yet(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await alice.says(bob, "may I ask something")
    await world.until(lambda: bob.relation(alice) == "request")
    assert await found(bob, "ask") == []
    await bob.node.accept(alice.id)
    await world.until(lambda: bool(bob.texts(alice)))
    assert await found(bob, "ask") == ["may I ask something"]


@pytest.mark.parametrize(
    "words", ["", " ", '"', '""', "''", "OR", "NEAR(", "*", "^", "_c1", "{", "\0", "\ud800", "(", "text:plan", "🐫"]
)
async def test_odd_words_find_nothing_and_do_not_fail(talk: Talk, words: str) -> None:
    alice, _, _ = talk
    assert await found(alice, words) == []


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"since": "yesterday"}, "is no date"),
        ({"until": ""}, "is no date"),
        ({"until": "9999-99-99"}, "is no date"),
        ({"limit": 0}, "1 to 1000"),
        ({"limit": 1_001}, "1 to 1000"),
        ({"chat": "Nobody"}, "no person, group or room"),
        ({"person": "Nobody"}, "Nobody here"),
        ({"before": "zzzz"}, "no such message"),
    ],
)
async def test_what_can_not_be_meant_is_said(talk: Talk, where: dict[str, Any], why: str) -> None:
    alice, _, _ = talk
    with pytest.raises(ApiError, match=why):
        await alice.node.search("plan", **where)
