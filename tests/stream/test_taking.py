"""Whoever waits for partitions learns that they were taken."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry

LONG, SHORT = 60.0, 0.01  # seconds


def new_store() -> Store:
    """One that takes whatever it is asked to, from nowhere."""

    async def read(parts: Any) -> None:
        """There is nothing."""

    unused: Any = None
    recovery: Any = SimpleNamespace(read=read)
    return Store(unused, unused, recovery, Telemetry.of([]), Status())


async def test_who_waits_for_partitions_goes_on_as_soon_as_they_are_taken() -> None:
    store, began = new_store(), time.monotonic()
    waiting = asyncio.create_task(store.taken_within(LONG))
    await asyncio.sleep(SHORT)
    assert not waiting.done()
    await store.take([])
    assert await waiting
    assert time.monotonic() - began < LONG / 2


async def test_partitions_that_were_taken_while_nobody_waited_are_told_once() -> None:
    store = new_store()
    await store.take([])
    assert await store.taken_within(LONG)
    assert not await store.taken_within(SHORT)
