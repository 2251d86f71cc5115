"""What only time brings about: a customer has not ordered for longer than usual, or is probably gone.

Told as the local day begins, as all that is predicted (definitions, readings 19 and 30).
"""

from collections.abc import Iterator

import numpy as np

from service.domain.insights.findings import GONE, Finding, Findings, Matter, Silence
from service.domain.insights.rules import Rules
from service.domain.metrics.fits import BG_NBD, WEEK, Fits
from service.domain.metrics.moment import Moment
from service.domain.metrics.purchases import bought, rhythm_of
from service.domain.prediction import bg_nbd

LEAST_DAYS = 3  # with an order: who has two distances between them has a rhythm


def overdue(moment: Moment, rules: Rules, floor: int, found: Findings) -> None:
    """Add who has been silent for more than so many times the mean distance between the days with an order,
    for the first time later than `floor`."""
    days, size = moment.days, moment.facts.customers
    placed = moment.orders.all
    known = placed.where(placed.between(days.starts_at, days.today_starts_at))
    rhythm = rhythm_of(known, days, size)
    who = np.flatnonzero(rhythm.days >= LEAST_DAYS)
    count, first, last = (column[who] for column in rhythm)
    factor, distances = rules.overdue, count - 1
    patience = factor.numerator * (last - first) // (factor.denominator * distances)
    for place, at, ordered in _fallen_silent(moment, who, last + patience + 1, floor):
        usual = float((last[place] - first[place]) / distances[place])
        silence = Silence(ordered, usual_days=usual)
        found[int(who[place])].append(Finding(Matter.OVERDUE, GONE, at, ordered, silence))


def leaving(moment: Moment, rules: Rules, fits: Fits, floor: int, found: Findings) -> None:
    """Add whose P(alive) has fallen below what the rules say, in every currency, later than `floor`."""
    size, today = moment.facts.customers, moment.days.today
    begins, alive = np.full(size, -np.inf), np.zeros(size)  # days; of who bought nothing there is none
    for code, buying in bought(moment):
        who = buying.customer
        if (BG_NBD, code) not in fits:
            begins[who] = np.inf  # nobody can tell
            continue
        model = bg_nbd.BgNbd(*fits[BG_NBD, code].parameters)
        recency, age = buying.recency / WEEK, (buying.recency + buying.gap) / WEEK
        until = WEEK * bg_nbd.age_at_probability(model, buying.frequency, recency, rules.alive_below)
        first = today - 1 - buying.gap - buying.recency
        begins[who] = np.maximum(begins[who], first + 2 + np.floor(until))
        now = bg_nbd.probability_alive(model, buying.frequency, recency, age)
        alive[who] = np.maximum(alive[who], now)
    who = np.flatnonzero((begins > -np.inf) & (begins <= today))
    for place, at, ordered in _fallen_silent(moment, who, begins[who].astype("i8"), floor):
        silence = Silence(ordered, probability_alive=float(alive[who[place]]))
        found[int(who[place])].append(Finding(Matter.PROBABILITY_ALIVE, GONE, at, ordered, silence))


def _fallen_silent(
    moment: Moment, who: np.ndarray, day: np.ndarray, floor: int
) -> Iterator[tuple[int, int, int]]:
    """Of those whose day has come inside the horizon, and who have not ordered today: the place, when the day
    began, and when they ordered last."""
    days, last = moment.days, moment.orders.last_at[who]
    come = (day >= days.first) & (day <= days.today)
    places = np.flatnonzero(come & (last < days.today_starts_at))
    at = days.begins(day[places])
    new = at > floor
    yield from zip(places[new].tolist(), at[new].tolist(), last[places[new]].tolist(), strict=True)
