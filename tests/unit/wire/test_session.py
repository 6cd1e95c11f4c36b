"""Alice and bob speak over a link: what was said arrives, in order, or the end says that it may not have."""

from __future__ import annotations

from dataclasses import replace

from p2pdm.wire.frames import LEAVING, Close, Entries
from p2pdm.wire.lane import LaneReceiver
from p2pdm.wire.session import Closed, FrameReceived, Session
from tests.unit.cast import BOB, seed
from tests.unit.wire.pair import CHAT, Pair, frames, held

BROKEN = Closed(orderly=False, reason=None, why="the connection broke")


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
