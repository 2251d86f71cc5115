"""Reading a topic of our own beside the agents: in no group, committed rows only, and again after a break."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiokafka
from aiokafka.errors import KafkaError

from service.stream.connection import start

log = logging.getLogger("subpulse.stream")


async def for_ever(topic: str, read: Callable[[], Awaitable[None]], pause: float) -> None:
    """Call `read`, which reads `topic`, again after `pause` seconds whenever a connection breaks."""
    while True:
        try:
            await read()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("cannot read %s, trying again: %r", topic, error)
            await asyncio.sleep(pause)


@asynccontextmanager
async def reader(client: Mapping[str, Any], **options: Any) -> AsyncIterator[Any]:
    """A consumer without a group, from the earliest on, committed rows only; `options` are aiokafka's."""
    consumer = aiokafka.AIOKafkaConsumer(
        **client,
        enable_auto_commit=False,
        **{"auto_offset_reset": "earliest", "isolation_level": "read_committed", **options},
    )
    await start(consumer)
    try:
        yield consumer
    finally:
        await consumer.stop()
