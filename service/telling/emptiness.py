"""Whether topics are empty: two stories in the same ones would be mixed, customer by customer."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from service.errors import UserError
from service.stream.reading import reader
from service.stream.topics import partition_counts


async def require_empty(client: Mapping[str, Any], topics: Iterable[str]) -> None:
    """Make sure that topics, which exist, hold no record.

    Raises:
        UserError: one does.
    """
    places = await _partitions(client, topics)
    async with reader(client) as consumer:
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    if full := sorted({place.topic for place in places if begins[place] < ends[place]}):
        raise UserError(
            f"topics hold events already: {', '.join(full)}; a second business would have the same "
            "customers as the first. Begin with empty topics (the demo of docker-compose.yml: "
            "`docker compose --profile demo down -v`), or go on all the same with --on-top"
        )


async def _partitions(client: Mapping[str, Any], topics: Iterable[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(**client)
    try:
        await admin.start()
        counts = await partition_counts(admin, [*topics])
    finally:
        await admin.close()
    return [TopicPartition(topic, number) for topic, count in counts.items() for number in range(count)]
