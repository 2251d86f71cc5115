"""From the curves to a plan: workers, partitions, memory and brokers for so many events a day.

What decides is the state, not the stream: every order within the horizon is held, and looked at in each
refresh.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.scale.customers import ORDERS_EACH
from benchmarks.scale.part import Row
from benchmarks.scale.weeks import HORIZON
from keeping import page
from service.domain.records.rows import ORDER
from service.figures.rhythm import SHARE

NAME, FILE = "plan", "planning.md"
DAYS = (1_000_000, 100_000_000, 1_000_000_000)  # events
ORDERS = 0.8  # of the events
EVENTS_EACH = 0.1  # of a customer a day
ORDER_BYTES = ORDER.itemsize + 18  # in the record, and in the columns
BUSIEST = 4  # times the average rate
LOAD = 0.5  # of a core, in the busiest hour
REFRESH_EVERY = 300.0  # seconds
WORKER_BYTES = 32 * 2**30
EVENT_BYTES, ROW_BYTES, REPLICAS = 250, 450, 3  # in the source, in the changelog
BROKER_BYTES = 50e6  # a second that a broker takes
BASE_BYTES = 200 * 2**20  # a worker without customers


class Rates(NamedTuple):
    """What was measured."""

    events_per_cpu_second: float  # of a mixed stream
    customer_bytes: float  # without orders
    refresh_seconds: float  # for each order held


class Plan(NamedTuple):
    """What so many events a day take."""

    events: int
    customers: float
    orders: float
    busiest: float  # events a second
    by_events: int  # workers
    by_refresh: int
    by_memory: int
    workers: int  # enough for all three
    partitions: int
    memory: float  # bytes, all workers together
    brokers: int


def rates(customers: Mapping[str, Row], mixed: Mapping[str, Row]) -> Rates:
    """From the largest number of customers that was measured, and from what a mixed stream costs more."""
    row = [*customers.values()][-1]
    held = ORDERS_EACH * int([*customers][-1].replace(",", ""))
    only, both = (one["events per CPU s"] for one in mixed.values())
    return Rates(
        row["events per CPU s"] * both / only,
        row["bytes a customer"] - ORDERS_EACH * ORDER_BYTES,
        row["refresh takes s"] / held,
    )


def plan(events: int, found: Rates) -> Plan:
    """For `events` a day."""
    customers, orders = events / EVENTS_EACH, events * ORDERS * HORIZON
    busiest = BUSIEST * events / 86_400
    memory = customers * found.customer_bytes + orders * ORDER_BYTES
    by_memory = math.ceil(memory / (WORKER_BYTES - BASE_BYTES))
    by_refresh = math.ceil(orders * found.refresh_seconds / (SHARE * REFRESH_EVERY))
    by_events = math.ceil(busiest / (LOAD * found.events_per_cpu_second))
    workers = max(by_events, by_refresh, by_memory)
    brokers = max(REPLICAS, math.ceil(busiest * (EVENT_BYTES + ROW_BYTES) * REPLICAS / BROKER_BYTES))
    return Plan(
        events,
        customers,
        orders,
        busiest,
        by_events,
        by_refresh,
        by_memory,
        workers,
        max(4, 2 ** math.ceil(math.log2(2 * workers))),
        memory + workers * BASE_BYTES,
        brokers,
    )


def write(customers: Mapping[str, Row], mixed: Mapping[str, Row]) -> None:
    """Put the numbers used and the table on the page."""
    page.put(NAME, text(rates(customers, mixed)), FILE)


def text(found: Rates) -> str:
    """For the page."""
    used = [
        ("events per CPU second of a worker, mixed stream", f"{found.events_per_cpu_second:,.0f}"),
        ("bytes of a customer without orders", f"{found.customer_bytes:,.0f}"),
        ("refresh, microseconds for each order held", f"{found.refresh_seconds * 1e6:.2f}"),
    ]
    headings = (
        "events a day", "customers", "orders held", "events/s, busiest hour", "workers by events",
        "by refresh", "by memory", "workers", "partitions", "memory", "brokers",
    )  # fmt: skip
    rows = [
        (
            f"{one.events:,}",
            f"{one.customers:,.0f}",
            f"{one.orders:,.0f}",
            f"{one.busiest:,.0f}",
            str(one.by_events),
            str(one.by_refresh),
            str(one.by_memory),
            str(one.workers),
            str(one.partitions),
            f"{one.memory / 2**30:,.0f} GiB",
            str(one.brokers),
        )
        for one in (plan(events, found) for events in DAYS)
    ]
    return f"{page.table(('measured', 'value'), used)}\n{page.table(headings, rows, words=0)}"


def _number(name: str) -> int:
    return int(name.replace(",", ""))
