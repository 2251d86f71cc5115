"""Which records of a chunk can be used: all at once where nothing is wrong with any, else one by one."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter

from schemas.decode import Decoder, Refused
from schemas.fast import OCCURRED_AT, Event
from schemas.topics import KEY_FIELD, Kind
from schemas.verdict import FUTURE_DETAIL, FUTURE_LIMIT
from service.partitioner import partition_of
from service.stream.endings import CrashedError
from service.stream.lean import Record
from service.stream.owned import Owned

Reject = Callable[[Owned, Record, Refused], None]


class Judge:
    """Judges the records of one source topic, in the contract's order of reasons."""

    def __init__(self, kind: Kind, topic: str, limit: int) -> None:
        """`limit`: the longest value that is read, in bytes."""
        self._kind, self._topic = kind, topic
        self._decoder = Decoder(kind, limit)
        self._owner = attrgetter(KEY_FIELD[kind])
        # Channels are asked about again and again. Customers only while they are new, and their names must
        # not be kept where an erasure does not find them.
        self._home = lru_cache(maxsize=4_096)(partition_of) if kind == "marketing" else partition_of

    def sift(
        self, owned: Owned, records: Sequence[Record], reject: Reject
    ) -> tuple[Sequence[Record], list[Event]]:
        """The records that can be used, and their events; `reject` is called for each of the others."""
        skips = owned.skips(self._topic)
        if not skips:
            events = self._decoder.many([r.value for r in records], [r.headers for r in records])
            if events is not None and self._fit(owned, records, events):
                return records, events
        return self._one_by_one(owned, records, skips, reject)

    def _fit(self, owned: Owned, records: Sequence[Record], events: Sequence[Event]) -> bool:
        """Whether all keys are right, all new customers belong here, and no event lies in the future."""
        names = list(map(self._owner, events))
        if list(map(str.encode, names)) != [record.key for record in records]:
            return False
        # Who is known has been in its place before. A channel called like a customer shares key and place.
        new = owned.records.strangers(names)
        if any(self._home(name.encode(), owned.partitions) != owned.number for name in new):
            return False
        sent = min([record.timestamp for record in records])
        return sent >= 0 and max(map(OCCURRED_AT, events)) <= sent * 1_000 + FUTURE_LIMIT

    def _one_by_one(
        self, owned: Owned, records: Sequence[Record], skips: frozenset[int], reject: Reject
    ) -> tuple[Sequence[Record], list[Event]]:
        accepted: list[Record] = []
        events: list[Event] = []
        for record in records:
            try:
                if record.offset in skips:
                    raise Refused("internal", "a worker crashed twice on this record")
                events.append(self._judged(owned, record))
                accepted.append(record)
            except Refused as refusal:
                reject(owned, record, refusal)
            except Exception as error:
                raise CrashedError(record.offset) from error
        return accepted, events

    def _judged(self, owned: Owned, record: Record) -> Event:
        event = self._decoder.one(record.value, record.headers)
        name = self._owner(event)
        if record.key != name.encode():
            raise Refused("key_mismatch", self._mismatch(record.key))
        if owned.records.strangers([name]):
            place = self._home(name.encode(), owned.partitions)
            if place != owned.number:
                sentence = f"key: belongs on partition {place} of {owned.partitions} by murmur2"
                raise Refused("wrong_partition", sentence)
        if record.timestamp >= 0 and event.occurred_at > record.timestamp * 1_000 + FUTURE_LIMIT:
            raise Refused("future_event", FUTURE_DETAIL)
        return event

    def _mismatch(self, key: bytes | None) -> str:
        found = "found none" if key is None else "found another"
        return f"key: expected the {KEY_FIELD[self._kind]} in UTF-8, {found}"
