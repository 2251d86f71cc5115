"""Recovery: read a partition's changelog to its end, then make sure that the sources are still the same."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from service.domain.records import UnknownFormatError, WrongSecretError
from service.stream import head
from service.stream.owned import Owned
from service.stream.topics import disagreement, partition_counts

FETCH_BYTES = 4 << 20
AT_ONCE = 2_000  # records restored before others get their turn
FETCH_WAIT_MS = 20  # a fetch that waits holds up every other question on its connection
LOOK_LIMIT = 15.0  # seconds to look at the last applied records

log = logging.getLogger("subpulse.stream")


class RefusalError(RuntimeError):
    """These partitions must not be processed; the message is a sentence for the operator."""


class Recovery:
    """Brings partitions to the state of their last checkpoint.

    1. refuse when the topics have other numbers of partitions than each other
    2. read the changelog, committed transactions only, from where `records` stand to its end
    3. refuse when the number of partitions has changed, or a source topic is not the one that was applied
    4. where the group's offsets differ from the head, say so: the head counts
    """

    def __init__(
        self,
        client: Mapping[str, Any],
        group: str,
        changelog: str,
        sources: tuple[str, ...],
        *,
        credits: str | None = None,
        go_on: bool = False,
    ) -> None:
        """`credits`: the topic of whom customers named, read like a source where they are ranked by referral.
        `go_on`: also where retention removed records before they were read."""
        self._client, self._group, self.changelog, self._given = dict(client), group, changelog, sources
        self._sources = sources if credits is None else (*sources, credits)
        self._go_on = go_on

    async def read(self, parts: Mapping[int, Owned]) -> None:
        """Bring `parts` up to date.

        Raises:
            RefusalError: they must not be processed.
            KafkaError: the broker does not answer, or refuses.
        """
        if not parts:
            return  # a reader that is stopped before it was used would raise CancelledError
        reader = aiokafka.AIOKafkaConsumer(
            **self._client,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=8 * FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        admin = AIOKafkaAdminClient(**self._client)
        try:
            await admin.start()
            await reader.start()
            count = await self._agreed(admin)
            await self._read_changelog(reader, parts)
            await self._compare(reader, parts, count)
            await self._compare_group(admin, parts)
        except (UnknownFormatError, WrongSecretError) as error:
            raise RefusalError(str(error)) from error
        finally:
            await reader.stop()
            await admin.close()

    async def _agreed(self, admin: Any) -> int:
        """How many partitions the topics have now: some may have been added while the worker ran."""
        counts = await partition_counts(admin, [*self._sources, self.changelog])
        if disagree := disagreement(counts, self._given):
            raise RefusalError(disagree)
        return counts[self.changelog]

    async def _read_changelog(self, reader: Any, parts: Mapping[int, Owned]) -> None:
        todo = {TopicPartition(self.changelog, n): p for n, p in parts.items()}
        reader.assign(list(todo))
        starts = await reader.beginning_offsets(list(todo))
        ends = await reader.end_offsets(list(todo))
        for tp, owned in todo.items():
            if owned.read_to > ends[tp]:
                raise RefusalError(
                    f"{tp.topic}-{tp.partition} ends at {ends[tp]}, but {owned.read_to} was read from it: "
                    "it was created anew; stop all workers before that"
                )
            reader.seek(tp, max(owned.read_to, starts[tp]))
        todo = {tp: owned for tp, owned in todo.items() if owned.read_to < ends[tp] > starts[tp]}
        while todo:
            for tp, rows in (await reader.getmany(*todo, timeout_ms=200, max_records=AT_ONCE)).items():
                restore(todo[tp], rows)
            await asyncio.sleep(0)
            for tp in list(todo):
                todo[tp].read_to = await reader.position(tp)
                if todo[tp].read_to >= ends[tp]:
                    await asyncio.to_thread(todo.pop(tp).records.restored)  # looks at every record

    async def _compare(self, reader: Any, parts: Mapping[int, Owned], count: int) -> None:
        sources = {TopicPartition(t, n): p for t in self._sources for n, p in parts.items()}
        starts = await reader.beginning_offsets(list(sources))
        ends = await reader.end_offsets(list(sources))
        for owned in parts.values():
            if owned.partitions not in (0, count):
                raise RefusalError(
                    f"the topics have {count} partitions, but the records were kept in {owned.partitions}: "
                    "customers would be torn apart; `subpulse rebuild` moves them where their events go now"
                )
            owned.partitions = count
            owned.source_ends = {t: ends[TopicPartition(t, owned.number)] for t in self._sources}
        for tp, owned in sources.items():
            if owned.resume_at.get(tp.topic, 0) > ends[tp]:
                why = f"it ends at {ends[tp]}, but {owned.resume_at[tp.topic]} was applied"
                raise RefusalError(created_anew(tp, why))
        self._skip_what_is_gone(sources, starts)
        await compare_fingerprints(
            reader, {tp: p for tp, p in sources.items() if starts[tp] < ends[tp]}, starts
        )

    async def _compare_group(self, admin: Any, parts: Mapping[int, Owned]) -> None:
        """Say where the group's offsets, a mere copy, are not what the changelog says."""
        try:
            committed = await admin.list_consumer_group_offsets(self._group)
        except KafkaError:
            return  # nothing hangs on it
        for owned in parts.values():
            for topic in self._sources:
                copy = committed.get(TopicPartition(topic, owned.number))
                at = max(copy.offset, 0) if copy else 0
                counts = owned.positions.get(topic, head.Position()).resume_at
                if at != counts:
                    place = f"{topic}-{owned.number}"
                    log.warning(
                        "%s: the group says %s, the changelog %s: the changelog counts", place, at, counts
                    )

    def _skip_what_is_gone(
        self, sources: Mapping[TopicPartition, Owned], starts: Mapping[TopicPartition, int]
    ) -> None:
        """Begin where the sources begin; refuse where records are gone between what was applied and that."""
        gone = {
            tp: starts[tp] - applied
            for tp, owned in sources.items()
            if (applied := owned.resume_at.get(tp.topic, starts[tp])) < starts[tp]
        }
        if gone:
            places = ", ".join(f"{count:,} of {tp.topic}-{tp.partition}" for tp, count in gone.items())
            told = f"retention removed records before they were counted: {places}; figures lack them"
            if not self._go_on:
                raise RefusalError(
                    f"{told}: to go on without them, start once with the setting missing_records=continue"
                )
            log.error("%s", told)
        for tp, owned in sources.items():
            owned.resume_at[tp.topic] = max(owned.resume_at.get(tp.topic, 0), starts[tp])


async def compare_fingerprints(
    reader: Any, sources: Mapping[TopicPartition, Owned], starts: Mapping[TopicPartition, int]
) -> None:
    """The last applied record of each source partition must still be the one that was applied.

    Raises:
        RefusalError: it is not, so the topic was created anew.
    """
    todo: dict[TopicPartition, head.Position] = {}
    for tp, owned in sources.items():
        position = owned.positions.get(tp.topic, head.Position())
        if position.digest and position.next - 1 >= starts[tp]:
            todo[tp] = position
    if not todo:
        return
    reader.assign(list(todo))
    for tp, position in todo.items():
        reader.seek(tp, position.next - 1)
    limit = time.monotonic() + LOOK_LIMIT
    while todo and time.monotonic() < limit:
        for tp, rows in (await reader.getmany(*todo, timeout_ms=200, max_records=len(todo))).items():
            position, record = todo.pop(tp), rows[0]
            same = (record.timestamp, head.digest(record.key, record.value)) == (
                position.timestamp,
                position.digest,
            )
            if record.offset == position.next - 1 and not same:
                raise RefusalError(
                    created_anew(tp, f"offset {record.offset} holds another record than was applied")
                )
    for tp in todo:
        log.warning("%s-%s: the last applied record cannot be read any more, so it is not compared", *tp)


def restore(owned: Owned, rows: list[Any]) -> None:
    """Take over one fetch of changelog rows, in order; raises UnknownFormatError."""
    owned.records.restore([(row.key, row.value) for row in rows if row.key != head.KEY])
    for row in reversed(rows):
        if row.key == head.KEY:
            owned.restore_head(row.value)
            break


def created_anew(tp: TopicPartition, why: str) -> str:
    """The sentence for a source that is not the one whose records were applied."""
    return (
        f"{tp.topic}-{tp.partition}: {why}: the topic was created anew; "
        "give it a new name, or start the application under a new name"
    )
