"""The series of a backtest are the figures of the service, at each of many instants."""

import json
from itertools import pairwise

import pytest

from backtest.history import History, founded
from backtest.rules import Rules
from schemas.instants import DAY, HOUR
from service.domain.metrics import Definitions
from service.replay import Line, replay
from service.simulation import Established
from service.simulation.scenarios import Concern, Scenario, load

CONCERN = Concern(paying=150)
FOUNDED = founded(4)
RULES = Rules.read()
INSTANTS = [FOUNDED + DAY + hours * HOUR for hours in (0, 5, 30, 31)]


@pytest.fixture(scope="module")
def past() -> History:
    return History(4, CONCERN)


def replayed(changes, as_of, arrived):
    """What a replay of the events that have arrived by then says at `as_of`."""
    business = Established(4, FOUNDED, Scenario(summary="-", business=CONCERN, changes=changes))
    lines = [Line("-", 1, json.dumps(event).encode()) for event in business.until(arrived)]
    found = replay(lines, Definitions(windows=RULES.windows), as_of, arrived).view.figures
    return {(f.name, f.labels): f.value for f in found if f.name in RULES.metrics}


@pytest.mark.parametrize("place", range(len(INSTANTS)))
def test_one_pass_gives_at_each_instant_what_a_replay_up_to_it_gives(past, place):
    series = past.copy().figures(INSTANTS, RULES)
    expected = replayed((), INSTANTS[place], INSTANTS[place])
    assert len(expected) > 100
    for key, value in expected.items():
        assert series[key][place] == value, key


def test_events_that_arrive_late_are_missing_until_they_arrive(past):
    stall = load("ingestion-stall", 1.0).beginning(1.5).changes
    stalled, quiet = past.copy(), past.copy()
    stalled.business.befall(stall, FOUNDED)
    instants = [FOUNDED + 36 * HOUR, FOUNDED + 59 * HOUR, FOUNDED + 61 * HOUR]
    late = stalled.figures(instants, RULES, as_they_arrive=True)
    calm = quiet.figures(instants, RULES)
    watermark = late["subpulse_watermark_timestamp_seconds", ()]
    assert watermark[1] == watermark[0] < 0.1
    assert watermark[2] > watermark[1]
    assert watermark[2] <= 25 * 3600
    differing = {key for key in calm if calm[key][1] != late[key][1]}
    assert (
        "subpulse_orders",
        (("window", "24h"), ("currency", "EUR"), ("customer", "existing")),
    ) in differing
    figures = [key for key in calm if not key[0].endswith("_timestamp_seconds")]
    assert all(calm[key][2] == late[key][2] for key in figures)


def test_a_copy_has_a_future_of_its_own(past):
    spike = past.copy()
    spike.business.befall(load("churn-spike", 5).beginning(0).changes, FOUNDED)

    def churned(history):
        series = history.figures([FOUNDED + 20 * DAY], RULES)
        labels = {("basis", "subscription"), ("window", "30d")}
        return sum(
            values[0]
            for (name, of), values in series.items()
            if name == "subpulse_customers_churned" and labels <= set(of)
        )

    first, second = churned(past.copy()), churned(past.copy())
    assert first == second
    assert churned(spike) > first + 3


def test_twenty_businesses_begin_on_twenty_days_spread_over_a_year_that_is_past():
    days = sorted(founded(seed) // DAY for seed in range(1, 21))
    assert days[-1] - days[0] > 330
    assert {later - earlier for earlier, later in pairwise(days)} <= {18, 13, 5}
    assert days[-1] + 400 < 20_000
