"""What customers cost while nothing happens: memory each, and the CPU of refreshing their figures."""

import asyncio
import time
from typing import NamedTuple

from benchmarks.application import TAKEN, Application
from benchmarks.load import fill
from benchmarks.measured import REFRESHES, Measured, Stopwatch
from service.embedded import Broker

SETTLE = 20.0  # seconds after the last event until memory is read
WATCH = 30.0  # seconds over which CPU is measured


class Residence(NamedTuple):
    """Of one worker at rest."""

    bytes_per_customer: float
    share_of_core: float  # of everything the worker does at rest, refreshes included
    empty_share_of_core: float  # the same without customers
    refresh_interval: float


def resting(worker: Measured) -> tuple[int, float, float]:
    """Resident bytes, share of a core and seconds between refreshes, after things have settled."""
    time.sleep(SETTLE)
    watch, refreshes = Stopwatch(worker), worker.metric(REFRESHES)
    time.sleep(WATCH)
    interval = watch.seconds / max(worker.metric(REFRESHES) - refreshes, 1)
    return worker.resident(), watch.cpu / watch.seconds, interval


def measure(broker: Broker, customers: int, orders_each: int) -> tuple[Residence, Application]:
    """With so many customers, beside a worker that has none; also the application, for its changelog."""
    empty = Application(broker.bootstrap, "bench-no-orders")
    asyncio.run(empty.create())
    worker = empty.worker()
    try:
        worker.until_told(TAKEN)
        without, empty_share, _ = resting(worker)
    finally:
        worker.end()
    full, count = Application(broker.bootstrap, "bench-many-orders"), customers * orders_each
    asyncio.run(full.create())
    fill(broker.bootstrap, "bench-many-orders", count, customers, apart=10.0)
    worker = full.worker()
    try:
        asyncio.run(full.until_committed(count, by=[worker]))
        resident, share, interval = resting(worker)
    finally:
        worker.end()
    return Residence((resident - without) / customers, share, empty_share, interval), full
