"""Lives of subscriptions worked out by hand, rule by rule of definitions.md section 4."""

from fractions import Fraction

import pytest

from tests.oracle.telling import Told, event, money, scheduled, started, sub

# as_of in October 2025: last_month is September, last_quarter July to September.
AS_OF = "2025-10-10"


def statuses(story: list[dict], as_of: str = AS_OF) -> dict[tuple[str, str], int]:
    """(plan, status) -> subscriptions, those above 0."""
    told = Told(story, as_of)
    return {
        (labels["plan"], labels["status"]): told("subscriptions", **labels)
        for labels in told.listed("subscriptions")
        if told("subscriptions", **labels)
    }


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


def test_a_start_of_a_live_one_replaces_all_terms_and_clears_the_schedule() -> None:
    story = [
        started("2025-01-01", quantity=7, interval_count=2),
        scheduled("2025-01-02", "2025-09-10"),
        started("2025-09-01", price="20 EUR"),
    ]
    told = Told(story, AS_OF)
    assert told.customers("churned") == 0
    assert told("mrr", plan="basic", currency="EUR") == 20
    assert told("subscriptions_scheduled_to_cancel", plan="basic") == 0


def test_a_change_keeps_what_it_does_not_name() -> None:
    story = [started("2025-01-01", price="10 EUR", quantity=3), sub("changed", "2025-09-01", interval="year")]
    assert Told(story, AS_OF)("mrr", plan="basic", currency="EUR") == Fraction(30, 12)


@pytest.mark.parametrize(
    ("interval", "count", "mrr"),
    [
        ("day", 1, Fraction(365 * 12, 12)),
        ("week", 2, Fraction(52 * 12, 24)),
        ("month", 1, Fraction(12)),
        ("quarter", 1, Fraction(4)),
        ("year", 1, Fraction(1)),
        ("month", 1_200, Fraction(12, 1_200)),
    ],
)
def test_mrr_is_the_annual_value_over_twelve(interval: str, count: int, mrr: Fraction) -> None:
    story = [started("2025-01-01", "12 EUR", interval=interval, interval_count=count)]
    assert Told(story, AS_OF)("mrr", plan="basic", currency="EUR") == mrr


def test_a_failed_payment_keeps_paying_until_the_end() -> None:
    story = [started("2025-01-01"), sub("payment_failed", "2025-09-02"), sub("payment_failed", "2025-09-03")]
    told = Told(story, AS_OF)
    assert told("payment_failures", window="last_month", plan="basic") == 1
    assert told.customers("at_end") == 1
    assert statuses(story) == {("basic", "past_due"): 1}
    for kind in ("payment_recovered", "renewed"):
        assert statuses([*story, sub(kind, "2025-09-04")]) == {("basic", "active"): 1}


def test_a_failure_that_recovers_in_the_same_instant_counts() -> None:
    story = [
        started("2025-01-01", price="0 EUR"),
        sub("payment_recovered", "2025-09-02"),
        sub("payment_failed", "2025-09-02"),
    ]
    assert Told(story, AS_OF)("payment_failures", window="last_month", plan="basic") == 1
    assert statuses(story) == {("basic", "active"): 1}


def test_a_resumed_subscription_that_was_past_due_is_active() -> None:
    story = [
        started("2025-01-01"),
        sub("payment_failed", "2025-02-01"),
        sub("paused", "2025-02-02"),
        sub("resumed", "2025-02-03"),
    ]
    assert statuses(story) == {("basic", "active"): 1}


def test_churn_is_booked_when_service_ends_not_when_it_is_scheduled() -> None:
    story = [started("2025-01-01"), scheduled("2025-09-02", "2025-10-05", reason="price")]
    told = Told(story, AS_OF)
    assert told.customers("churned") == 0
    assert told.customers("churned", "7d") == 1
    assert told.reasons("7d") == {"price": 1}
    assert Told(story, "2025-10-04")("subscriptions_scheduled_to_cancel", plan="basic") == 1


def test_a_schedule_in_the_past_takes_effect_at_its_own_instant() -> None:
    story = [started("2025-01-01"), scheduled("2025-09-02", "2025-03-01", reason="unused")]
    told = Told(story, AS_OF)
    assert told.customers("churned") == 1
    assert told.customers("at_start", "90d") == 1


def test_an_unscheduled_cancellation_does_nothing() -> None:
    story = [
        started("2025-01-01"),
        scheduled("2025-09-02", "2025-09-05"),
        sub("cancel_unscheduled", "2025-09-02"),
    ]
    assert Told(story, AS_OF).customers("churned") == 0


def test_an_end_before_the_scheduled_one_takes_its_reason() -> None:
    story = [
        started("2025-01-01"),
        scheduled("2025-09-02", "2025-09-20", reason="price"),
        sub("ended", "2025-09-10"),
    ]
    assert Told(story, AS_OF).reasons() == {"price": 1}
    own = [*story[:2], sub("ended", "2025-09-20", reason="dispute")]
    assert Told(own, AS_OF).reasons() == {"dispute": 1}
    told = Told(own, AS_OF)
    assert (
        told("customers_churned_by_reason", window="last_month", reason="dispute", class_="involuntary") == 1
    )


def test_an_end_after_the_scheduled_one_has_no_effect() -> None:
    story = [started("2025-01-01"), scheduled("2025-09-02", "2025-09-20", reason="price")]
    assert Told([*story, sub("ended", "2025-09-20T00:00:00.000001Z", reason="dispute")], AS_OF).reasons() == {
        "price": 1
    }


def test_the_same_subscription_started_again_brings_the_customer_back() -> None:
    story = [started("2025-01-01"), sub("ended", "2025-08-01"), started("2025-09-10")]
    told = Told(story, AS_OF)
    assert told.customers("reactivated") == 1
    assert told("mrr_movement", window="last_month", currency="EUR", kind="reactivation") == 10


def test_an_end_and_a_start_in_one_instant_go_on_without_churn() -> None:
    story = [started("2025-01-01"), started("2025-09-10", "30 EUR", event_id="a"), sub("ended", "2025-09-10")]
    told = Told(story, AS_OF)
    assert told.customers("churned") == 0
    assert told("mrr_movement", window="last_month", currency="EUR", kind="expansion") == 20


def test_a_life_of_no_length_never_was() -> None:
    told = Told([sub("ended", "2025-09-10"), started("2025-09-10")], AS_OF)
    assert told.customers("transient") == 0
    assert told.customers("at_end") == 0


def test_a_customer_who_came_and_went_is_transient_with_the_last_plan() -> None:
    story = [started("2025-09-02"), sub("changed", "2025-09-05", plan="more"), sub("ended", "2025-09-10")]
    told = Told(story, AS_OF)
    assert told("customers_transient", window="last_month", plan="more") == 1
    assert told("churn_ratio_stripe", basis="subscription", window="last_month") == 1
    assert told("churn_ratio", basis="subscription", window="last_month") is None


def test_a_second_subscription_is_expansion_and_its_end_contraction() -> None:
    story = [
        started("2025-01-01"),
        started("2025-08-10", "5 EUR", subscription="t"),
        sub("ended", "2025-09-10", "t"),
    ]
    told = Told(story, AS_OF)
    assert told.customers("churned") == 0
    assert told("mrr_movement", window="last_month", currency="EUR", kind="contraction") == 5
    assert told("mrr_movement", window="last_quarter", currency="EUR", kind="expansion") == 0
    assert told("net_revenue_retention_ratio", window="last_month", currency="EUR") == Fraction(2, 3)
    assert told("quick_ratio", window="last_month", currency="EUR") == 0


def test_a_change_of_currency_is_churn_in_one_and_new_in_the_other() -> None:
    story = [started("2025-01-01"), sub("changed", "2025-09-05", price=money("9 USD"))]
    told = Told(story, AS_OF)
    assert told("mrr_movement", window="last_month", currency="EUR", kind="churn") == 10
    assert told("mrr_movement", window="last_month", currency="USD", kind="new") == 9
    assert told.customers("retained") == 1
    assert told("mrr", plan="basic", currency="EUR") == 0


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (sub("paused", "2025-09-05"), "paused"),
        (sub("changed", "2025-09-05", price=money("0 EUR")), "free_plan"),
        (started("2025-09-05", trial="2025-12-01"), "unknown"),
        (event("customer.erased", "2025-09-05"), "erased"),
    ],
)
def test_what_stops_the_last_paying_stretch_is_the_reason_when_nothing_ended(stop: dict, reason: str) -> None:
    told = Told([started("2025-01-01"), stop], AS_OF)
    assert told.reasons() == {reason: 1}


def test_the_reason_is_that_of_the_subscription_that_ended_last_and_had_paid() -> None:
    story = [
        started("2025-01-01"),
        started("2025-01-01", subscription="t"),
        started("2025-01-01", "0 EUR", subscription="free"),
        sub("ended", "2025-09-05", reason="price"),
        sub("ended", "2025-09-06", "t", reason="dispute"),
        sub("ended", "2025-09-07", "free", reason="unused"),
    ]
    assert Told(story, AS_OF).reasons() == {"dispute": 1}


def test_equal_last_ends_take_the_smallest_subscription() -> None:
    story = [
        started("2025-01-01", subscription="b"),
        started("2025-01-01", subscription="a"),
        sub("ended", "2025-09-05", "b", reason="price"),
        sub("ended", "2025-09-05", "a", reason="service"),
    ]
    assert Told(story, AS_OF).reasons() == {"service": 1}


def test_two_ends_in_one_instant_give_the_reason_of_the_first() -> None:
    story = [
        started("2025-01-01"),
        sub("ended", "2025-09-05", reason="price"),
        started("2025-09-05"),
        scheduled("2025-09-05", "2025-09-01", reason="other"),
    ]
    assert Told(story, AS_OF).reasons() == {"price": 1}


def test_the_plan_of_a_customer_is_that_of_the_highest_annual_value_in_major_units() -> None:
    story = [
        started("2025-01-01", "10 EUR", plan="euro", subscription="a"),
        started("2025-01-01", "11 JPY", plan="yen", subscription="b"),
        started("2025-01-01", "132 USD", plan="year", subscription="0", interval="year"),
    ]
    assert Told(story, AS_OF)("customers_at_end", basis="subscription", window="7d", plan="year") == 1
    assert Told(story[:2], AS_OF)("customers_at_end", basis="subscription", window="7d", plan="yen") == 1


def test_a_state_at_a_boundary_does_not_know_what_happens_on_it() -> None:
    told = Told([started("2025-09-01"), sub("ended", "2025-10-01")], AS_OF)
    assert told.customers("at_start") == 0
    assert told.customers("new") == 1
    assert told.customers("churned", "30d") == 1
    assert told.customers("transient", "90d") == 1


def test_now_includes_what_happens_at_as_of() -> None:
    assert Told([started(AS_OF)], AS_OF).customers("at_end", "24h") == 1
    assert Told([started("2025-01-01"), sub("ended", AS_OF)], AS_OF).customers("churned", "24h") == 1


def test_erasure_comes_after_everything_else_of_its_instant() -> None:
    story = [
        started("2025-01-01"),
        event("customer.erased", "2025-09-05"),
        started("2025-09-05", subscription="t"),
    ]
    told = Told(story, AS_OF)
    assert told.reasons() == {"erased": 1}
    assert statuses(story) == {}


def test_transitions_of_one_instant_follow_their_types_then_their_event_ids() -> None:
    story = [
        sub("changed", "2025-09-01", event_id="\U0001f600", plan="last by code point"),
        sub("changed", "2025-09-01", event_id="\uff5e", plan="first by code point"),
        started("2025-09-01"),
    ]
    assert statuses(story) == {("last by code point", "active"): 1}


def test_a_transition_of_a_subscription_that_never_started_has_no_effect_but_its_plan_is_seen() -> None:
    story = [sub("changed", "2025-09-01", plan="seen", price=money("1 JPY")), sub("resumed", "2025-09-02")]
    assert statuses(story) == {}
    assert Told(story, AS_OF)("mrr", plan="seen", currency="JPY") == 0
