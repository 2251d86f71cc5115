"""Sending events to their topics: Kafka's default partitioner, nothing lost and nothing twice on the way."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer

from service.errors import UserError
from service.partitioner import partition_of
from service.stream.connection import start

LINGER_MS = 20
BATCH_BYTES = 256 * 1024
IN_FLIGHT = 50_000  # records sent and not yet acknowledged, so that a slow broker does not fill our memory
ENVELOPE_BYTES = 64 * 1024  # a record may be this much longer than its value

_place = lru_cache(maxsize=1 << 18)(partition_of)


def _partitioner(key: bytes, every: Sequence[int], available: Sequence[int]) -> int:
    return every[_place(key, len(every))]


class MissingTopicError(UserError):
    """There is no topic to send to."""


class Publisher:
    """An idempotent producer for whole files: `async with Publisher(client_options(settings)) as publisher`.

    Leaving the context waits until the broker has everything. Records of one key keep their order.
    """

    def __init__(self, client: Mapping[str, Any], largest_value: int = 1 << 20) -> None:
        """`largest_value`: bytes of the longest value that will be sent."""
        self._producer = AIOKafkaProducer(
            **client,
            enable_idempotence=True,
            partitioner=_partitioner,
            linger_ms=LINGER_MS,
            max_batch_size=BATCH_BYTES,
            max_request_size=max(largest_value + ENVELOPE_BYTES, 1 << 20),
        )
        self._failed: BaseException | None = None
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()

    async def __aenter__(self) -> Self:
        await start(self._producer)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.flush()
        finally:
            await self._producer.stop()

    async def require(self, topics: Iterable[str]) -> None:
        """Make sure that the topics exist, rather than wait for them.

        Raises:
            MissingTopicError: one does not.
        """
        present = await self._producer.client.fetch_all_metadata()
        if missing := [topic for topic in topics if not present.partitions_for_topic(topic)]:
            raise MissingTopicError(
                f"topics are missing: {', '.join(missing)}; create them with `subpulse topics`"
            )

    async def send(self, topic: str, key: bytes, value: bytes) -> None:
        """Hand over one record; returns before the broker has it.

        Raises:
            KafkaError: this record, or one before it, could not be sent.
        """
        if self._failed is not None:
            raise self._failed
        if self._waiting >= IN_FLIGHT:
            self._room.clear()
            await self._room.wait()
        future = await self._producer.send(topic, value, key)
        self._waiting += 1
        future.add_done_callback(self._acknowledged)

    async def flush(self) -> None:
        """Wait until the broker has everything sent so far; raises as `send` does."""
        await self._producer.flush()
        if self._failed is not None:
            raise self._failed

    def _acknowledged(self, future: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if self._waiting < IN_FLIGHT // 2:
            self._room.set()
        if not future.cancelled() and (error := future.exception()) is not None:
            self._failed = self._failed or error
