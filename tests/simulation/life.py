"""What one machine and its owner do, and what befalls them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from p2pdm.api.types import ApiError
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.circles import Standing
from p2pdm.store.conversations import GROUP
from p2pdm.store.errors import StoreError
from p2pdm.store.lines import StoredLine
from tests.simulation.disk import SimulatedDisk
from tests.simulation.people import Character, Saying, StormyWorld

if TYPE_CHECKING:
    from tests.simulation.saving import Saved

YEAR = 365 * 24 * 3600 * 1000

Act = Callable[["Life"], Coroutine[None, None, None]]


class Plot(Protocol):
    """What a life knows of the story that it is a part of."""

    seed: int
    world: StormyWorld
    hardship: float
    born: int
    acts: dict[Act, float]
    """What people do, and how often."""
    together: float
    """How much of what they say is said in groups and rooms."""

    def words(self, name: str) -> str:
        """A text that nobody has said before."""
        ...

    def begin_life(self, machine: Character) -> None:
        """One more machine that acts."""
        ...


class Life:
    """What one machine and its owner do."""

    def __init__(self, story: Plot, machine: Character) -> None:
        self.story = story
        self.world = story.world
        self.machine = machine
        self.chance = random.Random(f"life {story.seed} {machine.host}")
        self.backup: SimulatedDisk | None = None
        self.saved: list[Saved] = []
        """The backup files, the oldest first."""

    async def lives(self, until: float) -> None:
        """Do one thing after the other."""
        while self.machine.now < until:
            await asyncio.sleep(self.chance.expovariate(0.5))
            if self.machine.dead:
                await self.rises()
            kinds = FATES if self.chance.random() < self.story.hardship else self.story.acts
            await self.does_one_of(kinds)

    async def does_one_of(self, kinds: dict[Act, float]) -> None:
        """One thing of some, the likely ones more often."""
        await self.chance.choices(list(kinds), list(kinds.values()))[0](self)

    async def rises(self) -> None:
        """After a death."""
        await self.machine.is_buried()
        await asyncio.sleep(self.chance.uniform(0, 6))
        await self.world.begin(self.machine)

    # --- acts ---

    def somebody(self) -> PeerId:
        """Anybody else, good or bad."""
        others = [identity for identity in self.world.identities.values() if identity != self.machine.key]
        return self.chance.choice(others)

    def chat(self) -> bytes:
        """Any conversation: with somebody, or one of many that is here."""
        if self.chance.random() < self.story.together:
            here = [stored.id for stored in self.machine.circles()]
            if here:
                return self.chance.choice(here)
        return self.machine.conversation(self.somebody())

    def group(self, standing: Standing) -> bytes | None:
        """One of the groups in which the owner stands so."""
        circles, own = self.machine.node.circles, self.machine.key
        groups = [stored.id for stored in self.machine.circles() if stored.kind == GROUP]
        found = [chat for chat in groups if circles.standing(chat, own) == standing]
        return self.chance.choice(found) if found else None

    def name(self) -> str:
        """A name for a group."""
        return f"{self.machine.name}'s {self.chance.randrange(1000)}"

    def line(self, mine: bool) -> StoredLine | None:
        """One of the later messages of some chat."""
        lines = [line for line in self.machine.lines(self.chat()) if not line.line.unsent]
        lines = [line for line in lines if not mine or line.identity == self.machine.key]
        return self.chance.choice(lines[-6:]) if lines else None

    async def say(self) -> None:
        """Say something, perhaps in answer to something."""
        chat = self.chat()
        lines = self.machine.lines(chat)
        reply = encode_id(self.chance.choice(lines).entry.id) if lines and self.chance.random() < 0.2 else None
        text = self.story.words(self.machine.name)
        sent = await self.machine.tries(self.machine.node.send(self.machine.name_of_chat(chat), text, reply))
        if sent is not None:
            entry = self.machine.node.view.line(sent.id).entry
            id = entry.id
            if entry.header.expiry:
                self.world.record.passing.add(id)
            self.world.record.said[id] = Saying(self.machine, chat, text)
            self.world.record.words.setdefault(id, []).append(text)
            if id not in self.machine.keeps:
                self.world.record.broken.append(("nothing acknowledged is missing", f"{text} is not on its own disk"))

    async def talk(self) -> None:
        """Several things at once."""
        await asyncio.gather(*(self.say() for _ in range(self.chance.randint(2, 5))))

    async def edit(self) -> None:
        """Say it in other words."""
        message = self.line(mine=True)
        if message is not None:
            text = self.story.words(self.machine.name)
            self.world.record.words.setdefault(message.entry.id, [message.line.text]).append(text)
            edited = await self.machine.tries(self.machine.node.edit(encode_id(message.entry.id), text))
            if edited is not None:
                self.world.record.edited.append((message.entry.id, text, self.machine))

    async def unsend(self) -> None:
        """Take something back."""
        message = self.line(mine=True)
        if message is not None:
            self.world.record.words.setdefault(message.entry.id, [message.line.text])
            answer = await self.machine.tries(self.machine.node.unsend(encode_id(message.entry.id)))
            if answer is not None:
                self.world.record.taken_back.append((message.entry.id, self.machine))

    async def react(self) -> None:
        """React to something, or not any more."""
        message = self.line(mine=False)
        if message is not None:
            value = self.chance.choice(("👍", "🎉", "🍜", ""))
            await self.machine.tries(self.machine.node.react(encode_id(message.entry.id), value))

    async def pin(self) -> None:
        """Pin something, or take the pin off."""
        message = self.line(mine=False)
        if message is not None:
            await self.machine.tries(self.machine.node.pin(encode_id(message.entry.id), self.chance.random() < 0.7))

    async def read(self) -> None:
        """Read a chat."""
        await self.machine.tries(self.machine.node.read(self.machine.name_of_chat(self.chat())))

    async def types(self) -> None:
        """Type, and stop."""
        chat = self.machine.name_of_chat(self.chat())
        await self.machine.tries(self.machine.node.typing(chat, self.chance.random() < 0.7))

    async def accept(self) -> None:
        """Accept somebody, first of all those who asked."""
        asked = list(self.machine.node.store.people.requests())
        other = self.chance.choice(asked) if asked else self.somebody()
        if not self.machine.node.roster.is_blocked(other):
            await self.machine.tries(self.machine.node.accept(encode_id(other)))

    async def decline(self) -> None:
        """Put somebody's request away."""
        await self.machine.tries(self.machine.node.decline(encode_id(self.somebody())))

    async def block(self) -> None:
        """Want to hear nothing more of somebody."""
        other = self.somebody()
        if await self.machine.tries(self.machine.node.block(encode_id(other))) is not None:
            self.machine.blocked_since.setdefault(other, self.machine.now)

    async def unblock(self) -> None:
        """Think better of it."""
        for other in list(self.machine.blocked_since):
            del self.machine.blocked_since[other]
            await self.machine.tries(self.machine.node.unblock(encode_id(other)))

    async def forget(self) -> None:
        """Erase somebody. However far it came: what was here may be gone."""
        other = self.somebody()
        conversation = self.machine.conversation(other)
        forgetting = self.machine.tries(self.machine.node.forget(encode_id(other)))
        node = self.machine.node
        self.world.record.forgotten |= self.machine.entries(conversation)
        self.machine.drafts.setdefault(conversation, {""}).add("")
        with suppress(ApiError):
            await forgetting
        if not self.machine.dead and node is self.machine.node:
            self.machine.blocked_since.pop(other, None)
        self.world.record.forgotten |= self.machine.entries(conversation)

    async def rename(self) -> None:
        """Take another name."""
        await self.machine.tries(self.machine.node.rename(f"{self.machine.name} {self.chance.randrange(9)}"))

    # --- fates ---

    async def restart(self) -> None:
        """End in order, and come back."""
        await self.machine.leaves()
        if self.machine.dead:
            return  # at the last write
        await asyncio.sleep(self.chance.uniform(0, 6))
        await self.world.begin(self.machine)

    async def die(self) -> None:
        """Be killed, or lose power."""
        self.machine.dies_now(power=self.chance.random() < 0.5)

    async def die_writing(self) -> None:
        """Be killed at one of the next writes, or lose power then; while there is something to write."""
        self.machine.plan_death(self.chance.randint(1, 30), power=self.chance.random() < 0.5)
        with suppress(ApiError):
            await self.talk()

    async def fill_disk(self) -> None:
        """No room on the disk for a while."""
        self.machine.disk.platter.full = True
        for _ in range(self.chance.randint(1, 4)):
            if not self.machine.dead:
                await self.does_one_of(self.story.acts)
            await asyncio.sleep(self.chance.uniform(0, 3))
        if not self.machine.dead:
            self.machine.disk.platter.full = False

    async def back_up(self) -> None:
        """Copy the files."""
        if self.backup is not None:
            self.backup.scrap()
        with suppress(StoreError):
            self.backup = self.machine.disk.copy()

    async def restore(self) -> None:
        """Go back to what was copied."""
        if self.backup is None:
            return
        await self.machine.leaves()
        await asyncio.sleep(0.1)  # for what was called soon
        if not self.machine.dead:
            self.machine.restore(self.backup, mark_too=self.chance.random() < 0.5)
            self.backup = None
            await asyncio.sleep(self.chance.uniform(0, 3))
            await self.world.begin(self.machine)

    async def clone(self) -> None:
        """Copy the profile to another machine, where it runs too."""
        # Of one person only: two who both run copies may never all meet, and copies do not speak to each other.
        if len(self.world.machines) == self.story.born and not self.machine.dead:
            twin = await self.world.arrives(self.machine.name, self.machine.disk.copy())
            twin.heard_of = set(self.machine.heard_of)
            twin.deleted = set(self.machine.deleted)
            twin.drafts = {chat: set(texts) for chat, texts in self.machine.drafts.items()}
            self.story.begin_life(twin)

    async def clock(self) -> None:
        """The wall clock jumps by years."""
        self.machine.clock_off_by = self.chance.choice((0, YEAR, -YEAR, 20 * YEAR, -55 * YEAR, 3_600_000))
        if self.machine.clock_off_by >= YEAR:
            self.world.ahead.add(self.machine.host)


ACTS: dict[Act, float] = {
    Life.say: 36,
    Life.talk: 6,
    Life.edit: 8,
    Life.unsend: 6,
    Life.react: 8,
    Life.pin: 2,
    Life.read: 8,
    Life.types: 2,
    Life.accept: 14,
    Life.decline: 0.5,
    Life.block: 1.5,
    Life.unblock: 3,
    Life.forget: 1.5,
    Life.rename: 0.5,
}
FATES: dict[Act, float] = {
    Life.restart: 3,
    Life.die: 4,
    Life.die_writing: 8,
    Life.fill_disk: 3,
    Life.back_up: 2.5,
    Life.restore: 3,
    Life.clone: 0.7,
    Life.clock: 2,
}
