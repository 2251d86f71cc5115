"""Weeks of simulated time: what is beyond the horizon is folded, so memory does not grow."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from benchmarks.load import START, Pair, orders, send
from benchmarks.scale import watched
from benchmarks.scale.part import Case, Column, Part, Row, Sizes
from service.embedded import Broker

CUSTOMERS, EVERY = 10_000, 10.0  # customers; days between two orders of one of them
HORIZON = 731  # days; the shortest
WARM_UP = HORIZON + 4 * EVERY  # days until as much is folded as arrives
WINDOWS = "7d,30d,90d"
A_WEEK = round(7 / EVERY * CUSTOMERS)  # orders


def measure(weeks: int, broker: Broker) -> Row:
    """Fill the horizon, then let week after week arrive and look at the memory after each."""
    before, patience = round(WARM_UP / EVERY * CUSTOMERS), watched.PATIENCE
    begin = START - timedelta(days=WARM_UP)
    all_of_them = orders(before + weeks * A_WEEK, CUSTOMERS, EVERY * 86_400 / CUSTOMERS, begin=begin)
    with watched.application(broker, "weeks") as one:
        _send(one.bootstrap, one.sources["orders"], all_of_them, before)
        settings = {"clock": "event", "horizon_days": str(HORIZON), "windows": WINDOWS}
        with watched.worker(one, **settings) as worker:
            asyncio.run(one.until_committed(before, by=[worker], seconds=patience))
            watched.refreshed(worker, 3)
            resident = [worker.resident()]
            for week in range(1, weeks + 1):
                _send(one.bootstrap, one.sources["orders"], all_of_them, A_WEEK)
                done = before + week * A_WEEK
                asyncio.run(one.until_committed(done, by=[worker], seconds=patience))
                watched.refreshed(worker, 2)
                resident.append(worker.resident())
    return {
        "at first MiB": resident[0] / 2**20,
        "at last MiB": resident[-1] / 2**20,
        "most MiB": max(resident) / 2**20,
        "growth of the second half, KiB a week": _slope(resident[len(resident) // 2 :]) / 2**10,
    }


def _send(bootstrap: str, topic: str, pairs: Iterator[Pair], count: int) -> None:
    send(bootstrap, topic, islice(pairs, count), count)


def _slope(values: list[int]) -> float:
    return (values[-1] - values[0]) / max(len(values) - 1, 1)


def cases(sizes: Sizes) -> list[Case]:
    """One run."""
    return [Case(f"{sizes.weeks} weeks", measure, (sizes.weeks,))]


PART = Part(
    "weeks",
    "Weeks of simulated time",
    f"{CUSTOMERS:,} customers order every {EVERY:.0f} days, and the clock is that of the events. When the "
    f"horizon of {HORIZON} days is full, as many orders are folded into totals as arrive: resident memory "
    "after each further week, when it has settled.",
    (
        Column("at first MiB"),
        Column("at last MiB"),
        Column("most MiB"),
        Column("growth of the second half, KiB a week"),
    ),
    cases,
)
