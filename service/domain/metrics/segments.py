"""RFM segments (definitions, section 6): customers by how lately and how often they ordered in a year.

A score is a customer's place among all customers of the business, so what adds up is how many ordered so
often and last so many days ago. The view ranks these counts: nothing is lost on the way.
"""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally

DAYS = 365
MOST_ORDERS = 1000  # who ordered more often than that counts as one who ordered that often

CHAMPIONS, LOYAL, NEW, PROMISING = "champions", "loyal", "new", "promising"
AT_RISK, HIBERNATING, LOST = "at_risk", "hibernating", "lost"
SEGMENTS = (CHAMPIONS, LOYAL, NEW, PROMISING, AT_RISK, HIBERNATING, LOST)

IN_SEGMENT = Metric(
    "customers_in_segment",
    "Customers with an order by RFM segment: how lately and how often they ordered in the last 365 days.",
    ("segment",),
)
BY_RECENCY = internal("customers_by_recency", "orders")  # in each row a place for each day since the last
BEFORE = internal("customers_ordered_before")
METRICS = (IN_SEGMENT, BY_RECENCY, BEFORE)


def measure(moment: Moment, tally: Tally) -> None:
    """Count customers by orders in the last year and days since the last of them; and those without any."""
    size = moment.facts.customers
    placed = moment.orders.all.where(moment.orders.all.between(moment.year.start, moment.year.end))
    number = np.minimum(np.bincount(placed.customer, minlength=size), MOST_ORDERS)
    who = np.flatnonzero(number)
    days_ago = np.zeros(size, "i8")
    # In order of time: of repeated customers the last assignment stays.
    days_ago[placed.customer] = moment.days.today - moment.days.of_sorted(placed.at)
    cells = np.bincount(number[who] * DAYS + days_ago[who], minlength=(MOST_ORDERS + 1) * DAYS)
    counts = cells.reshape(-1, DAYS)
    for often in np.flatnonzero(counts.any(axis=1)).tolist():
        tally.add_moments(BY_RECENCY, (str(often),), tuple(counts[often].tolist()))
    tally.add(BEFORE, (), np.count_nonzero(moment.orders.first_at <= moment.as_of) - len(who))


class Scores:
    """Who is better than how many others: scores from 1 to 5 by days since the last order, and by orders."""

    def __init__(self, tally: Tally) -> None:
        rows = {int(often): row for (often,), row in tally.moments.get(BY_RECENCY.name, {}).items()}
        self.orders = np.array(sorted(rows), "i8")
        self.counts = np.array([rows[often] for often in self.orders], "i8").reshape(-1, DAYS)
        self._by_orders = _scores(self.counts.sum(axis=1))
        self._by_days = _scores(self.counts.sum(axis=0)[::-1])[::-1]

    def segments(self) -> dict[str, int]:
        """How many customers each segment has, of those who ordered in the last year."""
        found = dict.fromkeys(SEGMENTS, 0)
        for frequency, row in zip(self._by_orders.tolist(), self.counts, strict=True):
            for recency in range(1, 6):
                found[segment(recency, frequency)] += int(row[self._by_days == recency].sum())
        return found

    def segment(self, days_ago: int, orders: int) -> str:
        """The segment of one of these customers."""
        place = np.searchsorted(self.orders, min(orders, MOST_ORDERS))
        return segment(int(self._by_days[days_ago]), int(self._by_orders[place]))


def _scores(customers: np.ndarray) -> np.ndarray:
    """1 + floor(5 x share of customers with a worse value), of values from the worst to the best."""
    worse = np.cumsum(customers) - customers
    scores: np.ndarray = 1 + 5 * worse // max(int(customers.sum()), 1)
    return scores


def segment(recency: int, frequency: int) -> str:
    """The segment with these scores."""
    if recency <= 2:
        return AT_RISK if frequency >= 3 else HIBERNATING
    if frequency <= 2:
        return NEW if recency >= 4 else PROMISING
    return CHAMPIONS if recency >= 4 and frequency >= 4 else LOYAL


def figures(tally: Tally) -> Iterator[Figure]:
    """All segments, empty ones too."""
    counts = Scores(tally).segments() | {LOST: int(tally.get(BEFORE))}
    return (IN_SEGMENT.figure((name,), number) for name, number in counts.items())
