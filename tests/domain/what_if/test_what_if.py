"""What-if, worked out by hand: a business of round numbers."""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from service.domain.metrics import Definitions, Summary
from service.domain.what_if import Answer, Course, Question, answer
from service.domain.what_if.result import Change
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.instants import instant
from tests.oracle.telling import event, refunded, sub

AS_OF = instant("2026-01-01T00:00:00Z")
HALF = Definitions(margin=Fraction(1, 2))


def order(customer: str, day: str, cents: int, number: int = 0) -> dict:
    money = {"minor": cents, "currency": "EUR"}
    return event("order.placed", f"{day}T12:00:00Z", customer, order_id=f"o{day}{number}", amount=money)


def shop() -> list[dict]:
    """One of 2023, never seen again; 100 buyers in 2024; 60 of them and 40 new ones in 2025, with two orders
    each, of 10 and of 30 EUR; one of them got 40 EUR back."""
    first = order("first", "2023-06-01", 2_000)
    old = [order(f"c{n}", "2024-03-01", 2_000) for n in range(100)]
    new = [order(f"c{n}", "2025-04-01", cents, cents) for n in range(40, 140) for cents in (1_000, 3_000)]
    return [first, *old, *new, refunded("o2025-04-011000", "2025-05-01", "40 EUR", "c50")]


def club() -> list[dict]:
    """100 pay 10 EUR a month from 2025-01-01 on; 19 of them leave in the last 90 days, and 30 come: 15 to the
    same plan and 15 to one of 20 EUR."""
    terms = {"interval": "month", "plan": "basic", "price": {"minor": 1_000, "currency": "EUR"}}
    dear = {**terms, "plan": "pro", "price": {"minor": 2_000, "currency": "EUR"}}
    begun = [sub("started", "2025-01-01", "s", f"c{n}", **terms) for n in range(100)]
    ended = [sub("ended", "2025-12-01", "s", f"c{n}") for n in range(19)]
    came = [sub("started", "2025-11-15", "s", f"n{n}", **(terms if n < 15 else dear)) for n in range(30)]
    return [*begun, *ended, *came]


def asked(events: list[dict], **changes: Any) -> Answer:
    return answer(summary_of_the_domain(events, AS_OF, HALF), HALF, Question(**changes))


def course(found: Answer, basis: str) -> Course:
    return next(course for course in found.courses if course.basis == basis)


def test_buyers_who_stay_bring_what_buyers_bring() -> None:
    found = course(asked(shop(), retention_points=5), "orders")
    assert (found.customers_now, found.yearly_retention.present_course) == (100, 0.6)
    assert found.yearly_retention.what_if == pytest.approx(0.65)
    assert found.customers.present_course == pytest.approx(100)  # 60 stay, 40 come
    assert found.customers.what_if == pytest.approx(105)
    (money,) = found.money
    assert money.revenue.present_course == pytest.approx(4_000 - 40)
    assert money.revenue.what_if == pytest.approx(3_960 * 1.05)
    assert money.profit.present_course == pytest.approx(3_960 / 2)
    assert money.profit.what_if == pytest.approx(3_960 * 1.05 / 2)


def test_a_business_too_young_for_a_year_before_the_last_has_no_course() -> None:
    """The first order came in March 2024: those of the year before the last are not all there."""
    _, *young = shop()
    found = course(asked(young, retention_points=5), "orders")
    assert (found.customers_now, found.yearly_retention) == (100, Change(None, None))
    assert {found.customers, found.money[0].revenue, found.money[0].profit} == {Change(None, None)}


def test_a_higher_order_value_raises_revenue_at_fixed_orders() -> None:
    found = course(asked(shop(), aov_percent=10), "orders")
    assert found.customers.what_if == found.customers.present_course
    assert found.money[0].revenue.what_if == pytest.approx(3_960 * 1.1)


def test_doubling_the_order_value_doubles_revenue() -> None:
    found = course(asked(shop(), aov_percent=100), "orders")
    assert found.money[0].revenue.what_if == pytest.approx(2 * 3_960)


def test_a_minimum_order_raises_the_orders_below_it() -> None:
    found = asked(shop(), minimum_order=20.0, currency="EUR")
    met = found.minimum_order
    assert met is not None
    assert (met.orders, met.orders_below) == (200, 100)
    assert (met.average_order_value.present_course, met.average_order_value.what_if) == (20, 25)
    assert met.break_even == pytest.approx(0.5)  # 50 orders of 20 bring what 100 of 10 do
    assert course(found, "orders").money[0].revenue.what_if == pytest.approx(3_960 * 25 / 20)


def test_subscribers_stay_and_come_month_by_month() -> None:
    found = course(asked(club()), "subscription")
    kept = 0.81 ** (1 / 3)  # 81 of 100 stay for 90 days
    assert found.customers_now == 111
    assert found.yearly_retention.present_course == pytest.approx(0.81**4)
    ever = (1 - kept**12) / (1 - kept)
    assert found.customers.present_course == pytest.approx(111 * kept**12 + 10 * ever)
    mrr, more = 81 * 10 + 15 * 10 + 15 * 20, (15 * 10 + 15 * 20) / 3
    paid = sum(mrr * kept**m + more * (1 - kept**m) / (1 - kept) for m in range(12))
    assert found.money[0].revenue.present_course == pytest.approx(paid)
    assert found.money[0].revenue.what_if == pytest.approx(paid)


def test_points_of_yearly_retention_are_spread_over_the_months() -> None:
    found = course(asked(club(), retention_points=-10), "subscription")
    yearly = 0.81**4 - 0.1
    kept = yearly ** (1 / 12)
    assert found.yearly_retention.what_if == pytest.approx(yearly)
    expected = 111 * kept**12 + 10 * (1 - kept**12) / (1 - kept)
    assert found.customers.what_if == pytest.approx(expected)


def test_a_price_change_moves_the_share_of_its_plan() -> None:
    found = asked(club(), plan="pro", price_percent=25)
    money = course(found, "subscription").money[0]
    assert money.revenue.what_if == pytest.approx(money.revenue.present_course * (1 + 0.25 * 300 / 1_260))
    (price,) = found.price_changes
    assert (price.mrr.present_course, price.mrr.what_if) == (300, 375)
    assert price.break_even == pytest.approx(0.2)


def test_nobody_can_be_kept_beyond_all_or_below_none() -> None:
    for points, share in ((100, 1.0), (-100, 0.0)):
        found = asked([*shop(), *club()], retention_points=points)
        assert {course.yearly_retention.what_if for course in found.courses} == {share}


def test_without_a_past_there_is_no_course() -> None:
    young = [order("c", "2025-12-01", 1_000)]
    found = course(asked(young, retention_points=5), "orders")
    assert (found.customers.present_course, found.customers.what_if) == (None, None)
    assert found.money[0].revenue.what_if is None


def test_assumptions_stand_beside_the_numbers() -> None:
    found = asked(shop())
    assert found.assumptions
    assert all(course.assumptions for course in found.courses)


@pytest.mark.parametrize("partitions", [1, 4])
def test_a_minimum_order_meets_the_actual_orders_however_many_values_there_are(partitions: int) -> None:
    """From 512 different amounts on, from buckets one per cent wide."""
    rng = random.Random(3)
    day = date(2025, 6, 1)
    amounts = [round(rng.lognormvariate(8, 0.7)) + 1 for _ in range(3_000)]
    events = [order(f"c{n}", f"{day + timedelta(days=n % 99)}", cents, n) for n, cents in enumerate(amounts)]
    summary: Summary = summary_of_the_domain(events, AS_OF, HALF, partitions=partitions)
    met = answer(summary, HALF, Question(minimum_order=30.0, currency="EUR")).minimum_order
    assert met is not None
    below = [cents for cents in amounts if cents < 3_000]
    raised = sum(max(cents, 3_000) for cents in amounts) / len(amounts) / 100
    assert met.average_order_value.present_course == pytest.approx(sum(amounts) / len(amounts) / 100)
    assert met.average_order_value.what_if == pytest.approx(raised, rel=0.001)
    assert met.orders_below == pytest.approx(len(below), rel=0.02)
    assert met.break_even == pytest.approx(1 - sum(below) / (3_000 * len(below)), rel=0.02)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"retention_points": 101}, "retention_points"),
        ({"retention_points": float("nan")}, "finite"),
        ({"aov_percent": -100}, "aov_percent"),
        ({"minimum_order": 5.0}, "together"),
        ({"minimum_order": 0.0, "currency": "EUR"}, "above 0"),
        ({"plan": "pro"}, "together"),
        ({"plan": "pro", "price_percent": -100.0}, "price_percent"),
        ({"minimum_order": 5.0, "currency": "USD"}, "no order in 'USD'"),
        ({"plan": "gold", "price_percent": 5.0}, "'gold'"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(changes: dict, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        asked([*shop(), *club()], **changes)
