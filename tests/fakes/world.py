"""People on one network in memory: real nodes, made-up time, wires that can be cut and disks that can fail.

    async with World() as world:                    # within a VirtualLoop
        alice, bob = await world.people("Alice", "Bob")
        await alice.says(bob, "Hello!")
        await world.until(lambda: bob.relation(alice) == "request")

Everything is decided by the world's seed: keys, random numbers, the order of events. Two worlds with one seed and one
story are the same to the byte.
"""

from __future__ import annotations

import asyncio
import inspect
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self, TypeVar

from p2pdm.api.types import Message, Notice, Person, Sent
from p2pdm.identity import PeerId, encode_id
from p2pdm.net.discovery.finder import Air, MemoryFinder
from p2pdm.net.memory import MemoryLan, MemoryLink
from p2pdm.node.aside import Aside
from p2pdm.node.myself import Myself
from p2pdm.node.node import Node
from p2pdm.node.rooms import LEFT_LOBBY
from p2pdm.store.database import Bindings, Database, Row
from p2pdm.store.errors import DiskFull
from p2pdm.store.tables import Store

NEW_YEAR = 1_767_225_600_000
"""The wall clock when a world begins: 2026-01-01."""
KEY = bytes(range(32))
"""Of every database here."""
SETTLED = 20.0
"""Seconds after which a new connection is one like any other."""
T = TypeVar("T")
LOOK = 0.01
"""Seconds between two looks of `until`."""


class Disk(Database):
    """A database whose disk can fill up, and that can be copied as a thief or a backup would."""

    full = False
    """Nothing can be committed."""
    broken = False
    """Nothing can be written at all."""
    commits = 0
    """How often something was committed."""

    @classmethod
    def open(cls, path: Path | None, key: bytes = KEY) -> Disk:
        """See Database."""
        disk = super().open(path, key)
        assert isinstance(disk, Disk)
        return disk

    def execute(self, sql: str, bindings: Bindings = ()) -> list[Row]:
        refused = self.full and sql == "COMMIT"
        refused = refused or (self.broken and sql.startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")))
        if refused:
            self._refuse()
        self.commits += sql == "COMMIT"
        return super().execute(sql, bindings)

    def _refuse(self) -> NoReturn:
        """As SQLite does on a full disk, and as Database tells it: the open transaction is undone."""
        full = DiskFull("The disk is full, so nothing more can be saved. Free some space and try again.")
        if self._depth:
            self._connection.execute("ROLLBACK")
            self._lost = full
        raise full

    def copy(self) -> Disk:
        """As it stands at the last commit."""
        twin = Disk.open(None)
        with twin._connection.backup("main", self._connection, "main") as backup:
            backup.step()
        return twin

    def pages(self) -> bytes:
        """All its pages, decrypted: what somebody with the key can find in it."""
        return self._connection.serialize("main")


async def at_once(work: Callable[[], T], /) -> T:
    """Slow work, done in no time: virtual time waits for no thread."""
    return work()


class MemoryMark:
    """The in-memory twin of HighWater."""

    def __init__(self, machine: bytes) -> None:
        self.machine = machine
        self._kept: tuple[bytes, bytes] | None = None

    def read(self) -> tuple[bytes, bytes] | None:
        """See Mark."""
        return self._kept

    def write(self, heads: bytes) -> None:
        """See Mark."""
        self._kept = (self.machine, heads)

    def copy(self, machine: bytes) -> MemoryMark:
        """The file, copied to some machine."""
        twin = MemoryMark(machine)
        twin._kept = self._kept
        return twin


class Someone:
    """A person, their profile and their node."""

    def __init__(self, world: World, name: str, host: str, disk: Disk) -> None:
        self.name = name
        self.host = host
        self.disk = disk
        self.clock_off_by = 0
        """Milliseconds that this person's wall clock is ahead."""
        self.aside: Aside = at_once
        self.uptime: Callable[[], float] | None = None
        """What tells how long their machine is on; the loop, if nothing else does."""
        self.notices: list[Notice] = []
        """All that this person's clients were told, over all starts."""
        self.mark = MemoryMark(host.encode())
        """The high-water file, which lies beside the database and outlives it."""
        self.node: Node
        self.scratch: Path | None = None
        """Where a backup makes its copy; a profile in memory has none."""
        self._world = world
        self._random = random.Random(f"{world.seed} {name} {host}")
        self._running = False
        self._finder: MemoryFinder

    # --- life ---

    def wall(self) -> int:
        """What their clock shows."""
        return self._world.wall() + self.clock_off_by

    def make_profile(self) -> None:
        """Be born."""
        store = Store(self.disk)
        store.begin()
        Myself.create(store, self.name, self._random.randbytes, self.wall())
        if not self._world.lobby:
            store.settings.set(LEFT_LOBBY, b"1")
        store.commit()

    async def starts(self) -> None:
        """Start the node."""
        world = self._world
        self._finder = MemoryFinder(world.air, self.host)
        self.node = Node(
            Store(self.disk),
            world.lan.host(self.host),
            self._finder,
            self,
            self._random.randbytes,
            self.wall,
            mark=self.mark,
            machine=self.mark.machine,
            scratch=self.scratch,
            aside=self.aside,
            uptime=self.uptime,
        )
        self.node.board.listeners.append(self.notices.append)
        await self.node.start()
        self._running = True

    async def leaves(self) -> None:
        """End the node in order."""
        if self._running:
            self._running = False
            await self.node.close()

    async def dies(self) -> None:
        """End as by kill -9: what is not committed is lost, nobody says goodbye, but the connections end."""
        for link in self._links():
            link.abort()
        await self._ends_suddenly()

    async def loses_power(self) -> None:
        """As `dies`, and the connections stay open at the other ends."""
        for link in self._links():
            link.broken("")
        await self._ends_suddenly()

    def _links(self) -> list[MemoryLink]:
        mine = [link for link in self._world.lan.links if link.local.host == self.host]
        return sorted(mine, key=lambda link: (link.local, link.remote))

    async def _ends_suddenly(self) -> None:
        # The objects must be tidied away, which a dead process does not do: a copy keeps what it would write from us.
        self.node.board.listeners.clear()
        if self.disk.in_transaction:
            self.disk.rollback()
        survivor = self.disk.copy()
        self._world.air.finders.remove(self._finder)
        await self.leaves()
        self.disk = survivor

    def named_addresses(self) -> list[tuple[str, str]]:
        """See NetworkState."""
        return [("eth0", self.host)]

    # --- what they do and see; reads through the door, which never waits for them ---

    @property
    def key(self) -> PeerId:
        """Their identity."""
        return self.node.myself.id

    @property
    def id(self) -> str:
        """Their identity as scripts see it."""
        return encode_id(self.key)

    def chat(self, other: Someone) -> str:
        """The id of the chat with someone."""
        return encode_id(self.node.roster.chat_with(other.key))

    async def says(self, to: Someone, text: str) -> Sent:
        """Send a message."""
        return await self.node.send(to.id, text)

    def person(self, other: Someone) -> Person:
        """Someone as they appear here."""
        return self.node.roster.person(other.key)

    def relation(self, other: Someone) -> str:
        """Contact, request, nearby or blocked."""
        return self.person(other).relation

    def online(self, other: Someone) -> bool:
        """Whether someone is there, as shown here."""
        return self.person(other).online

    def history(self, other: Someone) -> list[Message]:
        """The chat with someone."""
        return self.node.view.history(self.chat(other), 1_000, None)

    def texts(self, other: Someone) -> list[str]:
        """What was said with someone, in the order in which it is shown."""
        return [message.text for message in self.history(other)]

    def shows(self, other: Someone) -> str:
        """The chat as a page of text: `name: text (state: why)` a line."""
        return "\n".join(f"{m.name}: {m.text} ({m.state}{': ' if m.why else ''}{m.why})" for m in self.history(other))

    def state(self, sent: Sent | Message) -> str:
        """How far a message came."""
        return self.node.view.message(self.node.view.line(sent.id)).state

    def why(self, sent: Sent | Message) -> str:
        """What is in its way."""
        return self.node.view.message(self.node.view.line(sent.id)).why

    def told(self, event: str) -> list[Notice]:
        """The notices of one kind so far."""
        return [notice for notice in self.notices if notice.event == event]


class World:
    """One network and everybody on it."""

    def __init__(self, seed: int = 1, *, lobby: bool = False) -> None:
        self.seed = seed
        self.lobby = lobby
        """Whether everybody is in the lobby, as they are unless they leave it; most stories are told without."""
        self.lan = MemoryLan()
        self.air = Air()
        self.everyone: list[Someone] = []
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for someone in self.everyone:
            await someone.leaves()
            someone.disk.close()

    def wall(self) -> int:
        """The right time, in milliseconds since 1970."""
        return NEW_YEAR + int((self._loop.time() - self._began) * 1000)

    async def person(self, name: str, *, disk: Disk | None = None, path: Path | None = None) -> Someone:
        """Somebody arrives with a new profile, in memory or at `path` (or with one from elsewhere), and starts."""
        someone = self._somebody(name, disk or Disk.open(path))
        someone.scratch = path.with_name("copy") if path is not None else None
        if disk is None:
            someone.make_profile()
        await someone.starts()
        return someone

    async def copy(self, original: Someone) -> Someone:
        """The profile of someone, copied while it runs, starts on another machine. The high-water file stays behind."""
        original.node.commits.settle()
        return await self.person(original.name, disk=original.disk.copy())

    def _somebody(self, name: str, disk: Disk) -> Someone:
        host = f"10.0.{len(self.everyone) // 250}.{len(self.everyone) % 250 + 1}"
        someone = Someone(self, name, host, disk)
        self.everyone.append(someone)
        return someone

    async def people(self, *names: str) -> list[Someone]:
        """Some arrive, and see each other."""
        arrived = [await self.person(name) for name in names]
        await self.until(lambda: all(a.online(b) for a in arrived for b in arrived if a is not b))
        return arrived

    async def friends(self, *names: str) -> list[Someone]:
        """Some have arrived a while ago, have all accepted each other, and have said nothing yet."""
        arrived = await self.people(*names)
        for one in arrived:
            for other in arrived:
                if other is not one:
                    await one.node.accept(other.id)
        await self.until(lambda: all(a.person(b).accepted_by_them for a in arrived for b in arrived if a is not b))
        await self.passes(SETTLED)
        return arrived

    def cut(self, one: Someone, other: Someone) -> None:
        """Pull the cable between two."""
        self.lan.cut(one.host, other.host)

    async def until(self, happened: Callable[[], object | Awaitable[object]], within: float = 30.0) -> None:
        """Let time pass until something is so; AssertionError if it isn't `within` seconds."""
        end = self._loop.time() + within
        while True:
            answer = happened()
            if await answer if inspect.isawaitable(answer) else answer:
                return
            assert self._loop.time() < end, f"did not happen within {within:g} s"
            await asyncio.sleep(LOOK)

    async def passes(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)
