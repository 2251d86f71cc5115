"""What became of records that were sent back: accepted this time, rejected again, or not processed yet."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from service.letters.closing import Sent
from service.letters.reading import Box
from service.stream.dead_letters import place, story

LOOK_EVERY = 0.5  # seconds


class Verdict(NamedTuple):
    """How the workers judged."""

    accepted: int  # processed, and no letter was written
    rejected: Counter[str]  # by reason
    unprocessed: int  # no worker has come that far


async def follow(
    client: Mapping[str, Any],
    group: str,
    box: Box,
    sent: Sequence[Sent],
    since: Mapping[int, int],
    seconds: float,
    progress: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Wait until the workers have processed all of `sent`, `seconds` at most, and count.

    A worker writes a letter and the group's offset in one transaction: behind the offset without a letter
    means accepted. `since`: where the dead-letter topic ended before the records were sent.
    """
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    limit = time.monotonic() + seconds
    try:
        while True:
            processed = await _processed(admin, group, sent)
            if progress is not None:
                progress(len(processed), len(sent))
            if len(processed) == len(sent) or time.monotonic() >= limit:
                break
            await asyncio.sleep(LOOK_EVERY)
    finally:
        await admin.close()
    again = {place(*one) for one in processed}
    rejected: dict[bytes, str] = {}
    async for _, row in box.since(since):
        if row.key in again and (told := story(row.headers)):
            rejected[row.key] = told.reason
    return Verdict(len(processed) - len(rejected), Counter(rejected.values()), len(sent) - len(processed))


async def _processed(admin: AIOKafkaAdminClient, group: str, sent: Sequence[Sent]) -> list[Sent]:
    tps = {TopicPartition(one.topic, one.partition) for one in sent}
    reached = await admin.list_consumer_group_offsets(group, partitions=list(tps)) if tps else {}
    offsets = {tp: meta.offset for tp, meta in reached.items()}
    return [one for one in sent if one.offset < offsets.get(TopicPartition(one.topic, one.partition), -1)]
