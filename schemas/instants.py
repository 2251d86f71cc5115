"""Instants: RFC 3339 texts on the wire, whole microseconds since the Unix epoch inside.

One strict parser for the compiled decoder and the models alike, because libraries differ in exactly the
cases that matter: some round digits beyond microseconds, take a blank for `T`, or an offset without colon.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
"""Microseconds each."""

_EPOCH_DAY: Final = datetime(1970, 1, 1).toordinal()

EARLIEST: Final = (datetime(1, 1, 1).toordinal() - _EPOCH_DAY) * DAY
"""The first instant of year 1, UTC."""

LATEST: Final = (datetime(9999, 12, 31).toordinal() + 1 - _EPOCH_DAY) * DAY - 1
"""The last microsecond of year 9999, UTC."""

# Some validators let `$` stand before a last line break, hence the look ahead.
PATTERN: Final = (
    r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$(?!\n)"
)
"""The shape of an instant, for documents; whether a month has that day is beyond it."""

EXPECTED: Final = (
    "expected an RFC 3339 instant such as 2026-11-22T09:00:00Z, in the years 1 to 9999 UTC, no leap second"
)

_SECONDS: Final = {f":{second:02}": second * SECOND for second in range(60)}
_OFFSETS: Final = {"Z": 0, "z": 0} | {
    f"{sign}{hours:02}:{minutes:02}": direction * (hours * 60 + minutes) * MINUTE
    for sign, direction in (("+", -1), ("-", 1))
    for hours in range(24)
    for minutes in range(60)
}
"""What to add to a local time to get UTC."""


def parse_instant(text: object) -> int:
    """Microseconds since the Unix epoch of an RFC 3339 text; a longer fraction is cut, never rounded.

    Raises ValueError for anything else: no text, no offset, a blank for `T`, a leap second, an offset of 24 h
    or more, or a year outside 1..9999, be it the year as written or the year of the same instant in UTC.
    """
    if not isinstance(text, str):
        raise ValueError(EXPECTED)
    try:
        fraction, offset = _end(text[19:])
        instant = _minute(text[:16]) + _SECONDS[text[16:19]] + fraction
    except LookupError:
        raise ValueError(EXPECTED) from None
    if offset and not EARLIEST <= instant + offset <= LATEST:
        raise ValueError(EXPECTED)
    return instant + offset


def format_instant(instant: int) -> str:
    """The RFC 3339 text, in UTC, of microseconds since the epoch. OverflowError outside years 1..9999."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    return moment.isoformat().removesuffix("+00:00") + "Z"


@lru_cache(maxsize=4_096)
def _end(text: str) -> tuple[int, int]:
    """Fraction and offset, in microseconds, of what follows the seconds: `Z`, `.250Z`, `.5+02:00`."""
    offset = _OFFSETS.get(text)
    if offset is not None:
        return 0, offset
    split = -1 if text[-1] in "Zz" else -6
    digits, offset = text[1:split], _OFFSETS[text[split:]]
    if text[0] != "." or not digits.isdigit() or not digits.isascii():
        raise ValueError(EXPECTED)
    return int(digits[:6].ljust(6, "0")), offset


@lru_cache(maxsize=65_536)
def _minute(text: str) -> int:
    """Microseconds since the epoch of `2026-11-22T09:00`. Events cluster: most minutes are known already."""
    year, month, day, hour, minute = text[:4], text[5:7], text[8:10], text[11:13], text[14:]
    marks = text[4:5] + text[7:8] + text[10:11] + text[13:14]
    digits = year + month + day + hour + minute
    if len(text) != 16 or marks not in ("--T:", "--t:") or not digits.isdigit() or not digits.isascii():
        raise ValueError(EXPECTED)
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute))
    except ValueError:
        raise ValueError(EXPECTED) from None
    return (moment.toordinal() - _EPOCH_DAY) * DAY + (moment.hour * 60 + moment.minute) * MINUTE
