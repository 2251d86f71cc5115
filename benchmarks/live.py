"""Orders as they happen, at a steady rate. A process of its own: BOOTSTRAP TOPIC RATE SECONDS CUSTOMERS; each
tenth of a second it prints SENT, how many so far, and when (seconds since the epoch)."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from benchmarks.load import Pair, new_producer, orders, put

TURN = 0.1  # seconds
FIRST = (
    10**9
)  # number of an order: no topic is filled with so many, so that none of those here is a duplicate
T = TypeVar("T")


def main(bootstrap: str, topic: str, rate: float, seconds: float, customers: int) -> None:
    """Send what is due, turn by turn."""
    producer, began = new_producer(bootstrap), time.time()
    count = int(rate * seconds)
    for due, sent in turns(coming(count, customers, rate, began), count, rate, began):
        for key, value in due:
            put(producer, topic, key, value)
        producer.poll(0)
        print("SENT", sent, time.time(), flush=True)  # noqa: T201
    producer.flush(60)
    print("DONE", flush=True)  # noqa: T201


def coming(count: int, customers: int, rate: float, began: float) -> Iterator[Pair]:
    """Orders that nobody has placed before, from this moment on (seconds since the epoch)."""
    begin = datetime.fromtimestamp(began, UTC)
    return orders(count, customers, 1 / rate, seed=44, begin=begin, first=FIRST)


def turns(pairs: Iterator[T], count: int, rate: float, began: float) -> Iterator[tuple[list[T], int]]:
    """Each tenth of a second those of `count` pairs that are due, and how many that makes in all; what a late
    turn could not send, the next one does."""
    sent = 0
    while sent < count:
        due = min(count, int((time.time() - began) * rate))
        yield list(islice(pairs, due - sent)), due
        sent = due
        time.sleep(max(0.0, TURN - (time.time() - began) % TURN))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
