"""Order events for the benchmarks: the same for the same arguments, on a topic of their own."""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from confluent_kafka import Producer

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
CHANNELS = ("google", "email", "direct", "partner")


def orders(count: int, customers: int, apart: float, seed: int = 42) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of `count` orders, `apart` seconds from one to the next, all customers alike."""
    rnd = random.Random(seed)
    for i in range(count):
        at = (START + timedelta(seconds=apart * i)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        who = f"c-{i * 7_919 % customers:06d}"  # all have as many, where 7,919 does not divide their number
        value = (
            f'{{"type":"order.placed","event_id":"{uuid.UUID(int=rnd.getrandbits(128), version=4)}",'
            f'"occurred_at":"{at}","customer_id":"{who}","order_id":"o-{i:09d}",'
            f'"amount":{{"minor":{rnd.randrange(499, 49_999)},"currency":"EUR"}},'
            f'"channel":"{rnd.choice(CHANNELS)}"}}'
        )
        yield who.encode(), value.encode()


def fill(bootstrap: str, topic: str, count: int, customers: int, apart: float) -> None:
    """Put them on `topic`, with Kafka's default partitioner."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "batch.size": 262_144,
            "queue.buffering.max.messages": 500_000,
            "log_level": 0,
            "enable.idempotence": True,
        }
    )
    for i, (key, value) in enumerate(orders(count, customers, apart)):
        while True:
            try:
                producer.produce(topic, value, key)
                break
            except BufferError:
                producer.poll(0.1)
        if i % 1_000 == 0:
            producer.poll(0)
    if producer.flush(120):
        raise RuntimeError("the broker did not take all events")
