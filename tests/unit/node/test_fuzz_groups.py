"""Whatever somebody in a group, before it, after it, or in a room says, those who belong go on and agree."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import msgspec
import pytest

from p2pdm.conversation.encoding import seal, without_body
from p2pdm.conversation.entries import (
    CONTENT,
    MAX_NUMBER,
    MEMBERSHIP,
    NO_ENTRY,
    Describe,
    Edit,
    Entry,
    Floor,
    Invite,
    Join,
    Kind,
    Leave,
    Mark,
    Memo,
    Rank,
    Remove,
    Said,
    Text,
    Unsend,
    direct_conversation,
    room_conversation,
    self_conversation,
)
from p2pdm.conversation.log import Place, place_of
from p2pdm.identity import decode_id
from p2pdm.node.rooms import LOBBY
from p2pdm.wire import frames
from p2pdm.wire.frames import Frame
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, members, texts

SESSIONS = 6
FRAMES = 50
NUMBERS = (0, 1, 2, 3, 255, 2**32 - 1, MAX_NUMBER - 1, MAX_NUMBER)


@dataclass
class Chaos:
    """Mallory's mouth: frames of the right types about a group or a room, that say anything."""

    random: random.Random
    mallory: Puppet
    alice: Someone
    bob: Someone
    conversation: bytes
    said: dict[int, list[Entry]] = field(default_factory=lambda: {CONTENT: [], MEMBERSHIP: []})

    def frame(self) -> Frame:
        """Something to say."""
        entries = [self._entries] * 4
        kinds = [*entries, self._have, self._want, self._read, self._lacking, self._invited, self._rooms, self._small]
        return self.random.choice(kinds)()

    # --- what frames are made of ---

    def _known(self) -> list[bytes]:
        stored = self.alice.node.store.entries
        heads = [head.id for head in stored.heads.all(self.conversation)]
        direct = direct_conversation(self.alice.key, self.bob.key)
        return [*heads, *(head.id for head in stored.heads.all(direct)), *self._said_ids()]

    def _said_ids(self) -> list[bytes]:
        return [entry.id for chain in self.said.values() for entry in chain[-5:]]

    def _id(self) -> bytes:
        pick = self.random
        return pick.choice([*self._known(), NO_ENTRY, pick.randbytes(32), self._person(), self._device()])

    def _person(self) -> bytes:
        return self.random.choice((self.alice.key, self.bob.key, self.mallory.key, self.random.randbytes(32)))

    def _device(self) -> bytes:
        own = (self.alice.node.myself.device.public, self.bob.node.myself.device.public, self.mallory.device.public)
        return self.random.choice((*own, self.random.randbytes(32)))

    def _chat(self) -> bytes:
        if self.random.random() < 0.9:
            return self.conversation
        lobby, direct = room_conversation(LOBBY), direct_conversation(self.alice.key, self.bob.key)
        others = (lobby, direct, self_conversation(self.alice.key), self.mallory.conversation(self.alice), self._id())
        return self.random.choice(others)

    def _number(self) -> int:
        return self.random.choice(NUMBERS)

    def _heads(self) -> list[frames.Head]:
        pick = self.random
        return [
            frames.Head(self._device(), pick.choice((0, 1, 1, 255)), self._number(), self._id())
            for _ in range(pick.randrange(5))
        ]

    def _have(self) -> Frame:
        return frames.Have(self._chat(), self._heads(), self.random.random() < 0.5)

    def _want(self) -> Frame:
        return frames.Want(self._chat(), self._id(), self.random.choice((-1, *NUMBERS)))

    def _read(self) -> Frame:
        return frames.Read(self._chat(), self._heads())

    def _lacking(self) -> Frame:
        return frames.Lacking(self._chat(), [self._id() for _ in range(self.random.randrange(20))])

    def _invited(self) -> Frame:
        pick, stored = self.random, self.alice.node.circles.stored(self.conversation)
        if stored is not None and pick.random() < 0.6:
            return frames.Invited(stored.id, stored.other, stored.nonce or bytes(32), 0)
        return frames.Invited(self._chat(), self._person(), pick.randbytes(32), pick.choice((0, 1, 2, 255)))

    def _rooms(self) -> Frame:
        pick = self.random
        names = ("Lobby", "", "\u202e\u0000", "x" * 40, "Chess")
        odd = (b"", b"1", self._person(), NO_ENTRY)
        return frames.Rooms([frames.Room(pick.choice(names), pick.choice(odd), pick.choice(odd)) for _ in range(3)])

    def _small(self) -> Frame:
        pick = self.random
        small: list[Frame] = [
            frames.Tell(self._chat()),
            frames.Typing(self._chat(), pick.random() < 0.7),
            frames.Accepts(pick.random() < 0.8),
            frames.Held(self._id()),
        ]
        return pick.choice(small)

    # --- entries ---

    def _entries(self) -> Frame:
        pick = self.random
        handed = [self._entry(pick.choice((CONTENT, MEMBERSHIP))) for _ in range(pick.randrange(1, 6))]
        handed += [entry for chain in self.said.values() for entry in chain[-3:]]
        if pick.random() < 0.3:
            pick.shuffle(handed)
        bare = [without_body(one) if pick.random() < 0.05 else one for one in handed]
        return frames.Entries(self._chat(), [entry.encode() for entry in bare])

    def _entry(self, chain: int) -> Entry:
        pick, said = self.random, self.said[chain]
        if not said:
            said.append(self.mallory.opens(self.conversation, chain))
            return said[0]
        body = self._content() if chain == CONTENT else self._change()
        parent = said[-1] if pick.random() < 0.95 else pick.choice(said)
        entry = self.mallory.writes(self.conversation, body, parent, chain, self._parents(), self._membership(chain))
        if pick.random() < 0.1:
            return self._crooked(entry)
        said.append(entry)
        return entry

    def _crooked(self, entry: Entry) -> Entry:
        pick = self.random
        amiss: dict[str, object] = pick.choice(
            [
                {"kind": pick.choice([*Kind, 0, 77, 255])},
                {"seq": self._number()},
                {"prev": self._id()},
                {"lamport": self._number()},
                {"dependencies": (self._id(),)},
                {"membership": (self._id(),)},
                {"device": self._device()},
            ]
        )
        body = entry.body if pick.random() < 0.5 else pick.randbytes(pick.randrange(20))
        return seal(msgspec.structs.replace(entry.header, **amiss), body or b"", bytes(16), self.mallory.device)

    def _parents(self) -> tuple[Place, ...]:
        if self.random.random() < 0.5:
            return ()
        stored = self.alice.node.store.entries
        places = [stored.place(head.id) for head in stored.heads.all(self.conversation)]
        theirs = [place for place in places if place is not None and place.device != self.mallory.device.public]
        own = [place_of(entry) for chain in self.said.values() for entry in chain[-2:]]
        return tuple(self.random.sample(theirs, min(2, len(theirs)))) if self.random.random() < 0.9 else tuple(own)

    def _membership(self, chain: int) -> tuple[bytes, ...]:
        if chain == MEMBERSHIP:
            return ()
        group = self.alice.node.circles.group(self.conversation)
        return tuple(dict.fromkeys((*group.proofs(self.mallory.key), *group.frontier[-3:])))[:16]

    def _content(self) -> Said:
        pick = self.random
        bodies: list[Said] = [
            Text(pick.choice(("hello", "", "\u202e\u0000", "\U0001f600" * 200, "x" * 3_000))),
            Text("an answer", self._id()),
            Edit(self._id(), "edited"),
            Unsend(self._id()),
            Mark(self._id(), pick.choice(("reaction", "pin", "")), pick.choice(("\U0001f44d", ""))),
            Memo(pick.choice(("person", "read", "x")), self._id(), pick.randbytes(pick.randrange(40))),
        ]
        return pick.choice(bodies)

    def _change(self) -> Said:
        pick = self.random
        bodies: list[Said] = [
            Invite(self._person(), self._floors()),
            Join(self._id()),
            Leave(self._floors()),
            Remove(pick.choice((self.alice.key, self.mallory.key, self._id())), self._floors()),  # Bob stays
            Rank(self._person(), pick.random() < 0.5),
            Describe(pick.choice(("name", "topic", "picture", "")), pick.choice((b"", b"\xff\xfe", b"x" * 300))),
        ]
        return pick.choice(bodies)

    def _floors(self) -> tuple[Floor, ...]:
        pick = self.random
        return tuple(
            Floor(self._device(), self._number(), self._id(), self._number()) for _ in range(pick.randrange(3))
        )


async def looks(one: Someone, chat: str) -> None:
    """All that clients may ask for."""
    node = one.node
    for shown in node.view.chats():
        node.view.history(shown.id, 1_000, None)
    await node.group(chat)
    await node.rooms()
    await node.people()
    node.view.waiting()
    await node.search("hello")


async def talk(world: World, alice: Someone, bob: Someone, chat: str, word: str) -> None:
    """Those who belong hear each other."""
    for one, other in ((alice, bob), (bob, alice)):
        await one.node.send(chat, f"{word} of {one.name}")
        await world.until(lambda one=one, other=other: f"{word} of {one.name}" in texts(other, chat))  # type: ignore[misc]


async def take_part(world: World, mallory: Puppet, alice: Someone, chat: str, role: str) -> None:
    """Mallory becomes what the story says."""
    await mallory.dials(alice)
    await alice.node.accept(mallory.id)
    await world.passes(1)
    if role == "stranger":
        return
    await alice.node.invite(chat, mallory.id)
    if role == "invited":
        return
    await mallory.joins(alice, chat)
    if role == "admin":
        await alice.node.promote(chat, mallory.id, True)
    if role == "removed":
        await alice.node.remove(chat, mallory.id)


@pytest.mark.parametrize("role", ["stranger", "invited", "member", "admin", "removed"])
@pytest.mark.parametrize("seed", range(2))
async def test_whatever_somebody_says_about_a_group_its_members_go_on_and_agree(
    world: World, seed: int, role: str
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    conversation = decode_id(chat)
    mallory = Puppet(world, f"Mallory {seed}")
    await take_part(world, mallory, alice, chat, role)
    chaos = Chaos(random.Random(f"{seed} {role}"), mallory, alice, bob, conversation)
    await say_anything(world, chaos, alice, bob, chat)
    await world.passes(30)
    assert alice.node.circles.group(conversation) == bob.node.circles.group(conversation)
    assert texts(alice, chat) == texts(bob, chat)
    if role in ("member", "admin"):
        assert mallory.key in alice.node.circles.group(conversation).authors
    else:
        assert {m.sender for m in alice.node.view.history(chat, 1_000, None)} == {alice.id, bob.id}
        assert members(alice, chat) == sorted([alice.id, bob.id])


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_a_stranger_says_in_the_lobby_everybody_else_goes_on(seed: int) -> None:
    async with World(seed, lobby=True) as world:
        alice, bob = await world.friends("Alice", "Bob")
        chat = await group_of(world, alice, bob)
        mallory = await Puppet(world, f"Mallory {seed}").dials(alice)
        chaos = Chaos(random.Random(f"{seed} lobby"), mallory, alice, bob, room_conversation(LOBBY))
        await say_anything(world, chaos, alice, bob, chat)
        await talk(world, alice, bob, "Lobby", "word")
        await world.passes(60)
        assert texts(alice, "Lobby") == texts(bob, "Lobby")
        entries = alice.node.store.entries
        written = {entries.identity_of(head.device) for head in entries.heads.all(chaos.conversation)}
        assert mallory.key in written, "some of it was good enough to be kept"


async def say_anything(world: World, chaos: Chaos, alice: Someone, bob: Someone, chat: str) -> None:
    """Some sessions of it, after each of which the others talk."""
    mallory = chaos.mallory
    for number in range(SESSIONS):
        if number:
            await mallory.dials(alice)
        mallory.says(frames.Have(chaos.conversation, [], whole=True))
        for _ in range(FRAMES):
            if mallory.closed is not None:
                break
            mallory.says(chaos.frame())
            await world.passes(0.05)
        await looks(alice, chat)
        mallory.hangs_up()
        await talk(world, alice, bob, chat, f"word {number}")
