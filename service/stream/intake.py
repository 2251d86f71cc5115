"""From a chunk of raw records to the partition's records: judge each, apply it or write its dead letter."""

import logging
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter

from schemas.decode import Refused, decoder
from schemas.topics import KEY_FIELD, Kind
from schemas.verdict import FUTURE_LIMIT
from service.domain.records import Outcome
from service.partitioner import partition_of
from service.stream.dead_letters import letter
from service.stream.lean import Record
from service.stream.owned import Owned
from service.stream.telemetry import Telemetry

log = logging.getLogger("subpulse.stream")
_home = lru_cache(maxsize=4_096)(partition_of)


class CrashedError(Exception):
    """Applying the record at `offset` raised an error nobody foresaw."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Intake:
    """Takes the records of one source topic. Never awaits: records, letters and positions belong together."""

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
        self._owner = attrgetter(KEY_FIELD[kind])

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


def mismatch(kind: Kind, key: bytes | None) -> str:
    """What the key of a record of this kind should have been."""
    found = "found none" if key is None else "found another"
    return f"key: expected the {KEY_FIELD[kind]} in UTF-8, {found}"


def judge_partition(key: bytes, owned: Owned) -> None:
    """Raises Refused when `key` belongs elsewhere: its producer has not the contract's partitioner."""
    place = _home(key, owned.partitions)
    if place != owned.number:
        raise Refused(
            "wrong_partition", f"key: belongs on partition {place} of {owned.partitions} by murmur2"
        )
