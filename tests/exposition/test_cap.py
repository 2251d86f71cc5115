"""How many series /metrics has, and what is left out where there are too many."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families as parsed

from service.domain.metrics import Definitions, fit, view
from service.exposition.cap import capped
from service.exposition.encoding import encode
from service.exposition.snapshot import Snapshot
from tests.exposition.showing import AS_OF, busy, shown
from tests.exposition.test_metrics_text import process_families
from tests.oracle.agreement import summary_of_the_domain
from tests.oracle.businesses import business
from tests.oracle.telling import event

PLANS = tuple(f"plan {number}" for number in range(10))
CHANNELS = tuple(f"channel {number}" for number in range(20))
CURRENCIES = ("EUR", "USD", "JPY")
CENT = {"minor": 1}


@pytest.fixture(scope="module")
def rich() -> Snapshot:
    """A business in which all labels meet, as a worker shows it."""
    lives = business(
        5, AS_OF, customers=250, history=timedelta(days=900),
        plans=PLANS, channels=CHANNELS, currencies=CURRENCIES,
    )  # fmt: skip
    spend = [
        {**event("spend.recorded", "2024-05-01"), "channel": channel, "amount": {**CENT, "currency": code}}
        for channel in CHANNELS
        for code in CURRENCIES
    ]
    summary = summary_of_the_domain([*lives, *spend], AS_OF, Definitions(), partitions=1)
    fits, _ = fit(summary, Definitions())
    figures = view(summary, Definitions(), fits)
    return Snapshot(shown(figures), True, tuple(process_families(busy())), AS_OF, 10_000)


def samples(snapshot: Snapshot) -> dict[str, int]:
    body, _ = encode(snapshot.families())
    return {family.name: len(family.samples) for family in parsed(body.decode())}


def test_ten_plans_twenty_channels_and_three_currencies_make_less_than_5000_series(rich: Snapshot) -> None:
    found = samples(rich)
    assert found["subpulse_marketing_spend"] >= 6 * 20 * 3
    assert found["subpulse_customers_at_start"] >= 10 * 10
    assert 3_500 < sum(found.values()) < 5_000


def test_where_there_are_too_many_series_the_most_detailed_metrics_go_as_a_whole(rich: Snapshot) -> None:
    every = samples(rich)
    some = samples(Snapshot(rich.shown, True, rich.process, AS_OF, 1_000))
    gone = every.keys() - some.keys()
    assert "subpulse_marketing_spend" in gone
    assert "subpulse_churn_ratio" in some
    assert all(some[name] == every[name] for name in some)
    body, _ = encode(Snapshot(rich.shown, True, rich.process, AS_OF, 1_000).families())
    assert f"subpulse_series_dropped {float(sum(every[name] for name in gone))}" in body.decode()


def test_nothing_is_dropped_where_there_is_room(rich: Snapshot) -> None:
    body, _ = encode(rich.families())
    assert "subpulse_series_dropped 0.0" in body.decode()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=12), st.integers(0, 100))
def test_what_is_shown_fits_and_what_is_not_is_counted(shapes: list[tuple[int, int]], limit: int) -> None:
    families = []
    for number, (labels, size) in enumerate(shapes):
        family = Metric(f"m{number}", "help", "gauge")
        for place in range(size):
            family.add_sample(family.name, {f"l{label}": str(place) for label in range(labels)}, 1.0)
        families.append(family)
    kept, dropped = capped(families, limit)
    shown_series = sum(len(family.samples) for family in kept)
    assert shown_series <= limit
    assert shown_series + dropped == sum(size for _, size in shapes)
    assert kept == [family for family in families if family in kept]
