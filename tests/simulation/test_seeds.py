"""Some hundreds of seeds hold, and the simulator notices every planted mistake."""

from __future__ import annotations

import pytest

from tests.conftest import Counts
from tests.simulation import bugs, circle_bugs, profile_bugs
from tests.simulation.__main__ import processes, run_many
from tests.simulation.bugs import PLANTED, Bug, noticed_at, told_with
from tests.simulation.invariants import AT_ANY_TIME, AT_THE_END, WATCHED

SEEDS = 150
ENOUGH = 60
"""Seeds within which every planted mistake is noticed, from the one below on."""
NOTICED_AT = {
    circle_bugs.hides_all_that_the_removed_said: 94,
    bugs.does_not_sync_the_disk: 67,
    circle_bugs.takes_one_members_word_for_all: 53,
    profile_bugs.never_takes_a_face_off: 51,
    profile_bugs.shows_a_group_as_it_looked_first: 51,
    circle_bugs.goes_on_telling_the_removed: 41,
    circle_bugs.folds_in_the_order_of_arrival: 41,
    circle_bugs.counts_everything_on_some_machines: 71,
    bugs.never_looks_whether_time_is_over: 39,
    bugs.shows_in_the_order_of_arrival: 36,
    profile_bugs.shows_its_face_to_everybody: 33,
    circle_bugs.ignores_floors: 30,
    circle_bugs.says_that_newcomers_have_what_was_before_them: 30,
    profile_bugs.saves_again_what_it_saved_first: 28,
    profile_bugs.saves_what_is_gone: 28,
    profile_bugs.goes_on_as_the_device_that_was_saved: 28,
    bugs.keeps_all_orphans: 15,
    bugs.trusts_signatures: 13,
    circle_bugs.remembers_the_group_as_it_was: 10,
    bugs.keeps_the_edits_of_what_was_taken_back: 10,
    bugs.never_tidies_its_timers: 8,
    circle_bugs.tells_the_removed_what_was_decided: 7,
    bugs.goes_on_sharing_with_the_blocked: 7,
    circle_bugs.keeps_what_others_said_to_itself: 6,
    bugs.shares_every_conversation_with_everybody: 5,
    bugs.does_not_hear_the_last_word: 5,
    bugs.tells_of_everything_that_comes: 5,
    bugs.shows_edited_messages_twice: 5,
    bugs.stumbles_in_a_timer: 5,
    bugs.deletes_only_what_is_shown: 5,
    bugs.keeps_drafts_in_memory: 5,
    bugs.tells_a_new_profile_to_nobody: 5,
    circle_bugs.remembers_peers_who_left: 5,
    profile_bugs.asks_for_a_face_only_once: 3,
    profile_bugs.takes_pictures_of_any_size: 3,
    bugs.acknowledges_before_the_disk_has_it: 2,
}
"""Where to begin to look, to save time: a seed that noticed, and was soon done, when this was written."""


def test_hundreds_of_seeds_hold(counts: Counts) -> None:
    results = list(run_many(range(SEEDS)))
    counts.ran("simulation seeds", len(results), SEEDS)
    assert [str(failure) for failures in results for failure in failures] == []


@pytest.fixture(scope="module")
def noticed() -> dict[str, int | None]:
    """By planted mistake, the first seed that noticed it."""
    with processes(len(PLANTED)) as pool:
        looked_at = {bug.__name__: range(first := NOTICED_AT.get(bug, 0), first + ENOUGH) for bug in PLANTED}
        return dict(zip(looked_at, pool.starmap(noticed_at, looked_at.items(), 1), strict=True))


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.__name__)
def test_a_planted_mistake_is_noticed(bug: Bug, noticed: dict[str, int | None]) -> None:
    assert noticed[bug.__name__] is not None, f"{ENOUGH} seeds did not notice: {bug.__doc__}"


def test_there_is_a_planted_mistake_for_every_invariant() -> None:
    assert {*AT_ANY_TIME, *AT_THE_END, *WATCHED, "the story goes on"} == set(PLANTED.values())


def test_a_seed_is_the_same_story_each_time() -> None:
    name = next(iter(PLANTED)).__name__
    with processes(2) as one, processes(2) as other:
        told = [pool.apply(told_with, (name, 3)) for pool in (one, other)]
    assert told[0] == told[1] != []
