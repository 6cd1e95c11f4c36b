"""Mentions name a person, whatever they are called where it is read; the text itself goes as it was typed."""

from __future__ import annotations

import pytest

from p2pdm.api.types import ApiError, Message
from tests.fakes.world import Someone, World


def message(who: Someone, other: Someone, id: str) -> Message:
    return next(m for m in who.history(other) if m.id == id)


def named(shown: Message) -> list[str]:
    return [shown.text[start : start + length] for start, length in shown.mention_places]


async def test_bob_is_named_and_knows_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.nickname(bob.id, "Bobby")
    sent = await alice.node.send(bob.id, "😀 hi @bobby, and @Alice", mentions=[bob.id, alice.id])
    await world.until(lambda: alice.state(sent) == "delivered")
    shown = message(bob, alice, sent.id)
    assert shown.text == "😀 hi @bobby, and @Alice"
    assert shown.mentions == [bob.id, alice.id]
    assert named(shown) == ["@bobby", "@Alice"]


async def test_only_who_stands_in_the_text_is_named(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for text in ("hello", "mail@Bob.org", "@Bobby", "Bob"):
        with pytest.raises(ApiError, match="write @Bob in it"):
            await alice.node.send(bob.id, text, mentions=[bob.id])
    with pytest.raises(ApiError):
        await alice.node.send(bob.id, "@Zoe", mentions=["Zoe"])


async def test_an_edit_keeps_whom_it_still_names(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.node.send(bob.id, "@Bob and @Alice", mentions=[bob.id, alice.id])
    edited = await alice.node.edit(sent.id, "Dear @Bob!")
    assert (edited.mentions, named(edited)) == ([bob.id], ["@Bob"])
    await world.until(lambda: message(bob, alice, sent.id).mentions == [bob.id])
    edited = await alice.node.edit(sent.id, "Dear @Bob!", mentions=[])
    assert edited.mentions == []
    assert (await alice.node.unsend(sent.id)).mentions == []


@pytest.mark.parametrize(
    "text",
    [
        "*bold*  _italic_ `code` <b>no tag</b> &amp;",
        "```\n  indented\n```\n> quoted\n\n\ttab",
        "https://example.org/a_b_c?x=*1* (see)",
        " \u202eleading\u202c and \r\n line ends \n",
        "e\u0301 👩\u200d👩\u200d👧 \ufeff",
    ],
)
async def test_text_goes_exactly_as_it_was_typed(world: World, text: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, text)
    await world.until(lambda: alice.state(sent) == "delivered")
    assert message(alice, bob, sent.id).text == message(bob, alice, sent.id).text == text


async def test_what_is_too_long_is_refused_with_the_limit_however_it_is_said(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "short")
    long = "ä" * 16_001
    for refused in (
        alice.node.send(bob.id, long),
        alice.node.send(bob.id, long, sent.id),
        alice.node.edit(sent.id, long),
    ):
        with pytest.raises(ApiError, match="at most 32000 bytes of text, this one has 32002"):
            await refused
    fits = await alice.node.send(bob.id, "@Bob @Alice" + "x" * (32_000 - 11), sent.id, [bob.id])
    await world.until(lambda: alice.state(fits) == "delivered")
    assert message(bob, alice, fits.id).mentions == [bob.id]
