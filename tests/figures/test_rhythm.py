"""How far refreshes are apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.figures.rhythm import (
    DOUBLINGS,
    DOUBLINGS_AFTER_FAILURES,
    DOUBLINGS_READING_HISTORY,
    SHARE,
    SHARE_READING_HISTORY,
    Rhythm,
)

BASE = 5_000_000  # microseconds
START = 1_000 * BASE + 1


def test_a_refresh_is_due_at_each_multiple_of_the_interval_and_once_only() -> None:
    rhythm = Rhythm(BASE, START)
    assert rhythm.due(START, BASE, True) is None
    assert rhythm.due(START + BASE, BASE, True) == 1_001 * BASE
    assert rhythm.due(START + BASE + 1, BASE, True) is None


@given(st.integers(0, 6), st.integers(0, 60))
def test_the_instant_is_a_multiple_that_all_workers_have_in_common_however_late_it_is(
    doublings: int, late: int
) -> None:
    step = BASE << doublings
    rhythm = Rhythm(BASE, START)
    now = START + step + late * 1_000_000
    instant = rhythm.due(now, step, False)
    assert instant is not None
    assert instant % step == 0
    assert now - step < instant <= now


@given(st.floats(0.001, 100), st.booleans())
def test_the_work_keeps_to_its_share_as_far_as_the_interval_may_grow(spent: float, complete: bool) -> None:
    rhythm = Rhythm(BASE, START)
    rhythm.learn(spent, complete)
    share, most = (SHARE, DOUBLINGS) if complete else (SHARE_READING_HISTORY, DOUBLINGS_READING_HISTORY)
    assert spent * 1e6 <= share * rhythm.needed or rhythm.needed == BASE << most
    assert rhythm.needed == BASE or spent * 1e6 > share * rhythm.needed / 2


def test_once_history_is_read_the_next_refresh_does_not_wait_for_the_long_interval() -> None:
    rhythm = Rhythm(BASE, START)
    rhythm.learn(100.0, False)
    step = rhythm.needed
    assert step == BASE << DOUBLINGS_READING_HISTORY
    assert rhythm.due(START + BASE, step, False) is None
    assert rhythm.due(START + 2 * BASE, step, True) == 1_002 * BASE
    rhythm.learn(0.1, True)
    assert rhythm.needed == BASE
    assert rhythm.due(START + 2 * BASE + 1, step, True) is None


def test_figures_of_partitions_that_were_just_taken_do_not_wait_nor_do_those_after_them() -> None:
    rhythm = Rhythm(BASE, START)
    assert rhythm.due(START + 1, 8 * BASE, True, taken=True) == 1_000 * BASE
    rhythm.learn(100.0, True)  # all is computed for the first time
    assert rhythm.due(START + BASE, rhythm.needed, True) == 1_001 * BASE
    rhythm.learn(3.0, True)
    assert rhythm.due(START + 2 * BASE, rhythm.needed, True) is None


def test_partitions_that_were_taken_before_anything_could_be_computed_are_still_no_measure() -> None:
    rhythm = Rhythm(BASE, START)
    assert rhythm.due(START + 1, BASE, True, taken=True) is not None  # and there was nothing to compute
    assert rhythm.due(START + BASE, BASE, True) is not None
    rhythm.learn(100.0, True)
    assert rhythm.needed == BASE << DOUBLINGS_READING_HISTORY
    assert rhythm.due(START + 2 * BASE, rhythm.needed, True) == 1_002 * BASE


def test_who_never_read_history_waits_for_the_slowest_worker() -> None:
    rhythm = Rhythm(BASE, START)
    rhythm.learn(0.1, True)
    assert rhythm.due(START + BASE, 8 * BASE, True) is None


@pytest.mark.parametrize("failures", [1, 2, 10])
def test_each_failure_doubles_the_interval_up_to_a_limit(failures: int) -> None:
    rhythm = Rhythm(BASE, START)
    for _ in range(failures):
        rhythm.failed()
    assert rhythm.needed == BASE << min(failures, DOUBLINGS_AFTER_FAILURES)


@given(st.integers(1, 10**15))
def test_it_asks_again_at_the_next_multiple_of_the_shortest_interval(now: int) -> None:
    pause = Rhythm(BASE, now).pause(now)
    assert 0 < pause <= BASE / 1e6
    assert (now + round(pause * 1e6)) % BASE == 0
