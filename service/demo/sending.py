"""Sends simulated events to their topics, keyed as the contract says."""

from collections.abc import Iterable, Mapping

import msgspec

from service.simulation.world import Event
from service.stream.publishing import Publisher

_KINDS = {"order": "orders", "subscription": "subscriptions", "customer": "customers", "spend": "marketing"}


async def send(publisher: Publisher, topics: Mapping[str, str], events: Iterable[Event]) -> int:
    """Send events to the topics of their kinds, wait until the broker has them, and return their number.

    Raises KafkaError where that fails.
    """
    encode = msgspec.json.Encoder().encode
    count = 0
    for event in events:
        kind = _KINDS[event["type"].partition(".")[0]]
        key = event["channel"] if kind == "marketing" else event["customer_id"]
        await publisher.send(topics[kind], key.encode(), encode(event))
        count += 1
    await publisher.flush()
    return count
