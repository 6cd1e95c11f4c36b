"""A random story from one seed: what people do, what befalls them, and how it ends well."""

from __future__ import annotations

import asyncio
import random

from tests.simulation.circle_acts import GROUP_ACTS, ROOM_ACTS
from tests.simulation.faces import FACE_ACTS, FACE_ACTS_IN_GROUPS
from tests.simulation.invariants import AT_ANY_TIME, AT_THE_END, Check
from tests.simulation.keeping import KEEPING_ACTS
from tests.simulation.life import ACTS, Life
from tests.simulation.mallory import Mallory
from tests.simulation.people import Character, StormyWorld
from tests.simulation.saving import SAVING_ACTS
from tests.simulation.storm import Weather

NAMES = ("Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi")
KEEPING = 0.3
"""How many stories are also about what people keep, and let go of, on their own disks."""
SAVING = 0.2
"""How many are about backup files."""
FACES = 0.2
"""How many are about pictures of people and groups."""
LONGEST_END = 400.0
"""Virtual seconds after the last fault in which everything must have come to rest."""
LOOK = 10.0
NOTICED = 100.0
"""Seconds until both sides of a cut cable have noticed: what is said then goes by way of others."""
LOOKS = 3
"""Times that everything is looked at in the end: what is under way at one moment is there at the next."""


class Story:
    """One seed's story."""

    def __init__(self, seed: int, world: StormyWorld) -> None:
        self.seed = seed
        self.world = world
        self.chance = random.Random(f"story {seed}")
        self.hardship = self.chance.choice((0.0, 0.1, 0.25))
        """Chance that what happens next is nothing anybody wants."""
        self.stormy = self.chance.random() < 0.7
        self.together = self.chance.choice((0.0, 0.75, 0.75, 0.75))
        self.acts = dict(ACTS)
        if self.together:
            self.acts.update(GROUP_ACTS)
            if self.chance.random() < 0.5:
                self.acts.update(ROOM_ACTS)
        if random.Random(f"keeping {seed}").random() < KEEPING:
            self.acts.update(KEEPING_ACTS)
        if random.Random(f"saving {seed}").random() < SAVING:
            self.acts.update(SAVING_ACTS)
        if random.Random(f"faces {seed}").random() < FACES:
            self.acts.update(FACE_ACTS)
            if self.together:
                self.acts.update(FACE_ACTS_IN_GROUPS)
        self.farewell = bool(self.together) and self.chance.random() < 0.25
        """Somebody leaves for good before the end."""
        self.lasting_cut = bool(self.together) and self.chance.random() < 0.3
        """A cable between two stays cut at the end."""
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
        many = self.chance.choice((3, 4, 4, 4, 5, 5, 6, 8) if self.together else (2, 3, 3, 3, 4, 5))
        arrived = [await self.world.arrives(name) for name in NAMES[:many]]
        await asyncio.sleep(self.chance.uniform(0, 3))
        if self.chance.random() < (0.8 if self.together else 0.5):
            await self.all_accept()
        self.born = len(arrived)
        self.until = arrived[0].now + self.chance.uniform(40, 120) * min(1, 4 / many)
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
            await asyncio.sleep(self.chance.uniform(1, 8 if self.together else 20))
            victim = self.chance.choice(self.world.machines)
            if not victim.dead and victim._running:
                await mallory.visits(victim)
                self.look(AT_ANY_TIME)

    async def all_accept(self) -> None:
        """Everybody accepts everybody."""
        for one in self.world.present:
            for other in self.world.present:
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
        await self.parts_some()
        if self.chance.random() < 0.6:
            await asyncio.sleep(5)
            await self.all_accept()
        end = self.world.machines[0].now + LONGEST_END
        await asyncio.sleep(LOOK)
        while self.world.machines[0].now < end and not self.is_calm():  # noqa: ASYNC110 -- many things at once
            await asyncio.sleep(LOOK)
        for _ in range(LOOKS):
            await asyncio.sleep(self.chance.uniform(LOOK / 2, LOOK))
            if self.is_calm():
                return
        self.look(AT_THE_END)

    async def parts_some(self) -> None:
        """Somebody leaves for good, or two can't reach each other any more: the others hand on what they know."""
        if self.farewell and self.chance.random() < 0.5:
            await asyncio.sleep(LOOK)
        if self.farewell:
            leaves = self.chance.choice(self.world.machines)
            await leaves.leaves()
            leaves.gone = True
        if self.lasting_cut and len(self.world.present) > 2:
            one, other = self.chance.sample(self.world.present, 2)
            self.world.lan.cut(one.host, other.host)
            await asyncio.sleep(NOTICED)
            for life in list(self.lives):
                if not life.machine.gone:
                    await life.say()

    def is_calm(self) -> bool:
        """Whether nothing is missing any more."""
        self.world.gathered.clear()
        return not any(True for check in AT_THE_END.values() for _ in check(self.world))

    def look(self, checks: dict[str, Check]) -> None:
        """Note what does not hold."""
        self.world.gathered.clear()
        for name, check in checks.items():
            self.world.record.broken.extend((name, detail) for detail in check(self.world))
