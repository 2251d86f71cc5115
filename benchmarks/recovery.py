"""How fast a changelog is read back. A process of its own: BOOTSTRAP CHANGELOG PARTITIONS; prints records
and CPU seconds."""

import asyncio
import sys
import time

import aiokafka
from aiokafka.structs import TopicPartition

from service import memory
from service.domain.records import Limits
from service.stream import lean
from service.stream.owned import Owned
from service.stream.recovery import Recovery


async def main(bootstrap: str, changelog: str, partitions: int) -> None:
    """Read all partitions as a worker does that takes them for the first time."""
    client = {"bootstrap_servers": bootstrap}
    parts = {n: Owned(n, Limits()) for n in range(partitions)}
    began, used = time.monotonic(), time.process_time()
    await Recovery(client, "bench-recovery", changelog, ()).read(parts)
    spent, seconds = time.process_time() - used, time.monotonic() - began
    records = await rows(client, changelog, partitions)
    held = sum(owned.records.customers_held for owned in parts.values())
    print(records, held, spent, seconds)  # noqa: T201


async def rows(client: dict[str, str], changelog: str, partitions: int) -> int:
    """How many records the changelog has, without the markers of transactions."""
    places = [TopicPartition(changelog, n) for n in range(partitions)]
    async with aiokafka.AIOKafkaConsumer(**client, auto_offset_reset="earliest") as reader:
        reader.assign(places)
        ends, found = await reader.end_offsets(places), 0
        while any([await reader.position(place) < ends[place] for place in places]):
            found += sum(len(r) for r in (await reader.getmany(timeout_ms=200)).values())
    return found


if __name__ == "__main__":
    memory.tune()
    lean.install()
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
