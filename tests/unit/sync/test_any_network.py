"""Whatever the network does and whoever is copied: in the end all hold everything, and nobody was told too much."""

from __future__ import annotations

from contextlib import ExitStack
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from p2pdm.sync import owed, pushing, telling, wanting
from tests.unit.cast import ALICE, BOB, Person, person
from tests.unit.ledger import CHAT, MemoryLedger
from tests.unit.sync.desks import Desk, Wire, settle

SMALL = {"WINDOW": 1_500, "BATCH": 600, "MAX_UNDER_WAY": 3_000, "WANT_SPAN": 3, "HEADS_TOLD": 2}
"""The exchange's constants, so small that a few entries pass every one of them, wherever they are read."""
PEOPLE: list[Person] = [ALICE, BOB, person("bob", "phone"), ALICE]
"""Who sits at which desk; the last is a copy of the first one's profile."""
desks = st.integers(0, len(PEOPLE) - 1)


class AnyNetwork(RuleBasedStateMachine):
    """Four desks; sessions come and go, the lane loses, repeats and reorders, the copy goes on writing."""

    def __init__(self) -> None:
        super().__init__()
        self.constants = ExitStack()
        read = [(part, name) for part in (owed, pushing, telling, wanting) for name in SMALL if hasattr(part, name)]
        assert {name for _, name in read} == SMALL.keys()
        for part, name in read:
            self.constants.enter_context(patch.object(part, name, SMALL[name]))
        self.desks = [Desk(who) for who in PEOPLE]
        self.wires: dict[frozenset[int], Wire] = {}
        self.count = 0

    # --- people ---

    @rule(who=desks, times=st.integers(1, 6))
    def say(self, who: int, times: int) -> None:
        for _ in range(times):
            self.count += 1
            desk = self.desks[who]
            desk.say(f"{desk.who.name} says {self.count}", self._now())

    @precondition(lambda self: self.count > 2)
    @rule()
    def copy(self) -> None:
        """Alice's profile is copied over the one at the other desk; whatever that one wrote is elsewhere, or gone."""
        self._cut_all(3)
        self.desks[3] = Desk(ALICE, MemoryLedger(entries=self.desks[0].ledger.entries.values()))

    # --- the network ---

    @rule(one=desks, other=desks)
    def connect(self, one: int, other: int) -> None:
        pair = frozenset((one, other))
        if len(pair) == 2 and pair not in self.wires:
            self.wires[pair] = Wire(self.desks[one], self.desks[other], self._now())

    @precondition(lambda self: self.wires)
    @rule(which=st.integers(0, 9))
    def cut(self, which: int) -> None:
        pair = sorted(self.wires, key=sorted)[which % len(self.wires)]
        self.wires.pop(pair).cut()

    @precondition(lambda self: self.wires)
    @rule(which=st.integers(0, 9), first=st.booleans(), times=st.integers(1, 5))
    def deliver(self, which: int, first: bool, times: int) -> None:
        wire = self._wire(which)
        for _ in range(times):
            wire.deliver(wire.one if first else wire.other)

    @precondition(lambda self: self.wires)
    @rule(which=st.integers(0, 9), first=st.booleans(), packet=st.integers(0, 9), keep=st.booleans())
    def deliver_packet(self, which: int, first: bool, packet: int, keep: bool) -> None:
        wire = self._wire(which)
        wire.deliver_packet(wire.one if first else wire.other, packet, keep=keep)

    @precondition(lambda self: self.wires)
    @rule(which=st.integers(0, 9), first=st.booleans())
    def lose_packets(self, which: int, first: bool) -> None:
        wire = self._wire(which)
        wire.lanes[wire.one if first else wire.other].clear()

    @rule(seconds=st.sampled_from([0.1, 0.3, 5.0]))
    def wait(self, seconds: float) -> None:
        for wire in self.wires.values():
            wire.wait(seconds)

    # --- the end ---

    def teardown(self) -> None:
        try:
            settle(*self.wires.values())
            for one in range(len(PEOPLE)):
                for other in range(one):
                    self.connect(one, other)
            self._check(settle(*self.wires.values()))
        finally:
            self.constants.close()

    def _check(self, carried: int) -> None:
        everything = {id: entry for desk in self.desks for id, entry in desk.ledger.entries.items()}
        for desk in self.desks:
            assert desk.ledger.entries == everything
        assert carried <= len(self.wires) * (10 + 4 * len(everything)), "quiet comes soon"
        for wire in self.wires.values():
            wire.sent.clear()
        settle(*self.wires.values())
        assert not any(wire.sent for wire in self.wires.values()), "and stays"
        for wire in self.wires.values():
            assert CHAT in wire.one.exchanges[wire].conversations
            assert not wire.one.exchanges[wire].waits
            assert wire.one.exchanges[wire].deadline is None

    def _wire(self, which: int) -> Wire:
        return self.wires[sorted(self.wires, key=sorted)[which % len(self.wires)]]

    def _now(self) -> float:
        return max((wire.now for wire in self.wires.values()), default=0.0)

    def _cut_all(self, who: int) -> None:
        for pair in [pair for pair in self.wires if who in pair]:
            self.wires.pop(pair).cut()


TestAnyNetwork = AnyNetwork.TestCase
TestAnyNetwork.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
