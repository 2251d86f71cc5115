"""Promtool evaluates, and what it says is understood: when alerts fire, with `for` and `keep_firing_for`."""

import pytest

from backtest.promtool import PromtoolError, Stretch, fires
from backtest.rules import Rules
from tests.deploy.programs import program

HOUR = 3_600
SERIES = ("subpulse_x", (("plan", "a"),))


@pytest.fixture(autouse=True)
def promtool():
    program("promtool")


def rules(expr="subpulse_x > 1", **more):
    alert = {"alert": "Above", "expr": expr, "labels": {"severity": "critical"}, **more}
    record = {"record": "a:doubled", "expr": "2 * subpulse_x"}
    # In the wrong order on purpose: a step is too long to read what the step before recorded.
    alerts, records = {"name": "a-alerts", "rules": [alert]}, {"name": "b-records", "rules": [record]}
    return Rules((alerts, records))


def fired(values, rules):
    return fires(rules, {SERIES: values}, len(values), HOUR).get("Above")


def test_an_alert_fires_from_the_first_step_to_the_last_at_which_it_holds():
    assert fired([0, 2, 2, 0, 0, 2, 0], rules()) == [Stretch(1, 2), Stretch(5, 5)]


def test_nothing_fires_where_nothing_holds():
    assert fired([0, 1, 0.5, None, 1], rules()) is None


def test_an_alert_waits_for_its_for_and_forgets_when_it_stops():
    values = [0, 2, 2, 2, 0, 2, 2, 0]
    assert fired(values, rules(**{"for": "30m"})) == [Stretch(2, 3), Stretch(6, 6)]
    assert fired(values, rules(**{"for": "2h"})) == [Stretch(3, 3)]


def test_an_alert_goes_on_firing_for_as_long_as_it_says():
    assert fired([0, 2, 0, 0, 0, 0], rules(keep_firing_for="2h")) == [Stretch(1, 3)]


def test_a_recorded_rule_is_read_at_the_step_at_which_it_is_recorded():
    assert fired([0, 1, 0], rules("a:doubled == 2")) == [Stretch(1, 1)]


def test_a_missing_value_is_no_value():
    assert fired([2, None, 2], rules()) == [Stretch(0, 0), Stretch(2, 2)]


def test_numbers_pass_unrounded_and_long_histories_keep_their_steps():
    values = [0.1 + 0.2] * 366 * 4
    places = [1, 4, 5, 28, 56, 57, 365 * 4, 365 * 4 + 2]  # hours, a day, a week, two, a year and more
    for place in places:
        values[place] = 0.3
    found = fires(rules("subpulse_x == 0.3"), {SERIES: values}, len(values), 6 * HOUR)["Above"]
    assert [place for first, last in found for place in range(first, last + 1)] == places


def test_rules_that_promtool_refuses_are_told():
    with pytest.raises(PromtoolError, match="promtool says"):
        fired([1], rules("subpulse_x >"))
