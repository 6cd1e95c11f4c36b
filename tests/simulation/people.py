"""Somebody with a machine that can die at any write, and what they were promised."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from p2pdm.api.types import ApiError, Message, Notice
from p2pdm.conversation.entries import direct_conversation
from p2pdm.conversation.membership import Group
from p2pdm.identity import PeerId, encode_id
from p2pdm.net.links import LinkError
from p2pdm.node.peer import Peer
from p2pdm.store.conversations import GROUP, ROOM, StoredConversation
from p2pdm.store.lines import StoredLine
from p2pdm.wire import frames
from p2pdm.wire.frames import Frame
from tests.fakes.world import MemoryMark, Someone, World
from tests.simulation.disk import Platter, SimulatedDisk
from tests.simulation.storm import StormyLan, StormyNetwork

if TYPE_CHECKING:
    from tests.simulation.circles import Circle, Held

T = TypeVar("T")
ABOUT_A_CHAT = (frames.Have, frames.Want, frames.Entries, frames.Read, frames.Typing)
"""What somebody who is blocked hears nothing of, in the chat with them."""
AFTERMATH = 5
"""Looks, 10 ms apart, at what the network still brings to a process that has ended."""
SLOWEST = 0.1
"""Seconds that work beside the loop takes at most: the disk's syncs, above all."""
UNDER_WAY = 1.0
"""Seconds after a block until it must be felt."""


@dataclass
class Saying:
    """A message that its author was told is kept."""

    machine: Character
    conversation: bytes
    text: str


@dataclass
class Record:
    """What was promised to whom, and what was seen to be broken at once."""

    said: dict[bytes, Saying] = field(default_factory=dict)
    written: set[bytes] = field(default_factory=set)
    """All that the nodes ever signed, kept or not."""
    edited: list[tuple[bytes, str, Character]] = field(default_factory=list)
    taken_back: list[tuple[bytes, Character]] = field(default_factory=list)
    words: dict[bytes, list[str]] = field(default_factory=dict)
    """By message, all texts that it had or may have had: searched for once it was taken back."""
    handed: dict[tuple[PeerId, bytes], set[bytes]] = field(default_factory=dict)
    """By whom and group, the entries that honest machines have handed to them, kept or not: another's node might."""
    passing: set[bytes] = field(default_factory=set)
    """Messages that disappear by themselves."""
    erased: set[bytes] = field(default_factory=set)
    """Messages that somebody deleted for themselves: whoever comes later may not get them from there."""
    forgotten: set[bytes] = field(default_factory=set)
    """Entries that somebody erased on their own machine, by forgetting whom they are of."""
    restored_away: set[bytes] = field(default_factory=set)
    """Entries that were on no other disk when their only one was replaced by an older backup."""
    went_back: set[PeerId] = field(default_factory=set)
    """Who has ever gone on with an older copy of what they had."""
    broken: list[tuple[str, str]] = field(default_factory=list)
    """(invariant, detail)"""


class Character(Someone):
    """A machine with one profile. Several may be copies of each other."""

    disk: SimulatedDisk
    _network: StormyNetwork

    def __init__(self, world: StormyWorld, name: str, host: str, disk: SimulatedDisk) -> None:
        super().__init__(world, name, host, disk)
        self.stormy = world
        self.dead = True
        self.gone = False
        """They have left for good: whatever only they had, nobody gets."""
        self.held: set[bytes] = set()
        """Entries that were ever for good on one of this machine's disks."""
        self.keeps: set[bytes] = set()
        """Those that must be there now."""
        self.blocked_since: dict[PeerId, float] = {}
        self.heard_of: set[str] = set()
        """The messages that clients were told of."""
        self.due: dict[bytes, float] = {}
        """When the time of messages is over that were read here."""
        self.deleted: set[bytes] = set()
        """Messages that were deleted here."""
        self.drafts: dict[bytes, set[str]] = {}
        """By chat, what was typed and not sent; several, where an answer got lost."""
        self._left: Platter | None = None
        self._delays = random.Random(f"{world.seed} aside {name} {host}")
        self.aside = self._after_a_while
        self.scratch = world.folder / f"copy of {host}"
        self._use(disk)

    async def _after_a_while(self, work: Callable[[], T], /) -> T:
        """What is done beside the loop takes its time."""
        await asyncio.sleep(self._delays.uniform(0, SLOWEST))
        return work()

    # --- life and death ---

    def _use(self, disk: SimulatedDisk) -> None:
        self.disk = disk
        disk.held = self._hold
        self._hold(disk.news())

    def _hold(self, ids: list[bytes]) -> None:
        self.held.update(ids)
        self.keeps.update(ids)

    async def starts(self) -> None:
        self.dead = False
        with suppress(LinkError):  # as the network of a machine answers that dies while it starts
            await super().starts()
        if not self.dead:
            self.node.board.listeners.append(self._notice)
        self._network = self.stormy.networks[self.host]

    async def leaves(self) -> None:
        await super().leaves()
        self.stormy.networks[self.host].die()
        for _ in range(AFTERMATH):  # what is still open, or was just knocking, ends with the process
            for link in self._links():
                if not link._closing:
                    link.abort()
            await asyncio.sleep(0.01)

    def plan_death(self, steps: int, power: bool) -> None:
        """Die at one of the next writes."""
        self.disk.platter.die_at(steps, power, lambda left: self._cease(left, power))

    def dies_now(self, power: bool) -> None:
        """Die at once."""
        left = self.disk.platter.left(power)
        self.disk.platter.dead = True
        self._cease(left, power)

    def _cease(self, left: Platter, power: bool) -> None:
        """Nothing that this start of the node does from now on has any effect."""
        self.dead = True
        self._left = left
        for link in self._links():
            if power:
                link.broken("")
            else:
                link.abort()
        self.stormy.networks[self.host].die()
        if self._finder in self.stormy.air.finders:
            self.stormy.air.finders.remove(self._finder)
        self.node.board.listeners.clear()
        self.mark = self.mark.copy(self.mark.machine)

    async def is_buried(self) -> None:
        """Tidy away what a dead process leaves to nobody, and put the disk into a new machine."""
        assert self._left is not None
        await (self.leaves() if self._running else self.node.close())
        await asyncio.sleep(0.1)  # for what was called soon
        self.disk.scrap()
        self._use(SimulatedDisk.on(self._left))
        self._left = None

    def restore(self, backup: SimulatedDisk, *, mark_too: bool) -> None:
        """The machine is off: replace its disk by an older one."""
        elsewhere: set[bytes] = set()
        for other in self.stormy.present:
            if other is not self:
                elsewhere |= other.keeps
        self.stormy.record.went_back.add(self.key)
        before, self.keeps = self.keeps, set()
        self.disk.scrap()
        self.heard_of = set()
        self.due, self.deleted, self.drafts, self.blocked_since = {}, set(), {}, {}
        self._use(backup)
        self.stormy.record.restored_away |= before - elsewhere - self.keeps
        if mark_too:
            self.mark = MemoryMark(self.mark.machine)

    # --- what they do ---

    async def tries(self, call: Awaitable[T]) -> T | None:
        """Do something at the door: None when it was refused in words, or when nobody is there to hear the answer."""
        node = self.node
        try:
            answer = await call
        except ApiError:
            return None
        return None if self.dead or node is not self.node else answer

    # --- what they see ---

    @property
    def now(self) -> float:
        """Virtual time."""
        return asyncio.get_running_loop().time()

    def conversation(self, other: PeerId) -> bytes:
        """The one with somebody."""
        return direct_conversation(self.key, other)

    def circles(self) -> list[StoredConversation]:
        """The conversations of many that are here."""
        stored = self.node.store.conversations
        return [*stored.of_kind(GROUP), *stored.of_kind(ROOM)]

    def group(self, conversation: bytes) -> Group:
        """Who belongs to a group, as all that is here says."""
        return self.node.circles.group(conversation)

    def name_of_chat(self, conversation: bytes) -> str:
        """What a chat is called at the door; one with somebody goes by that person, for it need not be here yet."""
        people = {self.conversation(identity): id for id, identity in self.stormy.identities.items()}
        return people.get(conversation, encode_id(conversation))

    def lines(self, conversation: bytes) -> list[StoredLine]:
        """All that is shown of a conversation."""
        return self.node.store.lines.page(conversation, 100_000, None)

    def messages(self, conversation: bytes) -> list[Message]:
        """The same as the door shows it."""
        return self.node.view.history(encode_id(conversation), 1_000, None)

    def entries(self, conversation: bytes) -> set[bytes]:
        """The ids of all that is stored of it."""
        rows = self.disk.ask(
            "SELECT e.id FROM entries e JOIN conversations c ON c.number = e.conversation WHERE c.id = ?", conversation
        )
        return {row[0] for row in rows}

    def is_friend_of(self, other: Character) -> bool:
        """Whether both have accepted each other."""
        return self.key != other.key and all(
            one.node.roster.is_contact(another.key) for one, another in ((self, other), (other, self))
        )

    # --- what is watched ---

    def _notice(self, notice: Notice) -> None:
        """A client was told something."""
        other = self.stormy.identities.get(notice.person)
        if notice.event == "message":
            if notice.id in self.heard_of:
                self._broken("nothing appears twice", f"{self.name}'s clients were told twice of {notice.id[:8]}")
            self.heard_of.add(notice.id)
        between_two = other is not None and notice.chat in ("", encode_id(self.conversation(other)))
        shows = notice.event in ("message", "request") or notice.on
        alone = len(self.stormy.machines_of(self.key)) == 1  # another device hands on what it got before it knew
        if shows and alone and between_two and other is not None and self.has_blocked(other):
            self._broken("blocked people get nothing", f"{self.name} was shown a {notice.event} of one who is blocked")
        if notice.event == "state" and notice.id and notice.state in ("delivered", "read") and other is not None:
            id = base64.b32decode(notice.id.upper() + "====")
            theirs = self.stormy.machines_of(other)  # of none, Mallory says what she likes
            if theirs and not any(id in machine.held for machine in theirs):
                self._broken("delivered is on their disk", f"{self.name} saw {notice.id} {notice.state}")

    def ignores(self, other: PeerId) -> bool:
        """Whether somebody is blocked now."""
        return self.node.roster.is_blocked(other)

    def has_blocked(self, other: PeerId) -> bool:
        """Whether somebody is blocked, and has been for long enough that all must heed it."""
        since = self.blocked_since.get(other)
        return since is not None and self.now > since + UNDER_WAY and self.node.roster.is_blocked(other)

    def said(self, peer: Peer, frame: Frame) -> None:
        """This machine sends something."""
        between_two = isinstance(frame, frames.Request) or (
            isinstance(frame, ABOUT_A_CHAT) and frame.conversation == self.conversation(peer.identity)
        )
        if between_two and not self.dead and self.has_blocked(peer.identity):
            self._broken("blocked people get nothing", f"{self.name} sent {type(frame).__name__} to one who is blocked")
        if isinstance(frame, frames.Picture) and not self.dead and not self._knows(peer.identity):
            self._broken("a face is shown to no stranger", f"{self.name} sent a picture to {peer.identity.hex()[:8]}")
        if isinstance(frame, frames.Entries) and not self.dead and self.node.circles.is_group(frame.conversation):
            self.stormy.record.handed.setdefault((peer.identity, frame.conversation), set()).update(frame.entries)

    def _knows(self, other: PeerId) -> bool:
        groups = [self.group(stored.id) for stored in self.circles() if stored.kind == GROUP]
        together = any(other in group.members or other in group.invited for group in groups)
        return other == self.key or self.node.roster.is_contact(other) or together

    def _broken(self, invariant: str, detail: str) -> None:
        if not self.dead:
            self.stormy.record.broken.append((invariant, detail))


class StormyWorld(World):
    """Everybody, on one network in bad weather."""

    lan: StormyLan

    def __init__(self, seed: int, *, lobby: bool = False) -> None:
        super().__init__(seed, lobby=lobby)
        self.lan = StormyLan(random.Random(f"weather {seed}"))
        self.chance = random.Random(f"disks {seed}")
        self.machines: list[Character] = []
        self.networks: dict[str, StormyNetwork] = {}
        self.identities: dict[str, PeerId] = {}
        self.record = Record()
        self.ahead: set[str] = set()
        """The machines whose clocks have ever stood far ahead."""
        self.gathered: dict[bytes, Circle] = {}
        """What `circles` has gathered for this look."""
        self.decoded: dict[bytes, Held] = {}
        self.background: list[str] = []
        """Mistakes that nobody was told of."""
        self.files = TemporaryDirectory(prefix="p2pdm-story-")
        host = self.lan.host
        self.lan.host = lambda address: self.networks.setdefault(address, host(address))  # type: ignore[method-assign]

    async def arrives(self, name: str, disk: SimulatedDisk | None = None) -> Character:
        """Somebody with a new profile, or with a copy of one."""
        someone = Character(self, name, f"10.0.0.{len(self.everyone) + 1}", disk or SimulatedDisk.fresh(self.chance))
        self.everyone.append(someone)
        self.machines.append(someone)
        if disk is None:
            someone.make_profile()
        await self.begin(someone)
        self.identities[someone.id] = someone.key
        return someone

    async def begin(self, someone: Character) -> None:
        """Start somebody's machine."""
        self.networks.pop(someone.host, None)
        await someone.starts()

    @property
    def folder(self) -> Path:
        """Where the files of this story lie."""
        return Path(self.files.name)

    @property
    def aged(self) -> bool:
        """Whether two clocks were wrong alike, and may have confirmed each other: rooms keep some days only."""
        return len(self.ahead) > 1

    @property
    def present(self) -> list[Character]:
        """Who is there at the end."""
        return [machine for machine in self.machines if not machine.gone]

    def apart(self, one: Character, other: Character) -> bool:
        """Whether the cable between two is cut."""
        return self.lan.is_cut(one.host, other.host)

    def machines_of(self, identity: PeerId) -> list[Character]:
        """All with the profile of one identity."""
        return [machine for machine in self.machines if machine.key == identity]

    def name_of(self, identity: PeerId) -> str:
        """A name for a report."""
        return next((m.name for m in self.machines if m.key == identity), encode_id(identity)[:8])

    def noticed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The event loop's handler of what nobody caught."""
        self.background.append(f"{context.get('message')}: {context.get('exception')!r}")
