"""Events for the benchmarks: the same for the same arguments, on topics of their own."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from confluent_kafka import Producer
from rich.console import Console
from rich.progress import track

START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
CHANNELS = ("google", "email", "direct", "partner")
SPREAD = 7_919  # a prime: customers follow each other in no order, and all have as many where it is no factor
LIFE = ("started", "renewed", "payment_failed", "payment_recovered", "paused", "resumed", "renewed", "ended")
TERMS = ',"plan":"basic","price":{"minor":1900,"currency":"EUR"},"interval":"month"'
console = Console(stderr=True, highlight=False)

Pair = tuple[bytes, bytes]


def orders(
    count: int,
    customers: int,
    apart: float,
    seed: int = 42,
    items: int = 0,
    begin: datetime = START,
    first: int = 0,
) -> Iterator[Pair]:
    """Key and value of `count` orders, `apart` seconds from one to the next, all customers alike. `first`:
    the number of the first order; orders of the same number are duplicates."""
    rnd, times = random.Random(seed), instants(begin, apart)
    bits, amount, channel = rnd.getrandbits, rnd.randrange, rnd.choice
    for i in range(count):
        who, minor = f"c-{i * SPREAD % customers:06d}", amount(499, 49_999)
        value = (
            f'{{"type":"order.placed","event_id":"{event_id(bits(128))}",'
            f'"occurred_at":"{next(times)}","customer_id":"{who}","order_id":"o-{first + i:09d}",'
            f'"amount":{{"minor":{minor},"currency":"EUR"}},{_items(items, minor)}'
            f'"channel":"{channel(CHANNELS)}"}}'
        )
        yield who.encode(), value.encode()


def subscriptions(count: int, customers: int, apart: float, seed: int = 43) -> Iterator[Pair]:
    """Key and value of `count` transitions: customers live through `LIFE` again and again."""
    bits, times = random.Random(seed).getrandbits, instants(START, apart)
    for i in range(count):
        who, step = f"c-{i * SPREAD % customers:06d}", i // customers
        name = LIFE[step % len(LIFE)]
        value = (
            f'{{"type":"subscription.{name}","event_id":"{event_id(bits(128))}",'
            f'"occurred_at":"{next(times)}","customer_id":"{who}","subscription_id":"s-1"'
            f"{TERMS if name == 'started' else ''}}}"
        )
        yield who.encode(), value.encode()


def event_id(number: int) -> str:
    """A UUID of version 4 for a random number of 128 bits."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def instants(begin: datetime, apart: float) -> Iterator[str]:
    """Texts of instants, `apart` seconds from one to the next; the text of a second is made once."""
    second, text, number = -1, "", 0
    while True:
        now, milliseconds = divmod(round(apart * number * 1_000), 1_000)
        if now != second:
            second, text = now, (begin + timedelta(seconds=now)).strftime("%Y-%m-%dT%H:%M:%S")
        yield f"{text}.{milliseconds:03d}Z"
        number += 1


def _items(count: int, minor: int) -> str:
    if not count:
        return ""
    line = (
        f'{{"sku":"beans-{minor % 50}","quantity":1,"amount":{{"minor":{minor // count},"currency":"EUR"}}}}'
    )
    return f'"items":[{",".join([line] * count)}],'


def fill(bootstrap: str, topic: str, count: int, customers: int, apart: float) -> None:
    """Put orders on `topic`, with Kafka's default partitioner."""
    send(bootstrap, topic, orders(count, customers, apart), count)


def send(bootstrap: str, topic: str, pairs: Iterable[Pair], count: int) -> None:
    """Put `count` keys and values on `topic`, with Kafka's default partitioner."""
    producer = new_producer(bootstrap)
    told = f"Filling {topic} with {count:,} events"
    for i, (key, value) in enumerate(track(pairs, told, count, console=console, transient=True)):
        put(producer, topic, key, value)
        if i % 1_000 == 0:
            producer.poll(0)
    if producer.flush(120):
        raise RuntimeError("the broker did not take all events")


def put(producer: Producer, topic: str, key: bytes, value: bytes) -> None:
    """Hand an event to the producer, as soon as it has room for it."""
    while True:
        try:
            producer.produce(topic, value, key)
            return
        except BufferError:
            producer.poll(0.1)


def new_producer(bootstrap: str) -> Producer:
    """One that sends in large batches and loses nothing."""
    return Producer(
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
