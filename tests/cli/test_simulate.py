"""`subpulse simulate`: to files, to standard output, live, and to a real broker."""

import asyncio
import gzip
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import zstandard
from aiokafka import AIOKafkaConsumer, TopicPartition

from service.embedded import Broker
from service.simulation.scenarios import shipped
from tests.cli.calling import ROOT, failed_with_a_sentence, subpulse
from tests.conftest import CreateTopics

SMALL = ("simulate", "--customers", "30", "--days", "5")
KINDS = ("orders", "subscriptions", "customers", "marketing")


def test_lines_packed_lines_and_standard_output_hold_the_same_story(tmp_path: Path) -> None:
    files = [tmp_path / f"story.ndjson{ending}" for ending in ("", ".gz", ".zst")]
    for file in files:
        done = subpulse(*SMALL, "--start", "2025-03-01T00:00:00Z", "-o", file)
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
    plain = files[0].read_bytes()
    assert gzip.decompress(files[1].read_bytes()) == plain
    assert zstandard.ZstdDecompressor().decompressobj().decompress(files[2].read_bytes()) == plain
    assert subpulse(*SMALL, "--start", "2025-03-01T00:00:00Z").stdout.encode() == plain
    days = [json.loads(line)["occurred_at"][:10] for line in plain.splitlines()]
    assert days[0].startswith("2024-01-0")
    assert days[-1] == "2025-03-05"
    assert f"told {len(days):,} events" in done.stderr


def test_the_list_names_every_scenario() -> None:
    assert set(shipped()) <= set(subpulse("simulate", "--list").stdout.split())


def test_it_says_what_happens_and_when(tmp_path: Path) -> None:
    asked = ("-S", "churn-spike", "--from-day", "1", "--start", "2025-03-01T00:00:00Z")
    done = subpulse(*SMALL, *asked, "-o", tmp_path / "x")
    assert "leave at a multiple of the usual rate, at once. From 2025-03-02 00:00 UTC on." in done.stderr


def test_it_says_that_nothing_will_happen(tmp_path: Path) -> None:
    done = subpulse(*SMALL, "-S", "churn-spike", "-o", tmp_path / "x")
    assert done.returncode == 0
    assert "the story ends before the scenario begins, on day 30" in done.stderr
    assert "usual rate" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-S", "chrun-spike"), ("did you mean churn-spike",)),
        (("-S", "payment-outage", "--strength", "2"), ("changes[0].failing", "less than or equal to 1")),
        (("-S", "quiet", "--strength", "3"), ("scenario quiet has no strength",)),
        (("-S", "ingestion-stall", "--from-day", "1"), ("an ingestion stall shows only live",)),
        (("--publish", "-o", "x"), ("--publish and --output are both given",)),
        (("-o", "/none/x"), ("--output /none/x cannot be written",)),
    ],
)
def test_a_wrong_wish_is_told_in_a_sentence(options: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert failed_with_a_sentence(subpulse(*SMALL, *options), *words)


def test_live_it_goes_on_until_it_is_interrupted(tmp_path: Path) -> None:
    file = tmp_path / "live.ndjson"
    command = [sys.executable, "-m", "service.cli", "simulate", "--customers", "30"]
    with subprocess.Popen(
        [*command, "--speed", "500000", "-o", str(file)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        history = None
        said = ""
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline:
            lines = file.read_bytes().count(b"\n") if file.exists() else 0
            if history is not None and lines > history + 20:
                break
            if history is None and process.stderr is not None:
                said += process.stderr.readline()
                if "going on live" in said:
                    history = file.read_bytes().count(b"\n")
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    events = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert process.returncode == 0
    assert history is not None
    assert len(events) > history + 20
    assert f"told {len(events):,} events" in told
    assert "500,000 times as much happens as before: to alerts that is a churn spike" in said


async def test_events_reach_their_topics_and_missing_ones_are_told(
    broker: Broker, prefix: str, create_topics: CreateTopics
) -> None:
    own = {f"SUBPULSE_{kind.upper()}_TOPIC": f"{prefix}{kind}" for kind in KINDS}
    environment = {"SUBPULSE_BROKERS": broker.bootstrap, **own}
    missing = await asyncio.to_thread(subpulse, *SMALL, "--publish", **environment)
    assert failed_with_a_sentence(missing, "topics are missing", "subpulse topics")
    await create_topics(*own.values(), partitions=2)
    done = await asyncio.to_thread(subpulse, *SMALL, "--publish", **environment)
    assert done.returncode == 0, done.stderr
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap)
    await consumer.start()
    tps = [TopicPartition(topic, number) for topic in own.values() for number in (0, 1)]
    ends = await consumer.end_offsets(tps)
    await consumer.stop()
    counts: Counter[str] = Counter()
    for tp, end in ends.items():
        counts[tp.topic] += end
    assert all(counts[topic] for topic in own.values())
    assert f"told {counts.total():,} events" in done.stderr


async def test_a_second_story_is_told_on_top_of_the_first_only_if_that_is_wanted(
    broker: Broker, prefix: str, create_topics: CreateTopics
) -> None:
    own = {f"SUBPULSE_{kind.upper()}_TOPIC": f"{prefix}{kind}" for kind in KINDS}
    environment = {"SUBPULSE_BROKERS": broker.bootstrap, **own}
    await create_topics(*own.values(), partitions=2)
    asked = ("simulate", "--customers", "10", "--days", "1", "--publish")
    first = await asyncio.to_thread(subpulse, *asked, **environment)
    assert first.returncode == 0, first.stderr
    second = await asyncio.to_thread(subpulse, *asked, **environment)
    assert failed_with_a_sentence(second, "topics hold events already", "--on-top")
    wanted = await asyncio.to_thread(subpulse, *asked, "--on-top", **environment)
    assert wanted.returncode == 0, wanted.stderr
