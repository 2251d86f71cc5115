"""Subscription events among the orders, and items in these."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from benchmarks.load import orders, send, subscriptions
from benchmarks.measured import Measured, Stopwatch
from benchmarks.scale import watched
from benchmarks.scale.part import SPEED, Case, Part, Row, Sizes, speed_row
from service.embedded import Broker

CUSTOMERS, ITEMS = 50_000, 2
SHARE = 0.2  # of the events are of subscriptions


def measure(
    share: float,
    events: int,
    broker: Broker,
    beside: Callable[[Measured], AbstractContextManager[object]] = nullcontext,
) -> Row:
    """One worker; `share` of the events are of subscriptions, and then orders have items. `beside`: what goes
    on meanwhile."""
    with watched.application(broker, f"mixed-{uuid.uuid4().hex[:8]}") as one:
        of_subscriptions = round(share * events)
        of_orders = events - of_subscriptions
        items = ITEMS if share else 0
        placed, lived = one.sources["orders"], one.sources["subscriptions"]
        send(broker.bootstrap, placed, orders(of_orders, CUSTOMERS, 0.001, items=items), of_orders)
        if of_subscriptions:
            told = subscriptions(of_subscriptions, CUSTOMERS, 0.001 / share)
            send(broker.bootstrap, lived, told, of_subscriptions)
        with watched.worker(one) as worker, beside(worker):
            watch = Stopwatch(worker)
            patience = watched.PATIENCE
            asyncio.run(one.until_committed(events, placed, lived, by=[worker], seconds=patience))
            return speed_row(watch.speed(events))


def cases(sizes: Sizes) -> list[Case]:
    """Orders only, and a fifth of subscriptions."""
    return [
        Case(name, measure, (share, sizes.events * 2 // 3), sizes.rounds)
        for name, share in (("orders only", 0.0), ("20 % subscription events, orders with items", SHARE))
    ]


PART = Part(
    "mixed",
    "A mixed stream",
    f"One worker, {CUSTOMERS:,} customers: orders alone, and a stream of which a fifth are transitions of "
    f"subscriptions and whose orders have {ITEMS} items.",
    SPEED,
    cases,
)
