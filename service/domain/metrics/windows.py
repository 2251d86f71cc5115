"""Windows (definitions, section 2): which instants a name like `30d` means at an as_of, in a time zone."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from schemas.instants import HOUR

CALENDAR_MONTHS = {"last_month": 1, "last_quarter": 3, "last_year": 12}
DEFAULT_WINDOWS = ("24h", "72h", "7d", "30d", "90d", "180d", "365d", *CALENDAR_MONTHS)

YEAR = "365d"
CHANNEL_WINDOWS = ("30d", "90d", YEAR, *CALENDAR_MONTHS)
"""Of the windows in use, those in which figures are given by channel."""

_CALENDAR_REACH = {"last_month": (62, 92), "last_quarter": (184, 275), "last_year": (731, 1096)}

_ROLLING = re.compile(r"([1-9][0-9]{0,3})([hd])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MICROSECOND


class Window(NamedTuple):
    """Current period `[start, end)` and previous period `[previous, start)` in instants.

    A rolling window includes as_of, so it ends one microsecond after it. `opens` and `previous_opens` are the
    last instants that still count as "at or before the start" of the two periods.
    """

    name: str
    start: int
    end: int
    previous: int
    opens: int
    previous_opens: int

    @property
    def length(self) -> int:
        """Microseconds in the current period."""
        return self.end - self.start

    def holds(self, at: np.ndarray) -> np.ndarray:
        """A mask: which instants lie in the current period."""
        inside: np.ndarray = (at >= self.start) & (at < self.end)
        return inside


def check(names: Iterable[str]) -> tuple[str, ...]:
    """The window names, each once, in the order given.

    Raises:
        ValueError: a name is not a window.
    """
    checked = tuple(dict.fromkeys(names))
    if not checked:
        raise ValueError("at least one window is needed, such as 30d")
    for name in checked:
        if name not in CALENDAR_MONTHS and not _ROLLING.fullmatch(name):
            raise ValueError(
                f"{name!r} is no window: use hours (24h), days (30d) or one of {', '.join(CALENDAR_MONTHS)}"
            )
    return checked


def resolve(name: str, as_of: int, time_zone: str) -> Window:
    """The window `name` at `as_of` (microseconds since the epoch), days counted in `time_zone`."""
    zone = ZoneInfo(time_zone)
    today = local_date(as_of, zone)
    if name in CALENDAR_MONTHS:
        months = CALENDAR_MONTHS[name]
        last = _period_start(today, months)
        first = _period_start(_days_before(last, 1), months)
        before = _period_start(_days_before(first, 1), months)
        start, end, previous = (start_of_day(day, zone) for day in (first, last, before))
        return Window(name, start, end, previous, opens=start, previous_opens=previous)
    number, unit = int(name[:-1]), name[-1]
    if unit == "h":
        opens, previous_opens = as_of - number * HOUR, as_of - 2 * number * HOUR
        return Window(name, opens + 1, as_of + 1, previous_opens + 1, opens, previous_opens)
    start = start_of_day(_days_before(today, number - 1), zone)
    previous = start_of_day(_days_before(today, 2 * number - 1), zone)
    return Window(name, start, as_of + 1, previous, opens=start, previous_opens=previous)


def reach(name: str) -> tuple[int, int]:
    """Most days that the current and the previous period of a window can begin before as_of, with a day for
    clock changes, and for figures of an as_of that is not quite now."""
    if name in CALENDAR_MONTHS:
        current, previous = _CALENDAR_REACH[name]
    else:
        current = int(name[:-1]) if name[-1] == "d" else -(-int(name[:-1]) // 24)
        previous = 2 * current
    return current + 1, previous + 1


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """The first instant of a local date; where clocks skip midnight, the instant at which they do."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    old, new = ((midnight.replace(fold=fold) - _EPOCH) // _MICROSECOND for fold in (0, 1))
    # By the new offset a skipped midnight lies earlier than by the old one, and in between the jump.
    skipped = range(new, old)
    return new + bisect_left(skipped, day, key=partial(local_date, zone=zone)) if skipped else old


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The local date of an instant; at the ends of the calendar the last date that the zone can name."""
    inside = min(max(instant, _FIRST), _LAST)
    return (_EPOCH + inside * _MICROSECOND).astimezone(zone).date()


def _days_before(day: date, number: int) -> date:
    """The date so many days earlier; at the beginning of the calendar its first."""
    return date.fromordinal(max(day.toordinal() - number, 1))


def _period_start(day: date, months: int) -> date:
    """The first day of the calendar period of `months` months that contains `day`."""
    return date(day.year, (day.month - 1) // months * months + 1, 1)
