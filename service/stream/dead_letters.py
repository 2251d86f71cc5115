"""The dead letter of a record that cannot be used: the record untouched, and headers that say why."""

import time
from typing import NamedTuple

from schemas.instants import format_instant
from schemas.verdict import RefusalReason
from service.stream.lean import Record


class Letter(NamedTuple):
    """One row for the dead-letter topic, in the words of aiokafka's batch builder."""

    key: bytes
    value: bytes | None
    timestamp: int
    headers: list[tuple[str, bytes | None]]


def letter(record: Record, topic: str, partition: int, reason: RefusalReason, detail: str) -> Letter:
    """The letter for `record` of `topic`, `partition`.  `detail` never holds a value of the record."""
    place = f"{topic}/{partition}/{record.offset}"
    told = {
        "reason": reason,
        "detail": detail,
        "topic": topic,
        "partition": str(partition),
        "offset": str(record.offset),
        "rejected_at": format_instant(time.time_ns() // 1_000),
    }
    headers: list[tuple[str, bytes | None]] = [*record.headers, ("subpulse.key", record.key)]
    headers += [(f"subpulse.{name}", text.encode("utf-8", "backslashreplace")) for name, text in told.items()]
    return Letter(place.encode(), record.value, record.timestamp, headers)
