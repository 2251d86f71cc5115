"""One worker and two."""

import asyncio
from contextlib import ExitStack
from functools import partial

from benchmarks.load import fill
from benchmarks.measured import Stopwatch
from benchmarks.scale import watched
from benchmarks.scale.part import SPEED, Case, Part, Row, Sizes, speed_row
from service.embedded import Broker

CUSTOMERS = 50_000


def measure(count: int, events: int, broker: Broker) -> Row:
    """Have `count` workers share a topic; timed from when each has its partitions."""
    with watched.application(broker, f"workers-{count}") as one, ExitStack() as stack:
        fill(broker.bootstrap, one.sources["orders"], events, CUSTOMERS, 0.001)
        workers = [one.worker() for _ in range(count)]
        for worker in workers:
            stack.callback(worker.end)
        workers[0].until(lambda: watched.all_taken(workers), 120, f"share of {count} workers", pause=0.1)
        done = asyncio.run(one.applied())
        watch = Stopwatch(*workers)
        asyncio.run(one.until_committed(events, by=workers, seconds=watched.PATIENCE))
        return speed_row(watch.speed(events - done))


def cases(sizes: Sizes) -> list[Case]:
    """One and two."""
    return [
        Case(f"{count}", partial(measure, count, sizes.events * (1 + count) // 2), sizes.rounds)
        for count in (1, 2)
    ]


PART = Part(
    "workers",
    "Workers",
    f"Orders of {CUSTOMERS:,} customers in four partitions; the clock starts when each worker has its "
    "share of them. Broker and workers share the machine, so two workers are held up by it where there "
    "are two cores.",
    SPEED,
    cases,
)
