"""Devices with ledgers in memory, and the wires between them: what a node does around an exchange, without a node."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import Entry
from p2pdm.sync.events import AskWhole, Event, LaneDoubted, PushEntries, Reached, TellHave, TellLacking, WantBranch
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.ledger import Head
from tests.unit.cast import ALICE, BOB, Person, person
from tests.unit.ledger import CHAT, MemoryLedger, Writer

PHONE = person("bob", "phone")
SLICE = 20
"""Entries judged before they are acknowledged."""

_Chain = tuple[bytes, int]
Message = TellHave | TellLacking | PushEntries | WantBranch | AskWhole


class Desk:
    """One device: what it holds, what waits for parents, and its exchange with each peer."""

    def __init__(self, who: Person, ledger: MemoryLedger | None = None) -> None:
        self.who = who
        self.ledger = ledger or MemoryLedger()
        self.writer = Writer(who, self.ledger)
        self.exchanges: dict[Wire, Exchange] = {}
        self.most_orphans = 0
        self._orphans: dict[bytes, dict[bytes, Entry]] = {}

    def say(self, text: str, now: float = 0.0) -> Entry:
        """Write something and push it to everyone there."""
        entry = self.writer.say(text)
        for exchange in self.exchanges.values():
            exchange.stored(CHAT, self._heads({(entry.header.device, 0)}), now)
        return entry

    def hear(self, wire: Wire, entries: tuple[bytes, ...], quick: bool, now: float) -> None:
        """Judge, store and acknowledge what came over a wire, a slice after the other."""
        for at in range(0, len(entries), SLICE):
            chains: set[_Chain] = set()
            received: dict[_Chain, Head] = {}
            for data in entries[at : at + SLICE]:
                self._take(wire, decode(data), quick, chains, received)
            heads = self._heads(chains)
            for other, exchange in self.exchanges.items():
                if heads:
                    sent = list(received.values()) if other is wire else None
                    exchange.stored(CHAT, heads, now, received=sent, quick=quick)

    def _take(self, wire: Wire, entry: Entry, quick: bool, chains: set[_Chain], received: dict[_Chain, Head]) -> None:
        header = entry.header
        missing = self.ledger.accept(entry)
        if missing:
            self._wait_for(entry, missing)
            if not quick and not any(missing[0] in waiting for waiting in self._orphans.values()):
                above = header.seq - 1 if missing[0] == header.prev else 0
                self.exchanges[wire].lacking(CHAT, missing[0], above)
            return
        chain = (header.device, header.chain)
        chains.add(chain)
        if chain not in received or received[chain].seq < header.seq:
            received[chain] = Head(*chain, header.seq, entry.id)
        self._admit_orphans(entry, chains)

    def _wait_for(self, entry: Entry, missing: list[bytes]) -> None:
        self._orphans.setdefault(missing[0], {})[entry.id] = entry
        self.most_orphans = max(self.most_orphans, sum(map(len, self._orphans.values())))

    def _admit_orphans(self, entry: Entry, chains: set[_Chain]) -> None:
        ready = self._orphans.pop(entry.id, {})
        while ready:
            _, orphan = ready.popitem()
            missing = self.ledger.accept(orphan)
            if missing:
                self._wait_for(orphan, missing)
            else:
                chains.add((orphan.header.device, orphan.header.chain))
                ready.update(self._orphans.pop(orphan.id, {}))

    def _heads(self, chains: set[_Chain]) -> list[Head]:
        return [head for head in self.ledger.heads(CHAT) if (head.device, head.chain) in chains]


@dataclass(eq=False)
class Wire:
    """A session of two desks: a link in order, and a lane that loses what the story says."""

    one: Desk
    other: Desk
    now: float = 0.0
    links: dict[Desk, deque[Message]] = field(default_factory=dict)
    lanes: dict[Desk, list[Message]] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    """Messages by kind, and "entries" and "bytes" that were pushed."""
    open: bool = True

    def __post_init__(self) -> None:
        for desk in (self.one, self.other):
            self.links[desk], self.lanes[desk] = deque(), []
            desk.exchanges[self] = Exchange(desk.ledger)
        for desk in (self.one, self.other):
            desk.exchanges[self].share(CHAT)
        self.post()

    def peer(self, desk: Desk) -> Desk:
        """Who sits at the other end."""
        return self.other if desk is self.one else self.one

    def cut(self) -> None:
        """The session breaks: what was under way is lost."""
        for desk in (self.one, self.other):
            desk.exchanges.pop(self, None)
            self.links[desk].clear()
            self.lanes[desk].clear()
        self.open = False

    def post(self) -> None:
        """Put on their way what both exchanges have decided."""
        for desk in (self.one, self.other):
            if self.open:
                exchange = desk.exchanges[self]
                while (events := exchange.events()) or (exchange.waits and not self.links[self.peer(desk)]):
                    for event in events:
                        self._send(desk, event)
                    if not self.links[self.peer(desk)]:
                        exchange.link_clear(self.now)

    def _send(self, desk: Desk, event: Event) -> None:
        self.sent[type(event).__name__] += 1
        to = self.peer(desk)
        match event:
            case Reached(_, heads):
                for head in heads:
                    stored = to.ledger.entries.get(head.id)
                    assert stored is not None, "they were said to hold what they lack"
                    assert (stored.header.device, stored.header.seq) == (head.device, head.seq)
            case LaneDoubted():
                pass
            case TellHave(quick=True) | PushEntries(quick=True):
                self.lanes[to].append(event)
            case message:
                self.links[to].append(message)
        if isinstance(event, PushEntries):
            self.sent["entries"] += len(event.entries)
            self.sent["bytes"] += sum(map(len, event.entries))

    def deliver(self, desk: Desk) -> bool:
        """The next message of the link arrives at `desk`."""
        if not self.links[desk]:
            return False
        self._arrive(desk, self.links[desk].popleft())
        return True

    def deliver_packet(self, desk: Desk, which: int = 0, *, keep: bool = False) -> bool:
        """One packet of the lane arrives; `keep`: it will come once more."""
        if not self.lanes[desk]:
            return False
        which %= len(self.lanes[desk])
        self._arrive(desk, self.lanes[desk][which] if keep else self.lanes[desk].pop(which))
        return True

    def _arrive(self, desk: Desk, message: Message) -> None:
        exchange = desk.exchanges[self]
        match message:
            case TellHave(conversation, heads, whole):
                exchange.have_received(conversation, heads, whole, self.now)
            case PushEntries(_, entries, quick):
                desk.hear(self, entries, quick, self.now)
            case WantBranch(conversation, head, after):
                exchange.want_received(conversation, head, after)
            case TellLacking(conversation, lacking):
                exchange.lacking_received(conversation, lacking)
            case AskWhole(conversation):
                exchange.tell_whole(conversation)
        self.post()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        for desk in (self.one, self.other):
            if self.open:
                due = desk.exchanges[self].deadline
                if due is not None and due <= self.now:
                    desk.exchanges[self].tick(self.now)
        self.post()


def settle(*wires: Wire, lose: Callable[[], bool] = lambda: False, limit: int = 100_000) -> int:
    """Carry everything until all is quiet, and time no longer changes that; returns how many messages it took."""
    carried = 0
    while True:
        busy = False
        for wire in wires:
            wire.post()
            for desk in (wire.one, wire.other):
                while wire.lanes[desk] and lose():
                    wire.lanes[desk].pop()
                if wire.deliver_packet(desk) or wire.deliver(desk):
                    busy = True
                    carried += 1
        assert carried < limit, "they never come to rest"
        if busy:
            continue
        if all(desk.exchanges[w].deadline is None for w in wires for desk in (w.one, w.other) if w.open):
            return carried
        for wire in wires:
            wire.wait(0.3)


def talk(times: int) -> MemoryLedger:
    """A ledger in which alice and bob have said something in turn."""
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    for turn in range(times):
        alice.say(f"alice {turn}")
        bob.say(f"bob {turn}")
    return ledger


def heads_of(ledger: MemoryLedger) -> list[Head]:
    """How far the chat goes there."""
    return ledger.heads(CHAT)


def meet(alice: Desk, bob: Desk) -> Wire:
    """They meet, and exchange what one has and the other lacks."""
    wire = Wire(alice, bob)
    settle(wire)
    return wire


def quiet_pair() -> tuple[Desk, Desk, Wire]:
    """Both have said something, and hold it."""
    alice, bob = Desk(ALICE, talk(1)), Desk(BOB)
    return alice, bob, meet(alice, bob)


def forked() -> tuple[Desk, Desk]:
    """Alice's profile was copied: after some talk each copy said something else."""
    ledger = talk(3)
    original, copied = Desk(ALICE, ledger), Desk(ALICE, MemoryLedger(entries=ledger.entries.values()))
    for number in range(4):
        original.say(f"original {number}")
    for number in range(9):
        copied.say(f"copy {number}")
    return original, copied


def listening(ledger: MemoryLedger) -> Exchange:
    """Alice's exchange with a peer of which the story plays the part."""
    one = Exchange(ledger)
    one.share(CHAT)
    one.events()
    return one


def large_talk() -> MemoryLedger:
    """More than two windows of it."""
    ledger = MemoryLedger()
    alice = Writer(ALICE, ledger)
    for number in range(45):
        alice.say(f"{number}" + "x" * 30_000)
    return ledger
