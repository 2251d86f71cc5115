"""Folding beyond the horizon: lifetimes keep their totals, and no window notices."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.metrics import Definitions, view
from service.domain.records import Partition
from tests.domain.events import AS_OF, DAY, EVER, applied, changed, histories, named, order_events, summary

HORIZON = AS_OF - 200 * DAY
WINDOWS = Definitions(windows=("24h", "30d", "90d", "last_month"), guarantee_hours=24)
NEEDING_A_YEAR = ("subpulse_lecture_ltv", "subpulse_customers_in_segment")


def shown(partition: Partition) -> dict[Any, Any]:
    made = view(summary(partition, definitions=WINDOWS), WINDOWS)
    return {(f.name, f.labels): f.value for f in made.figures if f.name not in NEEDING_A_YEAR}


def touch(partition: Partition, horizon: int) -> Partition:
    """Bring every customer a cancellation that changes nothing but makes the record fold."""
    for name in ("ann", "bob", "cy"):
        if not partition.strangers([name]):
            partition.apply(
                fast.OrderCancelled(event_id="touch", occurred_at=AS_OF, customer_id=name, order_id="none"),
                horizon,
            )
    return partition


@settings(max_examples=200, deadline=None)
@given(st.lists(order_events, max_size=40).map(named), histories)
def test_folding_changes_no_figure_of_windows_inside_the_horizon(
    orders: list[Any], others: list[Any]
) -> None:
    events = [*orders, *(changed(event, event_id=f"b{event.event_id}") for event in others)]
    assert shown(touch(applied(events), HORIZON)) == shown(touch(applied(events), EVER))


def test_a_currency_met_only_in_a_refund_of_a_cancelled_order_is_not_forgotten() -> None:
    events = [
        fast.OrderPlaced("e1", HORIZON - 3, "ann", "o1", fast.Money(0, "EUR")),
        fast.OrderRefunded("e2", HORIZON - 2, "ann", "o1", fast.Money(100, "JPY")),
        fast.OrderCancelled("e3", HORIZON - 1, "ann", "o1"),
    ]
    assert shown(touch(applied(events), HORIZON)) == shown(touch(applied(events), EVER))


def order(number: int, at: int) -> Any:
    amount = fast.Money(minor=100, currency="EUR")
    return fast.OrderPlaced(
        event_id="", occurred_at=at, customer_id="ann", order_id=f"o{number}", amount=amount
    )


@pytest.mark.parametrize(
    "came_first", [[], [fast.CustomerSignedUp("e", 5, "ann")], [order(0, 90)]], ids=["", "signed up", "newer"]
)
def test_a_new_order_folds_those_that_have_fallen_behind_the_horizon(came_first: list[Any]) -> None:
    partition = Partition()
    for events, horizon in ((came_first, EVER), ([order(1, 10)], EVER), ([order(2, 100)], 50)):
        partition.apply_all(events, horizon, [])
    assert partition.draw().orders["ann"].folded_first_at == 10


def test_folded_orders_take_no_room() -> None:
    orders = [
        fast.OrderPlaced(
            event_id=f"e{n}",
            occurred_at=HORIZON - n,
            customer_id="ann",
            order_id=f"o{n}",
            amount=fast.Money(minor=2**53, currency="EUR"),
        )
        for n in range(1, 3001)
    ]
    partition = applied(orders)
    before = partition.changes()
    rows = touch(partition, HORIZON).changes()
    assert len([value for _, value in before if value is not None]) > 100
    assert len([value for _, value in rows if value is not None]) == 1
    assert len([value for _, value in rows if value is None]) == len(before) - 1
    assert shown(partition)["subpulse_realized_ltv_gsum", (("currency", "EUR"),)] == 3000 * 2**53 / 100


def test_an_order_that_arrives_beyond_the_horizon_is_counted_unmatched() -> None:
    old = fast.OrderPlaced(
        event_id="e",
        occurred_at=HORIZON - 1,
        customer_id="ann",
        order_id="o",
        amount=fast.Money(minor=5, currency="JPY"),
    )
    partition = Partition()
    assert [partition.apply(old, HORIZON).value for _ in range(2)] == ["beyond_horizon"] * 2
    found = shown(partition)
    assert found["subpulse_realized_ltv_gsum", (("currency", "JPY"),)] == 10
    assert found["subpulse_repeat_customers_ratio", ()] == 1
