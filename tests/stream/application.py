"""An application under test: its topics on the real broker, its workers, and what they left behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import KafkaError
from confluent_kafka import Producer
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import AdminClient

from service.stream import topics
from service.stream.endings import STOP_SECONDS
from tests.oracle.labels import Figures
from tests.stream.events import Sent

KINDS = ("orders", "subscriptions", "customers", "marketing")
ROOT = Path(__file__).parents[2]
SUPERVISED = [sys.executable, "-m", "service.cli", "worker"]


class Worker:
    """A worker process as a platform would run it, without our own supervisor."""

    def __init__(self, environment: Mapping[str, str], log: Path, command: list[str] | None = None) -> None:
        self.log = log
        command = command or [sys.executable, "-m", "faust", "-q", "-A", "service.app", "worker"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=output, stderr=output, cwd=ROOT
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def address(self) -> str:
        """Of its HTTP port, once it says so."""
        limit = time.monotonic() + 30
        while not (found := re.search(r"figures are at (\S+)/metrics", self.text())):
            assert self.alive, self.text()
            assert time.monotonic() < limit, self.text()
            time.sleep(0.1)
        return found[1]

    async def answer(self) -> dict[str, Any]:
        """What its API says of the business; empty as long as it has no figures."""
        async with aiohttp.ClientSession(self.address) as client, client.get("/api/v1/figures") as answer:
            return dict(await answer.json()) if answer.status == 200 else {}

    async def figures(self) -> Figures:
        """The figures of that answer, in the oracle's shape."""
        rows = (await self.answer()).get("figures", [])
        return {(row["name"], frozenset(row["labels"].items())): row["value"] for row in rows}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self, seconds: float = STOP_SECONDS + 5) -> tuple[int, float]:
        """SIGTERM; exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code, took = self.process.wait(seconds), time.monotonic() - began
        assert took < STOP_SECONDS, self.text()
        return code, took

    def text(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Application:
    """Names and settings; several may read the same sources."""

    bootstrap: str
    folder: Path
    partitions: int = 4
    name: str = field(default_factory=lambda: f"app-{uuid.uuid4().hex[:8]}")
    sources: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sources = self.sources or {kind: f"{self.name}-{kind}" for kind in KINDS}
        self.changelog, self.dead_letters = f"{self.name}-changelog", f"{self.name}-dead-letters"
        self.summaries, self.history = f"{self.name}-summaries", f"{self.name}-history"
        self.insights, self.credits = f"{self.name}-insights", f"{self.name}-credits"

    @property
    def credited(self) -> str | None:
        """The topic of credits, where customers are ranked by referral."""
        return self.credits if self.settings.get("referral_ranks") == "true" else None

    @property
    def environment(self) -> dict[str, str]:
        values = {
            "brokers": self.bootstrap,
            "application": self.name,
            "partitions": str(self.partitions),
            **{f"{kind}_topic": topic for kind, topic in self.sources.items()},
            "changelog_topic": self.changelog,
            "dead_letters_topic": self.dead_letters,
            "summaries_topic": self.summaries,
            "history_topic": self.history,
            "insights_topic": self.insights,
            "referrals_topic": self.credits,
            "clock": "event",
            "http_port": "0",
            "refresh_interval": "1",
            "commit_interval": "0.5",
            "session_timeout": "6",
            **self.settings,
        }
        return {f"SUBPULSE_{name.upper()}": value for name, value in values.items()}

    async def create(self) -> None:
        """All topics that are not there yet."""
        async with admin_of(self.bootstrap) as admin:
            own = (self.changelog, self.dead_letters, self.summaries)
            days = self.history if "history_days" in self.settings else None
            told = self.insights if self.settings.get("insights") == "true" else None
            await topics.ensure(
                admin, topics.wanted(self.sources.values(), *own, self.partitions, days, told, self.credited)
            )

    async def grow(self, partitions: int, *names: str) -> None:
        """Add partitions to topics that are there, to all sources unless others are named."""
        async with admin_of(self.bootstrap) as admin:
            wanted = {name: NewPartitions(partitions) for name in names or self.sources.values()}
            await admin.create_partitions(wanted)

    def start(self, **settings: str) -> Worker:
        """One more worker; `settings` are its own."""
        own = {f"SUBPULSE_{name.upper()}": value for name, value in settings.items()}
        worker = Worker({**self.environment, **own}, self.folder / f"{self.name}-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    def supervised(self) -> Worker:
        """`subpulse worker`, which starts the worker afresh where it has to end."""
        log = self.folder / f"supervised-{len(self.workers)}.log"
        self.workers.append(Worker(self.environment, log, SUPERVISED))
        return self.workers[-1]

    async def ended(self, seconds: float = 120) -> tuple[int, str]:
        """Exit code and log of a fresh worker that ends by itself."""
        worker = self.start()
        code = await asyncio.to_thread(worker.process.wait, seconds)
        return code, worker.text()

    def end(self) -> None:
        """Nothing keeps running."""
        for worker in self.workers:
            if worker.alive:
                worker.thaw()
                worker.kill()

    def send(self, events: Iterable[Sent], **extra: Any) -> None:
        """Publish as every well-behaved producer does; returns when the broker has all."""
        producer = Producer(
            {"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random", "linger.ms": 20}
        )
        for i, sent in enumerate(events):
            producer.produce(self.sources[sent.kind], sent.value, sent.key, **extra)
            if i % 500 == 0:
                producer.poll(0)
        assert producer.flush(120) == 0

    def remove(self, before: int, kind: str = "orders") -> None:
        """Have retention remove records of a source, or those of `credits`, in partition 0, before an offset;
        -1 is the end."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})  # has to outlive its futures
        for done in admin.delete_records(
            [Place({**self.sources, "credits": self.credits}[kind], 0, before)]
        ).values():
            done.result()

    async def committed(self) -> dict[TopicPartition, int]:
        """The group's offsets."""
        async with admin_of(self.bootstrap) as admin:
            try:
                found = await admin.list_consumer_group_offsets(self.name)
            except KafkaError:  # nobody has joined yet, or the coordinator is just being made
                return {}
        return {tp: meta.offset for tp, meta in found.items()}

    async def ends(self) -> dict[TopicPartition, int]:
        """Where the sources end, of partitions that are not empty."""
        async with reader_of(self.bootstrap) as reader:
            tps = [TopicPartition(t, n) for t in self.sources.values() for n in range(self.partitions)]
            return {tp: end for tp, end in (await reader.end_offsets(tps)).items() if end}

    async def progress(self) -> int:
        """Source records committed so far."""
        names = set(self.sources.values())
        return sum(at for tp, at in (await self.committed()).items() if tp.topic in names)

    async def until(self, records: int, seconds: float = 60) -> None:
        """Until so many source records are committed."""
        limit = time.monotonic() + seconds
        while (done := await self.progress()) < records:
            assert time.monotonic() < limit, f"{done} of {records} records are committed; {self.told()}"
            await asyncio.sleep(0.1)

    async def caught_up(self, seconds: float = 120) -> None:
        """Until everything in the sources is committed."""
        await self.until(sum((await self.ends()).values()), seconds)

    def told(self) -> str:
        """The end of each worker's log."""
        logs = [f"{w.log.name} ({w.process.poll()}):\n{w.text()[-3000:]}" for w in self.workers[-3:]]
        return "\n".join(["not done in time", *logs])

    async def rows(self, topic: str) -> list[Any]:
        """All committed records of one of the application's own topics."""
        async with reader_of(self.bootstrap) as reader:
            tps = [TopicPartition(topic, n) for n in range(self.partitions)]
            ends = {tp: end for tp, end in (await settled_ends(self.bootstrap, tps)).items() if end}
            reader.assign(tps)
            await reader.seek_to_beginning(*tps)
            found: list[Any] = []
            while ends:
                for tp, rows in (await reader.getmany(*ends, timeout_ms=300)).items():
                    found += [(tp.partition, row) for row in rows]
                ends = {tp: end for tp, end in ends.items() if await reader.position(tp) < end}
            return found

    async def last_rows(self) -> dict[tuple[int, bytes], bytes | None]:
        """The last changelog record of each key, head records included."""
        return {(number, row.key): row.value for number, row in await self.rows(self.changelog)}


def admin_of(bootstrap: str) -> Any:
    """An admin client for one question."""
    return _Started(AIOKafkaAdminClient(bootstrap_servers=bootstrap), "close")


async def settled_ends(
    bootstrap: str, tps: Iterable[TopicPartition], patience: float = 3
) -> dict[TopicPartition, int]:
    """Where what is committed ends.

    A broker answers a commit before readers see it: it writes the transaction's end into each partition a
    moment later. That is waited for; in vain, and for `patience` seconds, where a transaction was left open.
    """
    limit, tps = time.monotonic() + patience, list(tps)
    async with reader_of(bootstrap) as reader, reader_of(bootstrap, "read_uncommitted") as unsettled:
        written = await unsettled.end_offsets(tps)
        while True:
            ends: dict[TopicPartition, int] = await reader.end_offsets(tps)
            if all(ends[tp] >= end for tp, end in written.items()) or time.monotonic() > limit:
                return ends
            await asyncio.sleep(0.05)


def reader_of(bootstrap: str, isolation: str = "read_committed") -> Any:
    """A consumer in no group, for what is committed."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 << 20,
    )
    return _Started(reader, "stop")


class _Started:
    def __init__(self, client: Any, closing: str) -> None:
        self._client, self._closing = client, closing

    async def __aenter__(self) -> Any:
        await self._client.start()
        return self._client

    async def __aexit__(self, *error: object) -> None:
        await getattr(self._client, self._closing)()
