"""The service's domain against the oracle, figure by figure, on thousands of nasty events."""

import json
import random
from datetime import timedelta
from fractions import Fraction

import pytest

from service.domain.metrics import CATALOGUE, Definitions, cohorts, predicted
from tests.oracle import channels, segments, value
from tests.oracle.agreement import through_the_domain
from tests.oracle.businesses import business
from tests.oracle.differences import differences
from tests.oracle.instants import HOUR, instant
from tests.oracle.recompute import WINDOWS, recompute

ZONES = (
    *("UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("Africa/Casablanca", "America/Havana", "America/St_Johns", "Pacific/Apia", "Asia/Beirut"),
)
INSTANTS = (
    "2024-11-20T10:00:00Z",
    "2025-03-09T23:59:59.999999-05:00",  # the last microsecond of a day of 23 hours
    "2019-02-16T23:30:00-03:00",  # the second 23:30 of a day of 25 hours in Sao Paulo
    "2024-01-01T00:00:00Z",
    "2011-12-31T00:00:00+14:00",  # the day after the one that Apia skipped
    "1972-02-29T12:00:00Z",  # with events on both sides of the epoch
)
# Far below the promised 1e-9: money is exact until the last division.
RELATIVE = 1e-12
DAY = 24 * HOUR


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("zone", ZONES)
def test_the_domain_agrees_with_the_oracle(zone: str, turn: int) -> None:
    as_of = INSTANTS[(ZONES.index(zone) + 2 * turn) % len(INSTANTS)]
    now = instant(as_of)
    events = business(len(zone) * 1_000 + now % 999, now, zone, customers=100, erasures=0.1)
    expected = recompute(events, now, time_zone=zone)
    found = through_the_domain(events, now, Definitions(time_zone=zone))
    assert differences(expected, found, RELATIVE) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_domain_agrees_on_amounts_at_the_limits_of_the_contract(seed: int) -> None:
    now = instant(INSTANTS[0])
    events = business(seed, now, customers=150, extremes=0.2)
    expected = recompute(events, now)
    found = through_the_domain(events, now, Definitions(), seed=seed)
    assert differences(expected, found, RELATIVE) == []


@pytest.mark.parametrize("seed", range(30))
def test_the_domain_agrees_under_any_settings(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice(ZONES)
    now = instant(rng.choice(INSTANTS)) + rng.randrange(400 * DAY)
    windows = ("1h", "999h", "1d", "13d", "1000d", *WINDOWS)
    options = {
        "windows": tuple(rng.sample(windows, rng.randint(1, 6))),
        "guarantee_hours": rng.choice((1, 336, 720)),
        "margin": rng.choice((Fraction(1), Fraction(3, 10))),
        "label_limit": rng.choice((1, 2, 4, 50)),
        "magnet_skus": rng.choice((0, 1, 64)),
        "referral_ranks": rng.choice((True, False)),
        "currency_limit": rng.choice((1, 2, 3)),
    }
    events = business(seed, now, zone, customers=30, erasures=0.2)
    expected = recompute(events, now, time_zone=zone, **options)
    found = through_the_domain(events, now, Definitions(time_zone=zone, **options), seed=seed)
    assert differences(expected, found, RELATIVE) == []


@pytest.mark.parametrize("seed", range(100))
def test_the_domain_agrees_on_one_or_two_customers(seed: int) -> None:
    now = instant(INSTANTS[seed % len(INSTANTS)])
    events = business(seed, now, customers=1 + seed % 2, erasures=0.2)
    expected = recompute(events, now)
    found = through_the_domain(events, now, Definitions(), partitions=2, seed=seed)
    assert differences(expected, found, RELATIVE) == []


@pytest.mark.parametrize("partitions", [1, 7])
def test_arrival_repetition_and_partitions_change_nothing(partitions: int) -> None:
    now = instant(INSTANTS[0])
    events = business(7, now, customers=40, repeats=0.0)
    expected = through_the_domain(events, now, Definitions(), partitions=3)
    again = [*events, *events]
    random.Random(8).shuffle(again)
    for order in (again, events[::-1], sorted(events, key=lambda e: instant(e["occurred_at"]))):
        found = through_the_domain(order, now, Definitions(), partitions=partitions, seed=9)
        assert found == expected


@pytest.mark.parametrize("seed", range(6))
def test_folding_beyond_the_horizon_changes_no_figure_when_all_comes_in_time(seed: int) -> None:
    now, reach = instant(INSTANTS[0]), 1_150 * DAY  # windows reach three years back
    events = business(seed, now, customers=80, history=timedelta(days=2_600))
    events = in_time(sorted(events, key=lambda e: instant(e["occurred_at"])), reach)
    found = through_the_domain(events, now, Definitions(), seed=seed, reach=reach)
    assert differences(recompute(events, now), found, RELATIVE) == []


def in_time(events: list[dict], reach: int) -> list[dict]:
    """Without what corrects an order more than `reach` after its first event; in order of happening."""
    first: dict[tuple[str, str], int] = {}
    kept = []
    for event in events:
        if event["type"].startswith("order."):
            at = instant(event["occurred_at"])
            begun = first.setdefault((event["customer_id"], event["order_id"]), at)
            if event["order_id"] != "never placed" and at - begun >= reach:
                continue
        kept.append(event)
    return kept


def test_random_businesses_reach_every_figure_of_the_catalogue() -> None:
    """Agreement on zeros would prove nothing: every metric, window and label value occurs above 0."""
    now = instant(INSTANTS[0])
    reached = {
        (name.removesuffix(suffix), label)
        for seed in range(8)
        for (name, labels), figure in recompute(
            business(seed, now, customers=150, erasures=0.1), now, magnet_skus=64, referral_ranks=True
        ).items()
        for suffix in ("_bucket", "_gcount", "_gsum", "")
        for label in labels or {("", "")}
        if figure
    }
    for name, metric in CATALOGUE.items():
        if metric in (*predicted.METRICS, *cohorts.METRICS):
            continue  # estimates, and what is told of now alone: they have tests of their own
        for label in {
            "window": channels.WINDOWS if "channel" in metric.labels else WINDOWS,
            "kind": ("new", "reactivation", "expansion", "contraction", "churn"),
            "status": ("trialing", "active", "past_due", "paused"),
            "class": ("voluntary", "involuntary", "refunded", "erased", "unknown"),
            "customer": ("existing", "new"),
            "currency": ("EUR", "USD", "JPY", "KWD"),
            "basis": ("orders", "subscription"),
            "referred": ("yes", "no"),
            "segment": segments.SEGMENTS,
            "leads_in": value.RANKINGS,
            "lags_in": value.RANKINGS,
        }.items():
            if label[0] in metric.labels:
                missing = [one for one in label[1] if (name, (label[0], one)) not in reached]
                assert not missing, f"{name}: {label[0]} {missing} never above 0"


def test_random_businesses_hold_every_event_of_the_contract() -> None:
    kinds = {event["type"] for event in business(1, instant(INSTANTS[0]), erasures=0.5)}
    assert len(kinds) == 18
    assert len(json.dumps(business(1, instant(INSTANTS[0]), erasures=0.5))) > 100_000
