"""Trials worked out by hand, rule by rule of definitions.md section 4."""

import pytest

from tests.oracle.telling import AS_OF, Told, started, statuses, sub


def test_a_start_without_a_trial_pays_at_once() -> None:
    told = Told([started("2025-09-10")], AS_OF)
    assert told.customers("new") == told.customers("at_end") == 1
    assert told("mrr", plan="basic", currency="EUR") == 10
    assert told("mrr_movement", window="last_month", currency="EUR", kind="new") == 10


def test_a_trial_does_not_pay_and_lapses_when_nobody_activates_it() -> None:
    told = Told([started("2025-09-01", trial="2025-09-15")], AS_OF)
    assert told("trials_ended", window="last_month") == 1
    assert told("trials_converted", window="last_month") == 0
    assert told.customers("new") == told.customers("transient") == 0
    assert statuses([started("2025-09-01", trial="2025-09-15")], "2025-09-14") == {("basic", "trialing"): 1}


@pytest.mark.parametrize("kind", ["activated", "renewed"])
def test_a_trial_activated_at_its_very_end_converts(kind: str) -> None:
    told = Told([started("2025-09-01", trial="2025-09-15"), sub(kind, "2025-09-15")], AS_OF)
    assert told("trial_conversion_ratio", window="last_month") == 1
    assert told.customers("at_end") == 1


def test_a_trial_that_ends_where_it_starts_is_none() -> None:
    told = Told([started("2025-09-01", trial="2025-09-01")], AS_OF)
    assert told("trials_ended", window="last_month") == 0
    assert told.customers("at_end") == 1


def test_a_lapsed_trial_is_revived_and_counts_as_converted_at_its_end() -> None:
    told = Told([started("2025-09-01", trial="2025-09-15"), sub("activated", "2025-10-05")], AS_OF)
    assert told("trials_converted", window="last_month") == 1
    assert told("trials_converted", window="7d") == 0
    assert told.customers("new", "7d") == 1


def test_a_trial_that_was_ended_is_not_revived() -> None:
    story = [
        started("2025-09-01", trial="2025-09-15"),
        sub("ended", "2025-09-10"),
        sub("activated", "2025-10-05"),
    ]
    told = Told(story, AS_OF)
    assert told("trials_converted", window="last_month") == 0
    assert told("trials_ended", window="last_month") == 1
    assert statuses(story) == {}


def test_the_clock_of_a_trial_runs_while_it_is_paused() -> None:
    story = [started("2025-09-01", trial="2025-09-15"), sub("paused", "2025-09-02")]
    assert statuses(story, "2025-09-14") == {("basic", "paused"): 1}
    assert statuses(story) == {}
    resumed = [*story, sub("resumed", "2025-09-03")]
    assert statuses(resumed, "2025-09-14") == {("basic", "trialing"): 1}


def test_an_activation_ends_a_paused_trial_which_stays_paused() -> None:
    story = [
        started("2025-09-01", trial="2025-09-15"),
        sub("paused", "2025-09-02"),
        sub("activated", "2025-09-03"),
    ]
    told = Told(story, AS_OF)
    assert told("trials_converted", window="last_month") == 1
    assert statuses(story) == {("basic", "paused"): 1}
    assert statuses([*story, sub("resumed", "2025-09-20")]) == {("basic", "active"): 1}


def test_a_start_of_a_live_one_replaces_an_open_trial_without_ending_it() -> None:
    story = [started("2025-09-01", trial="2025-09-15"), started("2025-09-10", plan="new")]
    told = Told(story, AS_OF)
    assert told("trials_ended", window="last_month") == 0
    assert statuses(story) == {("new", "active"): 1}
