"""Letters leave: their records go back to where they came from, or they are dropped; each once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import aiokafka
from aiokafka.errors import IllegalOperation, KafkaError, ProducerFenced

from service.errors import UserError
from service.letters.reading import Full, Waiting
from service.partitioner import partition_of
from service.stream.connection import start
from service.stream.dead_letters import Story
from service.stream.topics import RECORD_BYTES

ROWS, BYTES = 500, 4 << 20  # of one transaction, at most
TRANSACTION_TIMEOUT_MS = 30_000

Place = tuple[str, int]  # topic, partition
Row = dict[str, Any]  # in the words of aiokafka's batch builder


class ClosingError(UserError):
    """Letters could not be closed; none was closed in part."""


class Sent(NamedTuple):
    """Where the record of a letter is now."""

    topic: str
    partition: int
    offset: int


class Desk:
    """The only place where letters are closed: `async with Desk(…) as desk`.

    1. entering starts a transactional producer under a name that all desks of the application share: this
       ends what another desk has begun, and shuts it out; only then it is read which letters wait
    2. some letters at a time, one transaction: records to their topics, and the deletion of their letters

    So a letter is closed together with its record being sent, or neither happens, also when this process is
    killed, when the answer of the broker is lost, and when two people do the same at the same time.
    """

    def __init__(
        self, client: Mapping[str, Any], application: str, letters: str, sources: Iterable[str]
    ) -> None:
        """`letters` is the dead-letter topic; records are sent back to `sources` and nowhere else."""
        self._letters, self._sources = letters, frozenset(sources)
        self._producer = aiokafka.AIOKafkaProducer(
            **client,
            transactional_id=f"{application}-dead-letters",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=512 * 1024,
            max_request_size=RECORD_BYTES,
        )

    async def __aenter__(self) -> Self:
        await start(self._producer)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def partitions(self) -> dict[str, int]:
        """How many partitions each source topic has; those that do not exist are left out."""
        present = await self._producer.client.fetch_all_metadata()
        counts = {topic: len(present.partitions_for_topic(topic) or ()) for topic in self._sources}
        return {topic: count for topic, count in counts.items() if count}

    async def redrive(
        self, letters: AsyncIterator[Full], closed: Callable[[int], None] | None = None
    ) -> AsyncIterator[Sent]:
        """Send the records back under their key, with their value and headers; the timestamp is new.

        `closed` is told how many letters are closed so far. A key goes to the partition that Kafka's default
        partitioner gives it; without a key to where the record was.

        Raises:
            ClosingError: the broker refused, or its answer is unknown.
        """
        partitions, done = await self.partitions(), 0
        async for group in _groups(letters):
            rows: list[tuple[Place, Row]] = []
            for letter, value in group:
                told = letter.story
                row = {"key": told.key, "value": value, "timestamp": None, "headers": list(told.headers)}
                rows.append(((told.topic, _home(told, partitions[told.topic])), row))
            sent = await self._transaction(rows, [letter for letter, _ in group], done)
            done += len(group)
            if closed is not None:
                closed(done)
            for one in sent:
                yield one

    async def drop(self, letters: list[Waiting], closed: Callable[[int], None] | None = None) -> None:
        """Delete these letters and what their records held, for good; `closed` and errors as of `redrive`."""
        for begin in range(0, len(letters), ROWS):
            group = letters[begin : begin + ROWS]
            await self._transaction([], group, begin)
            if closed is not None:
                closed(begin + len(group))

    async def _transaction(
        self, rows: list[tuple[Place, Row]], closed: list[Waiting], done: int
    ) -> list[Sent]:
        """Rows out and letters deleted, both or neither; the places of the rows, in their order."""
        deletions = [
            (
                (self._letters, letter.partition),
                {"key": letter.key.encode(), "value": None, "timestamp": None},
            )
            for letter in closed
        ]
        try:
            async with self._producer.transaction():
                return (await self._send([*rows, *deletions]))[: len(rows)]
        except (ProducerFenced, IllegalOperation):  # the latter when it happened between two batches
            raise ClosingError(
                f"{done:,} letters are closed; then another redrive or drop of this application began: "
                "let it end, then run this again"
            ) from None
        except (KafkaError, OSError, TimeoutError) as error:
            raise ClosingError(
                f"{done:,} letters are closed; then the broker refused or its answer was lost ({error}): "
                "run this again, what has been done by then will not be done twice"
            ) from None

    async def _send(self, rows: list[tuple[Place, Row]]) -> list[Sent]:
        batches: list[tuple[Place, Any]] = []
        places: list[tuple[int, int]] = []  # of each row: which batch, and where in it
        newest: dict[Place, int] = {}
        for place, row in rows:
            number = newest.get(place)
            if number is None or batches[number][1].append(**row) is None:  # None: full
                batches.append((place, self._producer.create_batch()))
                newest[place] = number = len(batches) - 1
                batches[number][1].append(**row)  # the first row always fits
            places.append((number, batches[number][1].record_count() - 1))
        sending = []
        for (topic, number), batch in batches:
            sending.append(await self._producer.send_batch(batch, topic, partition=number))
            sending[-1].add_done_callback(_heard)  # whichever fails first is told; the others fail with it
        acks = await asyncio.gather(*sending)
        return [Sent(*batches[n][0], acks[n].offset + index) for n, index in places]


def _heard(sending: asyncio.Future[Any]) -> None:
    if not sending.cancelled():
        sending.exception()


def _home(told: Story, count: int) -> int:
    return told.partition % count if told.key is None else partition_of(told.key, count)


async def _groups(letters: AsyncIterator[Full]) -> AsyncIterator[list[Full]]:
    group: list[Full] = []
    size = 0
    async for full in letters:
        group.append(full)
        size += len(full.value or b"")
        if len(group) >= ROWS or size >= BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
