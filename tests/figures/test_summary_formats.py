"""Summaries of another version: never added up, and made anew by whoever owns the partition.

`formats/3.summary` was written by the version before this one: it has not all sums that this one's figures
are made of.
"""

import asyncio
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from service.domain.metrics import Definitions, Summary
from service.domain.metrics.summary import VERSION
from service.embedded import Broker
from service.figures.summaries import Summaries
from service.figures.views import Shown, Views
from service.stream.status import Status
from service.stream.summary_rows import FORMAT, Envelope, encode, summary_key
from tests.conftest import CreateTopics
from tests.domain.events import AS_OF, applied, summary

OURS = summary(applied([])).pack()
FORMER = (Path(__file__).parent / "formats" / f"{VERSION - 1}.summary").read_bytes()


def envelope(number: int, packed: bytes) -> Envelope:
    now = time.time_ns() // 1_000
    fingerprint = Definitions().fingerprint()
    return Envelope(
        FORMAT, fingerprint, 1, number, AS_OF, now, 1_000_000, AS_OF, complete=True, summary=packed
    )


@pytest.mark.parametrize("other", [VERSION - 1, VERSION + 1], ids=["upgrade", "rollback"])
def test_a_summary_of_another_version_is_refused_with_what_helps(other: int) -> None:
    newer = zlib.decompress(OURS).replace(b'"version":%d' % VERSION, b'"version":%d' % other)
    packed = FORMER if other < VERSION else zlib.compress(newer)
    with pytest.raises(ValueError, match=f"format {other}, this version reads {VERSION}: .*the same version"):
        Summary.unpack(packed)


async def until(views: Views, fits: Callable[[Shown], object]) -> Shown:
    limit = time.monotonic() + 60
    while not fits(views.latest):
        assert time.monotonic() < limit, views.latest
        await asyncio.sleep(0.05)
    return views.latest


async def test_figures_stand_still_while_workers_of_two_versions_run_and_go_on_when_all_have_the_same(
    broker: Broker, prefix: str, create_topics: CreateTopics
) -> None:
    topic, definitions = f"{prefix}summaries", Definitions()
    await create_topics(topic, partitions=2)
    views = Views(Status(), 1.0)
    with ThreadPoolExecutor(1) as thread:
        summaries = Summaries(
            broker.client,
            topic=topic,
            sources=(),
            partitions=2,
            definitions=definitions,
            views=views,
            thread=thread,
            interval=1.0,
        )
        running = asyncio.ensure_future(summaries.run())
        async with AIOKafkaProducer(**broker.client) as producer:

            async def publish(number: int, row: Envelope) -> None:
                await producer.send_and_wait(topic, encode(row), summary_key(number), partition=number)

            await publish(0, envelope(0, OURS))
            await publish(1, envelope(1, FORMER))
            refused = await until(views, lambda shown: shown.refused)
            assert refused.view is None
            for number in (0, 1):  # both workers have this version, and have refreshed
                await publish(number, envelope(number, OURS))
            assert not (await until(views, lambda shown: shown.view)).refused
        running.cancel()
