"""Events for storms: many, of all four topics, the same for the same seed, and bad ones among them."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

START = datetime(2025, 1, 1, tzinfo=UTC)
BAD = (
    b'{"broken',
    b"\xff\xfe",
    b"",
    b"[]",
    b'{"type": "order.placed", "customer_id": 7}',
    b'{"type": "nonsense"}',
)


class Sent(NamedTuple):
    """One record for a source topic."""

    kind: str
    key: bytes
    value: bytes | None


def instant(days: float) -> str:
    """`days` after the start, as the contract writes it."""
    return (START + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def order(customer: str, number: int, day: float, minor: int = 1_000, currency: str = "EUR") -> Sent:
    """An order of one customer."""
    return event(
        "orders",
        "order.placed",
        customer,
        day,
        event_id=f"o-{number}",
        order_id=f"order-{number}",
        amount={"minor": minor, "currency": currency},
    )


def event(kind: str, name: str, who: str, day: float, **fields: object) -> Sent:
    """Any event, well formed as far as `fields` are."""
    owner = "channel" if kind == "marketing" else "customer_id"
    body = {"type": name, "occurred_at": instant(day), owner: who, **fields}
    return Sent(kind, who.encode(), json.dumps(body).encode())


def storm(count: int, seed: int, customers: int = 5_000, bad: float = 0.0005) -> Iterator[Sent]:
    """`count` records of all topics over two years, not quite in the order of their instants."""
    rnd = random.Random(seed)
    for i in range(count):
        day = 600 * i / count + rnd.uniform(0, 30)
        who, dice = f"c-{rnd.randrange(customers):06d}", rnd.random()
        if rnd.random() < bad:
            yield Sent("orders", who.encode(), rnd.choice([*BAD, None]))
        elif dice < 0.6:
            number = i - rnd.randrange(50) if rnd.random() < 0.02 else i  # now and then the same once more
            yield order(who, number, day, rnd.randrange(0, 50_000), rnd.choice(["EUR", "EUR", "USD"]))
        elif dice < 0.65:
            amount = {"minor": rnd.randrange(1, 5_000), "currency": "EUR"}
            place = f"order-{rnd.randrange(i + 1)}"
            yield event(
                "orders", "order.refunded", who, day, event_id=f"r-{i}", order_id=place, amount=amount
            )
        elif dice < 0.75:
            yield event("customers", "customer.signed_up", who, day, event_id=f"s-{i}", channel=f"ch-{i % 5}")
        elif dice < 0.97:
            yield transition(rnd, who, i, day)
        else:
            amount = {"minor": rnd.randrange(1_000, 90_000), "currency": "EUR"}
            yield event("marketing", "spend.recorded", f"ch-{i % 5}", day, event_id=f"m-{i}", amount=amount)


def transition(rnd: random.Random, who: str, i: int, day: float) -> Sent:
    """Some transition of the customer's only subscription."""
    names = ("started", "started", "renewed", "changed", "paused", "resumed", "payment_failed", "ended")
    name, fields = rnd.choice(names), {"event_id": f"t-{i}", "subscription_id": f"s-{who}"}
    price = {"minor": rnd.randrange(0, 9_900), "currency": "EUR"}
    if name == "started":
        fields |= {"plan": f"plan-{i % 3}", "price": price, "interval": rnd.choice(["month", "year"])}
    if name == "changed":
        fields |= {"plan": f"plan-{i % 3}", "price": price}
    return event("subscriptions", f"subscription.{name}", who, day, **fields)
