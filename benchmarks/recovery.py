"""How fast a changelog is read back, by a process of its own: BOOTSTRAP CHANGELOG PARTITIONS; it prints what
makes a `Read`."""

import asyncio
import subprocess
import sys
import time
from typing import NamedTuple

import aiokafka
from aiokafka.structs import TopicPartition

from benchmarks.application import PARTITIONS
from service import memory
from service.domain.records import Limits
from service.stream import lean
from service.stream.owned import Owned
from service.stream.recovery import Recovery


class Read(NamedTuple):
    """What was read, and what that took."""

    records: float
    customers: float
    cpu: float  # seconds
    seconds: float


def apart(bootstrap: str, changelog: str) -> Read:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.recovery", bootstrap, changelog, str(PARTITIONS)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return Read(*map(float, run.stdout.split()[-4:]))


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
