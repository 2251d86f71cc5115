"""The state anew from the sources, for as many partitions as there are now.

Everything that was counted is read again, in about the order in which it came, and nothing else: records that
nobody has counted yet are left to the workers, dead letters stay as they are.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import aiokafka
from aiokafka.structs import TopicPartition

from schemas import fast
from schemas.fast import Event
from schemas.topics import KEY_FIELD, Kind
from service.domain.records import Outcome, Partition, deliver
from service.partitioner import partition_of
from service.stream import head
from service.stream.checkpoint import MAX_BATCH_BYTES, batches, plain_rows
from service.stream.judging import Judge
from service.stream.lean import Record
from service.stream.owned import Owned

Told = Callable[[int, int], None]  # how many offsets are done, of how many
CHUNK = 1_000
CUSTOMER = "customer_id"


class Work(NamedTuple):
    """What is to be read of one source partition."""

    topic: str
    number: int
    start: int
    until: int


class Rebuild:
    """Records of all partitions, from the sources.

    `new` makes an empty partition.  `count`: how many there are now.  `largest`: of a record, in bytes.
    `horizon`: how long before it was sent an order is still matched, microseconds.

    The heads that `follow` is given say what the old changelog holds, by partition number of the sources.
    """

    def __init__(
        self,
        sources: Mapping[Kind, str],
        new: Callable[[int], Owned],
        count: int,
        *,
        largest: int,
        horizon: int,
    ) -> None:
        self.parts = {number: new(number) for number in range(count)}
        for owned in self.parts.values():
            owned.partitions = count
        self.read, self.refused = 0, 0  # records
        self._kinds = {topic: kind for kind, topic in sources.items()}
        self._judges = {topic: Judge(kind, topic, largest) for kind, topic in sources.items()}
        self._new, self._horizon = new, horizon
        self.marks: Mapping[int, Partition] = {}
        """By partition number of the sources, who was erased: to be set where the sources may not tell it."""
        self._erased: set[str] = set()
        self._written = False
        self._reached: dict[TopicPartition, int] = {}

    @property
    def customers(self) -> int:
        """How many customers have a record."""
        return sum(owned.records.customers_held for owned in self.parts.values())

    def work(self, heads: Mapping[int, head.Head], starts: Mapping[TopicPartition, int]) -> list[Work]:
        """What of the sources is counted by the heads, and not yet read here."""
        found = []
        for number, told in heads.items():
            for topic, position in told.positions.items():
                tp = TopicPartition(topic, number)
                start = max(starts.get(tp, 0), self._reached.get(tp, 0))
                if topic in self._kinds and start < position.next:
                    found.append(Work(topic, number, start, position.next))
        return found

    async def follow(
        self, reader: Any, heads: Mapping[int, head.Head], starts: Mapping[TopicPartition, int], told: Told
    ) -> None:
        """Read and apply all that the heads say was counted."""
        todo = self.work(heads, starts)
        total, done = sum(work.until - work.start for work in todo), 0
        for number, before in heads.items():
            place = self._new(number)  # judged as it was then: by that number of partitions
            place.restore_head(head.pack(before))
            async for topic, records in merged(reader, [work for work in todo if work.number == number]):
                self._take(place, topic, records)
                done += len(records)
                told(done, total)
            deliver({number: owned.records for number, owned in self.parts.items()})
        self._reached |= {TopicPartition(work.topic, work.number): work.until for work in todo}
        self._erase_who_is_marked(next(iter(heads.values())).partitions)

    def _take(self, place: Owned, topic: str, records: Sequence[Record]) -> None:
        _, events = self._judges[topic].sift(place, records, self._refuse)
        if (marks := self.marks.get(place.number)) is not None and KEY_FIELD[self._kinds[topic]] == CUSTOMER:
            events = [each for event in events for each in self._after_erasure(marks, event)]
        field, homes = KEY_FIELD[self._kinds[topic]], defaultdict(list)
        for event in events:
            homes[self._home(getattr(event, field))].append(event)
        horizon = max(records[0].timestamp, 0) * 1_000 - self._horizon
        for number, theirs in homes.items():
            outcomes: list[Outcome] = []
            self.parts[number].records.apply_all(theirs, horizon, outcomes)
            self.refused += outcomes.count(Outcome.LIMIT)
        self.read += len(records)

    def _after_erasure(self, marks: Partition, event: Any) -> Iterator[Event]:
        """The event; before it its customer's erasure, if that happened before it and is not told yet."""
        name, at = event.customer_id, marks.erased_at(event.customer_id)
        if at is not None and event.occurred_at > at and name not in self._erased:
            self._erased.add(name)
            yield _erasure(name, at)
        yield event

    def _erase_who_is_marked(self, before: int) -> None:
        """Let nobody come back under a name that `marks`, of `before` partitions, know as erased."""
        for owned in self.parts.values() if self.marks else ():
            for name in owned.records.names:
                marks = self.marks.get(partition_of(name.encode(), before))
                at = None if marks is None else marks.erased_at(name)
                if at is not None and owned.records.erased_at(name) is None:
                    owned.records.apply(_erasure(name, at), at - self._horizon)

    def _home(self, name: str) -> int:
        return partition_of(name.encode(), len(self.parts))

    def _refuse(self, *_: Any) -> None:
        self.refused += 1

    async def write(self, client: Mapping[str, Any], changelog: str) -> None:
        """Write what has changed since it was last written; the heads come later, and make it count. What is
        deleted before it was ever written leaves no trace: a tombstone has the name of who was erased."""
        async with aiokafka.AIOKafkaProducer(
            **client,
            enable_idempotence=True,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=64 * MAX_BATCH_BYTES,
        ) as producer:
            for number, owned in self.parts.items():
                changes = [row for row in owned.records.changes() if self._written or row[1] is not None]
                for batch in batches(producer, changelog, number, plain_rows(changes, None)):
                    await (await producer.send_batch(batch.rows, changelog, partition=number))
        self._written = True


def _erasure(name: str, at: int) -> fast.CustomerErased:
    return fast.CustomerErased(event_id="rebuild", occurred_at=at, customer_id=name)


async def merged(reader: Any, todo: Sequence[Work]) -> AsyncIterator[tuple[str, list[Record]]]:
    """The records of one partition number of several topics, in the order of their timestamps as far as each
    topic is in that order: which is about how they came."""
    left = {TopicPartition(work.topic, work.number): work for work in todo}
    waiting: dict[TopicPartition, list[Record]] = {}
    reader.assign(list(left))
    for tp, work in left.items():
        reader.seek(tp, work.start)
    while left:
        for tp in [tp for tp in left if not waiting.get(tp)]:
            waiting[tp] = await _more(reader, tp, left[tp].until)
            if not waiting[tp]:
                del waiting[tp], left[tp]
        if waiting:
            first = min(waiting, key=lambda tp: waiting[tp][0].timestamp)
            run = _until(waiting[first], [rows[0].timestamp for tp, rows in waiting.items() if tp != first])
            waiting[first] = waiting[first][len(run) :]
            yield first.topic, run


def _until(records: list[Record], others: list[int]) -> list[Record]:
    """The first of the records, as far as they are not later than any of the others."""
    limit = min(others, default=None)
    return list(takewhile(lambda record: limit is None or record.timestamp <= limit, records))


async def _more(reader: Any, tp: TopicPartition, until: int) -> list[Record]:
    """The next records before `until`; none when it is reached."""
    while await reader.position(tp) < until:
        rows = (await reader.getmany(tp, timeout_ms=500, max_records=CHUNK)).get(tp, [])
        if found := [row for row in rows if row.offset < until]:
            return found
    return []
