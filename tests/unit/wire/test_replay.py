"""Each datagram is taken once, however the network reorders and repeats them."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.replay import REJECT_AFTER, WINDOW, ReplayWindow
from tests.unit.wire.vectors import load

if TYPE_CHECKING:
    from tests.conftest import Counts

CASES = 34
RING = WINDOW + 64
SIGNS = st.sampled_from((1, 1, -1))
STARTS = st.integers(0, 200) | st.integers(0, 2**64) | st.integers(REJECT_AFTER - 200, REJECT_AFTER + 1)


def test_every_case_of_the_vectors(counts: Counts) -> None:
    vectors = load(counts, "replay vectors", "replay_rfc6479.json", CASES)
    assert (vectors["window"], vectors["reject_after"]) == (WINDOW, REJECT_AFTER)
    window = ReplayWindow()
    for number, case in enumerate(vectors["cases"]):
        assert window.check_and_accept(case["counter"]) == case["accept"], f"case {number}: {case}"
    counts.ran("replay vectors", len(vectors["cases"]), CASES)


@st.composite
def numbers(draw: st.DrawFn) -> list[int]:
    """Give numbers as a network would, near each other, and now and then where the window or the ring ends."""
    edges = (0, 0, 0, 1, 63, 64, 128, WINDOW - 64, WINDOW, WINDOW + 1, RING, RING + 64, 5 * RING)
    steps = st.builds(lambda edge, near, sign: sign * edge + near, st.sampled_from(edges), st.integers(-2, 2), SIGNS)
    return list(accumulate(draw(st.lists(steps, max_size=60)), initial=draw(STARTS)))


@given(numbers())
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


def test_a_long_orderly_stream_is_taken_whole_and_never_again() -> None:
    window = ReplayWindow()
    assert all(window.check_and_accept(counter) for counter in range(3 * RING))
    assert not any(window.check_and_accept(counter) for counter in range(3 * RING))
