"""Whatever a peer with the right keys says, the node goes on: everyone else notices nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import msgspec
import pytest

from p2pdm.conversation.encoding import seal
from p2pdm.conversation.entries import MAX_NUMBER, NO_ENTRY, Entry, Header, Kind
from p2pdm.identity import MAX_RECORD, ProfileRecord
from p2pdm.node.admission import MAX_HEADS
from p2pdm.node.requests import MAX_REQUEST
from p2pdm.sync.hearing import MAX_BRANCHES
from p2pdm.sync.telling import HEADS_TOLD
from p2pdm.wire import frames
from p2pdm.wire.frames import Frame
from p2pdm.wire.picture import picture_id
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World

SESSIONS = 25
FRAMES = 40
PICTURE = b"\x89PNG\r\n\x1a\n and what no node looks into"
NUMBERS = (0, 1, 2, 3, 255, 2**31, 2**32 - 1, MAX_NUMBER - 1, MAX_NUMBER)


SAID = tuple(kind for kind in Kind if kind <= Kind.MARK)
"""What belongs into a content chain."""


@dataclass
class Chaos:
    """Mallory's mouth: frames of the right types, that say anything."""

    random: random.Random
    mallory: Puppet
    alice: Someone
    entries: list[Entry] = field(default_factory=list)
    """All that she has sent, to refer to."""

    def frame(self) -> Frame:
        """Something to say."""
        pick = self.random
        kinds = [self._have, self._entries, self._want, self._read, self._request, self._small, self._profile]
        return pick.choice(kinds)()

    def record(self) -> bytes:
        """A record that may be anything."""
        pick = self.random
        data = bytearray(frames.encode(self.frame()))
        for _ in range(pick.randrange(3)):
            data[pick.randrange(3, len(data))] = pick.randrange(256)
        return bytes(data) if pick.random() < 0.7 else pick.randbytes(pick.randrange(60))

    # --- what frames are made of ---

    def _id(self) -> bytes:
        alice, pick = self.alice, self.random
        known = [self.mallory.conversation(alice), alice.key, alice.node.myself.device.public, self.mallory.key]
        known += [self.mallory.device.public, NO_ENTRY, pick.randbytes(32)]
        known += [entry.id for entry in self.entries[-5:]]
        return pick.choice(known)

    def _chat(self) -> bytes:
        return self._id() if self._slips() else self.mallory.conversation(self.alice)

    def _number(self) -> int:
        return self.random.choice(NUMBERS)

    def _heads(self) -> list[frames.Head]:
        pick = self.random
        return [
            frames.Head(self._id(), pick.choice((0, 0, 0, 1, 7, 255)), self._number(), self._id())
            for _ in range(pick.randrange(4))
        ]

    def _have(self) -> Frame:
        return frames.Have(self._chat(), self._heads(), self.random.random() < 0.3)

    def _want(self) -> Frame:
        return frames.Want(self._chat(), self._id(), self.random.choice((-1, *NUMBERS)))

    def _read(self) -> Frame:
        return frames.Read(self._chat(), self._heads())

    def _request(self) -> Frame:
        short = [entry for entry in self.entries[1:] if len(entry.encode()) <= MAX_REQUEST]
        if self._slips() or not short:
            return frames.Request(self._entry().encode(), self._entry().encode())
        return frames.Request(self.entries[0].encode(), self.random.choice(short).encode())

    def _slips(self) -> bool:
        """Now and then she says what ends the session; not so often that nothing else is ever heard."""
        return self.random.random() < 0.04

    def _small(self) -> Frame:
        pick = self.random
        small: list[Frame] = [
            frames.Ping(self._number()),
            frames.Pong(self._number()),
            frames.Typing(self._chat(), pick.random() < 0.7),
            frames.Accepts(pick.random() < 0.8),
            frames.Held(self._id()),
            frames.Presence(pick.random() < 0.3, pick.choice(("busy", "", "asleep")), pick.choice(("", "\u202e\0 x"))),
            frames.AskPicture(pick.choice((self._id(), self.alice.node.myself.record.picture or self._id()))),
            frames.Picture(pick.choice((PICTURE, pick.randbytes(pick.randrange(1, 60)), PICTURE + b"x"))),
        ]
        return pick.choice(small)

    def _profile(self) -> Frame:
        pick = self.random
        name, more = "Mallory \u202e\u0000 the third", pick.choice(("", "Sales\n", "\u202e" * 90, "x" * 90))
        picture = pick.choice((b"", picture_id(PICTURE), self._id(), b"short"))
        issued = ProfileRecord.issue(self.mallory.identity, self._number(), name, "bot", more, more, picture)
        signed = issued.encoded
        record = (
            pick.choice([signed[:-1], pick.randbytes(pick.randrange(MAX_RECORD)), b""]) if self._slips() else signed
        )
        if not self._slips():
            return frames.Profile(record)
        return frames.Hello(record, pick.random() < 0.8, pick.choice((1, 53_530, 65_535)))

    # --- entries ---

    def _entries(self) -> Frame:
        pick = self.random
        handed = self.entries[-6:] + [self._entry() for _ in range(pick.randrange(1, 5))]
        if pick.random() < 0.3:
            handed += pick.sample(self.entries, min(3, len(self.entries)))
        encoded = [entry.encode() for entry in handed]
        if self._slips():
            encoded[0] = encoded[0][: pick.randrange(len(encoded[0]))]
        return frames.Entries(self._chat(), encoded)

    def _entry(self) -> Entry:
        """Mostly one that joins the chain, so that what comes later is reached."""
        pick = self.random
        if not self.entries or (self.random.random() < 0.02 and len(self.entries) > 50):
            self.entries += self.mallory.chain(self.mallory.conversation(self.alice), "hello")
            return self.entries[-2]
        parent = self.entries[-1] if pick.random() < 0.9 else pick.choice(self.entries)
        header = self._after(parent)
        crooked = self._slips()
        if crooked:
            amiss: dict[str, object] = pick.choice(
                [
                    {"chain": 1},
                    {"kind": pick.choice([kind for kind in Kind if kind not in SAID])},
                    {"seq": self._number()},
                    {"prev": self._id()},
                    {"lamport": self._number()},
                    {"conversation": self._id()},
                    {"device": self._id()},
                    {"dependencies": (self._id(),)},
                    {"membership": (self._id(),)},
                ]
            )
            header = msgspec.structs.replace(header, **amiss)
        entry = seal(header, self._body(), pick.randbytes(16), self.mallory.device)
        if not crooked:
            self.entries.append(entry)
        return entry

    def _after(self, parent: Entry) -> Header:
        pick, last = self.random, parent.header
        return Header(
            flags=255 if self._slips() else pick.choice((0, 1)),
            chain=0,
            kind=pick.choice((*SAID, 0, 77, 255)),
            conversation=last.conversation,
            device=last.device,
            seq=last.seq + 1,
            prev=parent.id,
            lamport=last.lamport + 1,
            time=self._number(),
            expiry=pick.choice((0, 0, 1, 2**32 - 1)),
            body_length=0,
            commitment=b"",
        )

    def _body(self) -> bytes:
        pick = self.random
        texts = ("hello", "", "\u202e\u0000\u2028", "\U0001f600" * 200, '"*:^ OR NEAR(', "x" * 3_000)
        parts = [pick.choice(texts), *(self._part() for _ in range(pick.randrange(4)))]
        return msgspec.msgpack.encode(parts) if pick.random() < 0.9 else pick.randbytes(pick.randrange(20))

    def _part(self) -> object:
        pick = self.random
        return pick.choice([self._id(), "reaction", "pin", "\U0001f44d", "", 2**64 - 1, None, [self._id()], {"a": []}])


async def talk_to(world: World, alice: Someone, bob: Someone, number: int) -> None:
    """Everyone else notices nothing."""
    await alice.says(bob, f"ping {number}")
    await world.until(lambda: f"ping {number}" in bob.texts(alice))
    await bob.says(alice, f"pong {number}")
    await world.until(lambda: f"pong {number}" in alice.texts(bob))


def seen(alice: Someone, mallory: Puppet) -> int:
    """What clients read, whatever is stored: how many lines are from mallory."""
    alice.node.view.chats()
    if mallory.key not in alice.node.roster.identities():
        return 0
    return len(alice.node.view.history(mallory.id, 1_000, None))


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("seed", range(4))
async def test_a_peer_that_says_anything_disturbs_nobody(world: World, seed: int, accepted: bool) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    mallory = Puppet(world, f"Mallory {seed}")
    chaos = Chaos(random.Random(f"{seed} {accepted}"), mallory, alice)
    lines = 0
    for number in range(SESSIONS):
        await mallory.dials(alice)
        if accepted:
            await alice.node.accept(mallory.id)
            mallory.says(frames.Have(mallory.conversation(alice), [], whole=True))
        for _ in range(FRAMES):
            if mallory.closed is not None:
                break
            if chaos.random.random() < 0.99:
                mallory.says(chaos.frame())
            else:
                mallory.says_bytes(chaos.record())
            await world.passes(0.05)
        lines = seen(alice, mallory)
        mallory.hangs_up()
        await talk_to(world, alice, bob, number)
        if not accepted:
            assert lines == 0
    if accepted:
        assert lines > 0, "some of it was good enough to be kept"


def test_as_many_heads_as_are_kept_fit_a_frame() -> None:
    head = frames.Head(NO_ENTRY, 255, MAX_NUMBER, NO_ENTRY)
    assert frames.encode(frames.Read(NO_ENTRY, [head] * MAX_HEADS))
    assert frames.encode(frames.Have(NO_ENTRY, [head] * (HEADS_TOLD + MAX_BRANCHES), True))
