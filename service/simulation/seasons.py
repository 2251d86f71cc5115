"""How busy an hour is: weekday, time of day, season of the year and growth, as factors around 1.

All in business time, UTC, in microseconds; a month here is the mean one.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from math import cos, pi

from schemas.instants import DAY, HOUR
from service.simulation.world import World

MONTH = 365.25 * DAY / 12

GROWTH = 0.5
"""Usual growth of sign-ups: by exp(GROWTH) a year."""

_EPOCH = datetime(1970, 1, 1)
_WEEKDAY = (1.06, 1.12, 1.10, 1.06, 0.96, 0.80, 0.90)
_EPOCH_WEEKDAY = 3
_HOUR = tuple(1 - 0.7 * cos(2 * pi * (hour - 2.5) / 24) for hour in range(24))
_YEAR = tuple(1 + 0.22 * cos(2 * pi * (day - 335) / 365.25) for day in range(367))

BUSIEST = max(_WEEKDAY) * max(_HOUR) * max(_YEAR)
"""The largest value that `bustle` takes."""


def bustle(instant: int) -> float:
    """Return how many people are about at an instant, in proportion to the mean: week, day and year."""
    hours = instant // HOUR
    days = hours // 24
    weekday = _WEEKDAY[(days + _EPOCH_WEEKDAY) % 7]
    return weekday * _HOUR[hours % 24] * _YEAR[int(days % 365.25)]


def next_among(world: World, mean_gap: float) -> tuple[float, bool]:
    """Draw when something that follows the bustle may next happen: (span until then, whether it does).

    `mean_gap` is the mean gap in microseconds. Candidates come as often as in the busiest hour; the caller
    goes on from a refused one as from an accepted one (thinning: exact, and right however the rate moves).
    """
    span = world.dice.expovariate(BUSIEST / mean_gap)
    return span, world.dice.random() * BUSIEST < bustle(world.now + int(span))


def day_of_month(instant: int, kept: int = 0) -> int:
    """Return the day of the month, or the later one `kept` for which this instant's month is too short."""
    moment = _EPOCH + timedelta(microseconds=instant)
    is_last = moment.day == monthrange(moment.year, moment.month)[1]
    return max(moment.day, kept) if is_last else moment.day


def months_later(instant: int, months: int, day: int) -> int:
    """Return the same time of that many calendar months later, on that day or the last one of the month."""
    moment = _EPOCH + timedelta(microseconds=instant)
    ahead = moment.month - 1 + months
    year, month = moment.year + ahead // 12, ahead % 12 + 1
    later = moment.replace(year=year, month=month, day=min(day, monthrange(year, month)[1]))
    return (later - _EPOCH) // timedelta(microseconds=1)
