"""One name, one deployment: two that share it would take partitions from each other, and count half each."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from aiokafka.errors import KafkaError

from service.stream.generations import generation_of


class SharedNameError(Exception):
    """The consumer group is that of another deployment; the message is a sentence for the operator."""


@dataclass(frozen=True)
class Deployment:
    """What workers of one application name have in common."""

    group: str
    changelog: str
    sources: tuple[str, ...]
    others: tuple[str, ...] = ()  # topics besides these that workers write
    credits: str | None = None  # topic of whom customers named, where they are ranked by referral

    @property
    def read(self) -> tuple[str, ...]:
        """What workers of the group subscribe to."""
        return self.sources if self.credits is None else (*self.sources, self.credits)


async def refuse_to_share(admin: AIOKafkaAdminClient, ours: Deployment) -> None:
    """Look at the group before joining it, which would already do harm.

    Raises:
        SharedNameError: its offsets tell of another changelog, or its members read other topics.
    """
    try:
        committed = await admin.list_consumer_group_offsets(ours.group)
        described = await admin.describe_consumer_groups([ours.group])
    except KafkaError:
        return  # a group that nobody has ever joined, on a broker that is just beginning
    named = {meta.metadata for meta in committed.values() if meta.metadata}
    changelogs = {topic for topic in named if generation_of(ours.changelog, topic) is None}
    if changelogs:
        raise SharedNameError(
            f"{_theirs(ours)}: its state is in the topic {min(changelogs)}, this one's in {ours.changelog} "
            f"(setting changelog_topic); {_REMEDY}. If this one is to take its place, stop its workers and "
            f"delete the group: kafka-consumer-groups --delete --group {ours.group}"
        )
    read = {topic for response in described for topic in _topics(response)}
    if read and read != set(ours.read):
        raise SharedNameError(
            f"{_theirs(ours)}: its workers read {', '.join(sorted(read))}, this one "
            f"{', '.join(ours.read)}; {_REMEDY}. If topics were renamed, or referral_ranks was switched, "
            "stop all workers with the former settings first"
        )


_REMEDY = "give one of them another name (setting application)"


def _theirs(ours: Deployment) -> str:
    return f"the consumer group {ours.group} belongs to another deployment"


def _topics(response: Any) -> Iterable[str]:
    """What the members of a described group subscribe to; nothing of those that are just joining."""
    for _error, _group, _state, _type, _protocol, members, *_ in response.groups:
        for *_, metadata, _assignment in members:
            if metadata:
                yield from ConsumerProtocolMemberMetadata.decode(BytesIO(metadata)).subscription
