"""A record of any topic, as the judge of a storm reads it."""

from typing import NamedTuple


class Row(NamedTuple):
    """A committed record."""

    partition: int
    offset: int
    timestamp: int  # milliseconds since 1970
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes | None]
