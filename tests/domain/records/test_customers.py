"""Customers of whom nothing is known but orders are held as buyers: nobody can tell by what they say."""

from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.records import Partition, placing, plain
from service.domain.records.customer import Customer
from service.domain.records.customers import Buyer, Customers
from tests.domain.events import EVER, foreseeable, histories, named, order_events

mostly_orders = st.one_of(st.lists(order_events, max_size=30).map(named), histories)


def held(partition: Partition) -> Customers:
    return partition._ledger.customers


def drawn(partition: Partition) -> Any:
    draft = partition.draw()
    return draft._replace(fresh=(draft.fresh.names, bytes(draft.fresh.rows), draft.fresh.renamed))


@settings(max_examples=60, deadline=None)
@given(mostly_orders, st.integers(1, 8))
def test_how_a_record_is_held_makes_no_difference(history: list[Any], every: int) -> None:
    partition, whole = foreseeable(), foreseeable()
    for number, event in enumerate(history):
        with (
            mock.patch.object(placing, "keep_plain", plain.keep_plain),
            mock.patch.object(plain, "Buyer", Customer),
        ):
            outcome = whole.apply(event, EVER)
        assert partition.apply(event, EVER) == outcome
        assert [*held(partition).values()] == [*held(whole).values()]
        if number % every == 0:
            assert drawn(partition) == drawn(whole)
            assert dict(partition.changes()) == dict(whole.changes())
    assert not any(isinstance(one, Buyer) for one in held(whole).held.values())


@settings(max_examples=60, deadline=None)
@given(mostly_orders)
def test_who_only_ordered_is_held_as_a_buyer_also_after_a_recovery(history: list[Any]) -> None:
    partition, recovered = foreseeable(), foreseeable()
    partition.apply_all(history, EVER, [])
    recovered.restore(partition.changes())
    recovered.restored()
    assert held(recovered).held.keys() == held(partition).held.keys()
    for name, customer in recovered._ledger.customers.held.items():
        only_orders = Buyer(
            newest=customer.newest,
            orders=customer.orders,
            any_channel_at=customer.any_channel_at,
            any_channel=customer.any_channel,
        )
        assert isinstance(customer, Buyer) == (held(partition).seen(name) == only_orders.customer())
        assert held(recovered).seen(name) == held(partition).seen(name)
