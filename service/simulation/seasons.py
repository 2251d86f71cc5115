"""How busy an hour is: weekday, time of day, season of the year and growth, as factors around 1.

All in business time, UTC, in microseconds; a month here is the mean one.
"""

from datetime import datetime, timedelta
from math import cos, exp, pi

from schemas.instants import DAY, HOUR
from service.simulation.world import World

MONTH = 365.25 * DAY / 12

GROWTH = 0.5
"""Growth of sign-ups: by exp(GROWTH) a year."""

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


def growth(instant: int, start: int) -> float:
    """Return the size of the business's inflow relative to that at `start`."""
    return exp(GROWTH * (instant - start) / (365.25 * DAY))


def next_among(world: World, mean_gap: float) -> tuple[float, bool]:
    """Draw when something that follows the bustle may next happen: (span until then, whether it does).

    `mean_gap` is the mean gap in microseconds. Candidates come as often as in the busiest hour; the caller
    goes on from a refused one as from an accepted one (thinning: exact, and right however the rate moves).
    """
    span = world.dice.expovariate(BUSIEST / mean_gap)
    return span, world.dice.random() * BUSIEST < bustle(world.now + int(span))


def months_later(instant: int, months: int) -> int:
    """Return the same time of day that many calendar months later; the 29th to 31st become the 28th."""
    moment = _EPOCH + timedelta(microseconds=instant)
    ahead = moment.month - 1 + months
    later = moment.replace(year=moment.year + ahead // 12, month=ahead % 12 + 1, day=min(moment.day, 28))
    return (later - _EPOCH) // timedelta(microseconds=1)
