"""One worker and two."""

import asyncio
from contextlib import ExitStack

from benchmarks.application import TAKEN, Application
from benchmarks.load import fill
from benchmarks.measured import Measured, Stopwatch
from benchmarks.scale import watched
from benchmarks.scale.part import SPEED, Case, Part, Row, Sizes, speed_row
from service.embedded import Broker

CUSTOMERS = 50_000
# Seconds; longer than it takes to fill the topic, so that the group misses nobody. Not longer than this: who
# is there already may notice only a quarter of it later that another one joins, and the group waits half a
# minute.
SESSION = 100
JOINING = 2.0 * SESSION  # seconds until all have joined


def measure(count: int, events: int, broker: Broker) -> Row:
    """Have `count` workers share a topic: halted when each has its partitions, until the topic is full."""
    with watched.application(broker, f"workers-{count}") as one, ExitStack() as stack:
        workers = [one.worker(session_timeout=str(SESSION)) for _ in range(count)]
        for worker in workers:
            stack.callback(worker.end)
        workers[0].until(lambda: watched.all_taken(workers), JOINING, f"share of {count} workers", pause=0.1)
        for worker in workers:
            worker.halt()
        taken = _times_taken(workers)
        fill(broker.bootstrap, one.sources["orders"], events, CUSTOMERS, 0.001)
        watch = Stopwatch(*workers)
        for worker in workers:
            worker.go_on()
        asyncio.run(one.until_committed(events, by=workers, seconds=watched.PATIENCE))
        speed = watch.speed(events)
        _judge(one, workers, events, taken)
        return speed_row(speed)


def _judge(one: Application, workers: list[Measured], events: int, taken: int) -> None:
    """Whether all was done by those who had the partitions when the clock started, each event once."""
    if _times_taken(workers) != taken:
        raise RuntimeError("the group was rebalanced: the topic took too long to fill (try fewer --events)")
    if (done := asyncio.run(one.applied())) != events:
        raise RuntimeError(f"{done:,} events are committed, and there are {events:,}")
    applied = sum(worker.metric("subpulse_events_total", 'outcome="applied"') for worker in workers)
    if applied != events:
        raise RuntimeError(f"{applied:,.0f} events were applied, and there are {events:,}")


def _times_taken(workers: list[Measured]) -> int:
    return sum(worker.told().count(TAKEN) for worker in workers)


def cases(sizes: Sizes) -> list[Case]:
    """One and two, with the same events."""
    return [Case(f"{count}", measure, (count, sizes.events), sizes.rounds) for count in (1, 2)]


PART = Part(
    "workers",
    "Workers",
    f"The same orders of {CUSTOMERS:,} customers in four partitions for one worker and for two. They take "
    "their partitions while the topic is empty, are halted (SIGSTOP) until it is full, and the clock runs "
    "from when they go on until all is committed. Broker and workers share the machine, so two "
    "workers are held up by it where there are two cores.",
    SPEED,
    cases,
)
