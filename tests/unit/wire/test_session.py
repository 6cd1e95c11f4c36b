"""Alice and bob speak over a link and a lane: what was said arrives, in order, or the end says that it may not have."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from p2pdm.wire.frames import LEAVING, VIOLATION, Close, Entries, Frame, Held, Lane, Ping, Typing, encode
from p2pdm.wire.lane import ROOM, LaneReceiver, LaneSender
from p2pdm.wire.noise import CipherState
from p2pdm.wire.session import (
    ANSWER_GIVEN_UP,
    ANSWER_PING,
    DEAD_AFTER,
    LANE_DOUBTED,
    LANE_REST,
    PING_AFTER,
    AnsweringAgain,
    Closed,
    FrameReceived,
    NotAnswering,
    Session,
)
from tests.unit.cast import BOB, seed
from tests.unit.wire.pair import End, Pair

CHAT = seed("chat")
BROKEN = Closed(orderly=False, reason=None, why="the connection broke")


def held(number: int) -> Held:
    """A frame that differs from all others."""
    return Held(number.to_bytes(32, "big"))


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    pair.settle()
    return pair


def frames(end: End, *, quick: bool = False) -> list[Frame]:
    return [event.frame for event in end.events if isinstance(event, FrameReceived) and event.quick is quick]


# --- the link ---


def test_bob_hears_what_alice_says_in_order(pair: Pair) -> None:
    said = [held(number) for number in range(10)]
    for frame in said:
        pair.alice.session.send(frame, pair.now)
    pair.settle()
    assert frames(pair.bob) == said
    assert frames(pair.alice) == []


def test_many_small_frames_share_a_record_and_large_ones_are_split(pair: Pair) -> None:
    for number in range(100):
        pair.alice.session.send(held(number), pair.now)
    one = pair.alice.session.data_to_send()
    assert int.from_bytes(one[:2], "big") == len(one) - 2, "a single record"
    for _ in range(4):
        pair.alice.session.send(Entries(CHAT, [bytes(50_000)]), pair.now)
    pair.bob.stream += one
    pair.settle()
    assert len(frames(pair.bob)) == 104


def test_leaving_is_orderly_and_what_was_said_before_it_arrives(pair: Pair) -> None:
    pair.alice.session.send(held(1), pair.now)
    pair.alice.session.close(LEAVING)
    pair.alice.session.send(held(2), pair.now)
    pair.settle()
    assert pair.bob.events == [
        FrameReceived(held(1), quick=False),
        Closed(orderly=True, reason=LEAVING, why=""),
    ]
    assert pair.alice.events == [Closed(orderly=True, reason=None, why="")]


def test_nothing_comes_after_the_end(pair: Pair) -> None:
    alice, bob = pair.alice.session, pair.bob.session
    alice.send(Close(LEAVING), pair.now)
    alice.send(held(1), pair.now)
    quick = alice.send_quick(held(2), pair.now)
    assert quick
    pair.settle()
    assert pair.bob.events == [Closed(orderly=True, reason=LEAVING, why="")]
    bob.receive_end()
    bob.tick(pair.now + 1_000)
    bob.send(held(3), pair.now)
    assert not bob.send_quick(held(4), pair.now)
    bob.close(LEAVING)
    assert (bob.events(), bob.data_to_send(), bob.datagrams_to_send(), bob.deadline) == ([], b"", [], None)
    assert not bob.answering


def test_a_link_that_breaks_is_a_truncation(pair: Pair) -> None:
    pair.alice.session.send(held(1), pair.now)
    pair.alice.session.close(LEAVING)
    pair.post()
    pair.deliver(pair.bob, len(pair.bob.stream) - 1)  # all but the last byte
    pair.bob.session.receive_end()
    assert pair.bob.listen() == [BROKEN], "half a record says nothing yet, and its end was cut off"


def test_a_link_that_ends_after_the_close_is_no_truncation(pair: Pair) -> None:
    pair.alice.session.close(LEAVING)
    pair.settle()
    pair.bob.session.receive_end()
    assert pair.bob.session.events() == []
    assert pair.bob.events[-1] == Closed(orderly=True, reason=LEAVING, why="")


def test_what_came_with_the_end_of_the_handshake_is_heard(pair: Pair) -> None:
    pair.bob.session.send(held(1), pair.now)
    rest = pair.bob.session.data_to_send()
    established = replace(pair.established(BOB, "to bob", "to alice", received=1), rest=rest)
    session = Session(established, pair.now, LaneReceiver(1, seed("lane")), None)
    assert session.events() == [FrameReceived(held(1), quick=False)]


# --- wrong bytes ---


@given(st.data())
def test_a_flipped_bit_ends_the_session_and_says_so(data: st.DataObject) -> None:
    pair = Pair()
    pair.settle()
    said = [held(number) for number in range(data.draw(st.integers(1, 4)))]
    for frame in said:
        pair.alice.session.send(frame, pair.now)
        pair.post()
    at = data.draw(st.integers(0, len(pair.bob.stream) - 1))
    pair.bob.stream[at] ^= 1 << data.draw(st.integers(0, 7))
    while pair.bob.stream:
        pair.deliver(pair.bob, data.draw(st.integers(1, 100)))
    pair.bob.session.receive_end()  # a longer length waits for bytes that never come
    *heard, end = pair.bob.listen()
    assert isinstance(end, Closed)
    assert not end.orderly
    assert end.why
    assert [event.frame for event in heard if isinstance(event, FrameReceived)] == said[: len(heard)]
    assert len(heard) < len(said)


def test_whoever_sent_wrong_bytes_is_told_so_once(pair: Pair) -> None:
    pair.bob.session.receive_data(b"\x00\x20" + bytes(32), pair.now)
    assert pair.bob.listen() == [Closed(orderly=False, reason=None, why="a ciphertext does not verify")]
    pair.settle()
    assert pair.alice.events == [Closed(orderly=True, reason=VIOLATION, why="")]
    pair.bob.session.receive_data(b"\x00\x20" + bytes(32), pair.now)
    assert pair.bob.session.events() == []


@given(st.lists(st.binary(max_size=80), max_size=8), st.lists(st.binary(max_size=80), max_size=4))
def test_whatever_bytes_come_nothing_is_raised(pieces: list[bytes], packets: list[bytes]) -> None:
    pair = Pair()
    for piece in pieces:
        pair.bob.session.receive_data(piece, pair.now)
    for packet in packets:
        pair.bob.session.receive_datagram(packet, pair.now)
        pair.bob.session.receive_datagram(b"\1\0\0\0\2" + packet, pair.now)
    assert all(isinstance(event, Closed) and not event.orderly for event in pair.bob.listen())


@given(st.binary(max_size=80), st.booleans())
def test_whatever_a_peer_seals_nothing_is_raised(plaintext: bytes, quick: bool) -> None:
    """A peer with the right keys and a program of its own."""
    pair = Pair()
    pair.settle()
    bob = pair.bob.session
    if quick:
        packet = LaneSender(2, seed("lane 2")).seal(plaintext)
        assert packet is not None
        bob.receive_datagram(packet, pair.now)
    else:
        cipher = CipherState(seed("to bob"), 1)
        record = cipher.encrypt_with_ad(b"", plaintext)
        bob.receive_data(len(record).to_bytes(2, "big") + record, pair.now)
    if bob.closed:
        assert isinstance(pair.bob.listen()[-1], Closed)


@pytest.mark.parametrize("size", range(16))
def test_a_record_shorter_than_its_tag_is_refused_before_it_is_there(pair: Pair, size: int) -> None:
    pair.bob.session.receive_data(bytes((0, size)), pair.now)
    assert isinstance(pair.bob.listen()[0], Closed)


def test_a_second_lane_is_refused(pair: Pair) -> None:
    """Its packets would be numbered from zero again, perhaps under the same key."""
    pair.alice.session.send(Lane(1, seed("lane 1"), 5_001), pair.now)
    pair.settle()
    assert pair.bob.events == [Closed(orderly=False, reason=None, why="a lane was opened twice")]


# --- silence ---


def test_two_who_have_nothing_to_say_ask_now_and_then(pair: Pair) -> None:
    pair.wait(3_600)
    assert pair.alice.events == pair.bob.events == []
    assert pair.alice.session.answering
    assert pair.now - pair.alice.session.last_heard <= PING_AFTER


def test_a_ping_goes_out_after_25_s_of_silence(pair: Pair) -> None:
    assert pair.alice.session.deadline == pair.now + PING_AFTER
    pair.alice.session.tick(pair.now + PING_AFTER - 0.01)
    assert pair.alice.session.data_to_send() == b""
    pair.alice.session.tick(pair.now + PING_AFTER)
    assert pair.alice.session.data_to_send() != b""
    pair.alice.session.tick(pair.now + PING_AFTER + 1)
    assert pair.alice.session.data_to_send() == b"", "once"
    assert pair.alice.session.deadline == pair.now + DEAD_AFTER


def test_after_75_s_of_silence_bob_is_gone(pair: Pair) -> None:
    pair.wait(DEAD_AFTER - 0.01, hears=False)
    assert pair.alice.listen() == []
    pair.wait(0.01, hears=False)
    (closed,) = pair.alice.listen()
    assert isinstance(closed, Closed)
    assert not closed.orderly
    assert "nothing was heard" in closed.why


def test_a_machine_that_slept_knows_at_once_that_the_session_is_over(pair: Pair) -> None:
    pair.alice.session.tick(pair.now + 8 * 3_600)
    assert isinstance(pair.alice.listen()[0], Closed)


def test_a_session_does_at_its_deadline_what_is_due_then() -> None:
    """However fractions of a second are rounded: else whoever waits for the deadline would wait for it for ever."""
    for tenths in range(300):
        begun = tenths / 10
        session = Session(Pair.established(BOB, "to bob", "to alice"), begun, LaneReceiver(1, seed("lane")), None)
        session.send(held(1), begun, answered=True)
        due: list[float] = []
        while session.deadline not in (None, *due[-1:]):
            due.append(session.deadline or 0)
            session.tick(due[-1])
        assert [round(when - begun) for when in due] == [2, 7, 25, 75]


# --- answers ---


def test_what_is_not_answered_is_pinged_after_2_s_and_reported_after_5_more(pair: Pair) -> None:
    start, alice = pair.now, pair.alice.session
    alice.send(held(1), start, answered=True)
    assert alice.data_to_send() != b""
    assert alice.deadline == start + ANSWER_PING
    alice.tick(start + ANSWER_PING)
    assert alice.data_to_send() != b"", "a ping"
    assert alice.deadline == start + ANSWER_PING + ANSWER_GIVEN_UP
    alice.tick(start + ANSWER_PING + ANSWER_GIVEN_UP - 0.01)
    assert (alice.events(), alice.answering) == ([], True)
    alice.tick(start + ANSWER_PING + ANSWER_GIVEN_UP)
    assert (alice.events(), alice.answering) == ([NotAnswering()], False)
    assert not alice.closed
    alice.tick(start + 20)
    assert alice.events() == [], "said once"
    assert alice.deadline == start + PING_AFTER, "then the common silence counts"


def test_bob_answers_again(pair: Pair) -> None:
    pair.alice.session.send(held(1), pair.now, answered=True)
    pair.wait(10, hears=False)
    pair.post()
    pair.settle()  # what TCP had still tried to deliver arrives
    assert pair.alice.events == [NotAnswering(), AnsweringAgain()]
    assert pair.alice.session.answering
    assert frames(pair.bob) == [held(1)]


def test_any_sign_of_life_is_an_answer(pair: Pair) -> None:
    pair.alice.session.send(held(1), pair.now, answered=True)
    pair.alice.session.data_to_send()  # lost in a network that TCP gives time
    pair.now += 1.9
    pair.bob.session.send_quick(Typing(CHAT, True), pair.now)
    pair.settle()
    pair.wait(10, hears=False)
    assert NotAnswering() not in pair.alice.events


def test_the_wait_counts_from_the_first_that_was_not_answered(pair: Pair) -> None:
    start, alice = pair.now, pair.alice.session
    for second in range(7):
        alice.send(held(second), start + second, answered=True)
        alice.tick(start + second)
    alice.tick(start + 7)
    assert alice.events() == [NotAnswering()]


def test_a_ping_on_demand_finds_out_whether_bob_lives(pair: Pair) -> None:
    pair.alice.session.ping(pair.now)
    pair.settle()
    pair.wait(10)
    assert pair.alice.events == []
    pair.alice.session.ping(pair.now)
    pair.wait(10, hears=False)
    assert pair.alice.listen() == [NotAnswering()]


def test_what_needs_no_answer_is_not_waited_for(pair: Pair) -> None:
    pair.alice.session.send(Ping(1), pair.now)
    pair.alice.session.send_quick(Typing(CHAT, True), pair.now)
    pair.wait(20, hears=False)
    assert pair.alice.listen() == []


# --- the lane ---


def test_small_things_go_over_the_lane(pair: Pair) -> None:
    assert pair.alice.session.lane_port == 5_002
    assert pair.alice.session.send_quick(held(1), pair.now)
    assert pair.alice.session.data_to_send() == b""
    pair.settle()
    assert pair.bob.events == [FrameReceived(held(1), quick=True)]


def test_what_fits_no_packet_goes_over_the_link(pair: Pair) -> None:
    room = ROOM - len(encode(Entries(CHAT, [bytes(1_000)]))) + 1_000
    assert pair.alice.session.send_quick(Entries(CHAT, [bytes(room)]), pair.now)
    assert not pair.alice.session.send_quick(Entries(CHAT, [bytes(room + 1)]), pair.now)
    pair.settle()
    assert len(frames(pair.bob, quick=True)) == len(frames(pair.bob)) == 1


def test_without_a_lane_everything_goes_over_the_link() -> None:
    pair = Pair(lanes=False)
    assert not pair.alice.session.send_quick(held(1), pair.now)
    pair.settle()
    assert frames(pair.bob) == [held(1)]


def test_a_lane_that_loses_rests_and_is_tried_again(pair: Pair) -> None:
    alice = pair.alice.session
    for _ in range(LANE_DOUBTED):
        assert alice.send_quick(held(1), pair.now)
        alice.doubt_lane(pair.now)
    assert not alice.send_quick(held(2), pair.now)
    assert not alice.send_quick(held(3), pair.now + LANE_REST - 0.01)
    assert alice.send_quick(held(4), pair.now + LANE_REST)


def test_a_packet_that_comes_through_restores_the_trust(pair: Pair) -> None:
    """Losses now and then are no reason to rest, only losses in a row."""
    for _ in range(5):
        for _ in range(LANE_DOUBTED - 1):
            pair.alice.session.doubt_lane(pair.now)
        pair.bob.session.send_quick(Typing(CHAT, True), pair.now)
        pair.settle()
    assert pair.alice.session.send_quick(held(1), pair.now)


def test_forged_packets_are_not_noticed(pair: Pair) -> None:
    pair.alice.session.send_quick(held(1), pair.now)
    (packet,) = pair.alice.session.datagrams_to_send()
    heard = pair.bob.session.last_heard
    pair.now += 1
    for at in range(len(packet)):
        pair.bob.session.receive_datagram(packet[:at] + bytes((packet[at] ^ 1,)) + packet[at + 1 :], pair.now)
    assert pair.bob.session.last_heard == heard
    assert pair.bob.listen() == []
    pair.bob.session.receive_datagram(packet, pair.now)
    pair.bob.session.receive_datagram(packet, pair.now)
    assert pair.bob.listen() == [FrameReceived(held(1), quick=True)]


# --- any network ---


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
