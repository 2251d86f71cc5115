"""`rebuild` step by step: look, read again, write, and switch all workers over at one moment."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.errors import IllegalOperation, KafkaError, ProducerFenced
from aiokafka.structs import TopicPartition

from schemas.topics import MODELS
from service.domain.records import Partition
from service.domain.records.erasure import Mark, Salt, WrongSecretError
from service.domain.records.packing import head_key
from service.errors import UserError
from service.rebuild.rebuilding import Rebuild, Told
from service.settings import Settings
from service.stream import head
from service.stream.checkpoint import batches, head_row
from service.stream.generations import current, generation_of, generations, last_head, reader_of
from service.stream.owned import Owned
from service.stream.recovery import RefusalError, compare_fingerprints
from service.stream.topics import CHANGELOG, Wanted, ensure, partition_counts

TRANSACTION_TIMEOUT_MS = 30_000
ERASURES = (head_key(Mark, ""), head_key(Salt, ""))  # beginnings of the keys of marks


class RebuildError(UserError):
    """The state cannot be rebuilt; the message is a sentence for the operator."""


class Rebuilt(NamedTuple):
    """What a rebuild came to."""

    customers: int
    records: int
    before: str  # changelog topics
    after: str
    partitions: int


async def rebuild(
    client: Mapping[str, Any], settings: Settings, *, replication: int, incomplete: bool, told: Told
) -> Rebuilt:
    """Make the state anew from the sources.

    1. look: how many partitions are there, what was counted, do the sources still hold all of it
    2. read all of it again, and write the records into a new generation of the changelog
    3. shut out all workers, and read and write what they have counted meanwhile
    4. write the heads, that of partition 0 last: at that moment the new generation counts
    5. shut out once more who has taken partitions since step 3: workers start again, and find it

    Raises:
        RebuildError: something is in the way; nothing that counts has been changed.
    """
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    try:
        async with reader_of(client) as reader:
            count = await _count(admin, settings)
            topics = await admin.list_topics()
            before = await current(client, settings.changelog_topic, topics)
            heads = await _heads(admin, reader, before)
            starts = await _look(reader, settings, heads, incomplete)
            after = await _fresh(admin, settings, before, count, replication)
            made = Rebuild(
                {kind: settings.sources[kind] for kind in MODELS},
                partial(_owned, settings),
                count,
                largest=settings.max_record_bytes,
                horizon=settings.definitions().horizon,
            )
            if incomplete:
                made.marks = await _marks(reader, settings, before, heads)
            await made.follow(reader, heads, starts, told)
            await made.write(client, after)
            fences = await _fence(client, settings, max(count, len(heads)))
            heads = await _heads(admin, reader, before)
            await made.follow(reader, heads, starts, told)
            await made.write(client, after)
            ends = await _ends_of_credits(admin, reader, settings.credited_topic, count)
        await _switch(fences, after, heads, ends)
        for fence in await _fence(client, settings, count):
            await fence.stop()
        return Rebuilt(made.customers, made.read, before, after, count)
    finally:
        await admin.close()


def _owned(settings: Settings, number: int) -> Owned:
    secret = (settings.erasure_key or "").encode()
    return Owned(number, settings.limits(), secret, referral_ranks=settings.referral_ranks, heirs=True)


async def _count(admin: AIOKafkaAdminClient, settings: Settings) -> int:
    """How many partitions all sources have; our other topics are brought to that number."""
    counts = await partition_counts(admin, [*settings.sources.values()])
    if len(set(counts.values())) != 1 or 0 in counts.values():
        found = ", ".join(f"{name} {number}" for name, number in counts.items())
        raise RebuildError(f"all source topics must have the same number of partitions first; found {found}")
    count = next(iter(counts.values()))
    credits = settings.credited_topic
    own = (settings.dead_letters_topic, settings.summaries_topic, *settings.further_topics)
    own = own if credits is None else (*own, credits)
    ours = await partition_counts(admin, list(own))
    for name, number in ours.items():
        if number > count:
            raise RebuildError(f"{name} has {number} partitions, more than the sources ({count})")
        if 0 < number < count:
            await admin.create_partitions({name: NewPartitions(count)})
    return count


async def _heads(admin: AIOKafkaAdminClient, reader: Any, changelog: str) -> dict[int, head.Head]:
    """What was counted, by partition number of the sources."""
    number = (await partition_counts(admin, [changelog]))[changelog]
    found = {n: await last_head(reader, changelog, n) for n in range(number)}
    heads = {n: told for n, told in found.items() if told is not None}
    if not heads:
        raise RebuildError(f"{changelog} holds no state yet: nothing has been counted, so just start workers")
    return heads


async def _look(
    reader: Any, settings: Settings, heads: Mapping[int, head.Head], incomplete: bool
) -> dict[TopicPartition, int]:
    """Where each source begins, once it is sure that it holds what was counted."""
    sources: dict[TopicPartition, Owned] = {}
    for number, told in heads.items():
        owned = _owned(settings, number)
        owned.restore_head(head.pack(told))
        sources |= {TopicPartition(topic, number): owned for topic in settings.sources.values()}
    starts: dict[TopicPartition, int] = await reader.beginning_offsets(list(sources))
    gone = [f"{at:,} of {tp.topic}-{tp.partition}" for tp, at in starts.items() if at]
    if gone and not incomplete:
        raise RebuildError(
            f"the sources no longer hold everything, retention removed records: {', '.join(gone)}; bring "
            "them back, or lose what only they tell: --incomplete"
        )
    ends = await reader.end_offsets(list(sources))
    try:
        held = {tp: owned for tp, owned in sources.items() if starts[tp] < ends[tp]}
        await compare_fingerprints(reader, held, starts)
    except RefusalError as error:
        raise RebuildError(f"{error}; what was counted from the old one cannot be read again") from None
    return starts


async def _marks(
    reader: Any, settings: Settings, changelog: str, heads: Mapping[int, head.Head]
) -> dict[int, Partition]:
    """Who was erased, by the old changelog's marks: sources may hold the person, and not the erasure."""
    found = {}
    for number in heads:
        tp, records = TopicPartition(changelog, number), _owned(settings, number).records
        reader.assign([tp])
        reader.seek(tp, (await reader.beginning_offsets([tp]))[tp])
        end = (await reader.end_offsets([tp]))[tp]
        while await reader.position(tp) < end:
            rows = (await reader.getmany(tp, timeout_ms=500)).get(tp, ())
            records.restore([(row.key, row.value) for row in rows if row.key[:1] in ERASURES])
        try:
            records.restored()
        except WrongSecretError as error:
            raise RebuildError(str(error)) from None
        found[number] = records
    return found


async def _fresh(
    admin: AIOKafkaAdminClient, settings: Settings, before: str, count: int, replication: int
) -> str:
    """A new topic for the next generation; what an interrupted rebuild has left is deleted."""
    base = settings.changelog_topic
    number = generation_of(base, before) or 1
    left = [t for n, t in generations(base, await admin.list_topics()).items() if n > number]
    if left:
        await admin.delete_topics(left)
    highest = max([number, *(generation_of(base, topic) or 1 for topic in left)])
    after = f"{base}-{highest + 1}"
    await ensure(admin, [Wanted(after, count, CHANGELOG)], replication)
    return after


async def _fence(client: Mapping[str, Any], settings: Settings, count: int) -> list[Any]:
    """A producer for each partition, whose start shuts out whoever owns it."""
    fences = [
        aiokafka.AIOKafkaProducer(
            **client,
            transactional_id=f"{settings.application}-{number}",
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        )
        for number in range(count)
    ]
    for fence in fences:
        await fence.start()
    return fences


async def _ends_of_credits(
    admin: AIOKafkaAdminClient, reader: Any, credits: str | None, count: int
) -> dict[int, dict[str, head.Position]]:
    """The end offset of the credits topic, by partition. Call it once all workers are fenced: the rebuilt
    records already hold everything up to there.

    The changelog's name in each row is not enough, because after a step back (the new topic deleted) the next
    rebuild uses that name again.
    """
    if credits is None or not (await partition_counts(admin, [credits]))[credits]:
        return {number: {} for number in range(count)}
    ends = await reader.end_offsets([TopicPartition(credits, number) for number in range(count)])
    return {tp.partition: {credits: head.Position(end)} for tp, end in ends.items()}


async def _switch(
    fences: list[Any],
    after: str,
    heads: Mapping[int, head.Head],
    ends: Mapping[int, dict[str, head.Position]],
) -> None:
    count = len(ends)
    try:
        for number in reversed(range(count)):
            old = heads.get(number) or head.Head(head.FORMAT, count, {})
            # Of the daily history it says nothing: days are made anew. Nor do records of what was said of
            # customers: from the switch on they are watched anew.
            positions = {**old.positions, **ends[number]}
            row = head_row(head.Head(head.FORMAT, count, positions, old.crashes))
            (batch,) = batches(fences[number], after, number, [row])
            async with fences[number].transaction():
                await (await fences[number].send_batch(batch.rows, after, partition=number))
    except (ProducerFenced, IllegalOperation, KafkaError) as error:
        raise RebuildError(
            f"the workers could not be switched over ({error!r}), most likely because one was just starting: "
            "nothing has changed; try again"
        ) from None
    finally:
        for fence in fences:
            await fence.stop()
