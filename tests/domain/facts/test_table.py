"""Columns are narrow and become wider by themselves: no value is ever cut, wherever it is put in."""

from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.facts import Facts
from service.domain.facts import facts as looking_up
from service.domain.facts.table import Table
from tests.domain.events import applied, histories, named, order_events

OWNERS = 4
small, large = st.integers(0, 9), st.sampled_from([-1, 200, 2**32 - 1, 2**32, 2**53, 2**63, -(2**63)])
rows = st.lists(st.tuples(st.integers(0, OWNERS - 1), small, small | large), max_size=6)
steps = st.lists(st.tuples(st.sets(st.integers(0, OWNERS - 1)), rows), max_size=6)


def held(table: Table) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].tolist() for name in ("customer", "at", "value")), strict=True))


@settings(deadline=None)
@given(steps, st.booleans(), st.sampled_from(["i1", "u4", "i8"]))
def test_a_table_holds_what_was_put_in_and_not_replaced(
    steps: list[tuple[set[int], list[tuple[int, int, int]]]], ordered: bool, kind: str
) -> None:
    table = Table("at" if ordered else None, at="i8", value=kind)
    expected: list[tuple[int, int, int]] = []
    for owners, new in steps:
        touched = np.zeros(OWNERS, bool)
        touched[list(owners)] = True
        table.replace(touched, table.columns(new))
        expected = [row for row in expected if row[0] not in owners] + new
        if ordered:
            expected.sort(key=lambda row: row[1])
        assert held(table) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(order_events, min_size=15, max_size=40).map(named))
def test_a_fate_stands_where_its_order_does_among_those_that_have_one(history: list[Any]) -> None:
    partition, facts = applied([]), Facts()
    for event in history:
        applied([event], partition=partition)
        facts.update(partition.draw())
        orders, fates = facts.orders.orders, facts.orders.fates
        for column in ("customer", "at"):
            assert orders[column][orders["fated"]].tolist() == fates[column].tolist()


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(1, 3))
def test_an_order_belongs_to_the_same_customer_however_many_names_are_looked_up_at_once(
    history: list[Any], piece: int
) -> None:
    owners = []
    for names_at_once in (piece, 1_000):
        with mock.patch.object(looking_up, "PIECE", names_at_once):
            facts = Facts()
            facts.update(applied(history).draw())
            owners.append(facts.orders.orders["customer"].tolist())
    assert owners[0] == owners[1]
