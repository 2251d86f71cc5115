"""An application to be measured: its topics, and a worker with everything on."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from service.embedded import Broker
from service.stream import topics

PARTITIONS = 4
POLL = 0.02  # seconds


class Measured:
    """A process and how much CPU it has used."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.log = Path(tempfile.mkstemp(prefix="subpulse-bench-")[1])
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env={**os.environ, **(environment or {})}, stdout=output, stderr=output
            )
        self._seen = psutil.Process(self.process.pid)

    def cpu(self) -> float:
        """CPU seconds so far, of all threads."""
        used = self._seen.cpu_times()
        return float(used.user + used.system)

    def resident(self) -> int:
        """Resident memory, bytes."""
        return int(self._seen.memory_info().rss)

    def until_told(self, words: str, seconds: float = 120) -> None:
        """Until the process has printed `words`."""
        limit = time.monotonic() + seconds
        while words not in self.log.read_text(errors="replace"):
            if time.monotonic() > limit or self.process.poll() is not None:
                raise RuntimeError(f"no {words!r} from {self.process.args!r}: {self.log.read_text()[-2000:]}")
            time.sleep(POLL)

    def metric(self, name: str) -> float:
        """The sum of a worker's series of this name."""
        address = re.search(r"http://[\d.:]+", self.log.read_text(errors="replace"))
        assert address, "a worker logs where it serves"
        with urllib.request.urlopen(f"{address[0]}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if re.match(rf"{name}[ {{]", line))

    def end(self) -> None:
        """Stop it and forget its log."""
        self.process.kill()
        self.process.wait()
        self.log.unlink()


class Application:
    """Topics of its own, but for the orders, which several share."""

    def __init__(self, broker: Broker, orders: str) -> None:
        self.bootstrap, self.name = broker.bootstrap, f"bench-{uuid.uuid4().hex[:8]}"
        self.sources = {k: f"{self.name}-{k}" for k in ("subscriptions", "customers", "marketing")}
        self.sources["orders"] = orders
        self.own = {k: f"{self.name}-{k}" for k in ("changelog", "dead_letters", "summaries")}

    async def create(self) -> None:
        """All topics that are not there yet."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await topics.ensure(admin, topics.wanted(self.sources.values(), **self.own, partitions=PARTITIONS))
        await admin.close()

    def worker(self, **settings: str) -> Measured:
        """A worker with everything on, as `subpulse worker` runs it."""
        values = {
            "brokers": self.bootstrap,
            "application": self.name,
            "http_port": "0",
            **{f"{name}_topic": topic for name, topic in (self.sources | self.own).items()},
            **settings,
        }
        environment = {f"SUBPULSE_{name.upper()}": value for name, value in values.items()}
        command = [sys.executable, "-m", "faust", "--quiet", "-A", "service.app", "worker"]
        return Measured(command, environment)

    async def until_committed(self, count: int, seconds: float = 600) -> None:
        """Until the group's offsets say that `count` orders are applied and durable."""
        reader = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.name, enable_auto_commit=False
        )
        await reader.start()
        try:
            limit = time.monotonic() + seconds
            places = [TopicPartition(self.sources["orders"], n) for n in range(PARTITIONS)]
            while sum([await reader.committed(place) or 0 for place in places]) < count:
                if time.monotonic() > limit:
                    raise RuntimeError(f"{self.name} did not commit {count} orders in {seconds} s")
                await asyncio.sleep(POLL)
        finally:
            await reader.stop()
