"""Lines in, figures out: as the oracle says, whatever the order, the repetition and the partitions."""

import json
import random
from collections.abc import Iterable

import pytest

from schemas.instants import DAY, EARLIEST, LATEST
from service.domain.metrics import Definitions, view
from service.domain.records import Limits
from service.errors import UserError
from service.replay import MAX, Line, Refusal, Replayed, replay
from tests.oracle.agreement import as_figures
from tests.oracle.businesses import business
from tests.oracle.differences import differences
from tests.oracle.recompute import recompute

AS_OF = 1_780_000_000_000_000
NOW = AS_OF + 10**15


def lines(events: Iterable[dict]) -> list[Line]:
    return [Line("f", n, json.dumps(e, ensure_ascii=False).encode()) for n, e in enumerate(events, 1)]


def order(number: int, at: str, customer: str = "c", **fields: object) -> dict:
    return {
        "type": "order.placed",
        "event_id": f"e{number}",
        "occurred_at": at,
        "customer_id": customer,
        "order_id": f"o{number}",
        "amount": {"minor": 1_000, "currency": "EUR"},
        **fields,
    }


def value(replayed: Replayed, name: str, **labels: str) -> object:
    return {f.name + json.dumps(dict(f.labels)): f.value for f in replayed.view.figures}[
        f"subpulse_{name}" + json.dumps(labels)
    ]


@pytest.mark.parametrize(("seed", "zone"), [(11, "UTC"), (12, "America/Santiago")])
def test_every_figure_is_the_oracles(seed: int, zone: str) -> None:
    events = business(seed, AS_OF, zone, customers=60)
    definitions = Definitions(time_zone=zone)
    replayed = replay(lines(events), definitions, AS_OF, NOW, partitions=3)
    assert not replayed.refused
    assert replayed.outcomes.total() == len(events)
    assert replayed.outcomes["duplicate"] > 0
    expected = recompute(events, AS_OF, time_zone=zone)
    assert differences(expected, as_figures(view(replayed.summary, definitions).figures)) == []


def test_ranks_by_referral_are_the_oracles_however_many_partitions_hear_of_each_other() -> None:
    events = business(14, AS_OF, customers=60, erasures=0.1)
    definitions = Definitions(referral_ranks=True)
    expected = recompute(events, AS_OF, referral_ranks=True)
    for partitions in (1, 4):
        replayed = replay(lines(events), definitions, AS_OF, NOW, partitions=partitions)
        assert differences(expected, as_figures(view(replayed.summary, definitions).figures)) == []


def test_order_repetition_and_partitions_change_nothing() -> None:
    events = business(13, AS_OF, customers=40)
    once = replay(lines(events), Definitions(), AS_OF, NOW)
    again = events + events[::2]
    random.Random(5).shuffle(again)
    for partitions in (1, 2, 7):
        assert replay(lines(again), Definitions(), AS_OF, NOW, partitions=partitions).view == once.view


def test_max_is_the_newest_event_that_counts() -> None:
    events = [order(1, "2026-01-01T00:00:00Z"), order(2, "2026-03-01T12:00:00.5+02:00")]
    bad = order(3, "2026-04-01T00:00:00Z", amount={"minor": -1, "currency": "EUR"})
    future = order(4, "2126-04-01T00:00:00Z")
    replayed = replay(lines([*events, bad, future]), Definitions(), MAX, NOW)
    assert replayed.view.as_of == 1_772_359_200_500_000
    assert replayed.refused == {"invalid": 1, "future_event": 1}
    assert value(replayed, "orders", window="24h", currency="EUR", customer="existing") == 1


def test_events_after_as_of_do_not_count() -> None:
    events = [order(1, "2026-01-01T00:00:00Z"), order(2, "2026-01-01T00:00:00.000001Z")]
    replayed = replay(lines(events), Definitions(), 1_767_225_600_000_000, NOW)
    assert value(replayed, "orders", window="24h", currency="EUR", customer="new") == 1


def test_an_event_later_than_the_wall_clock_at_the_start_is_refused() -> None:
    events = [order(1, "2026-01-01T00:00:00Z"), order(2, "2026-01-01T00:00:00.000001Z")]
    told: list[Refusal] = []
    now = 1_767_225_600_000_000
    replayed = replay(lines(events), Definitions(), now + DAY, now, refuse=told.append)
    assert [(refusal.line, refusal.reason) for refusal in told] == [(2, "future_event")]
    assert value(replayed, "orders", window="72h", currency="EUR", customer="new") == 1


def test_bad_lines_are_refused_where_they_stand_and_their_neighbours_count() -> None:
    good = [json.dumps(order(n, "2026-01-01T00:00:00Z")).encode() for n in range(3)]
    values = [good[0], b"{", good[1], b'{"type":"parcel.sent"}', b"", good[2], b"x" * 300_000]
    told: list[Refusal] = []
    replayed = replay(
        [Line("f", n, v) for n, v in enumerate(values, 1)], Definitions(), AS_OF, NOW, refuse=told.append
    )
    assert [(refusal.line, refusal.reason) for refusal in told] == [
        (2, "not_json"),
        (4, "unknown_type"),
        (5, "not_json"),
        (7, "too_large"),
    ]
    assert replayed.refused == {"not_json": 2, "unknown_type": 1, "too_large": 1}
    assert replayed.outcomes == {"applied": 3}


def test_a_customer_beyond_the_limit_is_refused_and_others_are_not() -> None:
    events = [order(n, "2026-01-01T00:00:00Z", "big") for n in range(5)]
    events.append(order(9, "2026-01-01T00:00:00Z", "small"))
    told: list[Refusal] = []
    replayed = replay(
        lines(events), Definitions(), AS_OF, NOW, limits=Limits(orders=3, transitions=3), refuse=told.append
    )
    assert [(refusal.line, refusal.reason) for refusal in told] == [
        (4, "customer_limit"),
        (5, "customer_limit"),
    ]
    assert replayed.outcomes == {"applied": 4}
    assert value(replayed, "realized_ltv_gcount", currency="EUR") == 2


def test_orders_beyond_the_horizon_count_in_lifetime_totals() -> None:
    events = [order(1, "2015-01-01T00:00:00Z"), order(2, "2026-01-01T00:00:00Z")]
    replayed = replay(lines(events), Definitions(), MAX, NOW)
    assert replayed.outcomes == {"applied": 1, "beyond_horizon": 1}
    assert value(replayed, "realized_ltv_gsum", currency="EUR") == 20


def test_without_events_there_are_figures_but_no_max() -> None:
    assert value(replay([], Definitions(), AS_OF, NOW), "free_orders", window="30d") == 0
    with pytest.raises(UserError, match="no event that can be used"):
        replay([], Definitions(), MAX, NOW)


@pytest.mark.parametrize("as_of", [EARLIEST, LATEST])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_are_no_special_case(as_of: int, zone: str) -> None:
    events = [order(1, "0001-01-01T00:00:00Z"), order(2, "9999-12-31T23:59:59.999999Z")]
    replayed = replay(lines(events), Definitions(time_zone=zone), as_of, LATEST)
    assert not replayed.refused
    assert value(replayed, "realized_ltv_gcount", currency="EUR") == 1
