"""Which changelog counts: the topic that the setting names, or a newer generation that a rebuild finished.

Generation 1 has the name in the setting, generation 2 that name and `-2`, and so on. A rebuild writes the
head record of partition 0 last of all; a generation without it is not finished, and nobody reads it.
"""

from collections.abc import Collection, Mapping
from typing import Any

import aiokafka
from aiokafka.structs import TopicPartition

from service.stream import head

FIRST_LOOK = 200  # rows from the end of a partition; twice as many each time that this was not enough


def generation_of(base: str, topic: str) -> int | None:
    """The generation that `topic` is of the changelog called `base`; None if it is none."""
    if topic == base:
        return 1
    number = topic.removeprefix(f"{base}-")
    return int(number) if number != topic and number.isdecimal() and int(number) > 1 else None


def generations(base: str, topics: Collection[str]) -> dict[int, str]:
    """The generations among these topics, oldest first."""
    found = {n: topic for topic in topics if (n := generation_of(base, topic)) is not None}
    return dict(sorted(found.items()))


async def current(client: Mapping[str, Any], base: str, topics: Collection[str]) -> str:
    """The newest finished generation among these topics; `base` where there is none."""
    newer = [topic for number, topic in generations(base, topics).items() if number > 1]
    if newer:
        async with reader_of(client) as reader:
            for topic in reversed(newer):
                if await last_head(reader, topic, 0) is not None:
                    return topic
    return base


def reader_of(client: Mapping[str, Any]) -> Any:
    """A consumer in no group, for what is committed."""
    return aiokafka.AIOKafkaConsumer(
        **client, enable_auto_commit=False, auto_offset_reset="none", isolation_level="read_committed"
    )


async def last_head(reader: Any, topic: str, number: int) -> head.Head | None:
    """The newest head record of a partition, looked for from its end; raises UnknownFormatError."""
    tp, look = TopicPartition(topic, number), FIRST_LOOK
    reader.assign([tp])
    start, end = (await reader.beginning_offsets([tp]))[tp], (await reader.end_offsets([tp]))[tp]
    while start < end:
        first, found = max(start, end - look), None
        reader.seek(tp, first)
        while await reader.position(tp) < end:
            for row in (await reader.getmany(tp, timeout_ms=200)).get(tp, ()):
                if row.offset < end and row.key == head.KEY:
                    found = row.value
        if found is not None:
            return head.unpack(found)
        end, look = first, 2 * look
    return None
