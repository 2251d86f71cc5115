"""One process: fill a place with records, and add orders to them."""

import gc
import math
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.embedded.customers import ORDERS_EACH, SLICE, orders, rows
from benchmarks.embedded.stores import Memory, Place, RocksDB
from service import memory
from service.domain.records.rows import ORDER

PLACES: dict[str, Callable[[Path], Place]] = {"memory": Memory, "RocksDB": RocksDB}
CHECKPOINT = 100_000  # orders from one to the next


class LostError(Exception):
    """A place has not kept what it was given, so its figures mean nothing."""


class Found(NamedTuple):
    """What one process came to."""

    cpu: float  # microseconds an order, of all threads
    resident: float  # bytes a customer
    disk: float  # bytes a customer


def apart(place: str, customers: int, count: int) -> Found:
    """As `measure`, in a process of its own: what another case has used is not given back in time."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=memory.tune) as process:
        return process.submit(measure, place, customers, count).result()


def measure(place: str, customers: int, count: int) -> Found:
    """Fill the place, then add so many orders.

    Raises:
        LostError: the first customer's record does not hold all that was added.
    """
    with tempfile.TemporaryDirectory(prefix="subpulse-embedded-") as folder:
        resident = psutil.Process().memory_info().rss
        held = PLACES[place](Path(folder))
        for packed in rows(customers):
            held.fill(packed)
        held.filled()
        gc.collect()
        coming, used, making = orders(customers, count), time.process_time(), 0.0
        for number in range(1, math.ceil(count / SLICE) + 1):
            began = time.thread_time()
            some = next(coming)
            making += time.thread_time() - began
            held.add(some)
            if number * SLICE % CHECKPOINT == 0:
                held.checkpoint()
        cpu = time.process_time() - used - making
        _look(held, customers, count)
        taken = psutil.Process().memory_info().rss - resident
        disk = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    return Found(cpu / count * 1e6, taken / customers, disk / customers)


def _look(held: Place, customers: int, count: int) -> None:
    first = next(orders(customers, 1))[0].customer_id
    record, wanted = held.customer(first), ORDERS_EACH + math.ceil(count / customers)
    found = len(record.orders) // ORDER.itemsize if record else 0
    if found != wanted:
        raise LostError(f"{found} orders of {first} instead of {wanted}")
