"""Orders as they happen, at a steady rate. A process of its own: BOOTSTRAP TOPIC RATE SECONDS CUSTOMERS; each
tenth of a second it prints SENT, how many so far, and when (seconds since the epoch)."""

import sys
import time
from datetime import UTC, datetime

from benchmarks.load import new_producer, orders

TURN = 0.1  # seconds


def main(bootstrap: str, topic: str, rate: float, seconds: float, customers: int) -> None:
    """Send what is due, turn by turn; what a late turn could not send, the next one does."""
    producer, sent, began = new_producer(bootstrap), 0, time.time()
    count = int(rate * seconds)
    pairs = orders(count, customers, 1 / rate, seed=44, begin=datetime.fromtimestamp(began, UTC))
    while sent < count:
        due = min(count, int((time.time() - began) * rate))
        for key, value in (pair for pair, _ in zip(pairs, range(due - sent), strict=False)):
            producer.produce(topic, value, key)
        producer.poll(0)
        sent = due
        print("SENT", sent, time.time(), flush=True)  # noqa: T201
        time.sleep(max(0.0, TURN - (time.time() - began) % TURN))
    producer.flush(60)
    print("DONE", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
