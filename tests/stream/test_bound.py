"""A checkpoint stays small enough to be quick, however much there is to read and however bad it is."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.stream import bound, checkpoint, head
from service.stream.bound import AIM, GROWTH, LEAST, MOST, Bound
from service.stream.engine import SLICE, add_agent
from service.stream.lean import Record
from tests.domain.records.test_many_orders import applied, changed, orders
from tests.stream.conftest import NewApplication
from tests.stream.events import order
from tests.stream.holder import Holder
from tests.stream.test_owned import Raw


@given(st.lists(st.tuples(st.integers(0, 10 * MOST), st.floats(0, 30))))
def test_a_bound_lies_between_what_always_fits_and_what_is_never_too_much(
    checkpoints: list[tuple[int, float]],
) -> None:
    learning = Bound()
    for rows, seconds in checkpoints:
        learning.learn(rows, seconds)
        assert LEAST <= learning.rows <= MOST


@given(st.integers(3_000, 1_000_000))
def test_at_any_pace_checkpoints_come_to_take_what_they_should_and_no_longer(pace: int) -> None:
    learning = Bound()
    for _ in range(10):
        took = learning.rows / pace
        assert took <= max(AIM, LEAST / pace) + 1
        learning.learn(learning.rows, took)
    assert learning.rows == pytest.approx(max(LEAST, min(MOST, pace * AIM)), rel=1e-3)


def test_a_slow_checkpoint_makes_the_next_one_smaller_at_once_and_a_quick_one_larger_step_by_step() -> None:
    learning = Bound()
    learning.learn(100_000, 12.0)
    assert learning.rows == 25_000
    learning.learn(25_000, 0.1)
    assert learning.rows == GROWTH * 25_000


def test_a_record_that_is_rewritten_counts_for_all_its_pieces() -> None:
    partition = applied(orders(1_000))
    partition.changes()
    assert partition.unwritten == 0
    partition.apply(changed(orders(1)[0], occurred_at=-1), -(1 << 62))
    before = partition.unwritten
    assert abs(before - len(partition.changes())) <= 2
    assert before > 40
    assert partition.unwritten == 0


async def fed(holder: Holder, topic: str, records: list[Record], number: int = 0) -> None:
    """Hand the records of partition `number` to the agent of this topic, as the consumer does."""
    agents: list[Any] = []
    engine: Any = SimpleNamespace(
        store=holder.store, topic=lambda *_, **__: None, agent=lambda *_, **__: agents.append
    )
    add_agent(engine, holder.intakes[topic])

    async def events() -> AsyncIterator[Any]:
        for first in range(0, len(records), 1_000):
            chunk = (holder.store.era, records[first : first + 1_000])
            yield SimpleNamespace(message=SimpleNamespace(tp=(topic, number)), value=chunk)

    await agents[0](SimpleNamespace(events=events))


@pytest.mark.parametrize("bad", [False, True], ids=["records", "letters"])
async def test_history_is_written_in_checkpoints_that_stay_within_their_bound(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch, bad: bool
) -> None:
    monkeypatch.setattr(bound, "LEAST", 500)
    monkeypatch.setattr(bound, "MOST", 500)
    application = applications(partitions=1)
    await application.create()
    holder = Holder(application)
    await holder.take()
    records: list[Record] = []
    for offset in range(3_000):
        records.append(raw(offset))
        if bad:
            records[-1].value = b"no JSON" * 100
    await fed(holder, application.sources["orders"], records)
    await holder.save()

    rows = await application.rows(application.changelog)
    heads = [head.unpack(row.value) for _, row in rows if row.key == head.KEY]
    applied_at = [h.positions[application.sources["orders"]].next for h in heads]
    steps = [b - a for a, b in zip([0, *applied_at], applied_at, strict=False)]
    assert applied_at[-1] == 3_000
    assert max(steps) <= 500 + SLICE
    letters = await application.rows(application.dead_letters)
    assert len(letters) == (3_000 if bad else 0)
    assert len(rows) - len(heads) == (0 if bad else 3_000)
    await holder.vanish()
    Holder.everyone.remove(holder)


async def in_small_batches(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch, partitions: int
) -> tuple[Holder, str]:
    """Who holds all partitions and packs rows in so many batches that one can look in between; and the topic
    of its orders."""
    monkeypatch.setattr(checkpoint, "MAX_BATCH_BYTES", 16_384)
    application = applications(partitions=partitions)
    await application.create()
    holder = Holder(application)
    await holder.take()
    return holder, application.sources["orders"]


async def test_a_snapshot_lets_others_have_their_turns_but_nothing_is_applied_until_it_is_taken(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, topic = await in_small_batches(applications, monkeypatch, 1)
    owned = holder.held[0]
    await fed(holder, topic, [raw(number) for number in range(5_000)])
    saving = asyncio.ensure_future(holder.save())
    feeding = asyncio.ensure_future(fed(holder, topic, [raw(number) for number in range(5_000, 6_000)]))
    applied_at = []
    while not saving.done():
        await asyncio.sleep(0)
        if owned.snapshots.locked():
            applied_at.append(owned.resume_at[topic])
    await feeding
    assert len(applied_at) > 10
    assert len(set(applied_at)) == 1
    assert owned.resume_at[topic] == 6_000
    await holder.vanish()


async def test_rows_of_one_partition_are_made_at_a_time(
    applications: NewApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, topic = await in_small_batches(applications, monkeypatch, 2)
    for number in range(2):
        await fed(holder, topic, [raw(order) for order in range(4_000)], number)
    saving, packed = asyncio.ensure_future(holder.save()), list[tuple[bool, ...]]()
    while not saving.done():
        await asyncio.sleep(0)
        packed.append(tuple(owned.snapshots.locked() for owned in holder.held))
    assert {(True, False), (False, True)} <= {*packed}
    assert (True, True) not in packed
    await holder.vanish()


def raw(number: int) -> Record:
    sent = order(f"c-{number}", number, 1)
    record = Raw(number, sent.value or b"")
    record.key, record.timestamp = sent.key, 1_800_000_000_000
    return record
