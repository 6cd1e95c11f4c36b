"""Groups and rooms as everybody's disks together tell them: what the invariants of many compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from p2pdm.conversation.encoding import decode, restore
from p2pdm.conversation.entries import CONTENT, MEMBERSHIP, Entry, Invite, Join, Kind, Leave, Remove
from p2pdm.conversation.membership import Group, Operation, fold_group, operation_of
from p2pdm.identity import PeerId
from p2pdm.node.circles import Standing
from p2pdm.store.conversations import ROOM
from p2pdm.store.lines import StoredLine
from tests.simulation.people import Character, StormyWorld

ENTRIES = (
    "SELECT e.id, d.identity, e.signed, e.signature, e.salt, e.body FROM entries e"
    " JOIN devices d ON d.number = e.device JOIN conversations c ON c.number = e.conversation WHERE c.id = ?"
)


@dataclass(frozen=True)
class Held:
    """An entry on somebody's disk."""

    entry: Entry
    author: PeerId

    @property
    def place(self) -> tuple[bytes, int]:
        """Its device and its number."""
        return self.entry.header.device, self.entry.header.seq

    @property
    def is_content(self) -> bool:
        """Whether it was said, not decided."""
        return self.entry.header.chain == CONTENT


@dataclass
class Circle:
    """A group or room, on all disks."""

    world: StormyWorld
    id: bytes
    kind: int
    creator: PeerId
    has_members: bool
    """Whether there are operations: in a plain room there are none."""
    held: dict[Character, dict[bytes, Held]] = field(default_factory=dict)
    """By machine, what is on its disk."""
    _lines: dict[Character, dict[bytes, StoredLine]] = field(default_factory=dict)
    _reached: dict[Character, set[Character]] = field(default_factory=dict)
    _floors: dict[Character, dict[bytes, int]] = field(default_factory=dict)

    # --- as the machines see it ---

    def standing(self, machine: Character) -> Standing:
        """Where a machine's owner stands by what is on it."""
        if machine not in self.held:
            return Standing.NONE
        if self.kind == ROOM:
            stored = machine.node.circles.stored(self.id)
            return Standing.MEMBER if stored is not None and stored.entered else Standing.PARTED
        return machine.node.circles.standing(self.id, machine.key)

    @cached_property
    def inside(self) -> list[Character]:
        """The machines that are there and whose owners belong to it, as they themselves see it."""
        return [machine for machine in self.world.present if self.standing(machine) == Standing.MEMBER]

    def pairs(self) -> Iterator[tuple[Character, Character]]:
        """Machines that must agree, the first of which belongs to it: whatever one learns reaches the other."""
        for one in self.inside:
            reached = self.reached_from(one)
            for other in self.inside if self.kind == ROOM else self._involved(one):
                if other in reached and other is not one:
                    yield one, other

    def _involved(self, one: Character) -> list[Character]:
        group = one.group(self.id)
        identities = {*group.members, *group.invited}
        return [machine for machine in self.world.present if machine.key in identities]

    def reached_from(self, one: Character) -> set[Character]:
        """All to whom a way leads, from machine to machine of those who belong."""
        if one not in self._reached:
            self._reached[one] = self._reach(one)
        return self._reached[one]

    def _reach(self, one: Character) -> set[Character]:
        found, new = {one}, [one]
        inside = set(self.inside)
        while new:
            here = new.pop()
            near = (m for m in self.world.present if not self.world.apart(here, m))  # only who belongs hands on
            for machine in near:
                if machine not in found and machine in self.held and (here in inside or machine in inside):
                    found.add(machine)
                    if machine in inside:
                        new.append(machine)
        return found

    def floors(self, machine: Character) -> dict[bytes, int]:
        """By device, up to where its owner reads nothing."""
        if machine not in self._floors:
            floors = machine.node.circles.floors(self.id, machine.key)
            self._floors[machine] = {device: floor.seq for device, floor in floors.items()}
        return self._floors[machine]

    def lines(self, machine: Character) -> dict[bytes, StoredLine]:
        """What it shows, in its order."""
        if machine not in self._lines:
            self._lines[machine] = {line.entry.id: line for line in machine.lines(self.id)}
        return self._lines[machine]

    def above(self, held: Held, *machines: Character) -> bool:
        """Whether this is content for all these machines' owners, by their floors."""
        device, seq = held.place
        return held.is_content and all(seq > self.floors(machine).get(device, -1) for machine in machines)

    def readers_of(self, said: Held, author: Character) -> set[Character]:
        """The machines on which something must be shown that its author was told is kept."""
        if not self.must_show(said):
            return set()
        start = [one for one in self.inside if one is author or (one.key != author.key and said.entry.id in one.keeps)]
        found = {other for one in start[:1] for other in self.reached_from(one) if other in self.inside}
        return {reader for reader in found if self.above(said, reader, *start[:1])}

    # --- as all disks together tell it ---

    @cached_property
    def everything(self) -> dict[bytes, Held]:
        """All that is on any disk."""
        return {id: held for on_one in self.held.values() for id, held in on_one.items()}

    @cached_property
    def operations(self) -> list[Operation]:
        """All that was ever decided."""
        decided = [held for held in self.everything.values() if held.entry.header.chain == MEMBERSHIP]
        return [operation_of(held.entry, held.author) for held in decided]

    @cached_property
    def group(self) -> Group:
        """What all of that makes."""
        return fold_group(self.id, self.operations)

    def ends(self, who: PeerId) -> list[Operation]:
        """How somebody has parted, as often as that was."""
        partings = self.group.partings(who) if self.has_members else ()
        return [operation for operation in self.operations if operation.id in partings]

    def must_show(self, said: Held) -> bool:
        """Whether content counts: its author belonged, and was never put out, or this is among their last words."""
        if not self.has_members or said.author == self.creator:
            return True
        if self.kind == ROOM:
            header = said.entry.header
            return self.group.counts(said.author, header.device, header.seq, header.membership)
        record = self.group._rules.records.get(said.author) if self.group._rules is not None else None
        device, seq = said.place
        return (
            record is not None
            and any(self.knew(said, join.operation.id) for join, _ in record.joins)
            and all(
                any(floor.device == device and floor.seq >= seq for floor in end.body.last)
                for end in self.ends(said.author)
                if isinstance(end.body, Leave | Remove)
            )
        )

    def invitations(self, who: PeerId) -> list[tuple[bytes, Invite]]:
        """How somebody was ever asked in, rightly or not."""
        return [(o.id, o.body) for o in self.operations if isinstance(o.body, Invite) and o.body.who == who]

    def answered(self, who: PeerId) -> list[tuple[bytes, Invite]]:
        """Those of them to which they said yes."""
        yes = {o.body.invite for o in self.operations if isinstance(o.body, Join) and o.author == who}
        return [(id, invite) for id, invite in self.invitations(who) if id in yes]

    def knew(self, held: Held, operation: bytes) -> bool:
        """Whether the author of an entry knew of an operation when they wrote it."""
        named = held.entry.header.membership if held.is_content else (held.entry.id,)
        return any(operation == head or self.group.is_ancestor(operation, head) for head in named)

    def told(self, machine: Character) -> set[bytes]:
        """All that honest machines have handed to its owner."""
        return {decode(data).id for data in self.world.record.handed.get((machine.key, self.id), ())}

    def had(self, machine: Character) -> list[Held]:
        """What is on its disk, and the words that honest machines have handed to its owner, kept or not."""
        told = map(decode, self.world.record.handed.get((machine.key, self.id), ()))
        words = {entry.id for entry in told if entry.body is not None and entry.header.chain == CONTENT}
        known = [self.everything[id] for id in words - self.held[machine].keys() if id in self.everything]
        return [*self.held[machine].values(), *known]

    def may_hold(self, who: PeerId, held: Held) -> bool:
        """Whether somebody may have content, by any invitation that they took, and before or beside their parting."""
        if self.kind == ROOM or who in (held.author, self.creator):
            return True
        if held.entry.header.kind == Kind.OPEN and self.invitations(who):
            return True  # it holds no words: only whose device it is that others' decisions are about
        device, seq = held.place
        for id, invite in self.answered(who):
            covered = any(floor.device == device and floor.seq >= seq for floor in invite.after)
            parted = any(
                self.knew(held, end) and not self.group.is_ancestor(end, id) for end in self.group.partings(who)
            )
            if not covered and not parted:
                return True
        return False

    def may_know(self, who: PeerId, held: Held) -> bool:
        """Whether somebody may have an operation: nothing that came after their parting, if they stayed away."""
        if self.kind == ROOM or who == held.author:
            return True
        for end in self.group.partings(who):
            later = held.entry.id != end and self.knew(held, end)
            if later and not any(self.group.is_ancestor(end, id) for id, _ in self.invitations(who)):
                return False
        return True


def circles(world: StormyWorld) -> list[Circle]:
    """All groups and rooms that are on anybody's disk; gathered once for all that look."""
    if not world.gathered:
        for machine in world.machines:
            for stored in machine.circles():
                circle = world.gathered.setdefault(
                    stored.id, Circle(world, stored.id, stored.kind, stored.other, bool(stored.nonce))
                )
                circle.held[machine] = _held(world, machine, stored.id)
    return list(world.gathered.values())


def _held(world: StormyWorld, machine: Character, conversation: bytes) -> dict[bytes, Held]:
    found: dict[bytes, Held] = {}
    for id, author, *parts in machine.disk.ask(ENTRIES, conversation):
        if id not in world.decoded:
            world.decoded[id] = Held(restore(*parts), author)
        found[id] = world.decoded[id]
    return found
