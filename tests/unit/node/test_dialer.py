"""Whom bob dials and when: soon, once at a time, ever more seldom in vain, and contacts before strangers."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from p2pdm.node.dialer import AT_ONCE, COURTESY, FIRST_RETRY, SLOWEST, SLOWEST_STRANGER, STRANGERS_AT_ONCE, Dialer

ALICE, BOB, CAROL = b"a" * 32, b"b" * 32, b"c" * 32
CROWD = [b"%032d" % number for number in range(40)]


@pytest.fixture
def dialer() -> Dialer:
    return Dialer(BOB)


def fail(dialer: Dialer, who: bytes, now: float) -> None:
    """A dial that is due now leads nowhere."""
    assert dialer.due(now) == [who]
    dialer.ended(who, now, connected=False)


def test_the_smaller_identity_dials_at_once_and_the_larger_a_moment_later(dialer: Dialer) -> None:
    dialer.want(CAROL, 10.0)
    dialer.want(ALICE, 10.0)
    assert dialer.due(10.0) == [CAROL]
    assert dialer.deadline == 10.0 + COURTESY
    assert dialer.due(10.0 + COURTESY) == [ALICE]
    assert dialer.deadline is None


def test_something_to_say_is_no_time_for_courtesy(dialer: Dialer) -> None:
    dialer.want(ALICE, 10.0)
    dialer.want(ALICE, 10.1, urgent=True)
    assert dialer.due(10.1) == [ALICE]


def test_nobody_is_dialled_twice_at_once(dialer: Dialer) -> None:
    dialer.want(CAROL, 10.0)
    assert dialer.due(10.0) == [CAROL]
    dialer.want(CAROL, 10.0, urgent=True)
    assert dialer.due(99.0) == []


def test_who_is_there_is_not_dialled_again(dialer: Dialer) -> None:
    dialer.want(CAROL, 10.0)
    assert dialer.due(10.0) == [CAROL]
    dialer.ended(CAROL, 11.0, connected=True)
    assert dialer.deadline is None
    dialer.want(CAROL, 12.0)
    dialer.drop(CAROL)  # she dialled first
    assert dialer.due(99.0) == []


def test_a_wish_during_a_dial_that_leads_nowhere_is_not_lost(dialer: Dialer) -> None:
    dialer.want(CAROL, 10.0)
    for now in (10.0, 11.0, 13.0):
        fail(dialer, CAROL, now)
    assert dialer.due(17.0) == [CAROL]
    dialer.want(CAROL, 20.0)
    dialer.want(CAROL, 19.0, urgent=True)
    dialer.ended(CAROL, 18.0, connected=False)
    assert dialer.deadline == 19.0
    fail(dialer, CAROL, 19.0)
    assert dialer.deadline == 19.0 + FIRST_RETRY
    assert dialer.due(20.0) == [CAROL]
    dialer.want(CAROL, 20.5)
    dialer.ended(CAROL, 21.0, connected=True)
    assert dialer.deadline is None


def test_dropping_while_dialling_lets_the_dial_end(dialer: Dialer) -> None:
    dialer.want(CAROL, 10.0)
    dialer.due(10.0)
    dialer.drop(CAROL)
    dialer.ended(CAROL, 11.0, connected=True)
    assert dialer.deadline is None


def test_what_fails_is_tried_ever_more_seldom_but_within_a_minute(dialer: Dialer) -> None:
    now, pauses = 10.0, []
    dialer.want(CAROL, now)
    for _ in range(12):
        fail(dialer, CAROL, now)
        assert dialer.deadline is not None
        pauses.append(dialer.deadline - now)
        now = dialer.deadline
    assert pauses[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert pauses == sorted(pauses)
    assert pauses[-1] == SLOWEST


def test_strangers_who_never_answer_are_tried_more_seldom_still(dialer: Dialer) -> None:
    now, pauses = 10.0, []
    dialer.want(CAROL, now, contact=False)
    for _ in range(15):
        fail(dialer, CAROL, now)
        assert dialer.deadline is not None
        pauses.append(dialer.deadline - now)
        now = dialer.deadline
    assert pauses[-1] == SLOWEST_STRANGER


def test_news_of_somebody_start_over(dialer: Dialer) -> None:
    now = 10.0
    dialer.want(CAROL, now)
    for _ in range(10):
        fail(dialer, CAROL, now)
        assert dialer.deadline is not None
        now = dialer.deadline
    fail(dialer, CAROL, now)
    dialer.want(CAROL, now + 5, urgent=True)
    fail(dialer, CAROL, now + 5)
    assert dialer.deadline == now + 5 + FIRST_RETRY


def test_a_room_that_wakes_up_is_dialled_in_turns(dialer: Dialer) -> None:
    for who in CROWD:
        dialer.want(who, 10.0, urgent=True)
    dialled = dialer.due(10.0)
    assert len(dialled) == AT_ONCE
    assert dialer.due(99.0) == [], "until one ends"
    dialer.ended(dialled[0], 10.5, connected=True)
    assert dialer.deadline == 10.0
    (another,) = dialer.due(10.5)
    assert another not in dialled


def test_a_crowd_of_strangers_leaves_room_for_a_contact(dialer: Dialer) -> None:
    for who in CROWD:
        dialer.want(who, 10.0, urgent=True, contact=False)
    assert len(dialer.due(10.0)) == STRANGERS_AT_ONCE
    assert dialer.due(10.0) == []
    dialer.want(CAROL, 10.0)
    assert dialer.deadline == 10.0
    assert dialer.due(10.0) == [CAROL]


def test_contacts_go_first_then_who_was_not_tried_in_vain(dialer: Dialer) -> None:
    dialer.want(CAROL, 1.0, contact=False)
    fail(dialer, CAROL, 1.0)
    dialer.want(CROWD[0], 9.0, urgent=True, contact=False)
    dialer.want(ALICE, 9.5, urgent=True)
    assert dialer.due(10.0) == [ALICE, CROWD[0], CAROL]


class Evening(RuleBasedStateMachine):
    """People come, answer or not, and go."""

    people = st.sampled_from([*CROWD[:25], ALICE, CAROL])

    def __init__(self) -> None:
        super().__init__()
        self.dialer = Dialer(BOB)
        self.now = 0.0
        self.dialling: dict[bytes, bool] = {}
        self.strangers: set[bytes] = set()

    @rule(who=people, urgent=st.booleans(), contact=st.booleans())
    def want(self, who: bytes, urgent: bool, contact: bool) -> None:
        self.dialer.want(who, self.now, urgent=urgent, contact=contact)
        (self.strangers.discard if contact else self.strangers.add)(who)

    @rule(who=people)
    def drop(self, who: bytes) -> None:
        self.dialer.drop(who)

    @rule()
    def dial(self) -> None:
        deadline = self.dialer.deadline
        dialled = self.dialer.due(self.now)
        assert bool(dialled) == (deadline is not None and deadline <= self.now), "the deadline says when"
        assert not set(dialled) & self.dialling.keys()
        self.dialling.update((who, who in self.strangers) for who in dialled)
        assert self.dialer.due(self.now) == []

    @rule(connected=st.booleans(), which=st.integers(0, 99))
    def end(self, connected: bool, which: int) -> None:
        if self.dialling:
            who = sorted(self.dialling)[which % len(self.dialling)]
            del self.dialling[who]
            self.dialer.ended(who, self.now, connected=connected)

    @rule(seconds=st.sampled_from([0.1, COURTESY, 1.0, 30.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def few_at_once(self) -> None:
        assert len(self.dialling) <= AT_ONCE
        assert sum(self.dialling.values()) <= STRANGERS_AT_ONCE


TestEvening = Evening.TestCase
TestEvening.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
