"""Subscription events among the orders, and items in these."""

import asyncio
import time
from functools import partial

from benchmarks.load import orders, send, subscriptions
from benchmarks.scale import watched
from benchmarks.scale.part import Case, Column, Part, Row, Sizes
from service.embedded import Broker

CUSTOMERS, ITEMS = 50_000, 2


def measure(share: float, events: int, broker: Broker) -> Row:
    """One worker; `share` of the events are of subscriptions, and then orders have items."""
    with watched.application(broker, f"mixed-{share * 100:.0f}") as one:
        of_subscriptions = round(share * events)
        of_orders = events - of_subscriptions
        items = ITEMS if share else 0
        placed, lived = one.sources["orders"], one.sources["subscriptions"]
        send(broker.bootstrap, placed, orders(of_orders, CUSTOMERS, 0.001, items=items), of_orders)
        if of_subscriptions:
            told = subscriptions(of_subscriptions, CUSTOMERS, 0.001 / share)
            send(broker.bootstrap, lived, told, of_subscriptions)
        with watched.worker(one) as worker:
            began, used = time.monotonic(), worker.cpu()
            asyncio.run(one.until_committed(events, placed, lived, seconds=watched.PATIENCE))
            return {
                "events/s": events / (time.monotonic() - began),
                "events per CPU s": events / (worker.cpu() - used),
            }


def cases(sizes: Sizes) -> list[Case]:
    """Orders only, and a fifth of subscriptions."""
    return [
        Case(name, partial(measure, share, sizes.events * 2 // 3), sizes.rounds)
        for name, share in (("orders only", 0.0), ("20 % subscription events, orders with items", 0.2))
    ]


PART = Part(
    "mixed",
    "A mixed stream",
    f"One worker, {CUSTOMERS:,} customers: orders alone, and a stream of which a fifth are transitions of "
    f"subscriptions and whose orders have {ITEMS} items.",
    (Column("events/s"), Column("events per CPU s")),
    cases,
)
