"""Instants: RFC 3339 texts on the wire, whole microseconds since the Unix epoch inside.

One strict parser for the compiled decoder and the models alike, because libraries differ in exactly the
cases that matter: some round digits beyond microseconds, take a blank for `T`, or an offset without colon.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from schemas import alike

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

_CLOCK: Final = {
    f"{letter}{hour:02}:{minute:02}": hour * HOUR + minute * MINUTE
    for letter in "Tt"
    for hour in range(24)
    for minute in range(60)
}
_SECONDS: Final = {f":{second:02}": second * SECOND for second in range(60)}
_OFFSETS: Final = {"Z": 0, "z": 0} | {
    f"{sign}{hours:02}:{minutes:02}": direction * (hours * 60 + minutes) * MINUTE
    for sign, direction in (("+", -1), ("-", 1))
    for hours in range(24)
    for minutes in range(60)
}
"""What to add to a local time to get UTC."""

_FRACTION: Final = re.compile(r"\.[0-9]+")
_LONGEST_REMEMBERED: Final = 32
_DAY_SHAPE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_instant(text: object) -> int:
    """Microseconds since the Unix epoch of an RFC 3339 text; a longer fraction is cut, never rounded.

    Raises ValueError for anything else: no text, no offset, a blank for `T`, a leap second, an offset of 24 h
    or more, or a year outside 1..9999, be it the year as written or the year of the same instant in UTC.
    """
    if not isinstance(text, str):
        raise ValueError(EXPECTED)
    return parse_instants([text])[0]


def parse_instants(texts: Sequence[str]) -> list[int]:
    """`parse_instant` of many texts at once; ValueError when one of them is no instant."""
    if (times := alike.times_of_day(texts)) is not None:
        found: list[int] = (_days[texts[0][:10]] + times).tolist()
        return found
    minutes, seconds, rests = _minutes, _SECONDS, _rests
    try:
        instants = [minutes[text[:16]] + seconds[text[16:19]] + rests[text[19:]] for text in texts]
    except KeyError:
        raise ValueError(EXPECTED) from None
    if min(instants, default=LATEST) < EARLIEST or max(instants, default=EARLIEST) > LATEST:
        raise ValueError(EXPECTED)
    return instants


def format_instant(instant: int) -> str:
    """The RFC 3339 text, in UTC, of microseconds since the epoch. OverflowError outside years 1..9999."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    return moment.isoformat().removesuffix("+00:00") + "Z"


class _Memo(dict[str, int]):
    """Remembers what it has read: events cluster, and a look-up costs a tenth of reading.

    It starts afresh when it is full, and remembers no long text, so that odd ones cannot fill the memory.
    """

    def __init__(self, read: Callable[[str], int], most: int) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, text: str) -> int:
        value = self._read(text)
        if len(text) > _LONGEST_REMEMBERED:
            return value
        if len(self) >= self._most:
            self.clear()
        self[text] = value
        return value


def _minute(text: str) -> int:
    """Microseconds since the epoch of `2026-11-22T09:00`, as if it were UTC."""
    return _days[text[:10]] + _CLOCK[text[10:]]


def _day(text: str) -> int:
    """Microseconds from the epoch to the beginning of `2026-11-22`, as if it were UTC."""
    if not _DAY_SHAPE.fullmatch(text):
        raise ValueError(EXPECTED)
    try:
        return (date(int(text[:4]), int(text[5:7]), int(text[8:])).toordinal() - _EPOCH_DAY) * DAY
    except ValueError:
        raise ValueError(EXPECTED) from None


def _rest(text: str) -> int:
    """Microseconds to add for what follows the seconds, fraction and offset: `Z`, `.250Z`, `.5+02:00`."""
    split = -1 if text[-1:] in ("Z", "z") else -6
    fraction, offset = text[:split], _OFFSETS[text[split:]]
    if fraction and not _FRACTION.fullmatch(fraction):
        raise ValueError(EXPECTED)
    return int(fraction[1:7].ljust(6, "0")) + offset


_days: Final = _Memo(_day, 16_384)
_minutes: Final = _Memo(_minute, 16_384)
_rests: Final = _Memo(_rest, 4_096)
