"""The floor: raw aiokafka `getmany`, orjson and a dict, nothing durable. A process of its own: BOOTSTRAP
TOPIC N."""

import asyncio
import sys
from typing import Any

import aiokafka
import orjson


async def main(bootstrap: str, topic: str, count: int) -> None:
    """Print FIRST at the first records, COUNTED and how many after each fetch, and DONE after the last; then
    wait to be measured."""
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    await consumer.topics()
    consumer.assign([aiokafka.TopicPartition(topic, n) for n in range(4)])
    totals: dict[str, list[Any]] = {}
    loads, done = orjson.loads, 0
    while done < count:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            if not done:
                print("FIRST", flush=True)  # noqa: T201
            done += len(records)
            for record in records:
                order = loads(record.value)
                key = order["customer_id"]
                total = totals.get(key)
                if total is None:
                    total = totals[key] = [0, 0, ""]
                total[0] += 1
                total[1] += order["amount"]["minor"]
                at = order["occurred_at"]
                if at > total[2]:
                    total[2] = at
            print("COUNTED", done, flush=True)  # noqa: T201
    print("DONE", flush=True)  # noqa: T201
    await asyncio.sleep(600)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
