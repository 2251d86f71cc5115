"""What is told from when to when, and never anything from the future."""

import pytest

from service.errors import UserError
from service.simulation.founding import BEFORE
from service.simulation.scenarios import load
from service.telling.plan import DAYS, Plan

DAY = 86_400_000_000
NOW = 20_000 * DAY + 12_345


def plan(start=None, days=None, pace=None, name="churn-spike"):
    return Plan.of(load(name), 1, start, days, pace, NOW)


def test_at_once_a_story_ends_at_the_last_midnight():
    told = plan()
    assert told.end == 20_000 * DAY
    assert told.day_zero == told.end - DAYS * DAY
    assert told.history == (told.day_zero - BEFORE * DAY, told.end)


def test_live_day_zero_is_now_and_there_is_no_end():
    told = plan(pace=60)
    assert (told.day_zero, told.end) == (NOW, None)
    assert told.history[1] == NOW
    assert told.lapse.in_business(NOW + 1) == NOW + 60


def test_live_with_days_ends_after_so_many_of_business():
    assert plan(pace=60, days=2).end == NOW + 2 * DAY


def test_when_it_befalls_is_told_by_the_clock_on_the_wall():
    assert plan(pace=86_400).befalls.timestamp() == pytest.approx(NOW / 1e6 + 30)
    assert plan(name="quiet").befalls is None


def test_a_story_may_end_before_its_scenario_begins():
    assert plan(days=30).ends_too_early
    assert not plan(days=31).ends_too_early
    assert plan(pace=60, days=20).ends_too_early
    assert not plan(pace=60).ends_too_early
    assert not plan(days=20, name="quiet").ends_too_early


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": "2100-01-01T00:00:00Z"}, "lies in the future"),
        ({"start": "2024-10-01T00:00:00Z", "days": 30}, "end in the future"),
        ({"start": "yesterday"}, "--start yesterday: "),
    ],
)
def test_what_workers_would_refuse_is_refused_here(asked, words):
    with pytest.raises(UserError, match=words):
        plan(**asked)


def test_a_stall_is_refused_where_all_is_told_at_once_for_it_would_leave_no_trace():
    for asked in ({}, {"start": "2024-01-01T00:00:00Z", "pace": 1}):
        with pytest.raises(UserError, match="an ingestion stall shows only live"):
            plan(**asked, name="ingestion-stall")


def test_a_stall_that_is_not_over_when_live_mode_begins_is_told():
    assert plan(pace=1, name="ingestion-stall").befalls is not None
    begun = "2024-10-03T18:00:00Z"  # six hours and some milliseconds before now; it takes twelve
    told = Plan.of(load("ingestion-stall").beginning(0), 1, begun, None, 1, NOW)
    assert told.befalls.timestamp() < NOW / 1e6


def test_a_story_that_ends_within_a_stall_lacks_what_is_withheld():
    assert plan(days=30.25, name="ingestion-stall").end is not None
