"""Peers without manners: what strangers and even contacts try to read, to insert and to fill, and what it gets them."""

from __future__ import annotations

import random

import pytest

from p2pdm.conversation.entries import Flag, direct_conversation
from p2pdm.identity import ProfileRecord
from p2pdm.net.links import Address
from p2pdm.node.requests import MAX_REQUEST, MAX_REQUESTS, MAX_REQUESTS_HERE
from p2pdm.node.sessions import MAX_STRANGERS_HERE
from p2pdm.store.heads import Branch
from p2pdm.wire import frames
from p2pdm.wire.frames import BUSY, VIOLATION
from tests.fakes.puppet import PORT, Puppet
from tests.fakes.world import Someone, World


async def alice_and_bob_talking(world: World) -> tuple[Someone, Someone, bytes, list[Branch]]:
    """Two friends with something to hide; their conversation and its heads."""
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "the code is 4711")
    await bob.says(alice, "noted")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 2)
    conversation = direct_conversation(alice.key, bob.key)
    return alice, bob, conversation, alice.node.store.entries.heads.all(conversation)


def ended_as_violation(puppet: Puppet) -> bool:
    return puppet.closed is not None and puppet.closed.reason == VIOLATION


async def befriends(world: World, someone: Someone) -> Puppet:
    mallory = await Puppet(world, "Mallory").dials(someone)
    await someone.node.accept(mallory.id)
    await world.until(lambda: mallory.heard_of(frames.Have))
    mallory.says(frames.Have(mallory.conversation(someone), [], whole=True))
    return mallory


# Reading what others said


@pytest.mark.parametrize("contact", [False, True])
async def test_nobody_reads_a_conversation_that_is_not_theirs(world: World, contact: bool) -> None:
    alice, bob, conversation, heads = await alice_and_bob_talking(world)
    mallory = await (befriends(world, alice) if contact else Puppet(world, "Mallory").dials(alice))
    told = len(alice.notices)
    for head in heads:
        mallory.says(
            frames.Have(conversation, [], whole=True),
            frames.Want(conversation, head.id, 0),
            frames.Want(mallory.conversation(alice), head.id, 0),
            frames.Have(mallory.conversation(alice), [frames.Head(*head[:4])], whole=True),
            frames.Read(conversation, [frames.Head(*head[:4])]),
            frames.Read(mallory.conversation(alice), [frames.Head(*head[:4])]),
            frames.Typing(conversation, True),
            frames.Held(head.id),
        )
    await world.passes(10)
    assert mallory.heard_of(frames.Entries) == []
    assert {have.conversation for have in mallory.heard_of(frames.Have)} <= {mallory.conversation(alice)}
    assert not any(n.event in ("state", "typing", "message") for n in alice.notices[told:])
    assert {m.state for m in alice.history(bob)} == {"delivered"}


async def test_a_stranger_learns_nothing_but_a_name(world: World) -> None:
    alice, _bob, _, _ = await alice_and_bob_talking(world)
    mallory = await Puppet(world, "Mallory").dials(alice)
    await world.passes(60)
    assert {type(frame).__name__ for frame in mallory.heard} <= {"Hello", "Ping", "Pong", "Lane"}
    (hello,) = mallory.heard_of(frames.Hello)
    assert ProfileRecord.decode(alice.key, hello.profile).name == "Alice"
    assert not hello.accepts


# Saying what was not asked for


@pytest.mark.parametrize("contact", [False, True])
async def test_nobody_puts_words_into_a_conversation_that_is_not_theirs(world: World, contact: bool) -> None:
    alice, bob, conversation, heads = await alice_and_bob_talking(world)
    before = alice.texts(bob)
    mallory = await (befriends(world, alice) if contact else Puppet(world, "Mallory").dials(alice))
    forged = mallory.chain(conversation, "I am Bob, honestly")
    mallory.hands_over(conversation, *forged)
    await world.passes(1)
    mallory.hands_over(mallory.conversation(alice), *forged)
    await world.passes(10)
    assert alice.texts(bob) == bob.texts(alice) == before
    assert alice.node.store.entries.heads.all(conversation) == heads


async def test_a_stranger_can_not_skip_the_request(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    conversation = mallory.conversation(alice)
    mallory.says(frames.Have(conversation, [], whole=True))
    mallory.hands_over(conversation, *mallory.chain(conversation, "buy now"))
    await world.passes(5)
    assert alice.told("message") == alice.told("request") == []
    assert await alice.node.chats() == []
    assert b"buy now" not in alice.disk.pages()


async def test_entries_of_somebody_else_end_the_session(world: World) -> None:
    alice, bob, _, _ = await alice_and_bob_talking(world)
    mallory = await befriends(world, alice)
    eve = Puppet(world, "Eve", "10.9.9.8")
    mallory.hands_over(mallory.conversation(alice), *eve.chain(mallory.conversation(alice), "signed by Eve"))
    await world.until(lambda: ended_as_violation(mallory))
    assert b"signed by Eve" not in alice.disk.pages()
    assert alice.online(bob)


@pytest.mark.parametrize("where", ["header", "signature", "salt", "body"])
async def test_an_altered_entry_ends_the_session(world: World, where: str) -> None:
    alice = await world.person("Alice")
    mallory = await befriends(world, alice)
    conversation = mallory.conversation(alice)
    opening, entry = mallory.chain(conversation, "the original")
    data = bytearray(entry.encode())
    at = {
        "header": len(entry.signed) - 1,
        "signature": len(entry.signed) + 5,
        "salt": len(entry.signed) + 64,
        "body": len(data) - 1,
    }[where]
    data[at] ^= 1
    mallory.says(frames.Entries(conversation, [opening.encode(), bytes(data)]))
    await world.until(lambda: ended_as_violation(mallory))
    assert alice.told("message") == []
    again = await Puppet(world, "Mallory", identity=mallory.identity).dials(alice)
    again.hands_over(conversation, *again.chain(conversation, "as it should be"))
    await world.until(lambda: len(alice.told("message")) == 1)


async def test_anything_at_all_ends_in_a_closed_session_and_a_living_node(world: World) -> None:
    alice, bob, _, _ = await alice_and_bob_talking(world)
    chance = random.Random(7)
    for n in range(60):
        mallory = await Puppet(world, f"Mallory {n}", f"10.9.{n}.9").dials(alice, greets=n % 3 > 0)
        if n % 2:
            mallory.says_bytes(chance.randbytes(chance.randint(1, 200)))
        else:
            body = chance.randbytes(chance.randint(0, 50))
            mallory.says_bytes(len(body).to_bytes(3, "big") + body)
        await world.passes(0.1)
        if mallory.closed is not None:
            assert ended_as_violation(mallory)
        mallory.hangs_up()
    sent = await alice.says(bob, "still here")
    await world.until(lambda: alice.state(sent) == "delivered", within=1)


# Requests


async def test_one_request_an_identity_and_the_first_one_counts(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    first = mallory.requests(alice, "first")
    await world.until(lambda: mallory.heard_of(frames.Held) == [frames.Held(first.id)])
    for n in range(20):
        mallory.requests(alice, f"again {n}")
    await world.passes(5)
    assert len(alice.told("request")) == 1
    (person,) = await alice.node.people()
    assert person.request == "first"
    await alice.leaves()
    assert b"again" not in alice.disk.pages()


async def test_requests_that_are_not_fit_end_the_session(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    eve = Puppet(world, "Eve", "10.9.9.8")
    for n, spoil in enumerate(
        ("another's", "bulk", "too long", "two chains", "no opening", "elsewhere", "junk", "empty")
    ):
        mallory = await Puppet(world, f"Mallory {n}", f"10.9.{n}.9").dials(alice)
        conversation = mallory.conversation(alice)
        opening, entry = (one.encode() for one in mallory.chain(conversation, "fit"))
        if spoil == "another's":
            opening, entry = (one.encode() for one in eve.chain(conversation, "from Eve"))
        elif spoil == "bulk":
            opening, entry = (one.encode() for one in mallory.chain(conversation, "to all", flags=Flag.BULK))
        elif spoil == "too long":
            opening, entry = (one.encode() for one in mallory.chain(conversation, "x" * MAX_REQUEST))
        elif spoil == "two chains":
            entry = Puppet(world, "Mallory 2", identity=mallory.identity).chain(conversation, "fit")[1].encode()
        elif spoil == "no opening":
            opening = entry
        elif spoil == "elsewhere":
            opening, entry = (one.encode() for one in mallory.chain(direct_conversation(mallory.key, bob.key), "fit"))
        elif spoil == "junk":
            entry = entry[:-1] + bytes((entry[-1] ^ 1,))
        else:
            opening = entry = b""
        mallory.says(frames.Request(opening, entry))
        await world.until(lambda: ended_as_violation(mallory))  # noqa: B023 -- awaited here
    assert alice.told("request") == []


async def test_a_request_that_can_not_join_its_chain_can_be_accepted_all_the_same(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    conversation = mallory.conversation(alice)
    opening, entry = mallory.chain(conversation, "hello")
    astray = mallory.astray(opening, "I skipped some")
    mallory.says(frames.Request(opening.encode(), astray.encode()))
    await world.until(lambda: alice.told("request") != [])
    assert (await alice.node.accept(mallory.id)).relation == "contact"
    await world.passes(1)
    sent = await alice.node.send(mallory.id, "what did you want?")
    assert sent.state == "waiting"
    mallory.says(frames.Have(conversation, [], whole=True))
    mallory.hands_over(conversation, opening, entry)
    await world.until(lambda: len(alice.told("message")) == 2)


async def test_requests_are_bounded_by_address_and_in_all(world: World) -> None:
    alice = await world.person("Alice")
    asked = 0
    for n in range(MAX_REQUESTS + 10):
        crowd = await Puppet(world, f"Stranger {n}", f"10.8.{n // 10}.9").dials(alice)
        crowd.requests(alice, f"request {n}")
        await world.passes(0.05)
        asked += len(crowd.heard_of(frames.Held))
        crowd.hangs_up()
        await world.passes(0.05)
    assert len(alice.node.store.people.requests()) == asked
    here = {n // 10 for n in range(MAX_REQUESTS + 10)}
    assert asked == min(MAX_REQUESTS, len(here) * MAX_REQUESTS_HERE) < MAX_REQUESTS + 10
    bob = await world.person("Bob")
    await world.until(lambda: alice.online(bob))
    sent = await bob.says(alice, "am I too late?")
    await world.passes(5)
    if asked == MAX_REQUESTS:
        assert bob.state(sent) == "waiting"


async def test_one_request_more_than_can_be_held_waits_at_the_sender_until_there_is_room(world: World) -> None:
    alice = await world.person("Alice")
    for n in range(MAX_REQUESTS):
        stranger = await Puppet(world, f"Stranger {n}", f"10.7.{n}.9").dials(alice)
        stranger.requests(alice, f"request {n}")
        await world.until(lambda: stranger.heard_of(frames.Held))  # noqa: B023 -- awaited here
        stranger.hangs_up()
    bob = await world.person("Bob")
    await world.until(lambda: alice.online(bob))
    sent = await bob.says(alice, "number 101")
    await world.passes(5)
    assert (bob.state(sent), alice.relation(bob)) == ("waiting", "nearby")
    someone = next(iter(alice.node.store.people.requests()))
    alice.node.requests.decline(someone)
    await bob.leaves()
    await bob.starts()
    await world.until(lambda: bob.state(sent) == "sent")
    assert alice.relation(bob) == "request"


async def test_a_crowd_of_strangers_at_one_address_is_told_that_there_is_no_room(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    crowd = [await Puppet(world, f"Stranger {n}").dials(alice, greets=False) for n in range(MAX_STRANGERS_HERE + 3)]
    await world.passes(1)
    turned_away = [one for one in crowd if one.closed is not None and one.closed.reason == BUSY]
    assert len(turned_away) == 3
    assert alice.online(bob)
    crowd[0].hangs_up()
    await world.passes(1)
    late = await Puppet(world, "Late").dials(alice)
    assert late.closed is None


# Handshakes


async def test_knocking_without_a_word_is_forgotten_and_blocks_nobody(world: World) -> None:
    alice = await world.person("Alice")
    lan = world.lan.host("10.6.6.6")
    silent = [await lan.dial(Address(alice.host, PORT), 0, 5) for _ in range(100)]
    bob = await world.person("Bob")
    await world.until(lambda: bob.online(alice), within=3)
    await world.passes(10)
    assert not alice.node.gate._knocking
    assert len(silent) == 100
    assert len(world.lan.links) == 2


async def test_a_node_does_not_mind_garbage_instead_of_a_handshake(world: World) -> None:
    alice = await world.person("Alice")
    chance = random.Random(3)
    for n in range(40):
        link = await world.lan.host("10.6.6.6").dial(Address(alice.host, PORT), 0, 5)
        if n % 2:
            link.write(b"p2pdm\0\1\1" + chance.randbytes(chance.randint(0, 300)))
        else:
            link.write(chance.randbytes(chance.randint(0, 300)))
    await world.passes(10)
    assert not alice.node.gate._knocking
    assert list(alice.node.sessions) == []
    bob = await world.person("Bob")
    await world.until(lambda: bob.online(alice), within=3)


async def test_who_says_hello_falsely_is_not_believed(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    for hello in (
        frames.Hello(ProfileRecord.issue(Puppet(world, "Eve").identity, 1, "Eve").encoded, True, PORT),
        frames.Hello(b"", True, PORT),
        frames.Hello(b"x" * 500, True, PORT),
    ):
        mallory = await Puppet(world, "Mallory").dials(alice, greets=False)
        mallory.says(hello)
        await world.until(lambda: ended_as_violation(mallory))  # noqa: B023 -- awaited here
    assert [p.name for p in await alice.node.people()] == ["Bob"]
    assert alice.online(bob)


async def test_nothing_is_heard_from_who_has_not_said_hello(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice, greets=False)
    mallory.requests(alice, "no hello")
    mallory.says(frames.Accepts(True), frames.Typing(mallory.conversation(alice), True))
    await world.passes(5)
    assert [n for n in alice.notices if n.event != "person"] == []
    assert await alice.node.people() == []
