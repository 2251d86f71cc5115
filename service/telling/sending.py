"""Sends simulated events to their topics, keyed as the contract says."""

from collections.abc import Iterable, Mapping

import msgspec

from schemas.topics import KEY_FIELD, KIND_OF
from service.simulation.world import Event
from service.telling.publishing import Publisher


async def send(publisher: Publisher, topics: Mapping[str, str], events: Iterable[Event]) -> int:
    """Send events to the topics of their kinds, wait until the broker has them, and return their number.

    Raises KafkaError where that fails.
    """
    encode = msgspec.json.Encoder().encode
    count = 0
    for event in events:
        kind = KIND_OF[event["type"]]
        key = event[KEY_FIELD[kind]]
        await publisher.send(topics[kind], key.encode(), encode(event))
        count += 1
    await publisher.flush()
    return count
