"""Events a second, of the floor and of a worker with everything on, in alternating rounds."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from types import MappingProxyType

from benchmarks.application import TAKEN, Application
from benchmarks.measured import Measured, Speed, Stopwatch
from service.embedded import Broker

WORKER = "service.app"
FLOOR = str(Path(__file__).with_name("floor.py"))


def floor(broker: Broker, topic: str, count: int) -> Speed:
    """From the first record to the last, nothing durable."""
    measured = Measured([sys.executable, FLOOR, broker.bootstrap, topic, str(count)])
    try:
        measured.until_told("FIRST")
        watch = Stopwatch(measured)
        measured.until_told("DONE")
        return watch.speed(count)
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
        worker.until_told(TAKEN)
        with beside(worker):
            watch = Stopwatch(worker)
            asyncio.run(application.until_committed(count, by=[worker]))
            return watch.speed(count)
    finally:
        worker.end()


def medians(rounds: list[Speed]) -> Speed:
    """Field by field."""
    return Speed(*(median(values) for values in zip(*rounds, strict=True)))
