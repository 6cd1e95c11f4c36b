"""What strangers and contacts without manners try, and what it gets them."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
import pytest

from p2pdm.api.types import ApiError
from p2pdm.conversation.encoding import seal
from p2pdm.identity import ProfileRecord, SigningKey, clean_name, decode_id, encode_id
from p2pdm.net.discovery.finder import Sighting
from p2pdm.net.links import Address, Link
from p2pdm.net.memory import MemoryLink, MemoryNetwork
from p2pdm.node.gate import MAX_HALF_OPEN
from p2pdm.node.node import PORT
from p2pdm.node.peer import AT_ONCE, Peer
from p2pdm.node.reception import Reception
from p2pdm.node.sessions import MAX_DEVICES_EACH, SIMULTANEOUS
from p2pdm.store.conversations import DELIVERED
from p2pdm.store.heads import MAX_FORKED
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.foul_play import befriended


async def listening(world: World, someone: Someone) -> Puppet:
    """A contact, about to be sent what is said."""
    mallory = await befriended(world, someone)
    mallory.says(frames.Have(mallory.conversation(someone), [], whole=True))
    await world.passes(1)
    return mallory


# --- one device, twice ---


@pytest.mark.parametrize("accepted", [False, True])
async def test_nobody_else_can_make_a_device_retire(world: World, accepted: bool) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    device = alice.node.myself.device.public
    mallory = await Puppet(world, "Mallory").dials(alice)
    if accepted:
        await alice.node.accept(mallory.id)
    mallory.says(frames.Close(frames.CLONED))
    await world.passes(5)
    assert alice.node.myself.device.public == device
    assert alice.told("trouble") == []
    assert alice.online(bob)


async def test_two_copies_of_a_device_notice_by_what_the_other_says(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    copy = await world.person("Alice", disk=alice.disk.copy())
    await world.until(lambda: len(bob.node.sessions.of(alice.key)) == 2)
    await world.passes(10)
    assert len(bob.node.sessions.of(alice.key)) == 2
    await alice.says(bob, "from the one")
    await world.until(lambda: copy.told("trouble"))
    await copy.says(bob, "from the other")
    await world.until(lambda: len(bob.texts(alice)) == len(alice.texts(bob)) == len(copy.texts(bob)) == 2)
    assert alice.node.myself.device != copy.node.myself.device
    assert bob.texts(alice) == alice.texts(bob) == copy.texts(bob)
    assert set(bob.texts(alice)) == {"from the one", "from the other"}


# --- states ---


async def test_nobody_has_read_what_was_not_written_yet(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await listening(world, alice)
    first = await alice.node.send(mallory.id, "one")
    await world.passes(1)
    conversation, device = mallory.conversation(alice), alice.node.myself.device.public
    (own,) = [h for h in alice.node.store.entries.heads.all(conversation) if h.device == device]
    for seq in (own.seq, own.seq + 1, 10**9):
        mallory.says(frames.Read(conversation, [frames.Head(device, 0, seq, own.id)]))
    await world.passes(1)
    second = await alice.node.send(mallory.id, "two")
    await world.passes(1)
    assert alice.node.view.message(alice.node.view.line(first.id)).state == "read"
    assert alice.node.view.message(alice.node.view.line(second.id)).state == "waiting"
    progress = alice.node.store.conversations.reached(conversation, mallory.key, device, 0, DELIVERED, -1, 0)
    assert progress == own.seq


async def test_what_somebody_holds_without_its_words_is_not_delivered_to_them(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await listening(world, alice)
    before, lacked = await alice.node.send(mallory.id, "one"), await alice.node.send(mallory.id, "two")
    await world.passes(1)
    conversation, device = mallory.conversation(alice), alice.node.myself.device.public
    (own,) = [h for h in alice.node.store.entries.heads.all(conversation) if h.device == device]
    mallory.says(frames.Lacking(conversation, [decode_id(lacked.id)]))
    mallory.says(frames.Have(conversation, [frames.Head(device, 0, own.seq, own.id)], whole=False))
    await world.passes(5)
    states = [alice.node.view.message(alice.node.view.line(sent.id)).state for sent in (before, lacked)]
    assert states == ["delivered", "waiting"]
    mallory.says(frames.Lacking(conversation, []))
    mallory.says(frames.Have(conversation, [frames.Head(device, 0, own.seq, own.id)], whole=False))
    await world.until(lambda: alice.node.view.message(alice.node.view.line(lacked.id)).state == "delivered")


# --- requests ---


async def test_a_request_that_fits_nowhere_can_still_be_accepted_and_answered(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    opening, first, second = mallory.chain(mallory.conversation(alice), "one", "two")
    header = msgspec.structs.replace(second.header, seq=7, prev=opening.id)
    mallory.says(frames.Request(opening.encode(), seal(header, second.body or b"", bytes(16), mallory.device).encode()))
    await world.until(lambda: alice.node.roster.person(mallory.key).relation == "request")
    person = await alice.node.accept(mallory.id)
    assert person.relation == "contact"
    mallory.says(frames.Have(mallory.conversation(alice), [], whole=True))
    await alice.node.send(mallory.id, "What did you want?")
    mallory.hands_over(mallory.conversation(alice), opening, first, second)
    await world.until(lambda: len(alice.node.view.history(mallory.id, 9, None)) == 3)


# --- names ---


async def test_a_name_that_looks_like_an_id_catches_no_message(world: World) -> None:
    alice = await world.person("Alice")
    nobody = SigningKey.from_seed(bytes(32)).public
    mallory = await Puppet(world, encode_id(nobody)).dials(alice)
    await world.until(lambda: alice.node.roster.identities())
    with pytest.raises(ApiError, match="no person, group or room"):
        await alice.node.send(encode_id(nobody), "for you only")
    bob = await world.person("Bob")
    await world.until(lambda: alice.online(bob))
    prefix = bob.id[:6]
    await Puppet(world, prefix, "10.9.9.8").dials(alice)
    await world.until(lambda: len(alice.node.roster.identities()) == 3)
    with pytest.raises(ApiError, match="could be"):
        await alice.node.send(prefix, "for Bob only")
    await alice.node.accept(bob.id)
    await alice.node.send(mallory.id, "found by the whole id")


@pytest.mark.parametrize("name", ["\u0410lice", "\uff21lice", "aIice", "\u0391lic\u0435", "\u00c1lice"])
async def test_a_name_that_passes_for_another_is_marked(world: World, name: str) -> None:
    bob, alice = await world.friends("Bob", "Alice")
    await Puppet(world, name).dials(bob)
    await Puppet(world, "Malice", "10.9.9.8").dials(bob)
    await world.until(lambda: len(bob.node.roster.identities()) == 3)
    marked = {person.name for person in await bob.node.people() if person.same_name}
    assert marked == {"Alice", clean_name(name)}
    assert bob.person(alice).same_name


# --- what is kept of passers-by ---


async def test_nothing_is_kept_of_strangers_who_came_and_went(world: World) -> None:
    alice = await world.person("Alice")
    here = (Address("10.8.8.250", 9),)
    for n in range(20):
        stranger = Puppet(world, f"Stranger {n}", f"10.8.8.{n}")
        alice.node._seen(Sighting(f"instance{n}", stranger.key, stranger.name, here))
        await stranger.dials(alice)
        await world.passes(3)
        stranger.says(frames.Close(frames.LEAVING))
        await world.passes(1)
        alice.node.roster.gone(f"instance{n}")
    for n in range(200):
        alice.node._seen(Sighting("instance", SigningKey.from_seed(n.to_bytes(32, "big")).public, "x", here))
        await world.passes(0.1)
    alice.node.roster.gone("instance")
    await world.passes(30)
    assert alice.node.roster._records == {}
    assert alice.node.dialing.failures == {}
    assert alice.node.dialing._dialer._wishes == {}
    assert alice.node.roster.identities() == set()


# --- room for others ---


async def test_one_contact_with_many_devices_leaves_room_for_others(world: World) -> None:
    alice = await world.person("Alice")
    mallory = Puppet(world, "Mallory")
    await mallory.dials(alice)
    await alice.node.accept(mallory.id)
    more = [Puppet(world, "Mallory", f"10.8.0.{n}", mallory.identity) for n in range(40)]
    for one in more:
        await one.dials(alice, greets=False)
    await world.passes(1)
    assert len(alice.node.sessions.of(mallory.key)) <= MAX_DEVICES_EACH


async def test_made_up_addresses_neither_hide_a_contact_nor_make_a_scanner(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    dialled: list[Address] = []
    await bob.leaves()
    await world.until(lambda: not alice.online(bob))
    dial = MemoryNetwork.dial

    async def noting(network: MemoryNetwork, to: Address, local_port: int, timeout: float) -> Link:
        dialled.append(to)
        return await dial(network, to, local_port, timeout)

    monkeypatch.setattr(MemoryNetwork, "dial", noting)
    for n in range(200):
        addresses = tuple(Address(f"10.66.{n}.{m}", 80) for m in range(8))
        for address in addresses:
            world.lan.cut(alice.host, address.host)
        alice.node._seen(Sighting(f"fake{n}", bob.key, "Bob", addresses))
    await world.passes(60)
    assert Address(bob.host, 53_530) in dialled[:2]
    assert len(set(dialled)) <= 20


async def test_contacts_are_reached_while_a_flood_of_strangers_is_announced(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    for n in range(300):
        world.lan.cut(alice.host, f"10.66.0.{n}")
        identity = SigningKey.from_seed(n.to_bytes(32, "big")).public
        alice.node._seen(Sighting(f"fake{n}", identity, f"{n}", (Address(f"10.66.0.{n}", 80),)))
    await world.passes(2)
    world.lan.refuse(alice.host)  # Bob's dials do not come through
    began = asyncio.get_running_loop().time()
    await bob.starts()
    await world.until(lambda: alice.online(bob))
    assert asyncio.get_running_loop().time() - began < 2


async def test_two_who_each_kept_the_other_connection_find_together_again(world: World) -> None:
    """Whoever can delay a packet can make the two count differently whether both dialled at once."""
    alice, bob = await world.friends("Alice", "Bob")
    one, other = sorted((alice, bob), key=lambda someone: someone.node.myself.device.public)
    world.lan.reset(alice.host, bob.host)
    await world.passes(0.001)
    await one.node.dialing.dial_any(other.key, one.node.roster.addresses(other.key))
    await world.passes(SIMULTANEOUS)
    (old,) = list(one.node.sessions)
    old.session.started += 0.1
    await other.node.dialing.dial_any(one.key, other.node.roster.addresses(one.key))
    await world.passes(0.1)
    assert not alice.online(bob) or not bob.online(alice)
    await world.until(lambda: alice.online(bob) and bob.online(alice), within=5)


class Clinging(MemoryLink):
    """A link that the other side does not let go of."""

    def close(self) -> None:
        """The socket lingers."""


async def test_who_was_sent_away_but_stays_counts_as_one_who_knocks(world: World) -> None:
    alice = await world.person("Alice")
    here, there = Address(alice.host, PORT), Address("10.9.9.9", 1)
    for _ in range(3 * MAX_HALF_OPEN):
        link = Clinging(world.lan, here, there, dialled=False)
        link.peer = MemoryLink(world.lan, there, here, dialled=True)
        link.peer.peer = link
        alice.node.gate.accepted(link)
        link.peer.write(b"GET / HTTP/1.1")
        await world.passes(0.01)
    assert sum(isinstance(link, Clinging) for link in world.lan.links) <= MAX_HALF_OPEN


# --- floods ---


async def test_no_flood_holds_up_the_loop_or_fills_the_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    loop, hear, taken = asyncio.get_running_loop(), Reception.peer_said, Counter[float]()

    def noting(reception: Reception, peer: Peer, frame: frames.Frame, quick: bool) -> None:
        taken[loop.time()] += 1
        hear(reception, peer, frame, quick)

    monkeypatch.setattr(Reception, "peer_said", noting)
    answers: list[bytes] = []
    monkeypatch.setattr(mallory, "data_received", answers.append)
    record = ProfileRecord.issue(mallory.identity, 2, "Mallory").encoded
    mallory.says(*[frames.Profile(record)] * 500, *[frames.Ping(n) for n in range(5_000)])
    await world.until(lambda: taken.total() == 500)
    assert max(taken.values()) <= AT_ONCE
    await world.until(lambda: answers)
    assert sum(map(len, answers)) < 1_000
    assert len(alice.told("person")) < 10


async def test_nobody_is_greeted_twice(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    mallory.says(frames.Hello(ProfileRecord.issue(mallory.identity, 2, "Mallory").encoded, True, 1))
    await world.until(lambda: mallory.closed)
    assert mallory.closed is not None
    assert mallory.closed.reason == frames.VIOLATION


async def test_what_was_said_before_leaving_is_heard_to_the_end(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await listening(world, alice)
    entries = mallory.chain(mallory.conversation(alice), *map(str, range(300)))
    for entry in entries:
        mallory.hands_over(mallory.conversation(alice), entry)
    mallory.says(frames.Close(frames.LEAVING))
    mallory._link.close()
    await world.until(lambda: len(alice.node.view.history(mallory.id, 999, None)) == 300)
    await world.until(lambda: not alice.node.roster.person(mallory.key).online)


async def test_who_never_reads_is_not_written_to_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("p2pdm.node.peer.MAX_PENDING", 20_000)
    alice = await world.person("Alice")
    mallory = await listening(world, alice)
    (peer,) = alice.node.sessions.of(mallory.key)
    mallory._link.pause()
    for _ in range(20):
        mallory.says(*[frames.Accepts(False), frames.Accepts(True)] * 50)
        await world.passes(1)
    assert peer.session.closed
    assert peer.link.pending == 0


# --- chains without end ---


async def test_more_branches_and_chains_than_anybody_needs_are_left_out_without_a_quarrel(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("p2pdm.node.admission.MAX_HEADS", 100)
    alice = await world.person("Alice")
    mallory = await listening(world, alice)
    conversation = mallory.conversation(alice)
    (opening,) = mallory.chain(conversation)
    mallory.hands_over(conversation, opening, *[mallory.after(opening, f"branch {n}") for n in range(2 * MAX_FORKED)])
    for n in range(100):
        (other,) = Puppet(world, f"device {n}", identity=mallory.identity).chain(conversation)
        mallory.hands_over(conversation, other)
    await world.passes(1)
    assert mallory.closed is None
    assert len(alice.node.view.history(mallory.id, 999, None)) == MAX_FORKED
    assert len(alice.node.store.entries.heads.all(conversation)) == 100
