"""The quick lane takes each packet of the peer once, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.lane import MAX_PACKET, ROOM, LaneReceiver, LaneSender, index_of
from p2pdm.wire.replay import REJECT_AFTER, WINDOW
from tests.unit.cast import seed

INDEX, KEY = 0xCAFE, seed("lane")


@pytest.fixture
def sender() -> LaneSender:
    return LaneSender(INDEX, KEY)


@pytest.fixture
def receiver() -> LaneReceiver:
    return LaneReceiver(INDEX, KEY)


def sealed(sender: LaneSender, frames: bytes) -> bytes:
    packet = sender.seal(frames)
    assert packet is not None
    return packet


def test_packets_arrive_in_any_order_each_once(sender: LaneSender, receiver: LaneReceiver) -> None:
    packets = [sealed(sender, b"%d" % n) for n in range(4)]
    assert [receiver.open(packets[n]) for n in (2, 0, 2, 3, 0, 1)] == [b"2", b"0", None, b"3", None, b"1"]


def test_the_largest_packet_is_never_fragmented(sender: LaneSender, receiver: LaneReceiver) -> None:
    packet = sealed(sender, bytes(ROOM))
    assert len(packet) == MAX_PACKET
    assert index_of(packet) == INDEX
    assert receiver.open(packet) == bytes(ROOM)
    assert index_of(packet + b"\0") is None


def test_every_changed_byte_is_noticed(sender: LaneSender, receiver: LaneReceiver) -> None:
    packet = sealed(sender, b"hello")
    for at in range(len(packet)):
        assert receiver.open(packet[:at] + bytes((packet[at] ^ 1,)) + packet[at + 1 :]) is None
        assert receiver.open(packet[:at]) is None
    assert receiver.open(packet) == b"hello", "what was forged before did not use up its number"


def test_a_forged_high_number_does_not_shut_the_lane(sender: LaneSender, receiver: LaneReceiver) -> None:
    packet = sealed(sender, b"hello")
    forged = packet[:5] + (2**63).to_bytes(8, "big") + packet[13:]
    assert receiver.open(forged) is None
    assert receiver.open(packet) == b"hello"


def test_a_packet_of_long_ago_is_not_taken(sender: LaneSender, receiver: LaneReceiver) -> None:
    old = sealed(sender, b"old")
    for _ in range(WINDOW):
        sealed(sender, b"lost")
    newest = sealed(sender, b"")
    assert receiver.open(newest) == b""
    assert receiver.open(old) is None


def test_packets_of_another_lane_or_key_are_not_taken(receiver: LaneReceiver) -> None:
    assert receiver.open(sealed(LaneSender(INDEX + 1, KEY), b"hello")) is None
    assert receiver.open(sealed(LaneSender(INDEX, seed("other")), b"hello")) is None


def test_a_key_is_given_up_before_its_numbers_end(sender: LaneSender, receiver: LaneReceiver) -> None:
    sender._counter = REJECT_AFTER - 1
    assert receiver.open(sealed(sender, b"last")) == b"last"
    assert sender.seal(b"none") is None


def test_no_two_packets_share_a_number(sender: LaneSender) -> None:
    numbers = {sealed(sender, b"same")[5:13] for _ in range(50)}
    assert len(numbers) == 50


@given(st.binary(max_size=1_300) | st.binary(max_size=60).map(lambda rest: b"\1" + INDEX.to_bytes(4, "big") + rest))
def test_whatever_comes_nothing_is_taken_or_raised(packet: bytes) -> None:
    index_of(packet)
    assert LaneReceiver(INDEX, KEY).open(packet) is None
