"""Workers on topics of their own, started, watched and ended."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.application import PARTITIONS, TAKEN, Application, create, forget
from benchmarks.measured import REFRESHES, Measured
from service.embedded import Broker

COMPLETE = "subpulse_view_complete"
PATIENCE = 7_200.0  # seconds, for the largest
WATCH = 30.0  # seconds over which a worker at rest is watched, at least


@contextmanager
def application(broker: Broker, name: str) -> Iterator[Application]:
    """Topics for one case, deleted afterwards: else the broker goes on compacting them."""
    one = Application(broker.bootstrap, f"scale-{name}-orders", f"scale-{name}")
    asyncio.run(create(broker.bootstrap, one.sources["orders"]))
    asyncio.run(one.create())
    try:
        yield one
    finally:
        asyncio.run(forget(broker.bootstrap, [*one.sources.values(), *one.own.values()]))


@contextmanager
def worker(one: Application, **settings: str) -> Iterator[Measured]:
    """A worker that has its partitions."""
    process = one.worker(**settings)
    try:
        process.until_told(TAKEN, PATIENCE)
        yield process
    finally:
        process.end()


def refreshed(process: Measured, more: int) -> None:
    """Until so many more refreshes are done."""
    until = process.metric(REFRESHES) + more
    process.until(lambda: process.metric(REFRESHES) >= until, PATIENCE, f"{until:.0f} refreshes", pause=0.2)


def complete(process: Measured) -> None:
    """Until the figures hold everything that the sources hold."""
    process.until(lambda: process.metric(COMPLETE) >= 1, PATIENCE, "complete figures", pause=0.1)


def all_taken(workers: list[Measured]) -> bool:
    """Whether each worker has partitions, and together they have all, none twice."""
    held = [taken(process) for process in workers]
    return all(held) and sorted(number for numbers in held for number in numbers) == [*range(PARTITIONS)]


def taken(process: Measured) -> list[int]:
    """The partitions that a worker took last, as its log says: its metric counts them while they are read."""
    _, told, last = process.told().rpartition(f"{TAKEN} [")
    return [int(number) for number in last.partition("]")[0].split(",")] if told else []
