"""The loop over plain orders, once in Python and once compiled: nobody can tell which of them ran."""

from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import fast
from service.domain.records import Limits, Partition, placing, plain, ripeness
from service.domain.records.lengths import SHORT_BYTES
from service.domain.records.outcome import Outcome
from tests.domain.events import AS_OF, DAY, changed, histories, named, order_events
from tests.domain.records.test_customers import drawn

compiled = pytest.importorskip(
    "service.domain.records.plain_compiled",
    reason="the loop over new orders is not compiled (Debian: apt install gcc libc6-dev python3-dev, "
    "and delete .venv/installed.json)",
)

LOOPS = {"in Python": plain.keep_plain, "compiled": compiled.keep_plain}
ITEM = fast.Item(sku="beans", quantity=1, amount=fast.Money(minor=1, currency="EUR"))
orders = st.builds(
    fast.OrderPlaced,
    event_id=st.just(""),
    occurred_at=st.integers(0, 8).map(lambda n: AS_OF - n * 40 * DAY),
    customer_id=st.sampled_from(["ann", "bob", "cy", "dörte"]),
    order_id=st.sampled_from([f"o{number}" for number in range(8)]),
    amount=st.builds(fast.Money, minor=st.integers(0, 2**53), currency=st.just("EUR")),
    channel=st.sampled_from([None, "ads", "friends"]),
    items=st.sampled_from([None, [ITEM]]),
)
chunks = st.lists(
    st.one_of(st.lists(orders, max_size=20), st.lists(order_events, max_size=8), histories), max_size=8
)
horizons = st.lists(st.integers(0, 400), min_size=8, max_size=8).map(
    lambda days: [AS_OF - n * DAY for n in sorted(days, reverse=True)]
)


def new_partition() -> Partition:
    return Partition(Limits(orders=4, skus=1), b"secret", Random(0).randbytes)


def apply(loop: str, partition: Partition, events: list[Any], horizon: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with mock.patch.object(placing, "keep_plain", LOOPS[loop]):
        partition.apply_all(events, horizon, outcomes)
    return outcomes


@settings(max_examples=300, deadline=None)
@given(chunks, horizons, st.sampled_from([0, SHORT_BYTES]))
def test_the_compiled_loop_does_what_the_one_in_python_does(
    chunks: list[list[Any]], horizons: list[int], short: int
) -> None:
    ours, theirs = new_partition(), new_partition()
    for number, (chunk, horizon) in enumerate(zip(chunks, horizons, strict=False)):
        events = [changed(event, event_id=f"{number}-{event.event_id}") for event in named(chunk)]
        with mock.patch.object(ripeness, "SHORT_BYTES", short):
            outcomes = apply("in Python", ours, events, horizon)
            assert apply("compiled", theirs, events, horizon) == outcomes
        assert (theirs.watermark, theirs.late) == (ours.watermark, ours.late)
        assert drawn(theirs) == drawn(ours)
        assert dict(theirs.changes()) == dict(ours.changes())


@pytest.mark.parametrize("loop", LOOPS)
def test_an_order_that_cannot_be_kept_is_the_one_after_those_that_were(loop: str) -> None:
    good = fast.OrderPlaced(
        event_id="", occurred_at=AS_OF, customer_id="ann", order_id="o", amount=ITEM.amount, channel=None
    )
    bad = changed(good, order_id=None)
    outcomes: list[Outcome] = []
    with mock.patch.object(placing, "keep_plain", LOOPS[loop]), pytest.raises(AttributeError):
        new_partition().apply_all([good, changed(good, order_id="p"), bad, good], 0, outcomes)
    assert outcomes == [Outcome.APPLIED, Outcome.APPLIED]
