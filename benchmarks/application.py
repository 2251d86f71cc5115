"""An application to be measured: its topics, and a worker with everything on."""

import asyncio
import logging
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from benchmarks.measured import POLL, Measured
from service.stream import topics

PARTITIONS = 4
TAKEN = "took partitions"  # says a worker that has its share


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
        wanted = topics.wanted(self.sources.values(), **self.own, partitions=PARTITIONS)
        async with _admin(self.bootstrap) as admin:
            await topics.ensure(admin, wanted)

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

    async def until_committed(
        self, count: int, *names: str, by: Sequence[Measured], seconds: float = 600
    ) -> None:
        """Until the group's offsets say that `count` events, of these topics or of the orders, are applied
        and durable.

        Raises:
            RuntimeError: that takes longer, or one of the workers `by` whom it is done has ended; it says
                what they said last.
        """
        limit = time.monotonic() + seconds
        async with aclosing(self._committed(*names)) as counts:
            async for found in counts:
                if found >= count:
                    return
                if time.monotonic() > limit or any(worker.ended() for worker in by):
                    said = "\n".join(worker.told()[-2_000:] for worker in by)
                    raise RuntimeError(f"{found:,} of {count:,} events are committed; {said}")

    async def sent(self) -> int:
        """How many orders there are now."""
        places = [TopicPartition(self.sources["orders"], n) for n in range(PARTITIONS)]
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as reader:
            return sum((await reader.end_offsets(places)).values())

    async def applied(self) -> int:
        """How many orders are applied and durable now."""
        async with aclosing(self._committed()) as counts:
            return await anext(counts)

    def _committed(self, *names: str) -> AsyncGenerator[int, None]:
        return committed(self.bootstrap, self.name, *(names or (self.sources["orders"],)))


async def create(bootstrap: str, *names: str) -> None:
    """Source topics with the partitions that all have here."""
    async with _admin(bootstrap) as admin:
        await topics.ensure(admin, [topics.Wanted(name, PARTITIONS, topics.SOURCE) for name in names])


async def forget(bootstrap: str, names: Iterable[str]) -> None:
    """Delete topics: a broker goes on compacting them while others are measured."""
    if found := [*names]:
        async with _admin(bootstrap) as admin:
            await admin.delete_topics(found)


async def topics_of(bootstrap: str, group: str) -> list[str]:
    """The topics that a group has made for itself."""
    async with _admin(bootstrap) as admin:
        return [name for name in await admin.list_topics() if group in name]


def no_reports_of_coordinators() -> None:
    """A new broker has no coordinator until it is asked for one; the client reports that each time."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncGenerator[AIOKafkaAdminClient, None]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def committed(
    bootstrap: str, group: str, *names: str, pause: float = POLL
) -> AsyncGenerator[int, None]:
    """How many records of these topics are applied and durable, as the group's offsets say, again and again;
    `pause`: seconds between two questions."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await reader.start()
    try:
        places = [TopicPartition(name, n) for name in names for n in range(PARTITIONS)]
        while True:
            yield sum([await reader.committed(place) or 0 for place in places])
            await asyncio.sleep(pause)
    finally:
        await reader.stop()
