"""What an event is told to have become."""

from typing import Any
from unittest import mock

import pytest

from schemas import fast
from service.domain.records import Limits, Partition
from service.domain.records.fold import fold
from service.domain.records.subscription import Subscription
from service.domain.records.transitions import unpacked
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


@pytest.mark.parametrize("event", EVENTS, ids=kind)
def test_an_event_is_applied_once_and_a_duplicate_ever_after(event: Any) -> None:
    partition = Partition()
    assert [partition.apply(event, EVER).value for _ in range(3)] == ["applied", "duplicate", "duplicate"]


@pytest.mark.parametrize("event", EVENTS, ids=kind)
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


def erasures(number: int) -> list[Any]:
    return [fast.CustomerErased(event_id=f"e{n}", occurred_at=n, customer_id="ann") for n in range(number)]


def test_two_erasures_at_one_instant_are_two_and_each_is_known_again() -> None:
    twice = [erasures(1)[0], changed(erasures(1)[0], event_id="other")]
    partition = Partition()
    assert [partition.apply(event, EVER).value for event in (*twice, *twice)] == [
        "applied",
        "applied",
        "duplicate",
        "duplicate",
    ]


def test_a_customer_erased_again_and_again_takes_no_more_room_and_is_refused_at_last() -> None:
    partition = Partition(Limits(contacts=10, erasures=20))
    outcomes = [partition.apply(event, EVER).value for event in erasures(30)]
    assert outcomes == ["applied"] * 20 + ["customer_limit"] * 10
    assert partition.apply(erasures(1)[0], EVER).value == "duplicate"
    assert len(partition.draw().lives["ann"].erased_at) == 20


def test_of_many_erasures_a_subscription_is_shown_those_that_may_end_it() -> None:
    transitions = [changed(EVENTS[3], event_id=f"e{n}", occurred_at=1_000 * n) for n in range(3)]
    partition = Partition()
    for event in transitions:
        partition.apply(event, EVER)
    held = partition.draw().lives["ann"]
    with mock.patch.object(
        Subscription, "_instant", autospec=True, side_effect=Subscription._instant
    ) as seen:
        life = fold(unpacked(held.transitions, held.transition_count), range(5, 10_000))
    assert [parting.at for parting in life.partings] == [5, 1_000, 2_000]
    assert seen.call_count == 4


@pytest.mark.parametrize("event", EVENTS[:5], ids=kind)
def test_beyond_a_limit_nothing_is_held(event: Any) -> None:
    partition = Partition(Limits(orders=0, transitions=0))
    assert partition.apply(event, EVER).value == "customer_limit"
    assert (partition.customers_held, partition.changes(), partition.watermark) == (0, [], None)
