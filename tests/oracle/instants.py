"""Instants, local days and periods, worked out the slow and obvious way (definitions.md sections 1 and 2).

An instant is an int: microseconds since the Unix epoch, UTC. A period is half open on that grid, so
"up to and including as_of" ends at as_of + 1 and "just after as_of - H hours" begins one microsecond later.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR = 3_600_000_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


@lru_cache(maxsize=100_000)
def instant(text: str) -> int:
    """Microseconds of an RFC 3339 timestamp; digits beyond microseconds are cut."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 timestamp: {text!r}")
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = match.groups()
    seconds = (date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY) * 86_400
    seconds += int(hour) * 3_600 + int(minute) * 60 + int(second)
    if sign:
        offset = int(off_hour) * 3_600 + int(off_minute) * 60
        seconds += -offset if sign == "+" else offset
    return seconds * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def local_day(at: int, zone: ZoneInfo) -> date:
    """The local date on which an instant falls."""
    return (datetime.fromtimestamp(at // 1_000_000, zone)).date()


@lru_cache(maxsize=10_000)
def start_of_day(day: date, zone: ZoneInfo) -> int:
    """The first instant whose local date is `day` or later: found by looking at every minute around it.

    Days of 23 and 25 hours, midnights that a clock change skips, and days that a change of the date line
    skips need no rule of their own this way.
    """
    midnight = (day.toordinal() - _EPOCH_DAY) * 86_400
    second = midnight - 17 * 3_600
    while local_day(second * 1_000_000, zone) < day:
        second += 60
    while local_day((second - 1) * 1_000_000, zone) >= day:
        second -= 1
    return second * 1_000_000


def period(window: str, as_of: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """(start of the previous period, s, e) of a window: previous is [0, 1), current is [1, 2)."""
    today = local_day(as_of, zone)
    if window[0].isdigit() and window.endswith("h"):
        length = int(window[:-1]) * HOUR
        return as_of - 2 * length + 1, as_of - length + 1, as_of + 1
    if window[0].isdigit() and window.endswith("d"):
        days = int(window[:-1])
        first = today - timedelta(days=days - 1)
        before = today - timedelta(days=2 * days - 1)
        return start_of_day(before, zone), start_of_day(first, zone), as_of + 1
    months = {"last_month": 1, "last_quarter": 3, "last_year": 12}[window]
    this = today.year * 12 + (today.month - 1) // months * months
    first_days = [date(m // 12, m % 12 + 1, 1) for m in (this - 2 * months, this - months, this)]
    before_last, last, own = (start_of_day(day, zone) for day in first_days)
    return before_last, last, own
