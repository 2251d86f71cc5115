"""The changelog: what is read back is what was written, whenever it was written."""

from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.metrics import Definitions, view
from service.domain.records import Limits, Partition, UnknownFormatError, packing
from tests.domain.events import EVER, applied, figures, foreseeable, histories, summary

Rows = dict[bytes, bytes]


def compacted(rows: list[tuple[bytes, bytes | None]], into: Rows | None = None) -> Rows:
    """The last value of each key; a tombstone removes it."""
    kept = {} if into is None else into
    for key, value in rows:
        kept.pop(key, None)
        if value is not None:
            kept[key] = value
    return kept


def orders(number: int, customer: str = "ann", first: int = 0) -> list[fast.OrderPlaced]:
    return [
        fast.OrderPlaced(
            event_id=f"e{n}",
            occurred_at=n,
            customer_id=customer,
            order_id=f"o{n}",
            amount=fast.Money(minor=n + 1, currency="EUR"),
        )
        for n in range(first, first + number)
    ]


@settings(max_examples=100, deadline=None)
@given(histories, st.data())
def test_the_last_row_of_each_key_does_not_depend_on_when_rows_were_written(
    history: list[Any], data: st.DataObject
) -> None:
    partition, log = foreseeable(), Rows()
    for event in history:
        partition.apply(event, EVER)
        if data.draw(st.booleans()):
            compacted(partition.changes(), log)
    assert compacted(partition.changes(), log) == compacted(applied(history).changes())


@settings(max_examples=100, deadline=None)
@given(histories, st.data())
def test_a_partition_restored_at_any_moment_goes_on_as_if_nothing_had_happened(
    history: list[Any], data: st.DataObject
) -> None:
    log: list[tuple[bytes, bytes | None]] = []
    partition = Partition()
    for event in history:
        partition.apply(event, EVER)
        if data.draw(st.integers(0, 4)) == 0:
            log += partition.changes()
            rows = list(compacted(log).items()) if data.draw(st.booleans()) else log
            partition = Partition()
            cut = data.draw(st.integers(0, len(rows)))
            with mock.patch.object(packing, "HEADS_WAITING", data.draw(st.integers(0, 3))):
                partition.restore(rows[:cut])
                partition.restore(rows[cut:])
                partition.restored()
    assert view(summary(partition), Definitions()) == figures(history)


@pytest.mark.parametrize("step", [1, 7, 20, 1000])
def test_long_logs_are_sealed_piece_by_piece_and_put_together_again(step: int) -> None:
    partition, log = Partition(), []
    events = orders(400)
    for first in range(0, len(events), step):
        applied(events[first : first + step], partition=partition)
        log += partition.changes()
    restored = Partition()
    restored.restore(log)
    restored.restored()
    assert summary(restored) == summary(applied(events))
    assert compacted(log) == compacted(applied(events).changes())
    assert restored.apply(events[3], EVER).value == "duplicate"


def test_a_sealed_piece_is_written_once() -> None:
    partition = applied(orders(400))
    first = partition.changes()
    applied(orders(1, first=400), partition=partition)
    second = partition.changes()
    assert len(first) > 20
    assert [key[:1] for key, _ in second] == [b"c"]
    assert len(second[0][1] or b"") < 800


def test_an_order_placed_earlier_than_it_was_known_rewrites_its_piece() -> None:
    log = compacted((partition := applied(orders(400))).changes())
    earlier = orders(1)[0]
    again = fast.OrderPlaced(
        event_id="again", occurred_at=-5, customer_id="ann", order_id=earlier.order_id, amount=earlier.amount
    )
    assert partition.apply(again, EVER).value == "duplicate"
    compacted(partition.changes(), log)
    restored = Partition()
    restored.restore(list(log.items()))
    restored.restored()
    assert summary(restored) == summary(partition)
    assert summary(restored) != summary(applied(orders(400)))


def test_news_are_added_to_what_is_already_held() -> None:
    owner, standby = Partition(), Partition()
    for first in range(0, 200, 10):
        applied(orders(10, first=first), partition=owner)
        standby.restore(owner.changes())
        standby.restored()
    assert summary(standby) == summary(applied(orders(200)))


@pytest.mark.parametrize("step", [1, 3, 2_000])
def test_a_head_that_is_soon_replaced_is_never_unpacked(step: int) -> None:
    rows = applied(orders(5)).changes()
    broken = [(key, value[:1] + b"no record") for key, value in rows if value]
    partition, log = Partition(), broken + rows
    for first in range(0, len(log), step):
        partition.restore(log[first : first + step])
    partition.restored()
    assert summary(partition) == summary(applied(orders(5)))


def test_rows_of_another_format_are_refused_with_a_sentence() -> None:
    ((key, value),) = applied(orders(1)).changes()
    assert value is not None
    with pytest.raises(UnknownFormatError, match="changelog of format ff"):
        Partition().restore([(key, b"\xff" + value[1:])])


def test_a_customer_beyond_a_limit_is_refused_and_unchanged() -> None:
    partition = Partition(Limits(orders=5))
    assert [partition.apply(e, EVER).value for e in orders(7)] == ["applied"] * 5 + ["customer_limit"] * 2
    assert partition.apply(orders(1)[0], EVER).value == "duplicate"
    assert summary(partition) == summary(applied(orders(5)))
