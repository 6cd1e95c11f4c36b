"""Groups among people of whom one plays foul: nobody reads, learns, hides or holds up what isn't theirs."""

from __future__ import annotations

from typing import Any

import pytest

from p2pdm.conversation.encoding import decode, without_body
from p2pdm.conversation.entries import (
    CONTENT,
    GROUP,
    MEMBERSHIP,
    Create,
    Describe,
    Edit,
    Entry,
    Floor,
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
from p2pdm.conversation.membership import MAX_KEPT_OF_ONE, MAX_OPERATIONS_OF_ONE, Group, fold_group
from p2pdm.identity import decode_id, encode_id
from p2pdm.node.circles import Standing
from p2pdm.node.inbox import Inbox
from p2pdm.node.sessions import MAX_STRANGERS_HERE
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.test_groups import group_of, members, messages, standing, texts


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


async def test_a_member_without_papers_cuts_nobody_off(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    join = await mallory.joins(alice, chat)
    twin = Puppet(world, "Twin", "10.9.9.7", identity=mallory.identity)
    opening = twin.opens(conversation)
    first = twin.writes(conversation, Text("one"), opening, membership=(join.id,))
    mallory.hands_over(conversation, opening, first)
    await world.until(lambda: texts(bob, chat) == ["one"])
    await alice.node.invite(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "invited")
    await carol.node.join_group(chat)
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
    await alice.node.invite(chat, mallory.id)
    join = await mallory.joins(alice, chat)
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
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    last = await mallory.joins(alice, chat)
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
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    await mallory.joins(alice, chat)
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
    chat = (await alice.node.create_group("Lunch", [])).id
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    last = join = await mallory.joins(alice, chat)
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


async def test_other_words_that_come_before_the_first_are_the_same_everywhere(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    join = await mallory.joins(alice, chat)
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
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    join = await mallory.joins(alice, chat)
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
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    await mallory.joins(alice, chat)
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
    chat = (await alice.node.create_group("Lunch", [])).id
    conversation = decode_id(chat)
    bob = await befriended(world, alice, "Bob")
    await alice.node.invite(chat, bob.id)
    await bob.joins(alice, chat)
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
    joins = []
    for one in (bob, carol):
        await alice.node.invite(chat, one.id)
        joins.append((await one.joins(alice, chat)).id)
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


async def test_who_was_removed_is_not_told_that_the_others_go_on(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    await mallory.joins(alice, chat)
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


async def test_a_word_is_not_taken_back_by_how_far_was_read(world: World) -> None:
    (alice,) = await world.people("Alice")
    chat = (await alice.node.create_group("Lunch", [])).id
    conversation = decode_id(chat)
    bob = await befriended(world, alice, "Bob")
    await alice.node.invite(chat, bob.id)
    await bob.joins(alice, chat)
    bob.says(frames.Have(conversation, [], whole=True))
    first, second = [await alice.node.send(chat, text) for text in ("one", "two")]
    await world.passes(2)
    entries = [entry for entry in handed(bob) if entry.header.chain == CONTENT and entry.header.seq]
    one, two = [frames.Head(entry.header.device, CONTENT, entry.header.seq, entry.id) for entry in entries]
    bob.says(frames.Have(conversation, [two], whole=False), frames.Read(conversation, [one]))
    await world.passes(2)
    assert (alice.state(first), alice.state(second)) == ("read", "delivered")


async def test_what_a_member_leaks_of_the_past_is_not_kept_by_a_newcomer(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = await befriended(world, alice)
    await alice.node.invite(chat, mallory.id)
    await mallory.joins(alice, chat)
    await bob.node.send(chat, "old secret")
    await bob.node.send(chat, "old answer")
    await world.until(lambda: len(texts(alice, chat)) == 2)
    mallory.says(frames.Have(conversation, [], whole=True))
    await world.passes(3)
    said = [entry for entry in handed(mallory) if entry.header.device == bob.node.myself.device.public]
    opening, *leaked = [entry for entry in said if entry.header.chain == CONTENT]
    assert len(leaked) == 2

    await alice.node.invite(chat, carol.id)
    await world.until(lambda: standing(carol, chat) == "invited")
    await carol.node.join_group(chat)
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
    await alice.node.invite(chat, mallory.id)
    join = await mallory.joins(alice, chat)
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
