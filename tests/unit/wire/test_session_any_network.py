"""Whatever the network does to a link and a lane, what is heard was said, in order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from p2pdm.wire.frames import LEAVING, Entries, Frame, encode
from p2pdm.wire.session import Closed
from tests.unit.wire.pair import CHAT, End, Pair, frames, held


class AnyNetwork(RuleBasedStateMachine):
    """Both talk while the network cuts the stream anywhere, and loses, repeats and reorders packets."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()
        self.count = 0
        self.said: dict[int, list[Frame]] = {0: [], 1: []}
        self.said_quick: dict[int, list[Frame]] = {0: [], 1: []}

    @initialize()
    def begin(self) -> None:
        self.pair.settle()

    def end(self, who: int) -> End:
        return (self.pair.alice, self.pair.bob)[who]

    @rule(who=st.integers(0, 1), large=st.booleans())
    def say(self, who: int, large: bool) -> None:
        self.count += 1
        frame = Entries(CHAT, [self.count.to_bytes(4, "big") * (10_000 if large else 1)])
        if not self.end(who).session.closed:
            self.said[who].append(frame)
        self.end(who).session.send(frame, self.pair.now, answered=True)

    @rule(who=st.integers(0, 1))
    def say_quick(self, who: int) -> None:
        self.count += 1
        session = self.end(who).session
        closed = session.closed
        went_quick = session.send_quick(held(self.count), self.pair.now)
        if not closed:
            (self.said_quick if went_quick else self.said)[who].append(held(self.count))

    @rule(who=st.integers(0, 1), size=st.integers(1, 100) | st.none())
    def deliver(self, who: int, size: int | None) -> None:
        self.pair.post()
        self.pair.deliver(self.end(who), size)

    @rule(who=st.integers(0, 1), which=st.integers(0, 30), keep=st.booleans())
    def deliver_packet(self, who: int, which: int, keep: bool) -> None:
        self.pair.post()
        end = self.end(who)
        if end.datagrams:
            packet = end.datagrams[which % len(end.datagrams)]
            end.session.receive_datagram(packet, self.pair.now)
            if not keep:
                end.datagrams.remove(packet)

    @rule(who=st.integers(0, 1))
    def lose_packet(self, who: int) -> None:
        self.pair.post()
        self.end(who).datagrams[:1] = []

    @rule(seconds=st.floats(0.1, 8))
    def wait(self, seconds: float) -> None:
        self.pair.wait(seconds, hears=False)

    @precondition(lambda self: self.count > 3)
    @rule(who=st.integers(0, 1))
    def leave(self, who: int) -> None:
        self.end(who).session.close(LEAVING)

    @invariant()
    def nothing_is_made_up_or_out_of_order(self) -> None:
        for who in (0, 1):
            end = self.end(who)
            end.listen()
            heard, quick = frames(end), frames(end, quick=True)
            assert heard == self.said[1 - who][: len(heard)]
            assert len(set(map(encode, quick))) == len(quick)
            assert all(frame in self.said_quick[1 - who] for frame in quick)
            closings = [event for event in end.events if isinstance(event, Closed)]
            assert closings == end.events[-1:] if end.session.closed else not closings

    def teardown(self) -> None:
        """The network calms down: whoever was not left has heard everything."""
        was_open = not (self.pair.alice.session.closed or self.pair.bob.session.closed)
        self.pair.settle()
        for who in (0, 1):
            if was_open:
                assert frames(self.end(who)) == self.said[1 - who]
            elif Closed(orderly=True, reason=LEAVING, why="") in self.end(who).events:
                assert len(frames(self.end(who))) == len(self.said[1 - who])
        super().teardown()


TestAnyNetwork = AnyNetwork.TestCase


TestAnyNetwork.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
