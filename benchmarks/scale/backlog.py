"""Catching up with what was left undone, while new orders arrive."""

import asyncio
import sys
import time

from benchmarks.application import Application
from benchmarks.load import fill
from benchmarks.measured import Measured
from benchmarks.scale import watched
from benchmarks.scale.part import Case, Column, Part, Row, Sizes
from service.embedded import Broker

CUSTOMERS = 200_000
EVENTS, APPLIED = "subpulse_events_total", 'outcome="applied"'


def measure(events: int, rate: int, broker: Broker) -> Row:
    """Until the worker has applied everything that there is."""
    with watched.application(broker, "backlog") as one:
        orders = one.sources["orders"]
        fill(broker.bootstrap, orders, events, CUSTOMERS, 0.01)
        arguments = [broker.bootstrap, orders, str(rate), f"{watched.PATIENCE}", str(CUSTOMERS)]
        producer = Measured([sys.executable, "-m", "benchmarks.live", *arguments])
        try:
            with watched.worker(one) as worker:
                began = time.monotonic()
                applied = _caught_up(one, worker, rate)
                seconds = time.monotonic() - began
                return {
                    "caught up s": seconds,
                    "events/s": applied / seconds,
                    "peak MiB": worker.peak() / 2**20,
                    "loop held > 50 ms": worker.above("subpulse_event_loop_lag_seconds", 0.05),
                }
        finally:
            producer.end()


def _caught_up(one: Application, worker: Measured, rate: int) -> float:
    """Wait until everything is applied that was there when it was looked at; how much that is."""

    def caught_up() -> bool:
        return worker.metric(EVENTS, APPLIED) >= asyncio.run(one.sent()) - rate

    worker.until(caught_up, watched.PATIENCE, "end of the backlog", pause=0.5)
    return worker.metric(EVENTS, APPLIED)


def cases(sizes: Sizes) -> list[Case]:
    """One backlog."""
    name = f"{sizes.backlog:,} events, {sizes.rate:,} more a second"
    return [Case(name, measure, (sizes.backlog, sizes.rate))]


PART = Part(
    "backlog",
    "A backlog",
    f"Orders of {CUSTOMERS:,} customers wait in the topic when the worker starts, and more arrive "
    "meanwhile. Caught up is it when less than a second of them is not yet applied.",
    (Column("caught up s"), Column("events/s"), Column("peak MiB"), Column("loop held > 50 ms")),
    cases,
)
