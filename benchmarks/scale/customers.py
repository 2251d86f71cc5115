"""What the number of customers does to speed, memory, refreshes and recovery."""

import asyncio
from functools import partial

import psutil

from benchmarks import recovery
from benchmarks.load import fill
from benchmarks.measured import REFRESHES, Measured, Stopwatch
from benchmarks.scale import watched
from benchmarks.scale.part import SPEED, Case, Column, Part, Row, Sizes, speed_row
from service.embedded import Broker

ORDERS_EACH = 12
DAYS = 270  # over which their orders spread
AS_OF = "subpulse_as_of_timestamp_seconds"  # of the figures that are shown
ROOM = 4_096  # bytes a customer that must be free, broker and topic included


def measure(customers: int, broker: Broker) -> Row:
    """Read everything, rest, be killed, come back."""
    if psutil.virtual_memory().available < customers * ROOM:
        raise MemoryError(f"{customers:,} customers need {customers * ROOM / 2**30:.0f} GiB of free memory")
    empty = _empty(broker)
    with watched.application(broker, f"customers-{customers}") as one:
        count = customers * ORDERS_EACH
        fill(broker.bootstrap, one.sources["orders"], count, customers, DAYS * 86_400 / count)
        with watched.worker(one) as worker:
            watch = Stopwatch(worker)
            asyncio.run(one.until_committed(count, by=[worker], seconds=watched.PATIENCE))
            speed = watch.speed(count)
            watched.complete(worker)
            watched.refreshed(worker, 2)
            at_rest = _at_rest(worker)
            resident, peak = worker.resident(), worker.peak()
            lag = worker.above("subpulse_event_loop_lag_seconds", 0.05)
            shown = worker.metric(AS_OF)
        with watched.worker(one) as worker:
            watch = Stopwatch(worker)
            worker.until(partial(_shows, worker, shown), watched.PATIENCE, "figures of its own", pause=0.1)
            first = watch.seconds
            taken = worker.metric("subpulse_recovery_seconds_sum")
        read = recovery.apart(one.bootstrap, one.own["changelog"])
    return {
        "customers": customers,
        **speed_row(speed),
        "bytes a customer": (resident - empty) / customers,
        "peak, bytes": (peak - empty) / customers,
        **at_rest,
        "loop held > 50 ms": lag,
        "recovery s": taken,
        "first figures s": first,
        "assigned to figures s": taken + first,
        "read per CPU s": read.records / read.cpu,
    }


def _shows(worker: Measured, before: float) -> bool:
    """Whether it shows figures of its own: of later than `before`, and it has computed some."""
    return worker.metric(REFRESHES) >= 1 and worker.metric(AS_OF) > before


def _at_rest(worker: Measured) -> Row:
    watch = Stopwatch(worker)
    refreshes, spent = worker.metric(REFRESHES), worker.metric("subpulse_refresh_seconds_sum")

    def rested() -> bool:
        return worker.metric(REFRESHES) >= refreshes + 2 and watch.seconds >= watched.WATCH

    worker.until(rested, watched.PATIENCE, "two refreshes at rest", pause=1)
    seconds, cpu, count = watch.seconds, watch.cpu, worker.metric(REFRESHES) - refreshes
    return {
        "refresh every s": seconds / count,
        "refresh takes s": (worker.metric("subpulse_refresh_seconds_sum") - spent) / count,
        "% of a core": 100 * cpu / seconds,
    }


def _empty(broker: Broker) -> int:
    """Resident memory of a worker that has refreshed and has no customers."""
    with watched.application(broker, "empty") as one, watched.worker(one) as worker:
        watched.refreshed(worker, 3)
        return worker.resident()


def cases(sizes: Sizes) -> list[Case]:
    """One for each number of customers."""
    return [Case(f"{customers:,}", measure, (customers,)) for customers in sizes.customers]


PART = Part(
    "customers",
    "Customers",
    f"One worker, {ORDERS_EACH} orders of each customer over {DAYS} days. Read from the beginning of the "
    "topic until all is committed; then at rest (resident memory after two refreshes, less an empty "
    "worker; CPU with refreshes and checkpoints); then killed with SIGKILL and started again: how long "
    "fence, changelog and comparison with the sources take (recovery), how long after that `/metrics` shows "
    "the first figures of its own, and both together, from when partitions are assigned on: what the process "
    "takes to start and the group to rebalance is not in it. Last, records of the changelog read per CPU "
    "second, by a process that does nothing else. The loop's lag counts how often something had to wait "
    "more than 50 ms for the event loop.",
    (
        *SPEED,
        Column("bytes a customer"),
        Column("peak, bytes"),
        Column("refresh every s", ".1f"),
        Column("refresh takes s", ".2f"),
        Column("% of a core", ".1f"),
        Column("loop held > 50 ms"),
        Column("recovery s", ".1f"),
        Column("first figures s", ".1f"),
        Column("assigned to figures s", ".1f"),
        Column("read per CPU s"),
    ),
    cases,
)
