"""The producers: they send on whatever happens to the broker, if need be twice."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.endurance.events import Sent, place

TICK = 0.1  # seconds
LARGEST = 1 << 20  # bytes of a request
ONE_TRY_MS = 20_000


class Sender:
    """Sends records at a steady rate; `sent` says how many the broker has confirmed."""

    def __init__(self, bootstrap: str, topics: Mapping[str, str], partitions: int) -> None:
        self.sent = 0
        self._bootstrap, self._topics, self._partitions = bootstrap, topics, partitions
        self._producer: AIOKafkaProducer | None = None

    async def send(self, records: Sequence[Sent], seconds: float) -> None:
        """Send all, spread over so many seconds; returns when the broker has confirmed each."""
        began, done = time.monotonic(), 0
        while done < len(records):
            due = min(len(records), int(len(records) * (time.monotonic() - began + TICK) / (seconds + TICK)))
            await self._send_all(records[done:due])
            done = due
            await asyncio.sleep(TICK)

    async def close(self) -> None:
        """Send no more."""
        if self._producer is not None:
            await self._producer.stop()

    async def _send_all(self, records: Sequence[Sent]) -> None:
        while records:
            failed = await self._try(records)
            self.sent += len(records) - len(failed)
            records = failed

    async def _try(self, records: Sequence[Sent]) -> list[Sent]:
        """Those of which we do not know that the broker has them."""
        try:
            producer = await self._started()
            acks = [
                await producer.send(
                    self._topics[r.kind], r.value, r.key, partition=place(r, self._partitions)
                )
                for r in records
            ]
            outcomes = await asyncio.gather(*acks, return_exceptions=True)
            return [r for r, outcome in zip(records, outcomes, strict=True) if isinstance(outcome, Exception)]
        except (KafkaError, OSError):
            producer, self._producer = self._producer, None
            if producer is not None:
                await producer.stop()
            await asyncio.sleep(1)
            return list(records)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                acks="all",
                linger_ms=5,
                max_request_size=LARGEST,
                request_timeout_ms=ONE_TRY_MS,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
