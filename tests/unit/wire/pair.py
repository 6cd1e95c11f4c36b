"""Two sessions and a wire between them, in a time of their own."""

from __future__ import annotations

from dataclasses import dataclass, field

from p2pdm.wire.frames import Frame, Held
from p2pdm.wire.handshake import Established
from p2pdm.wire.lane import LaneReceiver
from p2pdm.wire.noise import CipherState
from p2pdm.wire.session import Event, FrameReceived, Session
from tests.unit.cast import ALICE, BOB, Person, seed

CHAT = seed("chat")


@dataclass
class End:
    """One side: its session, what is on its way to it, and what it was told."""

    session: Session
    stream: bytearray = field(default_factory=bytearray)
    datagrams: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def listen(self) -> list[Event]:
        """What happened since the last time."""
        new = self.session.events()
        self.events += new
        return new


class Pair:
    """Alice's and bob's ends. `now` moves only when a story says so."""

    def __init__(self, *, lanes: bool = True) -> None:
        self.now = 1_000.0
        self.alice = End(self._session(BOB, "to bob", "to alice", 1, lanes))
        self.bob = End(self._session(ALICE, "to alice", "to bob", 2, lanes))

    @staticmethod
    def established(peer: Person, send: str, receive: str, received: int = 0) -> Established:
        """What a handshake with `peer` gives, of whose records `received` have been read."""
        keys = CipherState(seed(send)), CipherState(seed(receive), received)
        return Established(peer.certificate, bytes(8), *keys, b"")

    def _session(self, peer: Person, send: str, receive: str, index: int, lanes: bool) -> Session:
        lane = LaneReceiver(index, seed(f"lane {index}"))
        return Session(self.established(peer, send, receive), self.now, lane, 5_000 + index if lanes else None)

    def other(self, end: End) -> End:
        """Who is at the other end."""
        return self.bob if end is self.alice else self.alice

    def post(self) -> None:
        """Put what both have to send on its way."""
        for end in (self.alice, self.bob):
            to = self.other(end)
            to.stream += end.session.data_to_send()
            to.datagrams += end.session.datagrams_to_send()

    def deliver(self, end: End, size: int | None = None) -> None:
        """Hand over the next bytes of what is on its way to `end`."""
        data = bytes(end.stream[:size])
        del end.stream[:size]
        end.session.receive_data(data, self.now)

    def settle(self) -> None:
        """Carry everything both ways until nothing is on its way."""
        for _ in range(10):
            self.post()
            if not any((self.alice.stream, self.bob.stream, self.alice.datagrams, self.bob.datagrams)):
                break
            for end in (self.alice, self.bob):
                self.deliver(end)
                while end.datagrams:
                    end.session.receive_datagram(end.datagrams.pop(0), self.now)
        self.alice.listen()
        self.bob.listen()

    def wait(self, seconds: float, *, hears: bool = True) -> None:
        """Let time pass, and each side do what is due when it is due."""
        until = self.now + seconds
        while True:
            deadlines = [d for end in (self.alice, self.bob) if (d := end.session.deadline) is not None]
            due = min(deadlines, default=until)
            if due > until:
                break
            self.now = max(self.now, due)
            self.alice.session.tick(self.now)
            self.bob.session.tick(self.now)
            if hears:
                self.settle()
            if not deadlines:
                break
        self.now = until


def held(number: int) -> Held:
    """A frame that differs from all others."""
    return Held(number.to_bytes(32, "big"))


def frames(end: End, *, quick: bool = False) -> list[Frame]:
    """What was heard over the link, or over the lane."""
    return [event.frame for event in end.events if isinstance(event, FrameReceived) and event.quick is quick]
