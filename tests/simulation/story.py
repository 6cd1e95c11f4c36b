"""A random story from one seed: what people do, what befalls them, and how it ends well."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress

from p2pdm.api.types import ApiError
from p2pdm.identity import PeerId, encode_id
from p2pdm.store.errors import StoreError
from p2pdm.store.lines import StoredLine
from tests.simulation.disk import SimulatedDisk
from tests.simulation.invariants import AT_ANY_TIME, AT_THE_END, Check
from tests.simulation.mallory import Mallory
from tests.simulation.people import Character, Saying, StormyWorld
from tests.simulation.storm import Weather

NAMES = ("Alice", "Bob", "Carol", "Dave", "Erin")
YEAR = 365 * 24 * 3600 * 1000
LONGEST_END = 400.0
"""Virtual seconds after the last fault in which everything must have come to rest."""
LOOK = 10.0

Act = Callable[["Life"], Coroutine[None, None, None]]


class Life:
    """What one machine and its owner do."""

    def __init__(self, story: Story, machine: Character) -> None:
        self.story = story
        self.world = story.world
        self.machine = machine
        self.chance = random.Random(f"life {story.seed} {machine.host}")
        self.backup: SimulatedDisk | None = None

    async def lives(self, until: float) -> None:
        """Do one thing after the other."""
        while self.machine.now < until:
            await asyncio.sleep(self.chance.expovariate(0.5))
            if self.machine.dead:
                await self.rises()
            kinds = FATES if self.chance.random() < self.story.hardship else ACTS
            act = self.chance.choices(list(kinds), list(kinds.values()))[0]
            await act(self)

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

    def line(self, mine: bool) -> StoredLine | None:
        """One of the later messages of some chat."""
        lines = [line for line in self.machine.lines(self.somebody()) if not line.line.unsent]
        lines = [line for line in lines if not mine or line.identity == self.machine.key]
        return self.chance.choice(lines[-6:]) if lines else None

    async def say(self) -> None:
        """Say something, perhaps in answer to something."""
        other = self.somebody()
        lines = self.machine.lines(other)
        reply = encode_id(self.chance.choice(lines).entry.id) if lines and self.chance.random() < 0.2 else None
        text = self.story.words(self.machine.name)
        sent = await self.machine.tries(self.machine.node.send(encode_id(other), text, reply))
        if sent is not None:
            id = self.machine.node.view.line(sent.id).entry.id
            self.world.record.said[id] = Saying(self.machine, self.machine.conversation(other), text)
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
        await self.machine.tries(self.machine.node.read(encode_id(self.somebody())))

    async def types(self) -> None:
        """Type, and stop."""
        await self.machine.tries(self.machine.node.typing(encode_id(self.somebody()), self.chance.random() < 0.7))

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
                act = self.chance.choices(list(ACTS), list(ACTS.values()))[0]
                await act(self)
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
            self.story.begin_life(twin)

    async def clock(self) -> None:
        """The wall clock jumps by years."""
        self.machine.clock_off_by = self.chance.choice((0, YEAR, -YEAR, 20 * YEAR, -55 * YEAR, 3_600_000))


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


class Story:
    """One seed's story."""

    def __init__(self, seed: int, world: StormyWorld) -> None:
        self.seed = seed
        self.world = world
        self.chance = random.Random(f"story {seed}")
        self.hardship = self.chance.choice((0.0, 0.1, 0.25))
        """Chance that what happens next is nothing anybody wants."""
        self.stormy = self.chance.random() < 0.7
        self.until = 0.0
        self.lives: dict[Life, asyncio.Task[None]] = {}
        self.born = 0
        self._words = 0

    def words(self, name: str) -> str:
        """A text that nobody has said before; a long one now and then."""
        self._words += 1
        return f"words{self._words:05d}q of {name}" + " and so on" * self.chance.choice((0, 0, 0, 0, 0, 0, 0, 300))

    async def happens(self) -> None:
        """All of it."""
        names = NAMES[: self.chance.choice((2, 3, 3, 3, 4, 5))]
        arrived = [await self.world.arrives(name) for name in names]
        await asyncio.sleep(self.chance.uniform(0, 3))
        if self.chance.random() < 0.5:
            await self.all_accept()
        self.born = len(arrived)
        self.until = arrived[0].now + self.chance.uniform(40, 120)
        for machine in arrived:
            self.begin_life(machine)
        weather = asyncio.create_task(self.weather())
        mallory = asyncio.create_task(self.mallory()) if self.chance.random() < 0.4 else None
        while not all(task.done() for task in self.lives.values()):
            await asyncio.wait(list(self.lives.values()))
        for life in self.lives.values():
            life.result()  # a mistake in a call ends the story
        for other in (weather, mallory):
            if other is not None:
                await other
        await self.ends()

    def begin_life(self, machine: Character) -> None:
        """One more machine that acts."""
        life = Life(self, machine)
        self.lives[life] = asyncio.create_task(life.lives(self.until))

    async def weather(self) -> None:
        """Bad weather, and cables that are cut and mended."""
        lan = self.world.lan
        while self.stormy and self.world.machines[0].now < self.until:
            await asyncio.sleep(self.chance.expovariate(0.2))
            one, other = self.chance.sample([machine.host for machine in self.world.machines], 2)
            match self.chance.randrange(5):
                case 0:
                    lan.weather = Weather.bad(self.chance)
                case 1:
                    lan.cut(one, other)
                case 2:
                    lan.heal(one, other)
                case 3:
                    lan.reset(one, other)
                case _:
                    hosts = [machine.host for machine in self.world.machines]
                    lan.partition(hosts[: len(hosts) // 2], hosts[len(hosts) // 2 :])
                    await asyncio.sleep(self.chance.uniform(0, 20))
                    lan.mend()
            self.look(AT_ANY_TIME)

    async def mallory(self) -> None:
        """Somebody bad comes by."""
        mallory = Mallory(self.world)
        self.world.identities[mallory.id] = mallory.key
        while self.world.machines[0].now < self.until:
            await asyncio.sleep(self.chance.uniform(1, 20))
            victim = self.chance.choice(self.world.machines)
            if not victim.dead and victim._running:
                await mallory.visits(victim)
                self.look(AT_ANY_TIME)

    async def all_accept(self) -> None:
        """Everybody accepts everybody."""
        for one in self.world.machines:
            for other in self.world.machines:
                if one.key != other.key:
                    await one.tries(one.node.unblock(other.id))
                    await one.tries(one.node.accept(other.id))
                    one.blocked_since.pop(other.key, None)

    # --- the end ---

    async def ends(self) -> None:
        """Faults stop, everybody is there, and after a while everything must be as it should."""
        self.world.lan.weather = Weather()
        self.world.lan.mend()
        for life in list(self.lives):
            life.machine.disk.platter.spare()
            life.machine.disk.platter.full = False
            if life.machine.dead:
                await life.rises()
            if life.backup is not None:
                life.backup.scrap()
        if self.chance.random() < 0.6:
            await asyncio.sleep(5)
            await self.all_accept()
        end = self.world.machines[0].now + LONGEST_END
        await asyncio.sleep(LOOK)
        while self.world.machines[0].now < end and not self.is_calm():  # noqa: ASYNC110 -- many things at once
            await asyncio.sleep(LOOK)
        await asyncio.sleep(LOOK)
        self.look(AT_THE_END)

    def is_calm(self) -> bool:
        """Whether nothing is missing any more."""
        return not any(True for check in AT_THE_END.values() for _ in check(self.world))

    def look(self, checks: dict[str, Check]) -> None:
        """Note what does not hold."""
        for name, check in checks.items():
            self.world.record.broken.extend((name, detail) for detail in check(self.world))
