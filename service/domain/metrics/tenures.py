"""How long customers have paid, in months: what the model of contracts is fitted to.

Per currency, as of the start of the local day of as_of. A tenure is a run of local days on each of which a
customer paid in the currency at some time; who comes back later begins a new one. A month of it ends on the
day with the number of the first one, or on the last day of a shorter month: a chance to leave, or to renew.
Of tenures that began before the horizon it is not known how long they are, so they only count for what they
pay.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from service.domain.metrics.metric import Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally, sums_by

LEFT = internal("tenures_ended", "currency", "months")
STAYED = internal("tenures_going_on", "currency", "months")
CUSTOMERS = internal("customers_by_renewals", "currency", "months")
MONTHLY = internal("mrr_by_renewals", "currency", "months")
METRICS = (LEFT, STAYED, CUSTOMERS, MONTHLY)

_DAYS = 1 << 17  # more than there are days in the longest horizon


class Tenures(NamedTuple):
    """Tenures in one currency: whose, and their first and last days (see `LocalDays`). The first is the day
    before the horizon where it lies before it; the last is tomorrow where the tenure goes on."""

    customer: np.ndarray
    first: np.ndarray
    last: np.ndarray


def measure(moment: Moment, tally: Tally) -> None:
    """Count tenures, and add up what is paid now, by currency and months."""
    for number in moment.subscription_currencies:
        code, tenures = moment.facts.currencies[number], joined(moment, number)
        goes_on, known = tenures.last > moment.days.today, tenures.first >= moment.days.first
        months = months_between(tenures.first, np.minimum(tenures.last, moment.days.today))
        renewals = months - 1
        _count(LEFT, code, months[known & ~goes_on], tally)
        _count(STAYED, code, renewals[known & goes_on], tally)
        _count(CUSTOMERS, code, renewals[goes_on], tally)
        monthly = _annual_now(moment, number)[tenures.customer[goes_on]]
        paid = sums_by(renewals[goes_on], monthly, int(months.max(initial=0)))
        for place in np.flatnonzero(paid).tolist():
            tally.add(MONTHLY, (code, str(place)), Fraction(int(paid[place]), 12 * moment.paying.per_minor))


def renewing(moment: Moment, currency: int) -> Iterator[tuple[int, int]]:
    """Of each customer who pays in a currency (a number) as today begins: how often it has renewed, and what
    it pays a year, in units of `moment.paying`."""
    tenures = joined(moment, currency)
    goes_on = tenures.last > moment.days.today
    months = months_between(tenures.first[goes_on], np.minimum(tenures.last[goes_on], moment.days.today))
    annual = _annual_now(moment, currency)[tenures.customer[goes_on]]
    yield from zip((months - 1).tolist(), annual.tolist(), strict=True)


def joined(moment: Moment, currency: int) -> Tenures:
    """The tenures in a currency (a number) that began before today, by customer and time."""
    paying, days = moment.paying, moment.days
    rows = (paying.currency == currency) & (paying.start < days.today_starts_at)
    rows &= paying.end > days.starts_at
    origin, goes_on = days.first - 1, paying.end[rows] >= days.today_starts_at
    first = days.of(paying.start[rows]) - origin
    last = np.where(goes_on, days.today + 1, days.of(paying.end[rows] - 1)) - origin
    # Customer and day in one number, so that one running maximum serves all customers.
    customer = paying.customer[rows].astype("i8") * _DAYS
    order = np.argsort(customer + first, kind="stable")
    begins, reached = (customer + first)[order], np.maximum.accumulate((customer + last)[order])
    opens = np.append(True, begins[1:] > reached[:-1] + 1)[: len(begins)]
    closes = np.append(opens[1:], True)[: len(begins)]
    return Tenures(begins[opens] // _DAYS, begins[opens] % _DAYS + origin, reached[closes] % _DAYS + origin)


def months_between(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How many months of a tenure have begun, up to and including its last day: at least 1."""
    start, end = first.astype("M8[D]"), last.astype("M8[D]")
    start_month, end_month = start.astype("M8[M]"), end.astype("M8[M]")
    month_ends = (end_month + 1).astype("M8[D]") - 1
    anniversary = np.minimum(end_month.astype("M8[D]") + (start - start_month), month_ends)
    months: np.ndarray = (end_month - start_month).astype("i8") + (anniversary < end)
    np.maximum(months, 1, out=months)
    return months


def _annual_now(moment: Moment, currency: int) -> np.ndarray:
    """The annual value that each customer pays in a currency as today begins, in units of `moment.paying`."""
    paying = moment.paying
    alive = paying.alive(moment.days.today_starts_at)
    alive = alive[paying.currency[alive] == currency]
    return sums_by(paying.customer[alive], paying.annual[alive], moment.facts.customers)


def _count(metric: Metric, code: str, months: np.ndarray, tally: Tally) -> None:
    for place, count in enumerate(np.bincount(months).tolist()):
        if count:
            tally.add(metric, (code, str(place)), count)
