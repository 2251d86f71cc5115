"""What stands in the topic of the daily history: a summary for each partition and local day."""

from datetime import date
from typing import Any

import msgspec

from service.domain.metrics import Definitions
from service.domain.metrics.summary import VERSION

FORMAT = 1


def day_key(day: date) -> bytes:
    """The key of a day; the partition is that of the record."""
    return day.isoformat().encode()


class DayRow(msgspec.Struct, array_like=True, frozen=True):
    """A partition at the end of a local day."""

    format: int
    made_by: str
    as_of: int  # the last microsecond of the day
    summary: bytes


def made_by(definitions: Definitions) -> str:
    """What days must have been made with to be of use: the settings that change figures, and the version of
    summaries."""
    return f"{VERSION}-{definitions.fingerprint()}"


encode = msgspec.msgpack.Encoder().encode
_row = msgspec.msgpack.Decoder(DayRow).decode
_any = msgspec.msgpack.Decoder(list[Any]).decode


def open_row(value: bytes) -> DayRow | None:
    """The row in a record's value; None if another version wrote it."""
    try:
        return _row(value) if _any(value)[0] == FORMAT else None
    except (msgspec.MsgspecError, IndexError):
        return None
