"""From the curves to a plan: applications, workers, partitions, memory and brokers for so many events a day.

What decides is the state, not the stream: every order within the horizon is held, and looked at in each
refresh. How large one application may be is decided by summaries, for each worker reads those of all
partitions.
"""

import math
from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

from benchmarks.scale.customers import ORDERS_EACH
from benchmarks.scale.part import Row
from benchmarks.scale.weeks import HORIZON
from keeping import page
from service.domain.records.rows import ORDER
from service.figures.board import KEPT
from service.figures.rhythm import SHARE

NAME, FILE = "plan", "planning.md"
DAYS = (1_000_000, 100_000_000, 1_000_000_000)  # events
ORDERS = 0.8  # of the events
EVENTS_EACH = 0.1  # of a customer a day
ORDER_BYTES = ORDER.itemsize + 18  # in the record, and in the columns
BUSIEST = 4  # times the average rate
LOAD = 0.5  # of a core, in the busiest hour
REFRESH_EVERY = 300.0  # seconds
REFRESH_CPU = SHARE * REFRESH_EVERY  # seconds that a worker may spend on each
WORKER_BYTES = 32 * 2**30
EVENT_BYTES, ROW_BYTES, REPLICAS = 250, 450, 3  # in the source, in the changelog
BROKER_BYTES = 50e6  # a second that a broker takes, or gives to workers
BASE_BYTES = 200 * 2**20  # a worker without customers
SUMMARY_BYTES = 200e3  # of a partition, packed
UNPACKED = 30  # times as large
MERGE_SECONDS = 0.4e-6 * SUMMARY_BYTES  # to unpack and add one
MERGING = 0.5  # of the time for a refresh that summaries may take, at most
# What an application may have of partitions: powers of two from four on.
SIZES = [2**n for n in range(2, int(math.log2(MERGING * REFRESH_CPU / MERGE_SECONDS)) + 1)]


class Rates(NamedTuple):
    """What follows from what was measured."""

    events_per_cpu_second: float  # of a mixed stream
    customer_bytes: float  # without orders
    peak: float  # times the memory at rest
    refresh_seconds: float  # for each order held


class Plan(NamedTuple):
    """What so many events a day take; counts of workers and partitions are those of each application."""

    events: int
    customers: float
    orders: float
    busiest: float  # events a second
    applications: int
    by_events: int  # workers
    by_refresh: int
    by_memory: int
    workers: int  # enough for all three
    partitions: int
    own_bytes: float  # of a worker: itself and the summaries
    read: float  # bytes of summaries a second, by all workers of an application
    memory: float  # bytes, all workers of all applications
    brokers: int  # of all


def rates(customers: Mapping[str, Row], mixed: Mapping[str, Row]) -> Rates:
    """From the largest number of customers that was measured, and from what a mixed stream costs more."""
    most = max(customers, key=_number)
    row = customers[most]
    only, both = (one["events per CPU s"] for one in mixed.values())
    return Rates(
        row["events per CPU s"] * both / only,
        row["bytes a customer"] - ORDERS_EACH * ORDER_BYTES,
        row["peak, bytes"] / row["bytes a customer"],
        row["refresh takes s"] / (ORDERS_EACH * _number(most)),
    )


def plan(events: int, found: Rates) -> Plan:
    """For `events` a day: as few applications as can be, with as few partitions."""
    plans = (_sized(number, partitions, events, found) for number in count(1) for partitions in SIZES)
    return next(one for one in plans if 2 * one.workers <= one.partitions)


def _sized(applications: int, partitions: int, events: int, found: Rates) -> Plan:
    customers, orders = events / EVENTS_EACH, events * ORDERS * HORIZON
    busiest = BUSIEST * events / 86_400
    state = customers * found.customer_bytes + orders * ORDER_BYTES
    own = BASE_BYTES + partitions * SUMMARY_BYTES * (KEPT + UNPACKED)
    refresh = REFRESH_CPU - partitions * MERGE_SECONDS
    by_events = math.ceil(busiest / applications / (LOAD * found.events_per_cpu_second))
    by_refresh = math.ceil(orders / applications * found.refresh_seconds / refresh)
    by_memory = math.ceil(state / applications * found.peak / (WORKER_BYTES - own))
    workers = max(by_events, by_refresh, by_memory)
    read = workers * partitions * SUMMARY_BYTES / REFRESH_EVERY
    moved = busiest * (EVENT_BYTES + ROW_BYTES) * REPLICAS + applications * read
    return Plan(
        events,
        customers,
        orders,
        busiest,
        applications,
        by_events,
        by_refresh,
        by_memory,
        workers,
        partitions,
        own,
        read,
        state + applications * workers * own,
        max(REPLICAS, math.ceil(moved / BROKER_BYTES)),
    )


def turn(found: Rates) -> float:
    """Events of a customer a day below which memory asks for more workers than refreshes do, in an
    application whose summaries are few; infinite where it always does."""
    byte = found.peak / (WORKER_BYTES - BASE_BYTES)  # of a worker
    order = found.refresh_seconds / REFRESH_CPU - ORDER_BYTES * byte
    return found.customer_bytes * byte / (ORDERS * HORIZON * order) if order > 0 else math.inf


def write(customers: Mapping[str, Row], mixed: Mapping[str, Row]) -> None:
    """Put the numbers used and the tables on the page."""
    page.put(NAME, text(rates(customers, mixed)), FILE)


def text(found: Rates) -> str:
    """For the page."""
    used = [
        ("events per CPU second of a worker, mixed stream", f"{found.events_per_cpu_second:,.0f}"),
        ("bytes of a customer without orders", f"{found.customer_bytes:,.0f}"),
        ("peak of the memory / at rest", f"{found.peak:.2f}"),
        ("refresh, microseconds for each order held", f"{found.refresh_seconds * 1e6:.2f}"),
        ("events of a customer a day below which memory decides", f"{turn(found):.3f}"),
        ("most partitions of an application", f"{SIZES[-1]:,}"),
    ]
    plans = [plan(events, found) for events in DAYS]
    whole = (
        "events a day", "customers", "orders held", "events/s, busiest hour", "applications", "workers",
        "partitions", "memory, GiB", "brokers",
    )  # fmt: skip
    each = (
        "events a day", "workers by events", "by refresh", "by memory", "workers", "partitions",
        "summaries read, MB/s", "a worker without customers, MiB",
    )  # fmt: skip
    tables = (
        page.table(("used", "value"), used),
        "All applications together:\n\n" + page.table(whole, map(_whole, plans), words=0),
        "Each application:\n\n" + page.table(each, map(_each, plans), words=0),
    )
    return "\n".join(tables)


def _whole(one: Plan) -> tuple[str, ...]:
    return _told(
        one.events,
        one.customers,
        one.orders,
        one.busiest,
        one.applications,
        one.applications * one.workers,
        one.applications * one.partitions,
        one.memory / 2**30,
        one.brokers,
    )


def _each(one: Plan) -> tuple[str, ...]:
    limits = (one.by_events, one.by_refresh, one.by_memory, one.workers, one.partitions)
    read = f"{one.read / 1e6:,.1f}"
    return (*_told(one.events, *limits), read, *_told(one.own_bytes / 2**20))


def _told(*numbers: float) -> tuple[str, ...]:
    return tuple(f"{number:,.0f}" for number in numbers)


def _number(name: str) -> int:
    return int(name.replace(",", ""))
