"""Groups in which somebody hands on words late, twice, in part or to some only: nobody is divided, nothing is lost."""

from __future__ import annotations

import pytest

from p2pdm.conversation.encoding import without_body
from p2pdm.conversation.entries import (
    CONTENT,
    GROUP,
    MEMBERSHIP,
    Create,
    Edit,
    Entry,
    Invite,
    Join,
    Leave,
    Mark,
    Remove,
    Said,
    Text,
    Unsend,
    group_conversation,
)
from p2pdm.conversation.log import place_of
from p2pdm.identity import decode_id, encode_id
from p2pdm.node.circles import Standing
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.foul_play import asked_in, befriended, group_with_puppet, handed
from tests.unit.node.groups import members, messages, texts


async def test_other_words_that_come_before_the_first_are_the_same_everywhere(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, join = await group_with_puppet(world, alice, bob)
    twin = Puppet(world, "Twin", "10.9.9.7", identity=mallory.identity)
    opening, twins = mallory.opens(conversation), twin.opens(conversation)
    text = mallory.writes(conversation, Text("first"), opening, membership=(join.id,))
    edit = twin.writes(conversation, Edit(text.id, "second"), twins, membership=(join.id,))
    await world.until(lambda: mallory.key in bob.node.circles.group(conversation).members)
    await twin.dials(bob)
    world.cut(alice, bob)
    mallory.hands_over(conversation, opening, text)
    twin.hands_over(conversation, twins, edit)
    await world.passes(5)
    world.lan.mend()
    await world.until(lambda: texts(alice, chat) == ["second"], within=90)
    await world.until(lambda: texts(bob, chat) == ["second"], within=90)


def shown(one: Someone, chat: str) -> list[tuple[str, list[str]]]:
    """What somebody reads, and the reactions to it."""
    return [(m.text, [reaction.value for reaction in m.reactions]) for m in messages(one, chat)]


async def test_who_gives_one_the_words_and_another_none_divides_nobody(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, join = await group_with_puppet(world, alice, bob)
    await world.until(lambda: mallory.key in bob.node.circles.group(conversation).members)
    opening = mallory.opens(conversation)
    text = mallory.writes(conversation, Text("first"), opening, membership=(join.id,))
    mark = mallory.writes(conversation, Mark(text.id, "reaction", "!"), text, membership=(join.id,))
    unsend = mallory.writes(conversation, Unsend(text.id), mark, membership=(join.id,))
    leave = mallory.writes(conversation, Leave(), join, MEMBERSHIP)

    async def divides(to: Someone, bare: Someone, *entries: Entry) -> None:
        world.cut(alice, bob)
        for one, handed_over in ((to, entries), (bare, tuple(map(without_body, entries)))):
            await mallory.dials(one)
            mallory.hands_over(conversation, *handed_over)
            await world.passes(1)
            mallory.hangs_up()
        world.lan.mend()

    mallory.hands_over(conversation, opening)
    await world.passes(5)
    await divides(alice, bob, text, mark)
    for one in (alice, bob):
        await world.until(lambda one=one: shown(one, chat) == [("first", ["!"])], within=90)  # type: ignore[misc]
    await divides(bob, alice, unsend)
    for one in (alice, bob):
        await world.until(lambda one=one: shown(one, chat) == [("", [])], within=90)  # type: ignore[misc]
    await divides(alice, bob, leave)
    for one in (alice, bob):
        await world.until(lambda one=one: mallory.id not in members(one, chat), within=90)  # type: ignore[misc]


async def test_an_echo_does_not_slow_anybody_down(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat, conversation, mallory, _ = await group_with_puppet(world, alice, bob)
    mallory.says(frames.Have(conversation, [], whole=True))
    sent = await alice.node.send(chat, "hello")
    await world.until(lambda: alice.state(sent) != "waiting")
    await world.passes(5)
    (echo,) = [entry for entry in handed(mallory) if entry.id == decode_id(sent.id)]
    mallory.hands_over(conversation, echo)
    await world.passes(0.05)
    await alice.node.send(chat, "are you there?")
    await world.until(lambda: texts(bob, chat) == ["hello", "are you there?"], within=0.5)


async def test_a_word_is_not_taken_back_by_what_was_handed_over_before_it(world: World) -> None:
    (alice,) = await world.people("Alice")
    chat, conversation, bob, _ = await group_with_puppet(world, alice, name="Bob")
    bob.says(frames.Have(conversation, [], whole=True))
    await alice.node.send(chat, "one")
    sent = await alice.node.send(chat, "two")
    await world.passes(2)
    one, two = [entry for entry in handed(bob) if entry.header.chain == CONTENT and entry.header.seq]
    head = frames.Head(two.header.device, CONTENT, two.header.seq, two.id)
    bob.says(frames.Entries(conversation, [one.encode()]), frames.Have(conversation, [head], whole=False))
    await world.passes(2)
    assert alice.state(sent) == "delivered"


@pytest.mark.parametrize("full", [False, True])
async def test_what_waited_for_somebody_elses_words_is_acknowledged_or_asked_for_again(
    world: World, full: bool
) -> None:
    (alice,) = await world.people("Alice")
    chat = (await alice.node.create_group("Lunch", [])).id
    conversation = decode_id(chat)
    bob, carol = await befriended(world, alice, "Bob"), await befriended(world, alice, "Carol", "10.9.9.8")
    joins = [(await asked_in(alice, one, chat)).id for one in (bob, carol)]
    begun, opening = bob.opens(conversation), carol.opens(conversation)
    question = bob.writes(conversation, Text("Lunch?"), begun, membership=(joins[0],))
    answer = carol.writes(conversation, Text("Yes"), opening, CONTENT, (place_of(question),), membership=(joins[1],))
    head = frames.Head(carol.device.public, CONTENT, 1, answer.id)
    carol.says(frames.Have(conversation, [head], whole=True))
    carol.hands_over(conversation, opening, answer)
    await world.passes(2)
    carol.heard.clear()
    alice.disk.full = full
    bob.hands_over(conversation, begun, question)
    await world.passes(1)
    alice.disk.full = False
    await world.passes(6)
    told = carol.heard_of(frames.Have)
    if full:
        assert any(have.whole for have in told)
    else:
        assert answer.id in {head.id for have in told for head in have.heads}
        await world.until(lambda: texts(alice, chat) == ["Lunch?", "Yes"])


async def test_a_word_is_not_taken_back_by_how_far_was_read(world: World) -> None:
    (alice,) = await world.people("Alice")
    chat, conversation, bob, _ = await group_with_puppet(world, alice, name="Bob")
    bob.says(frames.Have(conversation, [], whole=True))
    first, second = [await alice.node.send(chat, text) for text in ("one", "two")]
    await world.passes(2)
    entries = [entry for entry in handed(bob) if entry.header.chain == CONTENT and entry.header.seq]
    one, two = [frames.Head(entry.header.device, CONTENT, entry.header.seq, entry.id) for entry in entries]
    bob.says(frames.Have(conversation, [two], whole=False), frames.Read(conversation, [one]))
    await world.passes(2)
    assert (alice.state(first), alice.state(second)) == ("read", "delivered")


async def test_what_was_said_while_one_was_away_for_a_moment_is_asked_for_again(world: World) -> None:
    """It all comes in one go to another device of somebody who was removed and came back meanwhile."""
    carol = await world.person("Carol")
    maker = await befriended(world, carol, "Maker")
    twin = Puppet(world, "Twin", "10.9.9.8", identity=carol.node.myself.identity)
    nonce = bytes(range(32))
    conversation = group_conversation(maker.key, nonce, GROUP)

    decided = [maker.opens(conversation, MEMBERSHIP)]
    joined = [twin.opens(conversation, MEMBERSHIP)]

    def decides(body: Said, *known: Entry) -> Entry:
        places = tuple(map(place_of, known))
        decided.append(maker.writes(conversation, body, decided[-1], MEMBERSHIP, places))
        return decided[-1]

    def joins(invite: Entry) -> Entry:
        joined.append(twin.writes(conversation, Join(invite.id), joined[-1], MEMBERSHIP, (place_of(invite),)))
        return joined[-1]

    decides(Create(nonce, GROUP, "Lunch"))
    join = joins(decides(Invite(carol.key)))
    maker.says(frames.Invited(conversation, maker.key, nonce, GROUP))
    maker.hands_over(conversation, *decided, *joined)
    await world.until(lambda: carol.node.circles.standing(conversation, carol.key) == Standing.MEMBER)
    opening = maker.opens(conversation)
    said = maker.writes(conversation, Text("all at once"), opening, membership=(join.id,))
    removal = decides(Remove(carol.key), join)
    back = joins(invite := decides(Invite(carol.key), removal))
    maker.heard.clear()
    maker.hands_over(conversation, removal, opening, said, invite, back)
    await world.passes(5)
    assert carol.node.circles.standing(conversation, carol.key) == Standing.MEMBER
    assert b"all at once" not in carol.disk.pages()
    assert [have for have in maker.heard_of(frames.Have) if have.conversation == conversation and have.whole]
    maker.hands_over(conversation, opening, said)
    await world.until(lambda: texts(carol, encode_id(conversation)) == ["all at once"])
