"""The figures of a replay of lines against the oracle."""

import json
from fractions import Fraction

import pytest

from service.domain.metrics import Definitions, view
from service.replay import MAX, Line, replay
from tests.oracle import cdnow
from tests.oracle.agreement import as_figures
from tests.oracle.businesses import business
from tests.oracle.differences import differences
from tests.oracle.instants import HOUR, instant
from tests.oracle.recompute import WINDOWS, recompute

NOW = instant("2040-01-01T00:00:00Z")  # later than every event of a random business


def lines(events: list[dict]) -> list[Line]:
    return [
        Line("events.ndjson", number, json.dumps(event, ensure_ascii=False).encode())
        for number, event in enumerate(events, start=1)
    ]


@pytest.mark.parametrize(("seed", "partitions"), [(1, 1), (2, 4), (3, 13)])
def test_a_replay_agrees_with_the_oracle(seed: int, partitions: int) -> None:
    as_of = instant("2024-11-20T10:00:00Z")
    events = business(seed, as_of, "America/New_York", customers=150, erasures=0.1)
    definitions = Definitions(time_zone="America/New_York", margin=Fraction(7, 10))
    replayed = replay(lines(events), definitions, as_of, NOW, partitions=partitions)
    expected = recompute(events, as_of, time_zone="America/New_York", margin=Fraction(7, 10))
    assert differences(expected, as_figures(view(replayed.summary, definitions).figures)) == []
    assert not replayed.refused
    assert replayed.outcomes.total() == len(events)


def test_the_newest_event_is_as_of_when_asked_for_the_maximum() -> None:
    as_of = instant("2024-11-20T10:00:00Z")
    events = business(5, as_of, customers=20)
    newest = max(instant(event["occurred_at"]) for event in events)
    replayed = replay(lines(events), Definitions(), MAX, NOW)
    assert replayed.view.as_of == newest > as_of + HOUR
    told = as_figures(view(replayed.summary, Definitions()).figures)
    assert differences(recompute(events, newest), told) == []


def test_a_replay_of_real_purchases_agrees_with_sql() -> None:
    replayed = replay(lines(list(cdnow.events())), Definitions(), MAX, NOW, partitions=4)
    assert replayed.view.as_of == instant(cdnow.LAST_DAY)
    by_sql = cdnow.figures(replayed.view.as_of, WINDOWS)
    found = as_figures(replayed.view.figures)
    for name in ("subpulse_pareto_revenue_share", "subpulse_pareto_customer_share"):
        key = (name, frozenset({("currency", "USD")}))  # more than 4,096 distinct values: from buckets
        assert found.pop(key) == pytest.approx(by_sql.pop(key), abs=0.005)
    assert differences(by_sql, {key: found[key] for key in by_sql}) == []
