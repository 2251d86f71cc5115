"""From a chunk of raw records to the partition's records: judge each, apply it or write its dead letter."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter

from aiokafka.partitioner import murmur2

from schemas.decode import Refused, decoder
from schemas.topics import Kind
from service.domain.records import Outcome
from service.stream.dead_letters import letter
from service.stream.lean import Record
from service.stream.owned import Owned
from service.stream.telemetry import Telemetry

FUTURE_LIMIT = 600_000_000  # microseconds that an event may lie after its own record's timestamp

log = logging.getLogger("subpulse.stream")


class CrashedError(Exception):
    """Applying the record at `offset` raised an error nobody foresaw."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Intake:
    """Takes the records of one source topic.  Never awaits: records, letters and positions belong
    together."""

    def __init__(
        self,
        kind: Kind,
        topic: str,
        telemetry: Telemetry,
        horizon: Callable[[], int],
        limit: int,
    ) -> None:
        self.kind, self.topic = kind, topic
        self._telemetry, self._horizon = telemetry, horizon
        self._decode = decoder(kind, limit)
        self._owner = attrgetter("channel" if kind == "marketing" else "customer_id")

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Fold `records` into the partition; raises CrashedError: then it must not be saved."""
        records = self._new_ones(owned, records)
        if not records:
            return
        topic, decode, apply, knows = self.topic, self._decode, owned.records.apply, owned.records.knows
        skips, applied = owned.skips(topic), Outcome.APPLIED
        owner = self._owner
        horizon, late = self._horizon(), owned.records.late[self.kind]
        instants: list[int] = []
        others: list[Outcome] = []
        for record in records:
            try:
                if skips and record.offset in skips:
                    raise Refused("internal", "a worker crashed twice on this record")
                event = decode(record.value, record.headers)
                key = (name := owner(event)).encode()
                if record.key != key:
                    raise Refused("key_mismatch", mismatch(self.kind, record.key))
                if not knows(name):  # known: an earlier record was in its place
                    judge_partition(key, owned)
                if (
                    at := event.occurred_at
                ) > record.timestamp * 1_000 + FUTURE_LIMIT and record.timestamp >= 0:
                    raise Refused(
                        "future_event", "occurred_at: at most 10 minutes after the record's timestamp"
                    )
                outcome = apply(event, horizon)
                if outcome is not applied:
                    if outcome is Outcome.LIMIT:
                        raise Refused(
                            "customer_limit", "customer_id: this customer holds as many as the settings allow"
                        )
                    others.append(outcome)
                instants.append(at)
            except Refused as refusal:
                self._reject(owned, record, refusal)
            except Exception as error:
                raise CrashedError(record.offset) from error
        self._advance(owned, records)
        self._count(instants, others, owned.records.late[self.kind] - late)

    def _new_ones(self, owned: Owned, records: Sequence[Record]) -> Sequence[Record]:
        """Without what is applied already: after a seek the broker may start earlier within a batch."""
        resume_at = owned.resume_at.get(self.topic, 0)
        if records[0].offset >= resume_at:
            return records
        return [record for record in records if record.offset >= resume_at]

    def _advance(self, owned: Owned, records: Sequence[Record]) -> None:
        owned.last[self.topic] = records[-1]
        owned.resume_at[self.topic] = records[-1].offset + 1

    def _reject(self, owned: Owned, record: Record, refusal: Refused) -> None:
        reason = refusal.reason
        owned.letters.append(letter(record, self.topic, owned.number, reason, refusal.detail))
        self._telemetry.events[self.topic, "rejected"] += 1
        self._telemetry.rejected[self.topic, reason] += 1
        if reason == "internal":
            place = f"{self.topic}/{owned.number}/{record.offset}"
            log.error("%s goes to the dead letters: %s. Please report this.", place, refusal.detail)

    def _count(self, instants: list[int], others: list[Outcome], late: int) -> None:
        telemetry, topic = self._telemetry, self.topic
        for outcome in others:
            telemetry.events[topic, outcome.value] += 1
        telemetry.events[topic, "applied"] += len(instants) - len(others)
        telemetry.late[topic] += late
        if instants:
            telemetry.delay[topic].observe_delays(instants, time.time_ns() // 1_000)


def mismatch(kind: str, key: bytes | None) -> str:
    """What the key of a record of this kind should have been."""
    wanted = "channel" if kind == "marketing" else "customer_id"
    return f"key: expected the {wanted} in UTF-8, " + ("found none" if key is None else "found another")


@lru_cache(maxsize=4_096)
def home(key: bytes, partitions: int) -> int:
    """The partition on which Kafka's default partitioner puts `key`."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


def judge_partition(key: bytes, owned: Owned) -> None:
    """Raises Refused when `key` belongs elsewhere: its producer has another partitioner than the
    contract's."""
    place = home(key, owned.partitions)
    if place != owned.number:
        raise Refused(
            "wrong_partition", f"key: belongs on partition {place} of {owned.partitions} by murmur2"
        )
