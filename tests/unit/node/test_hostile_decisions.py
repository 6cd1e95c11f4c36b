"""Groups in which somebody decides what makes no sense, or too much: nobody is cut off or held up by it."""

from __future__ import annotations

from typing import Any

import pytest

from p2pdm.conversation.entries import CONTENT, MEMBERSHIP, Describe, Floor, Invite, Text
from p2pdm.conversation.membership import MAX_KEPT_OF_ONE, MAX_OPERATIONS_OF_ONE, Group, fold_group
from p2pdm.identity import decode_id
from p2pdm.node.inbox import Inbox
from tests.fakes.puppet import Puppet
from tests.fakes.world import World
from tests.unit.node.foul_play import asked_in, befriended, group_with_puppet
from tests.unit.node.groups import group_of, joins, members, standing, texts


async def test_a_member_without_papers_cuts_nobody_off(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat, conversation, mallory, join = await group_with_puppet(world, alice, bob)
    twin = Puppet(world, "Twin", "10.9.9.7", identity=mallory.identity)
    opening = twin.opens(conversation)
    first = twin.writes(conversation, Text("one"), opening, membership=(join.id,))
    mallory.hands_over(conversation, opening, first)
    await world.until(lambda: texts(bob, chat) == ["one"])
    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await world.until(lambda: len(members(carol, chat)) == 4)
    second = twin.writes(conversation, Text("two"), first, membership=(join.id,))
    mallory.hands_over(conversation, second)
    await world.until(lambda: texts(bob, chat) == ["one", "two"])
    await world.passes(10)
    assert carol.online(alice)
    assert carol.online(bob)
    await bob.node.send(chat, "hello Carol")
    await world.until(lambda: texts(carol, chat)[-1:] == ["hello Carol"])


async def test_who_goes_has_said_their_last_words(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    world.cut(alice, bob)
    await bob.node.send(chat, "so long")
    await bob.node.leave(chat)
    world.lan.mend()
    await world.until(lambda: len(members(alice, chat)) == 1, within=120)
    await world.until(lambda: texts(alice, chat) == ["so long"])


@pytest.mark.parametrize("lie", ["high lamport", "high number", "made up"])
async def test_an_admin_who_lies_about_the_past_cuts_nobody_off(world: World, lie: str) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    await bob.node.send(chat, "first")
    mallory = await befriended(world, alice)
    join = await asked_in(alice, mallory, chat)
    await alice.node.promote(chat, mallory.id, True)
    await world.passes(5)
    (head,) = [
        h
        for h in alice.node.store.entries.heads.all(conversation)
        if h.chain == CONTENT and h.device == bob.node.myself.device.public
    ]
    frontier = [alice.node.store.entries.place(id) for id in alice.node.circles.group(conversation).frontier]
    floor = {
        "high lamport": Floor(head.device, head.seq, head.id, 2**53 - 5),
        "high number": Floor(head.device, head.seq + 4, head.id, head.lamport),
        "made up": Floor(head.device, head.seq + 4, bytes(32), head.lamport),
    }[lie]
    invite = mallory.writes(
        conversation, Invite(carol.key, (floor,)), join, MEMBERSHIP, tuple(p for p in frontier if p is not None)
    )
    mallory.hands_over(conversation, invite)
    await world.until(lambda: carol.key in alice.node.circles.group(conversation).invited)
    await alice.node.send(carol.id, "come in")
    await world.passes(5)
    await carol.node.join_group(chat)
    await world.until(lambda: len(members(bob, chat)) == 4)
    await bob.node.send(chat, "second")
    await world.passes(5)
    await carol.node.send(chat, "hello all")
    await world.until(lambda: texts(bob, chat)[-1:] == ["hello all"])
    await world.until(lambda: "second" in texts(carol, chat))
    assert carol.online(bob)
    await carol.leaves()
    await bob.node.send(chat, "third")
    await world.until(lambda: texts(alice, chat)[-1] == "third")
    await bob.leaves()
    await carol.starts()
    await world.until(lambda: texts(carol, chat) == ["second", "hello all", "third"])
    await bob.starts()
    for n in range(5):
        await bob.node.send(chat, f"and {n}")
    await world.until(lambda: texts(carol, chat) == texts(bob, chat)[1:])


async def test_a_group_with_a_long_past_is_told_of_to_the_end(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = (await alice.node.create_group("Large", [])).id
    for number in range(150):
        await alice.node.describe(chat, topic=f"topic {number}")
    await alice.node.invite(chat, bob.id)
    await world.until(lambda: standing(bob, chat) == "invited")


async def test_a_flood_of_decisions_ends_where_none_would_count_any_more(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, last = await group_with_puppet(world, alice, bob)
    for _ in range(6):
        flood = []
        for _ in range(100):
            last = mallory.writes(conversation, Describe("topic", b"flood"), last, MEMBERSHIP)
            flood.append(last)
        mallory.hands_over(conversation, *flood)
    await world.passes(20)
    written = [e for e, who in alice.node.store.entries.chain(conversation, MEMBERSHIP) if who == mallory.key]
    assert len(written) == MAX_OPERATIONS_OF_ONE
    assert mallory.closed is None
    await alice.node.describe(chat, topic="Where to eat")
    await world.until(lambda: bob.node.circles.group(conversation).described.get("topic") == b"Where to eat")


async def test_many_devices_of_one_person_decide_no_more_than_one_would(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, _ = await group_with_puppet(world, alice, bob)
    for number in range(5):
        device = Puppet(world, "Mallory", f"10.9.9.{number}", mallory.identity)
        last = device.opens(conversation, MEMBERSHIP)
        flood = [last]
        for _ in range(MAX_OPERATIONS_OF_ONE // 2 - 1):
            last = device.writes(conversation, Describe("topic", b"flood"), last, MEMBERSHIP)
            flood.append(last)
        mallory.hands_over(conversation, *flood[:128])
        mallory.hands_over(conversation, *flood[128:])
        await world.passes(10)
    written = [e for e, who in alice.node.store.entries.chain(conversation, MEMBERSHIP) if who == mallory.key]
    assert MAX_OPERATIONS_OF_ONE <= len(written) <= MAX_KEPT_OF_ONE + 5, "openings are no decisions"
    assert mallory.closed is None
    await bob.node.send(chat, "still here")
    await world.until(lambda: texts(alice, chat) == ["still here"])


async def test_decisions_among_messages_do_not_hold_up_the_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (alice,) = await world.people("Alice")
    chat, conversation, mallory, join = await group_with_puppet(world, alice)
    last = join
    said = mallory.opens(conversation)
    mixed = [said]
    for _ in range(20):
        last = mallory.writes(conversation, Describe("topic", b"flood"), last, MEMBERSHIP)
        said = mallory.writes(conversation, Text("flood"), said, membership=(join.id,))
        mixed += [last, said]
    folds, most = 0, 0

    def folding(*args: Any) -> Group:
        nonlocal folds
        folds += 1
        return fold_group(*args)

    def taking(inbox: Inbox, *args: Any) -> None:
        nonlocal folds, most
        folds = 0
        take(inbox, *args)
        most = max(most, folds)

    take = Inbox._take
    monkeypatch.setattr("p2pdm.node.circles.fold_group", folding)
    monkeypatch.setattr(Inbox, "_take", taking)
    mallory.hands_over(conversation, *mixed)
    await world.until(lambda: len(texts(alice, chat)) == 20)
    assert most <= 2
