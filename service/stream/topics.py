"""The topics subpulse reads and writes: what they must be like, how they are created, and what differs."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from service.settings import Settings

MIB = 1 << 20
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ANY_TIME_MS = str((1 << 63) - 1)
RECORD_BYTES = 8 * MIB  # of our own topics: a dead letter holds its record, whatever the size, and headers

log = logging.getLogger("subpulse.stream")

# Records of a source are kept until whoever runs subpulse decides otherwise: state lives in the changelog,
# and 90 days leave room to read again after a bug was mended.
SOURCE = {
    "cleanup.policy": "delete",
    "retention.ms": str(90 * DAY_MS),
}
# One record per customer and more than half of a segment stale: cleaned within the hour; whatever has been
# replaced or erased, within the day. Whoever reads the topic from its beginning is done within an hour.
CHANGELOG = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(RECORD_BYTES),
    "segment.bytes": str(64 * MIB),
    "segment.ms": str(6 * HOUR_MS),
    "min.cleanable.dirty.ratio": "0.5",
    "max.compaction.lag.ms": str(DAY_MS),
    "delete.retention.ms": str(HOUR_MS),
}
# Letters stay until they are deleted by key. The letter of a tombstone has no value and so is a tombstone
# itself: it is kept as long as Kafka lets us say. Timestamps are the producers' own, however odd.
DEAD_LETTERS = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(RECORD_BYTES),
    "segment.bytes": str(64 * MIB),
    "max.compaction.lag.ms": str(DAY_MS),
    "delete.retention.ms": str(365 * DAY_MS),
    "message.timestamp.after.max.ms": ANY_TIME_MS,
}
# Only the last few of each partition are ever read: small segments, cleaned often. Timestamps are the
# broker's: a summary says when it was made, and so a worker whose clock is wrong is found out.
SUMMARIES = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(RECORD_BYTES),
    "segment.bytes": str(16 * MIB),
    "segment.ms": str(HOUR_MS),
    "min.cleanable.dirty.ratio": "0.1",
    "message.timestamp.type": "LogAppendTime",
    "delete.retention.ms": str(HOUR_MS),
}

# One record per local day, made again only when late events touch it; read from beginning to end.
DAYS = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(RECORD_BYTES),
    "segment.bytes": str(64 * MIB),
    "segment.ms": str(DAY_MS),
    "min.cleanable.dirty.ratio": "0.3",
    "delete.retention.ms": str(DAY_MS),
}

# Each is read once and acted upon, and kept for as long as somebody may have to catch up. Compacted only so
# that what was said of somebody who was erased goes: keys are never written twice otherwise.
INSIGHTS = {
    "cleanup.policy": "compact,delete",
    "retention.ms": str(90 * DAY_MS),
    "segment.bytes": str(64 * MIB),
    "segment.ms": str(DAY_MS),
    "max.compaction.lag.ms": str(DAY_MS),
    "delete.retention.ms": str(HOUR_MS),
}

# What one partition tells another is read once, within seconds; a worker may be away for longer.
CREDITS = {
    "cleanup.policy": "delete",
    "retention.ms": str(90 * DAY_MS),
    "segment.bytes": str(64 * MIB),
}


@dataclass(frozen=True)
class Wanted:
    """A topic as it must be."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What was found, or done, about one topic; `differs` holds one sentence each."""

    name: str
    state: str  # "created", "fits", "differs", "missing"
    differs: tuple[str, ...] = ()
    unusable: bool = False  # wrong number of partitions or clean-up: a worker must not run on it


def wanted(
    sources: Iterable[str],
    changelog: str,
    dead_letters: str,
    summaries: str,
    partitions: int,
    days: str | None = None,
    insights: str | None = None,
    credits: str | None = None,
) -> list[Wanted]:
    """Every topic of an application: all have the same number of partitions. `days`: that of the daily
    history, where one is kept; `insights`: that of what is said of customers, where that is wanted;
    `credits`: that of whom customers named, where they are ranked by it."""
    own = [(changelog, CHANGELOG), (dead_letters, DEAD_LETTERS), (summaries, SUMMARIES)]
    own += [(days, DAYS)] if days is not None else []
    own += [(insights, INSIGHTS)] if insights is not None else []
    own += [(credits, CREDITS)] if credits is not None else []
    return [Wanted(name, partitions, SOURCE) for name in sources] + [Wanted(n, partitions, c) for n, c in own]


def wanted_by(settings: Settings) -> list[Wanted]:
    """Every topic that workers with these settings need."""
    further = (settings.days_topic, settings.told_topic, settings.credited_topic)
    return wanted(settings.sources.values(), *settings.own_topics, settings.partitions, *further)


async def ensure(
    admin: AIOKafkaAdminClient, topics: Iterable[Wanted], replication: int = -1
) -> list[Finding]:
    """Create the topics that are missing and verify the others.

    `replication`: -1 is the broker's default. Nothing that exists is changed.
    """
    topics = list(topics)
    present = set(await admin.list_topics())
    missing = [t for t in topics if t.name not in present]
    findings = {}
    if missing:
        new = [_new(topic, replication) for topic in missing]
        response = await admin.create_topics(new)
        for name, code, *rest in response.topic_errors:
            # TopicAlreadyExistsError: somebody else was faster; verified below.
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"topic {name} could not be created: {rest[0] if rest else code}")
            if not code:
                findings[name] = Finding(name, "created")
    rest_of = [t for t in topics if t.name not in findings]
    found = {finding.name: finding for finding in await verify(admin, rest_of)}
    return [findings.get(t.name) or found[t.name] for t in topics]


def _new(topic: Wanted, replication: int) -> NewTopic:
    assignments: dict[int, list[int]] | None = {} if replication == -1 else None  # aiokafka wants it so
    return NewTopic(topic.name, topic.partitions, replication, assignments, dict(topic.config))


async def verify(admin: AIOKafkaAdminClient, topics: Iterable[Wanted]) -> list[Finding]:
    """Compare existing topics with what they must be like."""
    topics = list(topics)
    partitions = await partition_counts(admin, [t.name for t in topics])
    configs = await _configs(admin, [name for name, count in partitions.items() if count])
    findings = []
    for topic in topics:
        if not partitions.get(topic.name):
            findings.append(Finding(topic.name, "missing", ("does not exist",), True))
            continue
        differs = []
        if partitions[topic.name] != topic.partitions:
            differs.append(f"has {partitions[topic.name]} partitions, should have {topic.partitions}")
        for key, value in topic.config.items():
            if configs[topic.name].get(key) != value:
                differs.append(f"{key} is {configs[topic.name].get(key)}, should be {value}")
        unusable = any(text.startswith(("has ", "cleanup.policy ")) for text in differs)
        findings.append(Finding(topic.name, "differs" if differs else "fits", tuple(differs), unusable))
    return findings


async def partition_counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    """Number of partitions of each topic, 0 when it does not exist."""
    if not names:
        return {}
    present = set(await admin.list_topics())
    described = await admin.describe_topics([name for name in names if name in present]) if present else []
    counts = dict.fromkeys(names, 0)
    for topic in described:
        if topic["topic"] in counts and topic["error_code"] != UnknownTopicOrPartitionError.errno:
            counts[topic["topic"]] = len(topic["partitions"])
    return counts


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, Any]]:
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, Any]] = {}
    for response in await admin.describe_configs(resources):
        for _code, _message, _kind, name, entries in response.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def wait_for_topics(
    admin: AIOKafkaAdminClient, names: list[str], seconds: float = 10.0
) -> dict[str, int]:
    """Partition counts once every topic exists, or after `seconds`: news of a topic takes time to spread."""
    for _ in range(int(seconds / 0.5)):
        counts = await partition_counts(admin, names)
        if all(counts.values()):
            break
        await asyncio.sleep(0.5)
    return counts


def disagreement(counts: Mapping[str, int], sources: Collection[str]) -> str | None:
    """Why a worker must not run on topics with so many partitions, and what helps; None when it may."""
    missing = [name for name, count in counts.items() if not count]
    if missing:
        return f"topics are missing: {', '.join(missing)}; create them with `subpulse topics`"
    if len(set(counts.values())) == 1:
        return None
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    grown = len({counts[name] for name in sources}) == 1
    helps = "`subpulse rebuild` moves the state to" if grown else "bring all source topics to"
    return (
        f"all topics must have the same number of partitions, or customers would be torn apart; "
        f"found {told}: {helps} {max(counts.values())}"
    )
