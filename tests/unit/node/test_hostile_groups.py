"""Groups among people of whom one plays foul: nobody reads or learns what isn't theirs."""

from __future__ import annotations

from msgspec.structs import replace

from p2pdm.conversation.entries import CONTENT, GROUP, MEMBERSHIP, Create, Invite, Said, Text, group_conversation
from p2pdm.conversation.log import place_of
from p2pdm.identity import decode_id
from p2pdm.node.circles import Standing
from p2pdm.node.sessions import MAX_STRANGERS_HERE
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import World
from tests.unit.node.foul_play import asked_in, befriended, group_with_puppet, handed
from tests.unit.node.groups import group_of, joins, members, standing, texts


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


async def test_who_was_removed_is_not_told_that_the_others_go_on(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, _ = await group_with_puppet(world, alice, bob)
    mallory.says(frames.Have(conversation, [], whole=True))
    await world.passes(3)
    await alice.node.remove(chat, mallory.id)
    await world.passes(3)
    (removal,) = alice.node.circles.group(conversation).partings(mallory.key)
    assert removal in {entry.id for entry in handed(mallory)}
    mallory.heard.clear()
    await alice.node.promote(chat, bob.id, True)
    await bob.node.describe(chat, topic="Without Mallory")
    await world.passes(5)
    mallory.says(frames.Tell(conversation), frames.Have(conversation, [], whole=True))
    await world.passes(5)
    known = {head.id for have in mallory.heard_of(frames.Have) for head in have.heads}
    assert removal in known
    assert not known & set(alice.node.circles.group(conversation).frontier)
    assert not {entry.id for entry in handed(mallory)} & set(alice.node.circles.group(conversation).frontier)


async def test_an_invitation_that_nobody_answered_exempts_no_strangers_from_the_limit(world: World) -> None:
    (alice,) = await world.people("Alice")
    mallory = await befriended(world, alice)
    puppets = [Puppet(world, f"Sock {n}", "10.9.9.8") for n in range(MAX_STRANGERS_HERE + 5)]
    nonce = bytes(range(32))
    conversation = group_conversation(mallory.key, nonce, GROUP)
    last = mallory.opens(conversation, MEMBERSHIP)
    entries = [last]
    bodies: list[Said] = [
        Create(nonce, GROUP, "Socks"),
        *(Invite(key) for key in (alice.key, *(p.key for p in puppets))),
    ]
    for body in bodies:
        last = mallory.writes(conversation, body, last, MEMBERSHIP)
        entries.append(last)
    mallory.says(frames.Invited(conversation, mallory.key, nonce, GROUP))
    mallory.hands_over(conversation, *entries)
    await world.passes(2)
    for puppet in puppets:
        await puppet.dials(alice, greets=False)
    await world.passes(1)
    assert sum(puppet.closed is None for puppet in puppets) <= MAX_STRANGERS_HERE


async def test_what_a_member_leaks_of_the_past_is_not_kept_by_a_newcomer(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat, conversation, mallory, _ = await group_with_puppet(world, alice, bob)
    await bob.node.send(chat, "old secret")
    await bob.node.send(chat, "old answer")
    await world.until(lambda: len(texts(alice, chat)) == 2)
    mallory.says(frames.Have(conversation, [], whole=True))
    await world.passes(3)
    said = [entry for entry in handed(mallory) if entry.header.device == bob.node.myself.device.public]
    opening, *leaked = [entry for entry in said if entry.header.chain == CONTENT]
    assert len(leaked) == 2

    await alice.node.invite(chat, carol.id)
    await joins(world, carol, chat)
    await world.until(lambda: len(members(carol, chat)) == len(members(bob, chat)) == 4)
    await mallory.dials(carol)
    mallory.hands_over(conversation, *leaked, opening)
    await bob.node.send(chat, "welcome")
    await world.until(lambda: "welcome" in texts(carol, chat))
    await world.passes(5)
    assert texts(carol, chat) == ["welcome"]
    assert b"old secret" not in carol.disk.pages()
    assert b"old answer" not in carol.disk.pages()


async def test_who_did_not_say_yes_keeps_nothing_of_what_a_member_hands_them(world: World) -> None:
    alice, carol = await world.friends("Alice", "Carol")
    chat = (await alice.node.create_group("Lunch", [carol.id])).id
    await world.until(lambda: standing(carol, chat) == "invited")
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    join = await asked_in(alice, mallory, chat)
    opening = mallory.opens(conversation)
    said = mallory.writes(conversation, Text("come in, all are here"), opening, membership=(join.id,))
    mallory.hands_over(conversation, opening, said)
    await world.until(lambda: texts(alice, chat) == ["come in, all are here"])

    await world.until(lambda: carol.node.circles.standing(conversation, mallory.key) == Standing.MEMBER)
    await carol.node.leave(chat)
    await mallory.dials(carol)
    mallory.hands_over(conversation, opening, said)
    await world.passes(5)
    assert b"come in, all are here" not in carol.disk.pages()
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "invited")
    later = mallory.writes(conversation, Text("still nobody?"), said, membership=(join.id,))
    await mallory.dials(carol)
    mallory.hands_over(conversation, opening, said, later)
    await world.passes(5)
    assert b"come in, all are here" not in carol.disk.pages()
    assert b"still nobody?" not in carol.disk.pages()
    await carol.node.join_group(chat)
    mallory.hands_over(conversation, opening, said, later)
    await world.until(lambda: texts(carol, chat) == ["still nobody?"])
    assert b"come in, all are here" not in carol.disk.pages()


async def test_a_copy_that_nobody_signed_does_not_keep_the_place_of_what_waits(world: World) -> None:
    """Ben answers Carol's words, which are on their way; Mallory is quicker, and spoils the answer."""
    (alice,) = await world.people("Alice")
    ben, carol, mallory = [
        await befriended(world, alice, name, f"10.9.9.{n}") for n, name in enumerate(("Ben", "Carol", "Mallory"), 2)
    ]
    chat = (await alice.node.create_group("Lunch", [ben.id, carol.id, mallory.id])).id
    conversation = decode_id(chat)
    joined = {one: (await one.joins(alice, chat)).id for one in (ben, carol, mallory)}
    begun, began = carol.opens(conversation), ben.opens(conversation)
    said = carol.writes(conversation, Text("Pizza?"), begun, membership=(joined[carol],))
    answer = ben.writes(conversation, Text("Yes!"), began, CONTENT, (place_of(said),), (joined[ben],))
    mallory.hands_over(conversation, began, replace(answer, signature=bytes(64)))
    await world.passes(1)
    ben.hands_over(conversation, began, answer)
    await world.passes(1)
    carol.hands_over(conversation, begun, said)
    await world.until(lambda: texts(alice, chat) == ["Pizza?", "Yes!"])
    assert mallory.closed is not None
