"""Terms, payments and order in the lives of subscriptions, by hand, by rules of definitions.md section 4."""

from fractions import Fraction

import pytest

from tests.oracle.telling import AS_OF, Told, event, money, scheduled, started, statuses, sub


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
