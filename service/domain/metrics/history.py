"""The past, as far as it can be told: which instants, and what has to be measured at them.

Facts know when everything happened, so what is measured at an instant is what was known then, whenever it is
measured. Only what lies beyond the horizon is added up for ever: so an instant can be told as long as every
window looks back no further than that.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from schemas.instants import DAY
from service.domain.metrics import cohorts, magnets, order_values, predicted, purchases, tenures
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.summary import MEASURES, Family
from service.domain.metrics.windows import local_date, start_of_day

_OF_NOW = (cohorts, magnets, order_values, purchases, tenures)
TOLD: tuple[Family, ...] = tuple(family for family in MEASURES if family not in _OF_NOW)
"""Without those that only the present is told of: predicted value goes by its latest fit, magnet products
have no thresholds for the past, and cohorts are more than a day that is over should keep."""
NOW_ALONE = frozenset(metric.name for family in (predicted, *_OF_NOW) for metric in family.METRICS)
"""Names of what is not told for the past."""


def earliest(now: int, definitions: Definitions) -> int:
    """The first instant that can be told at `now` (microseconds)."""
    least, _ = definitions.least_horizon_days()
    return now - (definitions.horizon_days - least) * DAY


def last_of(day: date, time_zone: str) -> int:
    """The last microsecond of a local day: the instant for which its figures hold."""
    return start_of_day(day + timedelta(days=1), ZoneInfo(time_zone)) - 1


def days_between(first: int, last: int, definitions: Definitions, step: int = 1) -> Sequence[date]:
    """Every `step`-th of the local days that began at `first` or later and were over by `last` (instants)."""
    zone = ZoneInfo(definitions.time_zone)
    day, end = local_date(first, zone), local_date(last + 1, zone)
    if start_of_day(day, zone) < first:
        day += timedelta(days=1)
    return [day + timedelta(days=number) for number in range(0, (end - day).days, step)]
