"""Events a second, of the floor and of a worker with everything on, in alternating rounds."""

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from benchmarks.application import Application, Measured
from service.embedded import Broker

WORKER = "service.app"
FLOOR = str(Path(__file__).with_name("floor.py"))


class Speed(NamedTuple):
    """What one round came to."""

    events_per_second: float
    events_per_cpu_second: float


def floor(broker: Broker, topic: str, count: int) -> Speed:
    """From the first record to the last, nothing durable."""
    measured = Measured([sys.executable, FLOOR, broker.bootstrap, topic, str(count)])
    try:
        measured.until_told("FIRST")
        began, used = time.monotonic(), measured.cpu()
        measured.until_told("DONE")
        return Speed(count / (time.monotonic() - began), count / (measured.cpu() - used))
    finally:
        measured.end()


def whole(
    broker: Broker,
    topic: str,
    count: int,
    module: str = WORKER,
    beside: Callable[[Measured], AbstractContextManager[object]] = lambda worker: nullcontext(),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Speed:
    """From when it has its partitions to everything applied and committed, refreshes and exposition on.

    `module`: of another Faust app; `beside`: what goes on meanwhile; `settings`: of the worker.
    """
    application = Application(broker.bootstrap, topic)
    asyncio.run(application.create())
    worker = application.worker(module, **settings)
    try:
        worker.until_told("took partitions")
        with beside(worker):
            began, used = time.monotonic(), worker.cpu()
            asyncio.run(application.until_committed(count))
            return Speed(count / (time.monotonic() - began), count / (worker.cpu() - used))
    finally:
        worker.end()


def medians(rounds: list[Speed]) -> Speed:
    """Field by field."""
    return Speed(*(median(values) for values in zip(*rounds, strict=True)))
