"""How long it takes from an order to the figure that holds it."""

import asyncio
import re
import sys
import time
from collections.abc import Mapping

import numpy as np

from benchmarks import throughput
from benchmarks.application import create, forget
from benchmarks.load import fill
from benchmarks.measured import Measured
from benchmarks.scale import watched
from benchmarks.scale.part import Case, Column, Part, Row, Sizes
from service.embedded import Broker

CUSTOMERS = 50_000
WARM_UP = 20.0  # seconds that are not looked at
PATIENCE = 120.0  # seconds until the last one is seen
PAUSE = 0.1  # seconds between two looks at the figures
LOADS = (0.1, 0.5, 0.9)  # of the capacity
BEHIND = 0.02  # of the rate; a sender that falls behind by more has not put the load on
SENT = re.compile(r"^SENT (\d+) ([\d.]+)$", re.M)
WINDOW = 'window="24h"'


def measure(events: int, seconds: float, broker: Broker) -> Mapping[str, Row]:
    """Find out once what a worker takes in, and the delay at shares of that."""
    capacity = _capacity(broker, events)
    return {
        f"{load:.0%} of capacity": {"capacity": capacity, **_delayed(round(load * capacity), seconds, broker)}
        for load in LOADS
    }


def _delayed(rate: int, seconds: float, broker: Broker) -> Row:
    """Send `rate` new orders a second, and look when the figures have them.

    Raises:
        RuntimeError: fewer were sent.
    """
    with watched.application(broker, f"delay-{rate}") as one, watched.worker(one) as worker:
        watched.refreshed(worker, 1)
        lasting = WARM_UP + seconds
        arguments = [broker.bootstrap, one.sources["orders"], f"{rate}", f"{lasting}", str(CUSTOMERS)]
        producer = Measured([sys.executable, "-m", "benchmarks.live", *arguments])
        try:
            seen = list[tuple[float, float]]()

            def all_seen() -> bool:
                seen.append((time.time(), worker.metric("subpulse_orders", WINDOW)))
                return producer.ended() and seen[-1][1] >= int(rate * lasting)

            worker.until(all_seen, lasting + PATIENCE, "figures that hold every order", PAUSE)
            sent = [(int(count), float(at)) for count, at in SENT.findall(producer.told())]
        finally:
            producer.end()
        held = worker.above("subpulse_event_loop_lag_seconds", 0.05)
    really = sent_a_second(sent, WARM_UP)
    if really < (1 - BEHIND) * rate:
        raise RuntimeError(f"the sender fell behind: {really:,.0f} orders a second instead of {rate:,}")
    delays = waited(sent, seen, WARM_UP)
    p50, p99 = np.quantile(delays, (0.5, 0.99))
    return {"sent events/s": really, "p50 s": float(p50), "p99 s": float(p99), "loop held > 50 ms": held}


def sent_a_second(sent: list[tuple[int, float]], warm: float) -> float:
    """Orders that were really sent, after the first `warm` seconds; the last turn, which is not a whole one,
    does not count."""
    counts, times = np.array(sent[:-1], float).T
    begin = times[0] + warm
    return float((counts[-1] - np.interp(begin, times, counts)) / (times[-1] - begin))


def waited(sent: list[tuple[int, float]], seen: list[tuple[float, float]], warm: float) -> np.ndarray:
    """Seconds from when an order was sent until it was seen in the figures, of many orders alike.

    `sent`: how many were, and when; `seen`: when, and how many the figures held; those of the first `warm`
    seconds do not count.
    """
    counts, times = np.array(sent, float).T
    shown_at, shown = np.maximum.accumulate(np.array(seen, float), axis=0).T
    first = np.interp(times[0] + warm, times, counts)
    numbers = np.linspace(first, shown[-1], 10_000)
    numbers = numbers[(numbers > first) & (numbers <= counts[-1])]
    places = np.searchsorted(shown, numbers)
    kept = places < len(shown)
    delays: np.ndarray = shown_at[places[kept]] - np.interp(numbers[kept], counts, times)
    return delays


def _capacity(broker: Broker, events: int) -> float:
    topic = "scale-capacity-orders"
    asyncio.run(create(broker.bootstrap, topic))
    try:
        fill(broker.bootstrap, topic, events, CUSTOMERS, 0.001)
        return throughput.whole(broker, topic, events).events_per_second
    finally:
        asyncio.run(forget(broker.bootstrap, [topic]))


def cases(sizes: Sizes) -> list[Case]:
    """A tenth, a half and nine tenths of the same capacity."""
    return [Case("all loads", measure, (sizes.events // 3, sizes.seconds), several=True)]


PART = Part(
    "delay",
    "From event to metric",
    "New orders arrive at a steady rate, a share of what one worker took in a second of a full topic just "
    "before (capacity); told is what was really sent. How long after it was sent does `/metrics`, read ten "
    "times a second here, hold an order? Half an interval of five seconds passes on the average "
    "until the next refresh, and a checkpoint that publishes the figures follows it.",
    (
        Column("capacity"),
        Column("sent events/s"),
        Column("p50 s", ".1f"),
        Column("p99 s", ".1f"),
        Column("loop held > 50 ms"),
    ),
    cases,
)
