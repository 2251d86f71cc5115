"""`subpulse publish` against a real broker, and against none."""

import asyncio
import gzip
import json
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import Producer

from service.embedded import Broker
from service.embedded.ports import free_port
from tests.cli.calling import ROOT, failed_with_a_sentence, subpulse
from tests.conftest import CreateTopics
from tests.oracle.businesses import business

KINDS = ("orders", "subscriptions", "customers", "marketing")
PARTITIONS = 4
AS_OF = 1_716_928_000_000_000
EVENTS = [
    event
    for event in business(41, AS_OF, customers=60, repeats=0)
    if event["occurred_at"] < "2025" and event["occurred_at"].endswith("Z")
]
BY_TYPE = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}
Records = dict[str, list[tuple[int, bytes, bytes]]]


def lines(events: list[dict]) -> list[bytes]:
    return [json.dumps(event, ensure_ascii=False).encode() for event in events]


@pytest.fixture
async def topics(prefix: str, create_topics: CreateTopics) -> dict[str, str]:
    """Kind -> a topic of its own."""
    names = {kind: f"{prefix}{kind}" for kind in KINDS}
    await create_topics(*names.values(), partitions=PARTITIONS)
    return names


def environment(broker: Broker, topics: dict[str, str]) -> dict[str, str]:
    own = {f"SUBPULSE_{kind.upper()}_TOPIC": name for kind, name in topics.items()}
    return {"SUBPULSE_BROKERS": broker.bootstrap, **own}


async def records(broker: Broker, topics: dict[str, str]) -> Records:
    """Kind -> (partition, key, value) of all records, partition by partition in order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        tps = [TopicPartition(name, number) for name in topics.values() for number in range(PARTITIONS)]
        consumer.assign(tps)
        ends, found = await consumer.end_offsets(tps), defaultdict(list)
        while any([await consumer.position(tp) < ends[tp] for tp in tps]):
            for tp, got in (await consumer.getmany(timeout_ms=200)).items():
                found[tp.topic] += [(tp.partition, record.key, record.value) for record in got]
        return {kind: found[name] for kind, name in topics.items()}
    finally:
        await consumer.stop()


async def test_every_event_goes_once_and_unchanged_to_its_topic_under_its_key(
    broker: Broker, topics: dict[str, str], tmp_path: Path
) -> None:
    text = lines(EVENTS)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\n".join(text[::2])))
    done = await asyncio.to_thread(
        subpulse,
        "publish",
        tmp_path / "a.gz",
        "-",
        stdin=b"\n".join(text[1::2]),
        **environment(broker, topics),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"sent {len(EVENTS):,} events")
    found = await records(broker, topics)
    for kind in KINDS:
        expected = [
            (str(event["channel" if kind == "marketing" else "customer_id"]).encode(), value)
            for event, value in zip(EVENTS, text, strict=True)
            if BY_TYPE[event["type"].partition(".")[0]] == kind
        ]
        assert sorted((key, value) for _, key, value in found[kind]) == sorted(expected)


async def test_the_partition_is_the_one_kafkas_default_partitioner_chooses(
    broker: Broker, topics: dict[str, str], prefix: str, create_topics: CreateTopics
) -> None:
    await asyncio.to_thread(
        subpulse, "publish", "-", stdin=b"\n".join(lines(EVENTS)), **environment(broker, topics)
    )
    ours = {key: partition for kind in KINDS for partition, key, _ in (await records(broker, topics))[kind]}
    assert len(ours) > 40
    await create_topics(f"{prefix}theirs", partitions=PARTITIONS)
    theirs: dict[bytes, int] = {}
    # librdkafka's own implementation of what Java's client does
    producer = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"})
    for key in ours:
        producer.produce(
            f"{prefix}theirs", b"x", key, on_delivery=lambda _, m: theirs.update({m.key(): m.partition()})
        )
    producer.flush()
    assert ours == theirs


async def test_records_of_one_key_keep_their_order(broker: Broker, topics: dict[str, str]) -> None:
    template = {"type": "order.cancelled", "occurred_at": "2024-01-01T00:00:00Z", "order_id": "o"}
    events = [{**template, "event_id": str(n), "customer_id": f"c{n % 7}"} for n in range(20_000)]
    await asyncio.to_thread(
        subpulse, "publish", "-", stdin=b"\n".join(lines(events)), **environment(broker, topics)
    )
    seen: dict[bytes, list[int]] = defaultdict(list)
    for _, key, value in (await records(broker, topics))["orders"]:
        seen[key].append(int(json.loads(value)["event_id"]))
    assert sum(map(len, seen.values())) == len(events)
    assert all(numbers == sorted(numbers) for numbers in seen.values())


async def test_invalid_lines_are_listed_and_not_sent_and_their_neighbours_are(
    broker: Broker, topics: dict[str, str], tmp_path: Path
) -> None:
    good = lines(EVENTS[:4])
    future = json.dumps({**EVENTS[0], "occurred_at": "2999-01-01T00:00:00Z"}).encode()
    bad = [b"{", b'{"type":"parcel.sent"}', b"", future]
    text = [line for pair in zip(good, bad, strict=True) for line in pair]
    (tmp_path / "events").write_bytes(b"\n".join(text))
    arguments = "publish", tmp_path / "events", "--rejects", tmp_path / "rejects"
    done = await asyncio.to_thread(subpulse, *arguments, **environment(broker, topics))
    assert done.returncode == 0
    expected = [(2, "not_json"), (4, "unknown_type"), (6, "not_json"), (8, "future_event")]
    for number, reason in expected:
        assert f"events:{number}: {reason}: " in done.stderr
    assert "4 lines cannot be used" in done.stderr
    rejects = [json.loads(line) for line in (tmp_path / "rejects").read_text().splitlines()]
    assert [(reject["line"], reject["reason"]) for reject in rejects] == expected
    found = await records(broker, topics)
    assert sorted(value for kind in KINDS for *_, value in found[kind]) == sorted(good)
    done = await asyncio.to_thread(subpulse, *arguments, "--strict", **environment(broker, topics))
    assert done.returncode == 1


@pytest.mark.parametrize("ends_by", ["end of the pipe", "Ctrl-C"])
async def test_what_comes_through_a_pipe_is_sent_before_the_pipe_ends_and_ctrl_c_ends_a_silent_one(
    broker: Broker, topics: dict[str, str], ends_by: str
) -> None:
    command = [sys.executable, "-m", "service.cli", "publish", "-"]
    around = {"PATH": "/usr/bin:/bin", **environment(broker, topics)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=around, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(lines(EVENTS[:1])[0] + b"\n")
        process.stdin.flush()
        async with asyncio.timeout(60):
            while not any((await records(broker, topics)).values()):
                await asyncio.sleep(0.2)
        if ends_by == "Ctrl-C":
            process.send_signal(signal.SIGINT)
        else:
            process.stdin.close()
        code = await asyncio.to_thread(process.wait, 30)
        assert (code, b"sent 1 events" in process.stdout.read()) == (130 if ends_by == "Ctrl-C" else 0, True)
        assert b"Error" not in process.stderr.read()


def test_missing_topics_are_told_and_nothing_waits_for_them(broker: Broker, prefix: str) -> None:
    own = {kind: f"{prefix}{kind}" for kind in KINDS}
    done = subpulse("publish", "-", stdin=lines(EVENTS[:1])[0], **environment(broker, own))
    assert failed_with_a_sentence(done, f"topics are missing: {prefix}orders", "subpulse topics")


def test_a_broker_that_is_not_there_is_told() -> None:
    done = subpulse("publish", "-", "--brokers", f"127.0.0.1:{free_port()}", stdin=lines(EVENTS[:1])[0])
    assert failed_with_a_sentence(done, "subpulse publish: ", "127.0.0.1")


def test_a_file_that_is_not_there_is_told_before_the_broker_is_asked(tmp_path: Path) -> None:
    done = subpulse("publish", tmp_path / "none", "--brokers", f"127.0.0.1:{free_port()}")
    assert failed_with_a_sentence(done, "none cannot be read: No such file or directory")
