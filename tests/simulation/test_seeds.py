"""Some hundreds of seeds hold, and the simulator notices every planted mistake."""

from __future__ import annotations

import pytest

from tests.conftest import Counts
from tests.simulation import bugs
from tests.simulation.__main__ import run_many
from tests.simulation.bugs import PLANTED, Bug
from tests.simulation.invariants import AT_ANY_TIME, AT_THE_END, WATCHED
from tests.simulation.run import simulate

SEEDS = 150
ENOUGH = 60
"""Seeds within which every planted mistake is noticed, from the one below on."""
NOTICED_AT = {
    bugs.does_not_sync_the_disk: 33,
    bugs.keeps_all_orphans: 9,
    bugs.shares_every_conversation_with_everybody: 9,
    bugs.trusts_signatures: 8,
    bugs.never_tidies_its_timers: 8,
    bugs.acknowledges_before_the_disk_has_it: 7,
}
"""Where to begin to look, to save time: the first seed that noticed when this was written."""


def test_hundreds_of_seeds_hold(counts: Counts) -> None:
    results = list(run_many(range(SEEDS)))
    counts.ran("simulation seeds", len(results), SEEDS)
    assert [str(failure) for failures in results for failure in failures] == []


@pytest.mark.logs_warnings
@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_a_planted_mistake_is_noticed(bug: Bug) -> None:
    with bug():
        first = NOTICED_AT.get(bug, 0)
        for seed in range(first, first + ENOUGH):
            if PLANTED[bug] in {failure.invariant for failure in simulate(seed)}:
                return
    pytest.fail(f"{ENOUGH} seeds did not notice: {bug.__doc__}")


def test_there_is_a_planted_mistake_for_every_invariant() -> None:
    assert {*AT_ANY_TIME, *AT_THE_END, *WATCHED, "the story goes on"} == set(PLANTED.values())


def test_a_seed_is_the_same_story_each_time() -> None:
    with next(iter(PLANTED))():
        assert simulate(3) == simulate(3)
