"""Small things go over the lane, as long as it can be trusted."""

from __future__ import annotations

from p2pdm.wire.frames import Entries, Typing, encode
from p2pdm.wire.lane import ROOM
from p2pdm.wire.session import LANE_DOUBTED, LANE_REST, FrameReceived
from tests.unit.wire.pair import CHAT, Pair, frames, held


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
