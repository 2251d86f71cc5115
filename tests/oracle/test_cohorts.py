"""Cohorts of the domain against plain loops, and against SQL on real purchases."""

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest

from service.domain.metrics import Definitions, view
from service.domain.metrics.cohorts import Cohort, cohorts
from tests.oracle import cdnow
from tests.oracle import cohorts as oracle
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.businesses import business
from tests.oracle.instants import HOUR, instant
from tests.oracle.people import gather
from tests.oracle.telling import cancelled, placed, refunded, sub
from tests.oracle.test_agreement import INSTANTS, ZONES

DAY = 24 * HOUR


def found(events: list[dict], as_of: int, definitions: Definitions, seed: int = 0) -> list[Cohort]:
    summary = summary_of_the_domain(events, as_of, definitions, seed=seed)
    return list(cohorts(summary.tally, definitions, as_of))


@pytest.mark.parametrize("seed", range(6))
def test_cohorts_are_those_of_plain_loops(seed: int) -> None:
    rng = random.Random(seed)
    zone, as_of = rng.choice(ZONES), instant(rng.choice(INSTANTS)) + rng.randrange(400 * DAY)
    days = rng.choice((365, 800, 2_200))
    events = business(seed, as_of, zone, customers=60, erasures=0.1, history=timedelta(days=1_200))
    people = gather(events, as_of)
    currencies = sorted({c for person in people.values() for c in person.order_currencies})
    expected = oracle.cohorts(people, as_of, days * DAY, ZoneInfo(zone), currencies)
    told = found(events, as_of, Definitions(time_zone=zone, horizon_days=days), seed)
    assert len(expected) > 10
    assert [(c.basis, c.month) for c in told] == sorted(expected)
    for cohort in told:
        customers, rows = expected[cohort.basis, cohort.month]
        assert cohort.customers == customers
        for cell, (age, month, over, active, share, net, so_far) in zip(cohort.cells, rows, strict=True):
            assert (cell.age, cell.month, cell.complete, cell.active) == (age, month, over, active)
            assert cell.retained == pytest.approx(float(share), rel=1e-12)
            assert cell.net_revenue_per_customer == pytest.approx(floats(net), rel=1e-12)
            assert cell.cumulative_net_revenue_per_customer == pytest.approx(floats(so_far), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_latest_cohorts_are_figures_too_in_months_that_are_over(seed: int) -> None:
    zone, as_of = ZONES[seed % len(ZONES)], instant(INSTANTS[seed % len(INSTANTS)]) + seed * 37 * DAY
    events = business(seed, as_of, zone, customers=60, history=timedelta(days=700))
    days = (365, 800)[seed % 2]
    definitions = Definitions(time_zone=zone, horizon_days=days)
    whole = view(summary_of_the_domain(events, as_of, definitions, seed=seed), definitions, fits={})
    told = [figure for figure in whole.figures if figure.name.startswith("subpulse_cohort_")]
    expected = oracle.retained_figures(gather(events, as_of), as_of, days * DAY, ZoneInfo(zone))
    assert len(expected) > 50
    assert {figure.name for figure in told} == {"subpulse_cohort_retained_ratio"}
    found = {tuple(value for _, value in figure.labels): figure.value for figure in told}
    assert len(found) == len(told)
    assert found == pytest.approx({key: float(share) for key, share in expected.items()}, rel=1e-12)


def floats(amounts: dict) -> dict[str, float]:
    return {currency: float(amount) for currency, amount in amounts.items()}


def test_a_cohort_worked_out_by_hand() -> None:
    events = [
        placed("o1", "2025-01-10", "10 EUR", "ann"),
        placed("o2", "2025-03-05", "30 EUR", "ann"),
        refunded("o2", "2025-04-02", "5 EUR", "ann"),
        placed("o1", "2025-01-31", "20 EUR", "bob"),
        placed("o2", "2025-02-01", "99 EUR", "bob"),
        cancelled("o2", "2025-02-02", "bob"),
        sub("started", "2025-02-01", "s", "cy", plan="basic", interval="month",
            price={"minor": 1_000, "currency": "EUR"}),
        sub("ended", "2025-04-01", "s", "cy"),
    ]  # fmt: skip
    orders, subscription = found(events, instant("2025-04-10T12:00:00Z"), Definitions())
    assert (orders.basis, orders.month, orders.customers) == ("orders", "2025-01", 2)
    assert [cell.retained for cell in orders.cells] == [1, 0, 0.5, 0]
    assert [c.cumulative_net_revenue_per_customer["EUR"] for c in orders.cells] == [15, 15, 30, 27.5]
    assert [cell.complete for cell in orders.cells] == [True, True, True, False]
    # Paying at the end of February and March: the end on April 1 at midnight comes after March.
    assert (subscription.month, [cell.active for cell in subscription.cells]) == ("2025-02", [1, 1, 0])


def test_cohorts_older_than_36_months_are_left_out() -> None:
    events = [placed("o1", "2021-12-31", "10 EUR", "old"), placed("o1", "2022-01-01", "10 EUR", "young")]
    (cohort,) = found(events, instant("2025-01-15T00:00:00Z"), Definitions())
    assert (cohort.month, cohort.cells[-1].age) == ("2022-01", 36)


def test_real_purchases_have_the_cohorts_that_sql_finds() -> None:
    as_of = instant(cdnow.LAST_DAY)
    events = [event for event in cdnow.events() if event["customer_id"].endswith("0")]
    paid = [event for event in events if event["amount"]["minor"]]
    rows = [(e["customer_id"], e["occurred_at"][:7], e["amount"]["minor"]) for e in paid]
    with duckdb.connect() as connection:
        connection.execute(
            "create table bought as select unnest($1::varchar[]) as customer, "
            "unnest($2::varchar[]) as month, unnest($3::bigint[]) as cents",
            [list(column) for column in zip(*rows, strict=True)],
        )
        expected = connection.execute(
            """
            with born as (select customer, min(month) as cohort from bought group by customer)
            select cohort, month, count(distinct customer)::bigint, sum(cents)::bigint
            from bought join born using (customer) group by cohort, month order by cohort, month
            """
        ).fetchall()
    told = [
        (cohort.month, cell.month, cell.active, round(100 * revenue * cohort.customers))
        for cohort in found(events, as_of, Definitions(windows=("24h",)))
        for cell in cohort.cells
        if (revenue := cell.net_revenue_per_customer["USD"])
    ]
    assert told == expected
