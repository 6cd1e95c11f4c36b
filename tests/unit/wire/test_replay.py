"""Each datagram is taken once, however the network reorders and repeats them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.replay import REJECT_AFTER, WINDOW, ReplayWindow
from tests.unit.wire.vectors import load

if TYPE_CHECKING:
    from tests.conftest import Counts

CASES = 34


def test_every_case_of_the_vectors(counts: Counts) -> None:
    vectors = load(counts, "replay vectors", "replay_rfc6479.json", CASES)
    assert (vectors["window"], vectors["reject_after"]) == (WINDOW, REJECT_AFTER)
    window = ReplayWindow()
    for number, case in enumerate(vectors["cases"]):
        assert window.check_and_accept(case["counter"]) == case["accept"], f"case {number}: {case}"
    counts.ran("replay vectors", len(vectors["cases"]), CASES)


def nearby_and_far() -> st.SearchStrategy[list[int]]:
    """Give numbers as a network would: mostly small steps in both directions, now and then a leap."""
    step = st.integers(-9, 9) | st.integers(-130, 130) | st.integers(-2 * WINDOW, 2 * WINDOW)
    leap = st.integers(-WINDOW - 66, WINDOW + 66) | st.integers(0, 2**64)
    return st.lists(step | leap, max_size=60).map(lambda steps: [sum(steps[: i + 1]) for i in range(len(steps))])


@given(nearby_and_far())
def test_the_ring_says_what_a_set_of_all_numbers_would_say(counters: list[int]) -> None:
    window, seen = ReplayWindow(), set[int]()
    for counter in counters:
        new = 0 <= counter < REJECT_AFTER and counter not in seen and max(seen, default=0) - counter <= WINDOW
        assert window.check_and_accept(counter) == new
        if new:
            seen.add(counter)


def test_numbers_seen_before_a_leap_of_whole_rings_do_not_block_new_ones() -> None:
    window = ReplayWindow()
    assert all(window.check_and_accept(counter) for counter in range(300))
    leap = 3 * (WINDOW + 64)
    assert window.check_and_accept(leap + 299)
    assert all(window.check_and_accept(leap + counter) for counter in range(299))
    assert not window.check_and_accept(299)
