"""What is handed over: in which order it may come, how much may wait, and that nobody is kept waiting by another."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.conversation.encoding import encode_body, without_body
from p2pdm.conversation.entries import Edit, Entry, Flag, Unsend
from p2pdm.node.inbox import SLICE, SLICES_A_COMMIT
from p2pdm.node.orphans import MAX_ORPHAN_BYTES, MAX_ORPHANS
from p2pdm.node.queues import MAX_QUEUED
from p2pdm.wire import frames
from p2pdm.wire.frames import VIOLATION
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World


async def befriends(world: World, someone: Someone, name: str = "Mallory", host: str = "10.9.9.9") -> Puppet:
    """A puppet that `someone` has accepted and shares the conversation with."""
    mallory = await Puppet(world, name, host).dials(someone)
    await someone.node.accept(mallory.id)
    await world.until(lambda: mallory.heard_of(frames.Have))
    return mallory


def tops(puppet: Puppet) -> list[int]:
    """What the node said to hold of the puppet's own chain, each time it said so."""
    words = [have.heads for have in puppet.heard_of(frames.Have)]
    return [head.seq for heads in words for head in heads if head.device == puppet.device.public]


async def texts(someone: Someone, puppet: Puppet) -> list[str]:
    return [message.text for message in await someone.node.history(puppet.id, 1_000)]


def stored(someone: Someone, conversation: bytes) -> int:
    """How many messages are in the store, committed or not."""
    return len(someone.node.store.lines.page(conversation, 1_000, None))


async def hand_over(puppet: Puppet, conversation: bytes, entries: list[Entry], at_once: int = 100) -> None:
    for start in range(0, len(entries), at_once):
        puppet.hands_over(conversation, *entries[start : start + at_once])


async def test_what_is_acknowledged_is_on_the_disk(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    chain = mallory.chain(conversation, *map(str, range(3 * SLICE)))
    await hand_over(mallory, conversation, chain)
    await world.until(lambda: tops(mallory) != [])
    top = tops(mallory)[-1]
    await alice.dies()
    await alice.starts()
    assert len(await texts(alice, mallory)) >= top
    await world.until(lambda: alice.node.store.entries.heads.all(conversation) != [])


async def test_the_same_again_is_acknowledged_again_and_shown_once(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    chain = mallory.chain(conversation, "one", "two")
    for _ in range(3):
        mallory.hands_over(conversation, *chain)
        await world.passes(1)
    assert tops(mallory) == [2, 2, 2]
    assert await texts(alice, mallory) == ["one", "two"]
    assert len(alice.told("message")) == 2


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_gives_the_same_chat(seed: int) -> None:
    async with World(seed) as world:
        alice = await world.person("Alice")
        mallory = await befriends(world, alice)
        conversation = mallory.conversation(alice)
        chain = mallory.chain(conversation, *map(str, range(60)))
        shuffled = list(chain)
        mallory._random.shuffle(shuffled)
        for entry in shuffled:
            mallory.hands_over(conversation, entry)
            if mallory._random.random() < 0.3:
                await world.passes(0.001)
        await world.until(lambda: tops(mallory)[-1:] == [60])
        assert await texts(alice, mallory) == list(map(str, range(60)))
        assert len(alice.told("message")) == 60
        assert alice.node.inbox._orphans.most == 0


async def test_a_parent_that_is_lacking_is_asked_for(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    chain = mallory.chain(conversation, "one", "two", "three")
    mallory.hands_over(conversation, chain[3])
    await world.until(lambda: mallory.heard_of(frames.Want))
    assert mallory.heard_of(frames.Want)[0].head == chain[2].id
    assert alice.told("message") == []
    mallory.hands_over(conversation, *chain[:3])
    await world.until(lambda: tops(mallory)[-1:] == [3])
    assert await texts(alice, mallory) == ["one", "two", "three"]


async def test_nothing_at_all_may_be_handed_over(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    mallory.hands_over(conversation)
    mallory.hands_over(conversation, *mallory.chain(conversation, "one"))
    await world.until(lambda: tops(mallory) == [1])


async def test_a_late_copy_of_an_edit_brings_back_nothing_of_what_was_taken_back(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    opening, said = mallory.chain(conversation, "first words")
    edit = mallory._entry(conversation, *encode_body(Edit(said.id, "other words")), said, Flag(0))
    unsend = mallory._entry(conversation, *encode_body(Unsend(said.id)), edit, Flag(0))
    mallory.hands_over(conversation, opening, without_body(said), without_body(edit), unsend)
    await world.until(lambda: tops(mallory)[-1:] == [3])
    mallory.hands_over(conversation, edit)
    await world.passes(5)
    assert b"other words" not in alice.disk.pages()


async def test_orphans_are_bounded_and_nothing_is_lost_by_it(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    chain = mallory.chain(conversation, *map(str, range(MAX_ORPHANS + 300)))
    told = len(mallory.heard_of(frames.Have))
    await hand_over(mallory, conversation, chain[:0:-1])
    await world.passes(0.5)
    assert alice.node.inbox._orphans.most == MAX_ORPHANS
    assert alice.told("message") == []
    assert len(mallory.heard_of(frames.Have)) == told
    await world.until(lambda: len(mallory.heard_of(frames.Have)) > told)  # it asks again for what it dropped
    await hand_over(mallory, conversation, chain)
    await world.until(lambda: len(alice.told("message")) == MAX_ORPHANS + 300)
    assert alice.node.inbox._orphans.most == 0


async def test_who_floods_without_waiting_is_thrown_out(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    peer = alice.node.sessions.of(mallory.key)[0]
    flood = [b"\0" * 30_000] * (MAX_QUEUED // 30_000 + 1)
    alice.node.inbox.received(peer, conversation, flood, False)
    await world.until(lambda: mallory.closed is not None)
    assert mallory.closed is not None
    assert mallory.closed.reason == VIOLATION
    sent = await bob.says(alice, "calm again")
    await world.until(lambda: bob.state(sent) == "delivered", within=1)
    assert not alice.node.inbox.queues


async def test_one_who_hands_over_much_does_not_keep_another_waiting(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    modest = await befriends(world, alice, "Modest", "10.9.9.8")
    inbox = alice.node.inbox
    for puppet, many in ((mallory, 20 * SLICE), (modest, 1)):
        conversation = puppet.conversation(alice)
        entries = [entry.encode() for entry in puppet.chain(conversation, *map(str, range(many)))]
        inbox.received(alice.node.sessions.of(puppet.key)[0], conversation, entries, False)
    await world.until(lambda: len(alice.told("message")) == 20 * SLICE + 1)
    authors = [notice.person for notice in alice.told("message")]
    assert authors.index(modest.id) <= 2 * SLICE


async def test_a_call_at_the_door_waits_for_one_slice_at_most(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    chain = mallory.chain(conversation, *map(str, range(10 * SLICE)))
    peer = alice.node.sessions.of(mallory.key)[0]
    alice.node.inbox.received(peer, conversation, [entry.encode() for entry in chain], False)
    counts, told = [stored(alice, conversation)], [0]
    while told[-1] < 10 * SLICE:
        await asyncio.sleep(0)  # one turn of the loop, in which a call could have its turn
        counts.append(stored(alice, conversation))
        told.append(len(alice.told("message")))
        assert counts[-1] - counts[-2] <= SLICE
        assert told[-1] - told[-2] <= SLICE * SLICES_A_COMMIT
    assert len(set(counts)) > 10


async def test_what_comes_at_once_is_acknowledged_a_commit_at_a_time(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    many = 5 * SLICE * SLICES_A_COMMIT
    chain = mallory.chain(conversation, *map(str, range(many)))
    peer = alice.node.sessions.of(mallory.key)[0]
    told = len(tops(mallory))
    alice.node.inbox.received(peer, conversation, [entry.encode() for entry in chain], False)
    await world.until(lambda: tops(mallory)[-1:] == [many])
    assert len(tops(mallory)) - told <= 6


async def test_what_had_waited_for_one_parent_is_stored_in_slices_too(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    many = 9 * SLICE
    chain = mallory.chain(conversation, *map(str, range(many)))
    await hand_over(mallory, conversation, chain[1:])
    await world.passes(0.5)
    assert alice.node.inbox._orphans.most == many
    peer = alice.node.sessions.of(mallory.key)[0]
    alice.node.inbox.received(peer, conversation, [chain[0].encode()], False)
    counts = [stored(alice, conversation)]
    while counts[-1] < many:
        await asyncio.sleep(0)  # one turn of the loop, in which a call could have its turn
        counts.append(stored(alice, conversation))
        assert counts[-1] - counts[-2] <= SLICE
    await world.until(lambda: tops(mallory)[-1:] == [many])
    assert await texts(alice, mallory) == list(map(str, range(many)))


async def test_orphans_take_no_more_memory_than_is_theirs(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    long = 30_000
    chain = mallory.chain(conversation, *("x" * long for _ in range(MAX_ORPHAN_BYTES // long + 20)))
    await hand_over(mallory, conversation, chain[1:], at_once=1)
    await world.passes(0.5)
    assert alice.node.inbox._orphans.most <= MAX_ORPHAN_BYTES // long
    await hand_over(mallory, conversation, chain, at_once=1)
    await world.until(lambda: len(alice.told("message")) == len(chain) - 1)
    assert alice.node.inbox._orphans.most == 0


async def test_what_came_over_the_lane_twice_or_never_is_there_once(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    lost = 0

    def loses(datagram: bytes) -> bool:
        nonlocal lost
        lost += 1
        return lost % 2 == 0

    world.lan.loses = loses
    for n in range(40):
        await alice.says(bob, f"a{n}")
        await bob.says(alice, f"b{n}")
        await world.passes(0.05)
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 80)
    assert lost > 20
    assert alice.texts(bob) == bob.texts(alice)
    await world.until(lambda: {m.state for m in alice.history(bob)} == {"delivered"})


async def test_without_any_lane_everything_arrives_all_the_same(world: World) -> None:
    world.lan.loses = lambda datagram: True
    alice, bob = await world.friends("Alice", "Bob")
    sent = [await alice.says(bob, str(n)) for n in range(10)]
    await world.until(lambda: {alice.state(s) for s in sent} == {"delivered"}, within=3)
    await alice.node.typing("Bob", True)
    sent = [await alice.says(bob, "one more")]
    await world.until(lambda: alice.state(sent[0]) == "delivered", within=1)
