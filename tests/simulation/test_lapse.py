"""The time-lapse: history keeps its dates, later days pass faster, nothing lies ahead of the wall."""

import pytest

from schemas.instants import parse_instant
from service.simulation import Business
from service.simulation.lapse import Lapse

DAY = 86_400_000_000
START = 1_700_000_000_000_000
KNEE = START + 300 * DAY
HOUR_A_SECOND = Lapse(KNEE, 3_600)


def _lapsing() -> Business:
    return Business.opened(2, START, 300, 800, HOUR_A_SECOND)


def test_the_two_clocks_are_inverse_to_each_other():
    for wall in (START, KNEE, KNEE + 1, KNEE + DAY):
        assert HOUR_A_SECOND.on_the_wall(HOUR_A_SECOND.in_business(wall)) == wall


def test_a_time_lapse_leaves_when_history_happened_as_it_was():
    plain = Business.opened(2, START, 300, 800).until(KNEE)
    lapsed = _lapsing().until(KNEE)
    assert [e["occurred_at"] for e in plain] == [e["occurred_at"] for e in lapsed]


def test_a_minute_on_the_wall_carries_two_and_a_half_days_and_no_event_ahead_of_the_wall():
    minute = 60_000_000
    simulated = _lapsing()
    history = list(simulated.until(KNEE))
    live = list(simulated.until(KNEE + minute))
    instants = [parse_instant(event["occurred_at"]) for event in live]
    assert min(instants) >= KNEE
    assert max(instants) <= KNEE + minute
    days = sum(event["type"] == "spend.recorded" and event["channel"] == "search" for event in live)
    assert days in (2, 3)
    assert len(live) > len(history) / 300


def test_what_history_says_about_later_days_moves_with_them():
    ends = [
        parse_instant(event["trial_ends_at"])
        for event in _lapsing().until(KNEE)
        if event["type"] == "subscription.started" and "trial_ends_at" in event
    ]
    assert max(ends) > KNEE
    assert max(ends) <= KNEE + 14 * DAY // 3_600


def test_a_pace_below_real_time_is_refused():
    with pytest.raises(ValueError, match="real time"):
        Lapse(0, 0)
