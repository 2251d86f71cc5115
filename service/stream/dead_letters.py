"""The dead letter of a record that cannot be used: the record untouched, and headers that say why.

A letter is deleted by a row with its key, without value and without headers of ours. (The letter of a
tombstone has no value either; its headers tell it from a deletion.)
"""

from collections.abc import Sequence
from typing import NamedTuple

from schemas.dead_letters import HEADERS
from schemas.instants import format_instant
from schemas.verdict import RefusalReason
from service.now import now_micros
from service.stream.lean import Record

_NAMES = list(HEADERS)
Headers = Sequence[tuple[str, bytes | None]]


class Letter(NamedTuple):
    """One row for the dead-letter topic, in the words of aiokafka's batch builder."""

    key: bytes
    value: bytes | None
    timestamp: int
    headers: list[tuple[str, bytes | None]]


class Story(NamedTuple):
    """What a letter's headers say of its record, and the record's own key and headers."""

    key: bytes | None
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    rejected_at: str
    headers: Headers


def letter(record: Record, topic: str, partition: int, reason: RefusalReason, detail: str) -> Letter:
    """The letter for `record` of `topic`, `partition`. `detail` never holds a value of the record."""
    rejected_at = format_instant(now_micros())
    told = (reason, detail, topic, str(partition), str(record.offset), rejected_at)
    values = (record.key, *(text.encode("utf-8", "backslashreplace") for text in told))
    headers = [*record.headers, *zip(_NAMES, values, strict=True)]
    return Letter(place(topic, partition, record.offset), record.value, record.timestamp, headers)


def place(topic: str, partition: int, offset: int) -> bytes:
    """The key of the letter for the record at this place."""
    return f"{topic}/{partition}/{offset}".encode()


def story(headers: Headers) -> Story | None:
    """What `letter` wrote; None when this row is no letter.

    A record's own headers may be called anything: only the last ones are ours.
    """
    own, ours = headers[: -len(_NAMES)], headers[-len(_NAMES) :]
    if [name for name, _ in ours] != _NAMES:
        return None
    key, *texts = (value for _, value in ours)
    reason, detail, topic, partition, offset, rejected_at = (
        (t or b"").decode("utf-8", "replace") for t in texts
    )
    if not (partition.isdecimal() and offset.isdecimal()):
        return None
    return Story(key, reason, detail, topic, int(partition), int(offset), rejected_at, tuple(own))
