"""Groups and rooms among people of whom one plays foul: nobody reads, learns, hides or holds up what isn't theirs."""

from __future__ import annotations

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import MEMBERSHIP, Entry
from p2pdm.identity import decode_id
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.test_groups import group_of, texts


async def befriended(world: World, someone: Someone, name: str = "Mallory", host: str = "10.9.9.9") -> Puppet:
    """A contact, who has accepted someone, too."""
    mallory = await Puppet(world, name, host).dials(someone)
    await someone.node.accept(mallory.id)
    await world.passes(1)
    return mallory


def handed(puppet: Puppet) -> list[Entry]:
    """All entries that a puppet was given."""
    return [decode(entry) for frame in puppet.heard_of(frames.Entries) for entry in frame.entries]


async def test_nobody_gets_by_its_id_what_was_said_elsewhere(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    secret = await alice.says(bob, "between us")
    chat = await group_of(world, alice, bob)
    in_group = await alice.node.send(chat, "among us")
    mallory = await befriended(world, alice)
    direct = mallory.conversation(alice)
    for sent in (secret, in_group):
        mallory.says(frames.Lacking(direct, [decode_id(sent.id)]))
        mallory.says(frames.Want(direct, decode_id(sent.id), -1))
    await world.passes(5)
    assert not [entry for entry in handed(mallory) if entry.header.conversation != direct]


async def test_what_is_lacking_is_handed_over_no_faster_than_the_link_takes_it(world: World) -> None:
    (alice,) = await world.people("Alice")
    mallory = await befriended(world, alice)
    sent = [await alice.node.send(mallory.id, "x" * 30_000) for _ in range(3)]
    direct = mallory.conversation(alice)
    mallory.says(frames.Have(direct, [], whole=True))
    await world.passes(5)
    before = len(handed(mallory))
    ids = [decode_id(one.id) for one in sent] * 33
    mallory.says(frames.Lacking(direct, ids))
    await world.passes(5)
    assert len(handed(mallory)) - before <= len(sent)


async def test_who_belongs_is_no_business_of_whoever_knows_the_group_by_name(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    stored = alice.node.circles.stored(decode_id(chat))
    assert stored is not None
    friend = await befriended(world, alice, "Mallory")
    stranger = await Puppet(world, "Stranger", "10.9.9.8").dials(alice)
    for one in (friend, stranger):
        one.says(frames.Invited(stored.id, stored.other, stored.nonce, 0))
        one.says(frames.Have(stored.id, [], whole=True))
        one.says(frames.Tell(stored.id))
        await world.passes(5)
        assert not [entry for entry in handed(one) if entry.header.conversation == stored.id]
        assert not [have for have in one.heard_of(frames.Have) if have.conversation == stored.id and have.heads]


async def test_who_has_not_said_yes_hears_nothing_of_what_goes_on(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    await bob.node.send(chat, "among us")
    await world.until(lambda: texts(alice, chat) == ["among us"])
    await alice.node.read(chat)
    await alice.node.typing(chat, True)
    mallory.says(frames.Have(conversation, [], whole=True), frames.Typing(conversation, True))
    await world.passes(5)
    assert all(entry.header.chain == MEMBERSHIP for entry in handed(mallory))
    assert not mallory.heard_of(frames.Read)
    assert not mallory.heard_of(frames.Typing)
    assert not [notice for notice in alice.told("typing") if notice.person == mallory.id]
