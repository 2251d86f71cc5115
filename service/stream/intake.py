"""From a chunk of raw records to the partition's records, or to dead letters."""

import logging
from collections.abc import Callable, Sequence

from schemas.decode import Refused
from schemas.fast import OCCURRED_AT
from schemas.topics import Kind
from schemas.verdict import LIMIT_DETAIL
from service.domain.records import Outcome, all_applied, applied
from service.domain.records.customer import NEVER
from service.now import now_micros
from service.stream.dead_letters import letter
from service.stream.endings import CrashedError
from service.stream.judging import Judge
from service.stream.lean import Record
from service.stream.owned import Owned
from service.stream.source import Source
from service.stream.telemetry import Telemetry

log = logging.getLogger("subpulse.stream")


class Intake(Source):
    """Takes the records of one source topic. Never awaits: records, letters and positions belong together."""

    kind: Kind

    def __init__(
        self,
        kind: Kind,
        topic: str,
        telemetry: Telemetry,
        horizon: Callable[[], int],
        limit: int,
    ) -> None:
        super().__init__(topic)
        self.kind = kind
        self._telemetry, self._horizon = telemetry, horizon
        self._judge = Judge(kind, topic, limit)

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Fold `records` into the partition; raises CrashedError: then it must not be saved."""
        records = self._new_ones(owned, records)
        if not records:
            return
        accepted, events = self._judge.sift(owned, records, self._reject)
        late, outcomes = owned.records.late[self.kind], list[Outcome]()
        try:
            owned.records.apply_all(events, self._horizon(), outcomes)
        except Exception as error:
            raise CrashedError(accepted[len(outcomes)].offset) from error
        self._advance(owned, records)
        instants = list(map(OCCURRED_AT, applied(events, outcomes)))
        owned.days.applied(min(instants, default=NEVER))
        self._count(instants, outcomes, owned.records.late[self.kind] - late)
        if len(instants) < len(events):
            self._reject_beyond_limit(owned, accepted, outcomes)

    def _reject(self, owned: Owned, record: Record, refusal: Refused) -> None:
        reason = refusal.reason
        owned.refuse(letter(record, self.topic, owned.number, reason, refusal.detail))
        self._telemetry.events[self.topic, "rejected"] += 1
        self._telemetry.rejected[self.topic, reason] += 1
        if reason == "internal":
            place = f"{self.topic}/{owned.number}/{record.offset}"
            log.error("%s goes to the dead letters: %s. Please report this.", place, refusal.detail)

    def _reject_beyond_limit(
        self, owned: Owned, records: Sequence[Record], outcomes: Sequence[Outcome]
    ) -> None:
        for record, outcome in zip(records, outcomes, strict=True):
            if outcome is Outcome.LIMIT:
                self._reject(owned, record, Refused("customer_limit", LIMIT_DETAIL))

    def _count(self, instants: Sequence[int], outcomes: Sequence[Outcome], late: int) -> None:
        telemetry, topic = self._telemetry, self.topic
        if all_applied(outcomes):
            telemetry.events[topic, Outcome.APPLIED.value] += len(outcomes)
            outcomes = ()
        for outcome in Outcome:
            if outcome is not Outcome.LIMIT and (times := outcomes.count(outcome)):
                telemetry.events[topic, outcome.value] += times
        telemetry.late[topic] += late
        if instants:
            telemetry.delay[topic].observe_delays(instants, now_micros())
