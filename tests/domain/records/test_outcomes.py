"""What an event is told to have become."""

from typing import Any

import pytest

from schemas import fast
from service.domain.records import Limits, Partition
from tests.domain.events import EVER, changed

EUR = fast.Money(minor=100, currency="EUR")
BY = {"customer_id": "ann", "occurred_at": 10}
EVENTS = [
    fast.OrderPlaced(event_id="e", order_id="o", amount=EUR, **BY),
    fast.OrderRefunded(event_id="e", order_id="o", amount=EUR, **BY),
    fast.OrderCancelled(event_id="e", order_id="o", **BY),
    fast.SubscriptionStarted(event_id="e", subscription_id="s", plan="p", price=EUR, interval="month", **BY),
    fast.SubscriptionEnded(event_id="e", subscription_id="s", **BY),
    fast.CustomerSignedUp(event_id="e", **BY),
    fast.CustomerInvited(event_id="e", **BY),
    fast.CustomerErased(event_id="e", **BY),
    fast.SpendRecorded(event_id="e", channel="ads", amount=EUR, occurred_at=10),
]


def kind(event: Any) -> str:
    return type(event).__name__


REPEATED = [event for event in EVENTS if not isinstance(event, fast.CustomerErased)]


@pytest.mark.parametrize("event", REPEATED, ids=kind)
def test_an_event_is_applied_once_and_a_duplicate_ever_after(event: Any) -> None:
    partition = Partition()
    assert [partition.apply(event, EVER).value for _ in range(3)] == ["applied", "duplicate", "duplicate"]


@pytest.mark.parametrize("event", REPEATED, ids=kind)
def test_an_event_older_than_the_newest_of_its_customer_is_late(event: Any) -> None:
    partition = Partition()
    partition.apply(event, EVER)
    assert sum(partition.late.values()) == 0
    older = {"event_id": "older", "occurred_at": 9}
    if isinstance(event, fast.OrderPlaced):
        older["order_id"] = "older"
    partition.apply(changed(event, **older), EVER)
    assert sum(partition.late.values()) == 1


@pytest.mark.parametrize("event", EVENTS[:3], ids=kind)
def test_an_order_event_beyond_the_horizon_is_told_apart(event: Any) -> None:
    assert Partition().apply(event, horizon=11).value == "beyond_horizon"


@pytest.mark.parametrize("event", EVENTS[:5], ids=kind)
def test_beyond_a_limit_nothing_is_held(event: Any) -> None:
    partition = Partition(Limits(orders=0, transitions=0))
    assert partition.apply(event, EVER).value == "customer_limit"
    assert (partition.customers_held, partition.changes(), partition.watermark) == (0, [], None)
