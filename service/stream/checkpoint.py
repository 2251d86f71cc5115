"""A checkpoint: all that a partition has to say since the last, as one Kafka transaction under its fence."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import aiokafka
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from service.now import now_micros
from service.stream import head
from service.stream.credits import by_place
from service.stream.day_marks import Holding
from service.stream.owned import Owned
from service.stream.summary_rows import TARGET_KEY, summary_key

TRANSACTION_TIMEOUT_MS = 30_000
MAX_BATCH_BYTES = 512 * 1024
Headers = list[tuple[str, bytes | None]]
NO_HEADERS: Headers = []
Row = tuple[bytes | None, bytes | None, int | None, Headers]
"""Key, value, timestamp (milliseconds; None is now) and headers, as a `Letter` has them. Plain tuples: there
may be 100,000 in a checkpoint."""


class Batch(NamedTuple):
    """Rows for a partition of a topic, as the producer's own builder has them."""

    topic: str
    partition: int
    rows: Any


@dataclass(frozen=True)
class Checkpoint:
    """Where checkpoints go, and how.

    `fence` once per assignment and `begin` before anything is read, then `save` again and again:

    1. while nothing is applied, so that it is one snapshot: what is said of customers, rows of changed
       records (which remember it), the head, letters, summary, what other partitions are told of whom
       customers named; batch by batch, so that the rest of the worker is not held up
    2. begin the transaction
    3. send all batches and wait until the broker has each of them
    4. add the group's offsets, a copy for lag tools, which also says whose group it is
    5. commit; only now the partition's positions count as saved

    An error in 2 to 5 means refused or unknown: the caller ends the process, recovery reads what counts.
    """

    client: Mapping[str, Any]  # options of every Kafka client
    group: str
    changelog: str
    dead_letters: str
    summaries: str
    days: str | None = None  # topic of the daily history, where one is kept
    insights: str | None = None  # topic of what is said of customers, where that is wanted
    credits: str | None = None  # topic of whom customers named, where they are ranked by referral
    _packing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False, compare=False)
    """Held by the partition whose rows are made: at any moment one, so that events of the others are applied
    meanwhile, and that the loop's turns are short."""

    async def fence(self, owned: Owned) -> None:
        """Start the partition's producer: this aborts what a former owner left open, waits for the markers of
        what it committed, and makes the broker refuse all that it sends from now on."""
        owned.producer = aiokafka.AIOKafkaProducer(
            **self.client,
            transactional_id=f"{self.group}-{owned.number}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=64 * MAX_BATCH_BYTES,
        )
        await owned.producer.start()

    async def begin(self, owned: Owned) -> None:
        """Write down where sources begin of which nothing is known yet: what they lose from then on is
        missed, although nothing of them may have been applied."""
        new = {t: head.Position(at) for t, at in owned.resume_at.items() if t not in owned.positions}
        if not new:
            return
        positions = {**owned.positions, **new}
        end = await self._write_head(owned, positions, owned.crashes, new)
        owned.positions, owned.read_to = positions, max(owned.read_to, end)

    async def save(self, owned: Owned) -> bool:
        """Write what is new as described above; False when there was nothing."""
        async with self._packing, owned.snapshots:
            unsaid = owned.records.sayings.waiting
            told = any((owned.summary, owned.target, owned.days.rows, owned.shredded, unsaid))
            if owned.broken or not (owned.moved or told):
                return False
            positions = owned.advanced() if owned.moved else owned.positions
            offsets = positions if owned.moved else {}
            crashes = owned.open_crashes(positions)
            waiting = self._snapshot(owned, positions, crashes)
            owned.begin_anew()
            snapshot = []
            for batch in waiting:
                snapshot.append(batch)
                await asyncio.sleep(0)  # packing may take long, and others want their turn
        end = await self._commit(owned, snapshot, offsets)
        owned.positions, owned.crashes = positions, crashes
        owned.read_to = max(owned.read_to, end)
        return True

    async def mark_crash(self, owned: Owned, topic: str, offset: int) -> head.CrashMark:
        """Write down, with the positions of the last checkpoint and nothing else, that applying this record
        raised. The transaction stands on its own, so the mark survives whatever ends the process."""
        crashes = owned.crashed_on(topic, offset)
        await self._write_head(owned, owned.positions, crashes, {})
        return crashes[-1]

    async def _write_head(
        self,
        owned: Owned,
        positions: dict[str, head.Position],
        crashes: tuple[head.CrashMark, ...],
        offsets: Mapping[str, head.Position],
    ) -> int:
        row = head_row(_head(owned, positions, crashes, owned.days.written))
        rows = batches(owned.producer, self.changelog, owned.number, [row])
        return await self._commit(owned, [*rows], offsets)

    def _snapshot(
        self, owned: Owned, positions: dict[str, head.Position], crashes: tuple[head.CrashMark, ...]
    ) -> Iterator[Batch]:
        """All that is new now; it is put into batches as these are asked for."""
        number = owned.number
        now = now_micros() // 1_000  # once: to ask for each row would cost a quarter of writing it
        days = list(plain_rows(owned.days.saved(), now))
        # Before the records, which remember what is said.
        said = list(plain_rows(((insight.event_id.encode(), insight.value) for insight in owned.say()), now))
        rows = plain_rows(owned.records.each_change(), now)
        if owned.moved or days:
            rows = chain(rows, [head_row(_head(owned, positions, crashes, owned.days.written))])
        gone: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for topic, place, key in sorted(owned.shredded):
            gone[topic, place] += plain_rows([(key, None)], now)
        told = [(summary_key(number), owned.summary), (TARGET_KEY, owned.target)]
        figures = plain_rows(((key, value) for key, value in told if value is not None), now)
        topics: list[tuple[str, int, Iterable[Row]]] = [
            (self.changelog, number, rows),
            (self.summaries, number, figures),
            (self.dead_letters, number, list(owned.letters)),
        ]
        if self.days is not None:
            topics.append((self.days, number, days))
        if self.insights is not None:
            topics.append((self.insights, number, said))
        if self.credits is not None:
            told_by_place = by_place(owned.records.credits(), self.changelog)
            topics += [(self.credits, place, plain_rows(own, now)) for place, own in told_by_place.items()]
        topics += [(topic, place, tombstones) for (topic, place), tombstones in gone.items()]
        return (batch for topic in topics for batch in batches(owned.producer, *topic))

    async def _commit(
        self, owned: Owned, snapshot: list[Batch], positions: Mapping[str, head.Position]
    ) -> int:
        """Returns the changelog offset behind the last row written, 0 when there was none."""
        producer, number = owned.producer, owned.number
        await producer.begin_transaction()
        sent = [await producer.send_batch(rows, topic, partition=place) for topic, place, rows in snapshot]
        acks = await asyncio.gather(*sent)
        if positions:
            copy = {
                TopicPartition(topic, number): OffsetAndMetadata(position.resume_at, self.changelog)
                for topic, position in positions.items()
            }
            await producer.send_offsets_to_transaction(copy, self.group)
        await producer.commit_transaction()
        ends = [
            ack.offset + batch.rows.record_count()
            for ack, batch in zip(acks, snapshot, strict=True)
            if batch.topic == self.changelog
        ]
        return max(ends, default=0)


def _head(
    owned: Owned, positions: dict[str, head.Position], crashes: tuple[head.CrashMark, ...], days: Holding
) -> head.Head:
    return head.Head(head.FORMAT, owned.partitions, positions, crashes, owned.days.made_by, days)


def plain_rows(rows: Iterable[tuple[bytes | None, bytes | None]], timestamp: int | None) -> Iterator[Row]:
    """Keys and values as rows without headers; `timestamp`: milliseconds, of all of them."""
    return ((key, value, timestamp, NO_HEADERS) for key, value in rows)


def head_row(record: head.Head) -> Row:
    """The head as a changelog row."""
    return head.KEY, head.pack(record), None, NO_HEADERS


def batches(producer: Any, topic: str, number: int, rows: Iterable[Row]) -> Iterator[Batch]:
    """The rows as batches for partition `number` of a topic, each as full as its rows allow."""
    batch = None
    for key, value, timestamp, headers in rows:
        if batch is not None:
            if batch.append(key=key, value=value, timestamp=timestamp, headers=headers) is not None:
                continue
            yield Batch(topic, number, batch)  # it is full
        batch = producer.create_batch()
        batch.append(key=key, value=value, timestamp=timestamp, headers=headers)  # the first one always fits
    if batch is not None:
        yield Batch(topic, number, batch)
