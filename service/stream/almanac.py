"""The daily history as all workers wrote it, read when somebody asks for it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

import aiokafka
from aiokafka.structs import TopicPartition

from service.stream.board import Board
from service.stream.day_rows import open_row
from service.stream.desk import Share

FETCH_BYTES = 1 << 20  # per partition and fetch, so that no single one holds up the event loop


class Almanac:
    """Reads the topic from its beginning to its end: it is compacted, and asked seldom, so nothing of it is
    kept in memory."""

    def __init__(
        self, client: Mapping[str, Any], topic: str, made_by: str, board: Callable[[], Board]
    ) -> None:
        self._client, self._topic, self._made_by, self._board = dict(client), topic, made_by, board

    async def shares(self, instants: Collection[int]) -> dict[int, dict[int, Share]]:
        """By instant and partition, what is written of these instants and holds.

        Raises:
            KafkaError: the broker does not answer.
        """
        state = {number: (e.days_stale_from, e.complete) for number, e in self._board().newest().items()}
        wanted = {at for at in instants if any(at < stale_from for stale_from, _ in state.values())}
        found: dict[int, dict[int, Share]] = defaultdict(dict)
        if not wanted:
            return found
        reader = aiokafka.AIOKafkaConsumer(
            **self._client,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        await reader.start()
        try:
            tps = [TopicPartition(self._topic, number) for number in state]
            reader.assign(tps)
            await reader.seek_to_beginning(*tps)
            behind = {tp: end for tp, end in (await reader.end_offsets(tps)).items() if end}
            while behind:
                for tp, records in (await reader.getmany(*behind, timeout_ms=500)).items():
                    stale_from, complete = state[tp.partition]
                    for record in records:
                        row = open_row(record.value) if record.value is not None else None
                        if row is None or row.made_by != self._made_by or row.as_of not in wanted:
                            continue
                        if row.as_of < stale_from:
                            found[row.as_of][tp.partition] = Share(row.summary, complete)
                behind = {tp: end for tp, end in behind.items() if await reader.position(tp) < end}
        finally:
            await reader.stop()
        return found
