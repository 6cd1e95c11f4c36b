"""Whatever bytes come to a session, they end it at most; nothing is raised and nothing made up is heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.frames import VIOLATION, Lane
from p2pdm.wire.lane import LaneSender
from p2pdm.wire.noise import CipherState
from p2pdm.wire.session import Closed, FrameReceived
from tests.unit.cast import seed
from tests.unit.wire.pair import Pair, held


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
