"""What peers say is written a moment later, and chores wait for a pause: nothing of both is on a message's way."""

from __future__ import annotations

import asyncio

from p2pdm.node.chores import IDLE, LATEST
from p2pdm.node.commits import PATIENCE, Commits
from tests.fakes.world import World
from tests.unit.store.said import new_store


async def test_of_words_about_the_same_only_the_latest_is_written() -> None:
    commits, written = Commits(new_store()), list[int]()
    for about, word in (("a", 1), ("b", 2), ("a", 3)):
        commits.note_latest(about, word, lambda word=word: written.append(word))  # type: ignore[misc]
    assert written == []
    await asyncio.sleep(2 * PATIENCE)
    assert sorted(written) == [2, 3]
    commits.note_latest("a", 4, lambda: written.append(4))
    commits.settle()
    commits.note_latest("a", 5, lambda: written.append(5))
    commits.close()
    assert written[2:] == [4, 5]


async def test_no_word_is_lost_to_a_later_one_that_reaches_less_far() -> None:
    commits, written = Commits(new_store()), list[int]()
    for word in (1, 5, 3):
        commits.note_latest("a", word, lambda word=word: written.append(word))  # type: ignore[misc]
    commits.close()
    assert written == [5, 3]


async def test_acknowledgements_in_a_quick_exchange_add_no_commit_each(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "hello")
    await world.passes(1)
    before = alice.disk.commits
    last = await alice.says(bob, "message 0")
    for n in range(1, 20):
        last = await alice.says(bob, f"message {n}")
        await world.passes(PATIENCE / 20)
    await world.until(lambda: alice.state(last) == "delivered")
    assert alice.disk.commits - before <= 20 + 20 // 5


async def test_chores_wait_for_a_pause_but_not_for_ever(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await world.passes(1)

    async def talk(seconds: float) -> None:
        for n in range(round(seconds / (IDLE / 2))):
            await alice.says(bob, f"message {n}")
            await world.passes(IDLE / 2)

    lines = alice.node.view._store.lines
    await talk(LATEST / 2)
    assert lines._indexed_to() == 0
    await world.passes(4 * IDLE)
    assert not lines.unindexed()
    indexed = lines._indexed_to()
    await talk(2 * LATEST)
    assert lines._indexed_to() > indexed
