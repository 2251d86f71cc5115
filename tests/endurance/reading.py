"""Reading what is in Kafka, with plain clients and for committed records only."""

import asyncio
import time

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from tests.endurance.row import Row
from tests.stream.application import reader_of, settled_ends


class Looking:
    """Questions about topics with so many partitions."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        self._bootstrap, self._partitions = bootstrap, partitions

    async def ends(self, *topics: str) -> dict[tuple[str, int], int]:
        """Where topics end."""
        async with reader_of(self._bootstrap) as reader:
            found = await reader.end_offsets(self._places(*topics))
        return {tuple(place): end for place, end in found.items()}

    async def committed(self, group: str) -> dict[tuple[str, int], int]:
        """A group's offsets; none while nobody has joined it."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            found = await admin.list_consumer_group_offsets(group)
        except KafkaError:  # the coordinator is just being made
            return {}
        finally:
            await admin.close()
        return {tuple(place): meta.offset for place, meta in found.items()}

    async def rows(self, topic: str) -> list[Row]:
        """All committed records of a topic."""
        async with reader_of(self._bootstrap) as reader:
            places = self._places(topic)
            ends = {place: end for place, end in (await settled_ends(self._bootstrap, places)).items() if end}
            reader.assign(places)
            await reader.seek_to_beginning(*places)
            found: list[Row] = []
            while ends:
                for place, rows in (await reader.getmany(*ends, timeout_ms=300)).items():
                    found += [
                        Row(place.partition, row.offset, row.timestamp, row.key, row.value, dict(row.headers))
                        for row in rows
                    ]
                ends = {place: end for place, end in ends.items() if await reader.position(place) < end}
            return found

    async def quiet(self, topic: str, seconds: float) -> None:
        """Until nothing has been written to a topic for a while."""
        ends, since = await self.ends(topic), time.monotonic()
        while time.monotonic() < since + seconds:
            await asyncio.sleep(seconds / 4)
            if (now := await self.ends(topic)) != ends:
                ends, since = now, time.monotonic()

    def _places(self, *topics: str) -> list[TopicPartition]:
        return [TopicPartition(topic, n) for topic in topics for n in range(self._partitions)]
