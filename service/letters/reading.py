"""Reading the dead-letter topic: which letters wait, and what they hold."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from service.errors import UserError
from service.letters.selection import Selection
from service.stream.dead_letters import Story, story
from service.stream.reading import reader
from service.stream.topics import partition_counts

FETCH_BYTES = 4 << 20
FETCH_WAIT_MS = 100

Progress = Callable[[int, int], None]  # done and all, in rows


class MissingError(UserError):
    """There is no dead-letter topic, or no such letter."""


class Waiting(NamedTuple):
    """A letter that was neither redriven nor dropped, without its record's value and headers."""

    key: str
    partition: int  # of the dead-letter topic, and of its record
    offset: int  # in the dead-letter topic
    size: int | None  # bytes of the record's value; None for a tombstone
    story: Story


class Full(NamedTuple):
    """A waiting letter with all that its record held."""

    letter: Waiting
    value: bytes | None


class Box:
    """The dead-letter topic of one application."""

    def __init__(self, client: Mapping[str, Any], topic: str, progress: Progress | None = None) -> None:
        """`progress` is told of rows read."""
        self._client, self.topic, self._progress = dict(client), topic, progress

    async def waiting(self, selection: Selection) -> list[Waiting]:
        """The letters meant by `selection` that wait, oldest first."""
        found: dict[bytes, Waiting] = {}
        async for number, row in self._rows(selection):
            told = story(row.headers)
            if told is None or not selection.takes(told):  # None: this row deletes the letter
                found.pop(row.key, None)
                continue
            size = None if row.value is None else len(row.value)
            found[row.key] = Waiting(row.key.decode(), number, row.offset, size, told._replace(headers=()))
        return sorted(found.values(), key=lambda letter: (letter.story.rejected_at, letter.key))

    async def full(self, letters: list[Waiting]) -> AsyncIterator[Full]:
        """These letters once more with what they hold, in the order of the topic."""
        if not letters:
            return
        wanted = {(letter.partition, letter.offset): letter for letter in letters}
        async for number, row in self._rows(Selection(frozenset(letter.key for letter in letters))):
            letter = wanted.get((number, row.offset))
            told = story(row.headers) if letter else None
            if letter and told:
                yield Full(letter._replace(story=told), row.value)

    async def ends(self) -> dict[int, int]:
        """Where the topic ends now, by partition, what is not yet committed included."""
        tps = [TopicPartition(self.topic, number) for number in range(await self._count())]
        async with self._reader("read_uncommitted") as consumer:
            return {tp.partition: end for tp, end in (await consumer.end_offsets(tps)).items()}

    async def since(self, starts: Mapping[int, int]) -> AsyncIterator[tuple[int, Any]]:
        """(partition, row) of everything from these offsets on to where the topic ends now."""
        async for found in self._rows(Selection(), starts):
            yield found

    async def _rows(
        self, selection: Selection, starts: Mapping[int, int] | None = None
    ) -> AsyncIterator[tuple[int, Any]]:
        """All committed rows before the present end.

        That end is the true one, not that of what is committed: a transaction still open there may hold the
        deletion of a letter, so it is waited for. The broker ends it within its timeout.
        """
        ends = await self.ends()
        tps = [TopicPartition(self.topic, number) for number in selection.partitions(len(ends))]
        if not tps:
            return  # a reader that is stopped before it was used would raise CancelledError
        async with self._reader("read_committed") as consumer:
            consumer.assign(tps)
            begins = await consumer.beginning_offsets(tps)
            for tp in tps:
                consumer.seek(tp, max(begins[tp], (starts or {}).get(tp.partition, 0)))
            left = {tp: ends[tp.partition] - (await consumer.position(tp)) for tp in tps}
            left = {tp: n for tp, n in left.items() if n > 0}
            everything = sum(left.values())
            while left:
                for tp, rows in (await consumer.getmany(*left, timeout_ms=200)).items():
                    for row in rows:
                        if row.offset < ends[tp.partition]:
                            yield tp.partition, row
                left = {tp: n for tp in left if (n := ends[tp.partition] - (await consumer.position(tp))) > 0}
                if self._progress is not None:
                    self._progress(everything - sum(left.values()), everything)

    async def _count(self) -> int:
        admin = AIOKafkaAdminClient(**self._client)
        try:
            await admin.start()
            count = (await partition_counts(admin, [self.topic]))[self.topic]
        finally:
            await admin.close()
        if not count:
            raise MissingError(f"there is no topic {self.topic}; create it with `subpulse topics`")
        return count

    def _reader(self, isolation: str) -> AbstractAsyncContextManager[Any]:
        return reader(
            self._client,
            isolation_level=isolation,
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
