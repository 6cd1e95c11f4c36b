"""Who says nothing is asked for a sign of life, and who does not answer is told of."""

from __future__ import annotations

from p2pdm.wire.frames import Ping, Typing
from p2pdm.wire.lane import LaneReceiver
from p2pdm.wire.session import (
    ANSWER_GIVEN_UP,
    ANSWER_PING,
    DEAD_AFTER,
    PING_AFTER,
    AnsweringAgain,
    Closed,
    NotAnswering,
    Session,
)
from tests.unit.cast import BOB, seed
from tests.unit.wire.pair import CHAT, Pair, frames, held


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
