"""A worker that meets the changelog of another version: the former is read, a newer one refused."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from service.domain.records import former, packing
from service.stream import head
from service.stream.endings import PERSON_NEEDED
from tests.domain.events import summary
from tests.stream.application import Application
from tests.stream.conftest import NewApplication
from tests.stream.events import Sent
from tests.stream.holder import EndedError, Holder, ends_raise

STORED = Path(__file__).parents[1] / "domain" / "records" / "formats" / f"{former.VERSION}.ndjson.gz"
KEY_FIELDS = ("customer_id", "channel")


def stored() -> tuple[list[Sent], list[tuple[bytes, bytes]]]:
    """The events that a former version was given, and the rows it wrote of them."""
    lines = [json.loads(line) for line in gzip.decompress(STORED.read_bytes()).splitlines()]
    events = [(line["kind"], line["event"]) for line in lines if "event" in line]
    rows = [(bytes.fromhex(line["key"]), bytes.fromhex(line["value"])) for line in lines if "key" in line]
    sent = [Sent(kind, key_of(event), json.dumps(event).encode()) for kind, event in events]
    return sent, rows


def key_of(event: dict[str, str]) -> bytes:
    return next(event[field] for field in KEY_FIELDS if field in event).encode()


async def write(application: Application, rows: list[tuple[bytes, bytes]]) -> None:
    """Rows of the changelog, as another version left them."""
    async with AIOKafkaProducer(bootstrap_servers=application.bootstrap) as producer:
        for key, value in rows:
            await producer.send(application.changelog, value, key, partition=0)


@pytest.fixture
async def application(applications: NewApplication) -> AsyncIterator[Application]:
    made = applications(partitions=1)
    await made.create()
    yield made
    await Holder.all_vanish()


async def test_an_upgrade_reads_what_the_former_version_wrote_and_goes_on(application: Application) -> None:
    sent, rows = stored()
    application.send(sent)
    ends = {tp.topic: end for tp, end in (await application.ends()).items()}
    positions = {topic: [end, -1, b""] for topic, end in ends.items()}
    former_head = msgspec.msgpack.encode([head.FORMAT, 1, positions])  # before it told of days and crashes
    await write(application, [*rows, (head.KEY, former_head)])
    upgraded = Holder(application)
    await upgraded.take()
    assert await upgraded.read() == 0  # all is counted already
    application.send(sent)  # and known
    assert await upgraded.read() == len(sent)
    await upgraded.save()

    alone = application_of_its_own(application)
    await alone.create()
    fresh = Holder(alone)
    await fresh.take()
    await fresh.read()
    assert summary(upgraded.held[0].records) == summary(fresh.held[0].records)


def application_of_its_own(application: Application) -> Application:
    """Another one that reads the same sources from their beginning."""
    return Application(application.bootstrap, application.folder, partitions=1, sources=application.sources)


async def test_after_a_rollback_the_older_version_stops_and_says_what_helps(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, rows = stored()
    newer = bytes([packing.VERSION + 1])
    key, value = next(row for row in rows if row[0][:1] == b"c")
    newer_head = msgspec.msgpack.encode([head.FORMAT + 1, 1, {}])
    with ends_raise(monkeypatch):
        for row in ((key, newer + value[1:]), (head.KEY, newer_head)):
            await write(application, [row])
            with pytest.raises(EndedError, match=r"format .* `subpulse rebuild`") as ending:
                await Holder(application).take()
            assert ending.value.code == PERSON_NEEDED
