"""The daily history as all workers wrote it, read when somebody asks for it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Any

from aiokafka.structs import TopicPartition

from service.figures.board import Board
from service.figures.desk import Share
from service.stream.day_marks import Holding
from service.stream.day_rows import open_row
from service.stream.reading import reader

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
        newest = self._board().newest()
        holding = {number: Holding(*envelope.days) for number, envelope in newest.items()}
        wanted = {at for at in instants if any(at in held for held in holding.values())}
        written: dict[tuple[int, bytes], tuple[int, bytes]] = {}
        async for number, record in self._records(holding if wanted else ()):
            row = open_row(record.value) if record.value is not None else None
            written.pop((number, record.key), None)
            if row is not None and row.made_by == self._made_by and row.as_of in wanted:
                written[number, record.key] = row.as_of, row.summary
        found: dict[int, dict[int, Share]] = defaultdict(dict)
        for (number, _), (as_of, summary) in written.items():
            if as_of in holding[number]:
                found[as_of][number] = Share(summary, newest[number].complete)
        return found

    async def _records(self, numbers: Collection[int]) -> AsyncIterator[tuple[int, Any]]:
        """All that these partitions hold now."""
        if not numbers:
            return
        async with reader(self._client, max_partition_fetch_bytes=FETCH_BYTES) as consumer:
            tps = [TopicPartition(self._topic, number) for number in numbers]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            behind = {tp: end for tp, end in (await consumer.end_offsets(tps)).items() if end}
            while behind:
                for tp, records in (await consumer.getmany(*behind, timeout_ms=500)).items():
                    for record in records:
                        yield tp.partition, record
                behind = {tp: end for tp, end in behind.items() if await consumer.position(tp) < end}
