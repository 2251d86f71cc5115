"""How often, how lately and for how much customers buy: what the models of predicted value are fitted to.

Per currency, as of the start of the local day of as_of. A purchase is a local day with at least one order
that counts; the models speak of repeat purchases, those after the first. Customers whose first order ever is
older than the horizon are left out, because their purchases are no longer known one by one.

A likelihood needs every customer's (frequency, recency, age); what travels is how many customers lie in each
cell of these, with the sums and the sums of products of the three numbers, so that a model can be fitted to
points that have the very mean and spread of each cell. Likewise for the value of purchases.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from service.domain.metrics import cells
from service.domain.metrics.days import LocalDays
from service.domain.metrics.metric import internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally, sums_by

BUYERS = internal("buyers_by_recency", "currency", "frequency", "recency", "gap")
SPENDERS = internal("buyers_by_spend", "currency", "frequency", "spend")
METRICS = (BUYERS, SPENDERS)

# Classes begin at these numbers: of repeat purchases, of days, and of a logarithm (steps of a factor 1.65).
FREQUENCIES = np.array([1, 2, 3, 4, 6, 9, 13, 19, 28, 42, 63, 94, 141, 211, 316, 474, 711, 1066, 1599])
DAYS = 7 * 2 ** np.arange(13)
LOG_STEP = 1_000  # a logarithm of 1, in whole steps of a thousandth
LOGS = LOG_STEP // 2 * np.arange(1, 100)


class Buying(NamedTuple):
    """Customers by what they bought in one currency; days count to yesterday, money in minor units."""

    frequency: np.ndarray  # repeat purchases
    recency: np.ndarray  # days from the first purchase to the last
    gap: np.ndarray  # days from the last purchase to yesterday
    spend: np.ndarray  # of all repeat purchases together


def measure(moment: Moment, tally: Tally) -> None:
    """Count customers in cells, by currency."""
    for code, buying in bought(moment):
        frequency = np.searchsorted(FREQUENCIES, buying.frequency, side="right")
        recency = np.searchsorted(DAYS, buying.recency, side="right")
        gap = np.searchsorted(DAYS, buying.gap, side="right")
        numbers = (buying.frequency, buying.recency, buying.gap)
        cells.measure(BUYERS, code, (frequency, recency, gap), numbers, tally, also=(buying.spend,))
        again = buying.frequency > 0
        times, spend = buying.frequency[again], buying.spend[again].astype("f8")
        log = np.rint(LOG_STEP * np.log(spend / times)).astype("i8")
        spending = np.searchsorted(LOGS, log, side="right")
        cells.measure(SPENDERS, code, (frequency[again], spending), (times, log), tally)


def bought(moment: Moment) -> Iterator[tuple[str, Buying]]:
    """What customers with at least one purchase before today bought, by currency."""
    orders, days, names = moment.orders, moment.days, moment.facts.currencies
    horizon = moment.as_of - moment.definitions.horizon
    rows = orders.between(horizon, days.today_starts_at)
    # A customer in a currency as one number, so that one pass serves all currencies.
    buyer = orders.customer[rows].astype("i8") * len(names) + orders.currency[rows]
    purchases, first, last, spend = _by_day(
        buyer, orders.at[rows], orders.minor[rows], days, moment.facts.customers * len(names)
    )
    who = np.flatnonzero(purchases)
    who = who[orders.first_at[who // max(len(names), 1)] >= horizon]
    for number in moment.order_currencies:
        own = who[who % len(names) == number]
        recency = (last - first)[own].astype("i8")
        gap = days.today - 1 - last[own].astype("i8")
        yield names[number], Buying(purchases[own].astype("i8") - 1, recency, gap, spend[own])


def _by_day(
    buyer: np.ndarray, at: np.ndarray, minor: np.ndarray, days: LocalDays, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each buyer: on how many days it bought, on which first, on which last, and its spend after the
    first."""
    purchases, first, last = (np.zeros(size, "i4") for _ in range(3))
    on_first = np.empty(len(buyer), bool)
    busy, places = days.of_sorted(at)
    for day, begin, end in zip(busy.tolist(), places[:-1].tolist(), places[1:].tolist(), strict=True):
        own = buyer[begin:end]
        so_far = purchases[own]
        on_first[begin:end] = new = so_far == 0
        first[own[new]] = last[own] = day
        purchases[own] = so_far + 1  # who has two orders on this day counts once
    opening = np.flatnonzero(on_first)
    spend = sums_by(buyer, minor, size) - sums_by(buyer[opening], minor[opening], size)
    return purchases, first, last, spend
