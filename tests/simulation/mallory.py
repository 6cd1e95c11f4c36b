"""A member who forges, replays and floods: somebody's contact, with a real key and without manners."""

from __future__ import annotations

import asyncio
import random

import msgspec

from p2pdm.conversation.encoding import decode, encode_body, seal
from p2pdm.conversation.entries import Entry, EntryError, Text
from p2pdm.conversation.membership import Group, Rights
from p2pdm.identity import PeerId, encode_id
from p2pdm.net.links import LinkError
from p2pdm.store.conversations import GROUP
from p2pdm.wire import frames
from p2pdm.wire.errors import WireError
from tests.fakes.puppet import Puppet
from tests.simulation.mallory_inside import Membership, invitation
from tests.simulation.people import Character, StormyWorld

PATIENCE = 20.0
"""Virtual seconds that one visit takes at most."""
ENTRIES = "SELECT CAST(signed || signature || salt || coalesce(body, x'') AS BLOB) FROM entries"
FLOOD = 1_300
"""Orphans pushed at once: more than anybody keeps."""


class Mallory:
    """One bad person, who visits one victim after the other."""

    def __init__(self, world: StormyWorld) -> None:
        self._world = world
        self._chance = random.Random(f"mallory {world.seed}")
        self._puppet = Puppet(world, "Mallory")
        self._chains: dict[bytes, list[Entry]] = {}
        self._inside: dict[bytes, Membership] = {}
        self.key = self._puppet.key
        self.id = self._puppet.id

    async def visits(self, victim: Character) -> None:
        """Connect, behave badly, and leave without a word."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._misbehaves(victim)
        except (TimeoutError, LinkError, WireError, AssertionError):
            return  # the victim died, or sent it away

    async def _misbehaves(self, victim: Character) -> None:
        await self._puppet.dials(victim)
        if self._chance.random() < 0.7 and not victim.ignores(self.key):
            await victim.tries(victim.node.accept(self.id))
        conversation = self._puppet.conversation(victim)
        self._puppet.says(frames.Have(conversation, [], whole=True))
        await asyncio.sleep(1)
        if victim.dead or not victim._running:
            return
        await victim.tries(victim.node.send(self.id, "Who are you?"))
        await asyncio.sleep(1)
        for _ in range(self._chance.randint(1, 4)):
            act = self._chance.choice((self._forges, self._equivocates, self._replays, self._floods, self._babbles))
            act(victim, conversation)
            await asyncio.sleep(0.5)
        await self._goes_inside(victim)
        self._puppet.hangs_up()

    async def _goes_inside(self, victim: Character) -> None:
        """Be asked into one of the victim's groups, say yes, and go on in there."""
        if victim.dead or not victim._running:
            return
        groups = [stored.id for stored in victim.circles() if stored.kind == GROUP]
        groups = [id for id in groups if self._might_enter(victim.group(id), victim.key)]
        if not groups:
            return
        group = self._chance.choice(groups)
        if group not in self._inside:
            await victim.tries(victim.node.invite(encode_id(group), self.id))
        self._puppet.says(frames.Have(group, [], whole=True))
        await asyncio.sleep(1)
        asked = invitation(self._heard(), self.key, group)
        if asked is not None and group not in self._inside:
            self._inside[group] = Membership(self._puppet, self._chance, asked)
        for _ in range(self._chance.randint(1, 4) if group in self._inside else 0):
            self._inside[group].misbehaves(self._heard())
            await asyncio.sleep(0.5)

    def _might_enter(self, group: Group, by: PeerId) -> bool:
        known = self.key in group.members or self.key in group.invited
        return by in group.members and (known or group.members[by] >= Rights.ADMIN)

    def _chain(self, conversation: bytes) -> list[Entry]:
        if conversation not in self._chains:
            self._chains[conversation] = self._puppet.chain(conversation, "Hello")
        return self._chains[conversation]

    def _forges(self, victim: Character, conversation: bytes) -> None:
        """The victim's own next words, signed by somebody else."""
        device = victim.node.myself.device.public
        own = [entry for entry in self._heard() if entry.header.device == device]
        if own:
            last = max(own, key=lambda entry: entry.header.seq)
            kind, body = encode_body(Text("what the victim never said"))
            header = msgspec.structs.replace(
                last.header,
                kind=kind,
                seq=last.header.seq + 1,
                prev=last.id,
                lamport=last.header.lamport + 1,
                dependencies=(),
            )
            self._puppet.hands_over(conversation, seal(header, body, bytes(16), self._puppet.device))

    def _equivocates(self, victim: Character, conversation: bytes) -> None:
        """Two different entries at one place."""
        opening, hello = self._chain(conversation)
        number = self._chance.randrange(3)
        other = self._puppet.after(opening, f"and not hello {number}")
        self._puppet.hands_over(conversation, opening, hello, other)

    def _replays(self, victim: Character, conversation: bytes) -> None:
        """What others said, under their conversation and under this one."""
        for machine in self._world.machines:
            for (data,) in machine.disk.ask(
                "SELECT CAST(signed || signature || salt || coalesce(body, x'') AS BLOB) FROM entries"
            ):
                if self._chance.random() < 0.1:
                    entry = _read(data)
                    if entry is not None:
                        self._puppet.hands_over(entry.header.conversation, entry)
        for entry in self._heard():
            self._puppet.hands_over(conversation, entry)

    def _floods(self, victim: Character, conversation: bytes) -> None:
        """Entries whose parents nobody has."""
        opening, hello = self._chain(conversation)
        self._puppet.hands_over(conversation, opening, hello)
        for at in range(0, FLOOD, 100):
            self._puppet.hands_over(conversation, *(self._orphan(hello, n) for n in range(at, at + 100)))

    def _orphan(self, after: Entry, number: int) -> Entry:
        header = msgspec.structs.replace(after.header, seq=number + 10, prev=number.to_bytes(32, "big"), lamport=99)
        return seal(header, after.body or b"", bytes(16), self._puppet.device)

    def _babbles(self, victim: Character, conversation: bytes) -> None:
        """Frames that mean nothing, and bytes that are no frame."""
        head = frames.Head(bytes(32), 0, self._chance.randrange(9), self._chance.randbytes(32))
        self._puppet.says(frames.Have(conversation, [head], whole=False), frames.Want(conversation, bytes(32), 0))
        self._puppet.says(frames.Read(conversation, [head]), frames.Accepts(self._chance.random() < 0.5))
        if self._chance.random() < 0.3:
            self._puppet.says_bytes(self._chance.randbytes(50))

    def _heard(self) -> list[Entry]:
        told = [data for heard in self._puppet.heard_of(frames.Entries) for data in heard.entries]
        return [entry for entry in map(_read, told) if entry is not None]


def _read(data: bytes) -> Entry | None:
    try:
        return decode(data)
    except EntryError:
        return None
