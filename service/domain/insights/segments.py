"""Who moved from one RFM segment to another, from the beginning of one local day to that of a later one.

Each day goes by the thresholds of the latest view as it was looked at (definitions, section 6): where a
customer stood before is told by the thresholds of that day, so nothing has to be remembered of anybody.
"""

import msgspec
import numpy as np

from service.domain.insights.findings import Finding, Findings, Matter, Move
from service.domain.metrics.moment import Moment
from service.domain.metrics.segments import LOST, SEGMENTS, segment
from service.domain.metrics.standing import BEST, MOST_ORDERS, WORST, scores_by
from service.domain.metrics.tally import last_value
from service.domain.metrics.thresholds import Thresholds
from service.domain.metrics.windows import YEAR, resolve

NOWHERE = -1  # never ordered before
_LOST = SEGMENTS.index(LOST)


class Edition(msgspec.Struct, array_like=True, frozen=True):
    """As of which day, told by its first instant, segments were looked at, and by which thresholds."""

    begins_at: int
    thresholds: Thresholds


pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Edition).decode


def find(moment: Moment, before: Edition, now: Edition, spoken_of: np.ndarray, found: Findings) -> None:
    """Add who is in another segment, and where those are who were `spoken_of` (a mask)."""
    was, is_now = _segments(moment, before), _segments(moment, now)
    moved = ((was != is_now) | spoken_of) & (was != NOWHERE) & (is_now != NOWHERE)
    for who in np.flatnonzero(moved).tolist():
        move = Move(SEGMENTS[was[who]], SEGMENTS[is_now[who]], now.thresholds)
        at, value = now.begins_at, int(is_now[who])
        found[who].append(Finding(Matter.SEGMENT, value, at, at, move))


def _segments(moment: Moment, edition: Edition) -> np.ndarray:
    """The place of each customer's segment in SEGMENTS as the day begins, or NOWHERE."""
    size, placed, days = moment.facts.customers, moment.orders.all, moment.days
    year = resolve(YEAR, edition.begins_at, moment.definitions.time_zone)
    rows = placed.between(year.start, edition.begins_at)
    customer = placed.customer[rows]
    orders = np.bincount(customer, minlength=size)
    last_at = last_value(customer, placed.at[rows], size, edition.begins_at)
    days_ago = days.of(np.array([edition.begins_at])) - days.of(last_at)
    place = np.where(orders > 0, placed_by(edition.thresholds, days_ago, orders), _LOST)
    return np.where(moment.orders.first_at < edition.begins_at, place, NOWHERE)


def placed_by(thresholds: Thresholds, days_ago: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """The places in SEGMENTS of who last ordered so many days ago, and so often in the last year."""
    recency = scores_by(thresholds.recency, -days_ago)
    frequency = scores_by(thresholds.frequency, np.minimum(orders, MOST_ORDERS))
    places: np.ndarray = _PLACES[recency - WORST, frequency - WORST]
    return places


_SCORES = range(WORST, BEST + 1)
_PLACES = np.array([[SEGMENTS.index(segment(r, f)) for f in _SCORES] for r in _SCORES])
