"""How customers leave, why, and how they come back, by hand, by rules of definitions.md section 4."""

import pytest

from tests.oracle.telling import AS_OF, Told, event, money, scheduled, started, sub


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
