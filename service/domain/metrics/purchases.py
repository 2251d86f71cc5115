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
from service.domain.metrics.counted import Entries
from service.domain.metrics.days import LocalDays
from service.domain.metrics.metric import internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally, first_value, last_value, present, sums_by
from service.domain.records.customer import EVER

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

    customer: np.ndarray
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
    days, horizon = moment.days, moment.as_of - moment.definitions.horizon
    for number in moment.order_currencies:
        placed = moment.orders.of(number)
        placed = placed.where(placed.between(horizon, days.today_starts_at))
        who = np.flatnonzero(
            present(placed.customer, moment.facts.customers) & (moment.orders.first_at >= horizon)
        )
        yield moment.facts.currencies[number], _buying(placed, who, days, moment.facts.customers)


def _buying(placed: Entries, who: np.ndarray, days: LocalDays, size: int) -> Buying:
    """What the customers `who` bought, of orders by all of `size` customers."""
    customer, rhythm = placed.customer, rhythm_of(placed, days, size)
    repeated = placed.at >= days.begins(rhythm.first + 1)[customer]
    spend = sums_by(customer[repeated], placed.minor[repeated], size)
    first, last = rhythm.first[who], rhythm.last[who]
    return Buying(who, rhythm.days[who] - 1, last - first, days.today - 1 - last, spend[who])


class Rhythm(NamedTuple):
    """By customer: on how many days something was bought, and the first and last of them, if there is any."""

    days: np.ndarray
    first: np.ndarray
    last: np.ndarray


def rhythm_of(placed: Entries, days: LocalDays, size: int) -> Rhythm:
    """The rhythm of each of `size` customers in these orders."""
    customer, at = placed.customer, placed.at
    first, last = (days.of(value(customer, at, size, EVER)) for value in (first_value, last_value))
    on_days = np.zeros(size, "i8")
    for rows in days.rows(at):
        on_days[customer[rows]] += 1  # numpy adds once for a place that is repeated
    return Rhythm(on_days, first, last)
