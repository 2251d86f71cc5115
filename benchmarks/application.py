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
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

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
        """CPU seconds so far, of all threads, and of processes that it started."""
        used = [one.cpu_times() for one in self._tree()]
        return float(sum(t.user + t.system + t.children_user + t.children_system for t in used))

    def resident(self) -> int:
        """Resident memory, bytes, likewise."""
        return sum(int(one.memory_info().rss) for one in self._tree())

    def peak(self) -> int:
        """The most resident memory that it ever had, bytes (Linux; elsewhere what it has now)."""
        try:
            told = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return self.resident()
        return int(told.partition("VmHWM:")[2].split()[0]) * 1024

    def told(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace")

    def ended(self) -> bool:
        """Whether it does not run any more."""
        return self.process.poll() is not None

    def _tree(self) -> list[psutil.Process]:
        return [self._seen, *self._seen.children(recursive=True)]

    def until_told(self, words: str, seconds: float = 120) -> None:
        """Until the process has printed `words`."""
        self.until(lambda: words in self.told(), seconds, repr(words))

    def until(self, fits: Callable[[], bool], seconds: float, what: str, pause: float = POLL) -> None:
        """Ask again each `pause` seconds until it fits.

        Raises:
            RuntimeError: it does not within so many seconds, or the process has ended; `what` was waited for.
        """
        limit = time.monotonic() + seconds
        while not fits():
            if self.ended() or time.monotonic() > limit:
                raise RuntimeError(f"no {what} from {self.process.args!r}: {self.told()[-2_000:]}")
            time.sleep(pause)

    def address(self) -> str:
        """Where a worker serves."""
        found = re.search(r"http://[\d.:]+", self.told())
        assert found, "a worker logs where it serves"
        return found[0]

    def metric(self, name: str, labels: str = "") -> float:
        """The sum of a worker's series of this name whose labels hold the text `labels`."""
        return sum(value for series, value in self._series(name) if labels in series)

    def above(self, histogram: str, bound: float) -> float:
        """How many observations of a worker's histogram lie above one of its bounds."""
        found = dict(self._series(f"{histogram}_(count|bucket)"))
        return found[f"{histogram}_count"] - found[f'{histogram}_bucket{{le="{bound}"}}']

    def _series(self, pattern: str) -> list[tuple[str, float]]:
        with urllib.request.urlopen(f"{self.address()}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if re.match(rf"{pattern}[ {{]", line)]
        return [(series, float(value)) for series, value in pairs]

    def end(self) -> None:
        """Stop it and forget its log."""
        self.process.kill()
        self.process.wait()
        self.log.unlink()


class Application:
    """Topics of its own, but for the orders, which several share."""

    def __init__(self, bootstrap: str, orders: str, name: str = "") -> None:
        """`name`: of the group; without one it gets its own."""
        self.bootstrap, self.name = bootstrap, name or f"bench-{uuid.uuid4().hex[:8]}"
        self.sources = {k: f"{self.name}-{k}" for k in ("subscriptions", "customers", "marketing")}
        self.sources["orders"] = orders
        self.own = {k: f"{self.name}-{k}" for k in ("changelog", "dead_letters", "summaries")}

    async def create(self) -> None:
        """All topics that are not there yet."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await topics.ensure(admin, topics.wanted(self.sources.values(), **self.own, partitions=PARTITIONS))
        await admin.close()

    def worker(self, module: str = "service.app", **settings: str) -> Measured:
        """A worker with everything on, as `subpulse worker` runs it; or another `module` with a Faust app."""
        values = {
            "brokers": self.bootstrap,
            "application": self.name,
            "http_port": "0",
            **{f"{name}_topic": topic for name, topic in (self.sources | self.own).items()},
            **settings,
        }
        environment = {f"SUBPULSE_{name.upper()}": value for name, value in values.items()}
        command = [sys.executable, "-m", "faust", "--quiet", "-A", module, "worker"]
        return Measured(command, environment)

    async def until_committed(self, count: int, *topics: str, seconds: float = 600) -> None:
        """Until the group's offsets say that `count` events, of `topics` or of the orders, are applied and
        durable."""
        limit = time.monotonic() + seconds
        async with aclosing(self._committed(*topics)) as counts:
            async for found in counts:
                if found >= count:
                    return
                if time.monotonic() > limit:
                    raise RuntimeError(f"{self.name} did not commit {count} events in {seconds} s")

    async def sent(self) -> int:
        """How many orders there are now."""
        places = [TopicPartition(self.sources["orders"], n) for n in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as reader:
            return sum((await reader.end_offsets(places)).values())

    async def applied(self) -> int:
        """How many orders are applied and durable now."""
        async with aclosing(self._committed()) as counts:
            return await anext(counts)

    def _committed(self, *topics: str) -> AsyncGenerator[int, None]:
        return committed(self.bootstrap, self.name, *(topics or (self.sources["orders"],)))


async def create(bootstrap: str, *names: str) -> None:
    """Source topics with the partitions that all have here."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await topics.ensure(admin, [topics.Wanted(name, PARTITIONS, topics.SOURCE) for name in names])
    await admin.close()


async def committed(
    bootstrap: str, group: str, *topics: str, pause: float = POLL
) -> AsyncGenerator[int, None]:
    """How many records of `topics` the group's offsets say are applied and durable, again and again; `pause`:
    seconds between two questions."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await reader.start()
    try:
        places = [TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)]
        while True:
            yield sum([await reader.committed(place) or 0 for place in places])
            await asyncio.sleep(pause)
    finally:
        await reader.stop()
