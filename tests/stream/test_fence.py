"""Only the newest owner of a partition writes, and a checkpoint is there whole or not at all.

Each test stages one way in which a former owner, or a commit nobody knows the outcome of, could spoil what is
written; each was seen to fail with its lock taken out.
"""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from service.stream import checkpoint, store
from service.stream.endings import START_AGAIN
from tests.endurance import changelog
from tests.endurance.cluster import Cluster
from tests.endurance.faults import EAGER, configure
from tests.endurance.proxy import END_TXN, Trap
from tests.endurance.reading import Looking
from tests.endurance.records import recomputed
from tests.stream.application import Application
from tests.stream.events import Sent, order
from tests.stream.holder import EndedError, Holder, ends_raise

BAD = Sent("orders", b"nobody", b"no JSON")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker that looks after compaction and timeouts quickly, and a way to it that can be cut."""
    made = Cluster(
        tmp_path_factory.mktemp("cluster"),
        places=1,
        overrides={"transaction.abort.timed.out.transaction.cleanup.interval.ms": "200"},
    )
    made.brokers[0].start()
    yield made
    made.brokers[0].close()


@pytest.fixture
async def network(cluster: Cluster) -> AsyncIterator[Any]:
    (network,) = cluster.networks
    for proxy in network.proxies:
        await proxy.start()
    yield network
    for proxy in network.proxies:
        await proxy.close()


@pytest.fixture
async def application(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Application]:
    made = Application(cluster.bootstrap, tmp_path, partitions=1)
    await made.create()
    with ends_raise(monkeypatch):
        yield made
    await Holder.all_vanish()
    gc.collect()  # what nobody asked about any more is told here, not in the middle of something else


def some(first: int, count: int = 200) -> list[Sent]:
    """Orders of ten customers, and one record that cannot be used."""
    return [*(order(f"c-{i % 10}", i, i / 10) for i in range(first, first + count)), BAD]


async def refused(saving: Awaitable[None]) -> str:
    """Why the process ended that tried to save."""
    with pytest.raises(EndedError) as ending:
        await saving
    assert ending.value.code == START_AGAIN
    return ending.value.why


async def assert_exact(application: Application) -> None:
    """Records, letters and positions are what a recomputation from the sources comes to."""
    looking, topic = Looking(application.bootstrap, 1), application.sources["orders"]
    sent = await looking.rows(topic)
    told = recomputed(json.loads(row.value or b"") for row in sent if row.value != BAD.value)
    written = await looking.rows(application.changelog)
    customers, _, heads = changelog.read((row.partition, row.key or b"", row.value) for row in written)
    assert customers == {(0, name): kept for name, kept in told.customers.items()}
    letters = [letter.key for letter in await looking.rows(application.dead_letters)]
    assert letters == [f"{topic}/0/{row.offset}".encode() for row in sent if row.value == BAD.value]
    assert heads[0].positions[topic] == sent[-1].offset + 1
    assert (await looking.committed(application.name))[topic, 0] == sent[-1].offset + 1


def frozen_before(producer: Any, step: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Make the producer stop before a step: events "it has come so far" and "it may go on"."""
    arrived, woken, act = asyncio.Event(), asyncio.Event(), getattr(producer, step)

    async def frozen(*arguments: Any) -> Any:
        arrived.set()
        await woken.wait()
        return await act(*arguments)

    setattr(producer, step, frozen)
    return arrived, woken


async def test_a_frozen_worker_that_wakes_writes_nothing(application: Application) -> None:
    frozen = Holder(application)
    await frozen.take()
    application.send(some(0))
    await frozen.read(100)
    await frozen.save()
    await frozen.read(50)  # and here it freezes
    await Holder.up_to_date(application)
    assert "refused" in await refused(frozen.save())
    await assert_exact(application)


async def test_a_worker_refused_between_two_batches_starts_again_and_tells_no_bug(
    application: Application,
) -> None:
    frozen = Holder(application)
    await frozen.take()
    application.send(some(0))
    await frozen.read()
    await Holder.up_to_date(application)
    send = frozen.producer.send_batch

    async def answered(*arguments: Any, **named: Any) -> Any:
        answer = await send(*arguments, **named)
        await asyncio.wait({answer})  # the first batch has been refused when the second is sent
        return answer

    frozen.producer.send_batch = answered
    assert "IllegalOperation" in await refused(frozen.save())
    await assert_exact(application)


@pytest.mark.parametrize("step", ["send_offsets_to_transaction", "commit_transaction"])
async def test_a_worker_frozen_in_the_middle_of_a_transaction_does_not_finish_it(
    application: Application, step: str
) -> None:
    frozen = Holder(application)
    await frozen.take()
    application.send(some(0))
    await frozen.read()
    arrived, woken = frozen_before(frozen.producer, step)
    saving = asyncio.ensure_future(frozen.save())
    await arrived.wait()  # rows and letters are written, and not committed
    await Holder.up_to_date(application)
    woken.set()
    await refused(saving)
    await assert_exact(application)


async def test_a_frozen_worker_that_wakes_after_compaction_writes_nothing(
    application: Application,
) -> None:
    """Compaction leaves the last row of each key, whoever wrote it: offsets would no longer tell."""
    await configure(application.bootstrap, application.changelog, EAGER)
    frozen = Holder(application)
    await frozen.take()
    application.send(some(0))
    await frozen.read(100)
    await frozen.save()
    looking = Looking(application.bootstrap, 1)
    old = (await looking.ends(application.changelog))[application.changelog, 0]
    await frozen.read(50)
    heir = await Holder.up_to_date(application)
    while min(row.offset for row in await looking.rows(application.changelog)) < old:
        application.send([order("c-0", 9_999, 1)])  # segments are rolled when something is written
        await heir.read()
        await heir.save()
        await asyncio.sleep(0.5)
    await refused(frozen.save())
    await assert_exact(application)
    third = Holder(application)
    await third.take()
    assert await third.read() == 0


@pytest.mark.parametrize("forwarded", [True, False])
async def test_after_a_commit_of_unknown_outcome_only_what_is_written_counts(
    application: Application, network: Any, monkeypatch: pytest.MonkeyPatch, forwarded: bool
) -> None:
    monkeypatch.setattr(store, "COMMIT_LIMIT", 1.5)
    unlucky = Holder(application, network.bootstrap)
    await unlucky.take()
    application.send(some(0))
    await unlucky.read()
    network.set_trap(Trap(END_TXN, forwarded, silence=60.0))
    assert "unknown" in await refused(unlucky.save())
    await unlucky.vanish()
    network.release(deliver=False)
    heir = Holder(application)
    await heir.take()
    assert await heir.read() == (0 if forwarded else 201)
    await heir.save()
    await assert_exact(application)


async def test_a_transaction_older_than_its_timeout_is_not_committed(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "TRANSACTION_TIMEOUT_MS", 1_000)
    slow = Holder(application)
    await slow.take()
    application.send(some(0))
    await slow.read()
    arrived, woken = frozen_before(slow.producer, "commit_transaction")
    saving = asyncio.ensure_future(slow.save())
    await arrived.wait()
    await asyncio.sleep(2.5)  # the broker has given up on it
    woken.set()
    await refused(saving)
    await slow.vanish()
    heir = Holder(application)
    await heir.take()
    assert await heir.read() == 201
    await heir.save()
    await assert_exact(application)


def test_we_give_up_on_a_transaction_before_the_broker_does() -> None:
    assert store.COMMIT_LIMIT * 1_000 < checkpoint.TRANSACTION_TIMEOUT_MS


async def test_of_two_processes_with_the_same_transactional_id_only_the_later_one_saves(
    application: Application,
) -> None:
    holders = [Holder(application) for _ in range(3)]
    for number, holder in enumerate(holders):
        await holder.take()
        application.send(some(1_000 * number))
        for former in holders[:number]:
            if former.held:
                await former.read()
                await refused(former.save())
                await former.vanish()
        await holder.read()
        await holder.save()
    await assert_exact(application)


async def test_partitions_let_go_while_they_are_being_taken_are_not_handed_out(
    application: Application,
) -> None:
    """A rebalance before the first commit: the next `take` begins from nothing, and misses nothing."""
    application.send(some(0))
    holder = Holder(application)
    taking = asyncio.ensure_future(holder.take())
    await asyncio.sleep(0)
    await holder.store.let_go()
    await taking
    assert holder.store.parts == {}
    await holder.take()
    assert await holder.read() == 201
    await holder.save()
    await assert_exact(application)


async def test_a_worker_that_got_no_partition_at_first_gets_one_later(application: Application) -> None:
    application.send(some(0))
    idle = Holder(application)
    await idle.store.take([])
    await idle.store.let_go()
    await idle.take()
    assert await idle.read() == 201
    await idle.save()
    await assert_exact(application)


async def test_what_was_aborted_is_neither_counted_nor_restored(application: Application) -> None:
    """Consumers of subpulse's topics read committed: events of the sources, rows of the changelog."""
    async with AIOKafkaProducer(
        bootstrap_servers=application.bootstrap, transactional_id=f"{application.name}-liar"
    ) as liar:
        await liar.begin_transaction()
        lie = order("c-1", 1, 1)
        await liar.send_and_wait(application.sources["orders"], lie.value, lie.key)
        await liar.send_and_wait(application.changelog, b"not of any format", b"cc-1")
        await liar.abort_transaction()
    application.send(some(0))
    await Holder.up_to_date(application)
    await assert_exact(application)
