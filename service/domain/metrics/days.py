"""Local days inside the horizon, numbered, and the months they lie in."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise, starmap
from zoneinfo import ZoneInfo

import numpy as np

from service.domain.metrics.windows import local_date, start_of_day

FIRST_DAY = date(1970, 1, 1).toordinal()


class LocalDays:
    """The local dates from that of the horizon to that of as_of, which is not over yet: `today`.

    Days count from 1970-01-01 on, so that numpy's dates can be made of them.
    """

    def __init__(self, as_of: int, horizon: int, time_zone: str) -> None:
        """`horizon`: how far back, in microseconds."""
        zone = ZoneInfo(time_zone)
        first, last = local_date(as_of - horizon, zone), local_date(as_of, zone)
        self.first, self.today = first.toordinal() - FIRST_DAY, last.toordinal() - FIRST_DAY
        self._starts = _starts(first, last, time_zone)
        self.starts_at, self.today_starts_at = int(self._starts[0]), int(self._starts[-1])

    def of(self, instants: np.ndarray) -> np.ndarray:
        """The day of each instant; the day before `first` for those that are older."""
        days: np.ndarray = np.searchsorted(self._starts, instants, side="right") + (self.first - 1)
        return days

    def begins(self, days: np.ndarray) -> np.ndarray:
        """The first instant of each day up to today; of days that are older than `first`, that of `first`."""
        begins: np.ndarray = self._starts[np.maximum(days - self.first, 0)]
        return begins

    def rows(self, instants: np.ndarray) -> Iterator[slice]:
        """The rows of each day from `first` on, of instants that ascend."""
        places = np.searchsorted(instants, self._starts).tolist()
        return starmap(slice, pairwise([*places, len(instants)]))


@lru_cache(maxsize=8)
def _starts(first: date, last: date, time_zone: str) -> np.ndarray:
    zone = ZoneInfo(time_zone)
    days = range(first.toordinal(), last.toordinal() + 1)
    return np.array([start_of_day(date.fromordinal(day), zone) for day in days])
