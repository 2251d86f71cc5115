"""The broken builds are broken where they say it, and nowhere else: by themselves they count right."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition

from service.stream import head
from service.stream.checkpoint import Checkpoint
from service.stream.consumer import Consumer
from tests.endurance.broken import apart, unfenced, unsought
from tests.stream.application import Application
from tests.stream.asks_once import AsksOnce
from tests.stream.conftest import NewApplication, applications  # noqa: F401 # a fixture
from tests.stream.events import order
from tests.stream.holder import EndedError, Holder, ends_raise


@pytest.fixture
async def application(applications: NewApplication) -> AsyncIterator[Application]:  # noqa: F811
    made = applications(partitions=1)
    await made.create()
    made.send(order(f"c-{n}", n, 1) for n in range(50))
    yield made
    await Holder.all_vanish()


async def counted(application: Application) -> tuple[int, int]:
    """How many records of customers there are, and how many orders the head record says are applied."""
    rows = {key: value for (_, key), value in (await application.last_rows()).items() if value}
    found = head.unpack(rows.pop(head.KEY)).positions[application.sources["orders"]].next
    return len(rows), found


async def test_positions_apart_from_the_state_are_a_transaction_of_their_own(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint, "_snapshot", apart.snapshot)
    monkeypatch.setattr(Checkpoint, "_commit", apart.commit)
    holder = await Holder.up_to_date(application)
    assert await counted(application) == (50, 50)
    application.send(order(f"d-{n}", n, 1) for n in range(50))
    await holder.read()
    with monkeypatch.context() as between:
        between.setattr(apart, "head_row", None)  # and here it ends, between the two
        with ends_raise(monkeypatch), pytest.raises(EndedError):
            await holder.save()
    assert await counted(application) == (100, 50)


async def test_without_the_fence_a_former_owner_goes_on_writing(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoint, "fence", unfenced.start_only)
    former = await Holder.up_to_date(application)
    monkeypatch.setattr(unfenced.os, "getpid", lambda: -1)  # another process
    await Holder.up_to_date(application)
    application.send([order("d", 1_000, 1)])
    await former.read()
    await former.save()
    assert await counted(application) == (51, 51)


async def test_without_the_seek_an_era_begins_where_the_consumer_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = TopicPartition("orders", 0)
    good, broken = (AsksOnce(orders, resume_at={orders: 50}) for _ in range(2))
    await good.ask()
    assert good.sought == [{orders: 50}]
    monkeypatch.setattr(Consumer, "_seek_to_state", unsought.stay)
    await broken.ask()
    assert broken.waited
    assert not broken.sought
