"""Customers with so many orders that nobody may look at all of them at every event."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.facts import Facts
from service.domain.records import Limits, Partition, horizon, keyed_rows, ordering, ripeness
from service.domain.records.customer import NEVER, Customer
from tests.domain.events import AS_OF, EVER, applied, changed, instants, named, order_events, summary
from tests.domain.records.test_packing import orders

EUR = fast.Money(minor=1, currency="EUR")
MANY = 4_000  # enough for an index

histories_of_ann = st.lists(
    order_events.map(lambda event: changed(event, customer_id="ann")), max_size=30
).map(named)


def refunds(number: int, first_at: int, order: int = 0) -> list[fast.OrderRefunded]:
    return [
        fast.OrderRefunded(
            event_id=f"r{n}",
            occurred_at=first_at + n,
            customer_id="ann",
            order_id=f"o{order + n}",
            amount=EUR,
        )
        for n in range(number)
    ]


def record(partition: Partition) -> Customer:
    partition.undraw()
    return partition.draw().orders.get("ann", Customer())


@settings(max_examples=200, deadline=None)
@given(histories_of_ann)
def test_a_record_is_ripe_for_folding_at_one_instant_and_not_before(history: list[Any]) -> None:
    partition = applied(history)
    at = horizon.ripe_at(record(partition))
    assert at == NEVER or horizon.fold(record(partition), at + 1)
    assert not horizon.fold(record(partition), at)


@settings(max_examples=200, deadline=None)
@given(histories_of_ann, st.lists(instants, min_size=30, max_size=30).map(sorted))
def test_whatever_can_be_folded_is_folded_by_the_next_refund(history: list[Any], horizons: list[int]) -> None:
    partition = Partition()
    with mock.patch.object(ripeness, "SHORT_BYTES", 0):
        for event, at in zip(history, horizons, strict=False):
            partition.apply_all([event], at, [])
            partition.apply_all([changed(refunds(1, AS_OF)[0], event_id=f"x{event.event_id}")], at, [])
            assert not horizon.fold(record(partition), at)


@pytest.mark.parametrize("kind", ["refunds", "cancellations", "orders"])
def test_events_of_one_chunk_look_at_all_orders_of_a_customer_only_a_few_times(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition = applied([*orders(MANY), *refunds(MANY // 2, first_at=10 * MANY)])
    events: dict[str, list[Any]] = {
        "refunds": refunds(100, first_at=20 * MANY, order=MANY // 2),
        "cancellations": [
            fast.OrderCancelled(
                event_id=f"c{n}", occurred_at=20 * MANY, customer_id="ann", order_id=f"o{n + MANY // 2}"
            )
            for n in range(100)
        ],
        "orders": [changed(o, occurred_at=20 * MANY) for o in orders(100, first=MANY)],
    }
    looks = mock.Mock()
    for module, name in ((ordering.beyond, "fold"), (ripeness, "ripe_at")):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, real=real: (looks(), real(*given))[1])
    partition.apply_all(events[kind], 3 * MANY, [])
    assert 1 <= looks.call_count <= 3
    assert record(partition).folded is not None


@pytest.mark.parametrize("events", [orders(MANY), refunds(MANY, first_at=0)], ids=["orders", "refunds"])
def test_a_repetition_is_found_in_a_long_log_without_searching_it(
    events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    partition = applied(events)
    monkeypatch.setattr(keyed_rows, "find", mock.Mock(side_effect=AssertionError("searched")))
    outcomes: list[Any] = []
    partition.apply_all(
        [changed(event, occurred_at=event.occurred_at - 1) for event in events], EVER, outcomes
    )
    assert {outcome.value for outcome in outcomes} == {"duplicate"}
    assert partition.apply(changed(events[0], event_id="new", order_id="new"), EVER).value == "applied"


def test_what_a_refused_refund_has_folded_is_written_down() -> None:
    partition = Partition(Limits(orders=60))
    applied([*orders(60), *refunds(60, first_at=1_000, order=100)], partition=partition)
    rows = partition.changes()
    one_more = changed(refunds(1, first_at=2_000)[0], event_id="new")
    assert partition.apply(one_more, 30).value == "customer_limit"
    restored = Partition()
    restored.restore(rows + partition.changes())
    restored.restored()
    assert len(record(restored).orders) == len(record(partition).orders) == 30 * 26
    assert summary(restored) == summary(partition)


def test_what_another_worker_has_added_meanwhile_is_known() -> None:
    here, elsewhere = Partition(), Partition()
    rows = applied(orders(MANY), partition=here).changes()
    assert here.apply(orders(1)[0], EVER).value == "duplicate"
    elsewhere.restore(rows)
    elsewhere.restored()
    here.restore(applied(orders(1, first=MANY), partition=elsewhere).changes())
    here.restored()
    assert here.apply(orders(1, first=MANY)[0], EVER).value == "duplicate"


def test_new_orders_may_be_drawn_alone_but_not_where_all_comes_anew() -> None:
    partition, facts = applied(orders(3)), Facts()
    facts.update(partition.draw())
    applied(orders(2, first=3), partition=partition)
    assert partition.fresh == 2
    draft = partition.draw(0)
    facts.update(draft)
    assert (len(draft.fresh.names), draft.orders, draft.lives, partition.fresh) == (2, {}, {}, 0)
    assert len(facts.orders.orders) == 5
    applied(orders(2, first=5), partition=partition)
    partition._anew = True
    assert partition.fresh == 0
