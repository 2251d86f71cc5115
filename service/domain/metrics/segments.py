"""RFM segments (definitions, section 6): customers by how lately and how often they ordered in a year.

A score is a customer's place among all customers of the business, so what adds up is how many ordered so
often and last so many days ago. The view ranks these counts: nothing is lost on the way.
"""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.standing import MOST_ORDERS, Standing
from service.domain.metrics.tally import Tally

DAYS = 365

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
    who, days_ago, orders = recent(moment)
    cells = np.bincount(np.minimum(orders, MOST_ORDERS) * DAYS + days_ago, minlength=(MOST_ORDERS + 1) * DAYS)
    counts = cells.reshape(-1, DAYS)
    for often in np.flatnonzero(counts.any(axis=1)).tolist():
        tally.add_moments(BY_RECENCY, (str(often),), tuple(counts[often].tolist()))
    tally.add(BEFORE, (), np.count_nonzero(moment.orders.first_at <= moment.as_of) - len(who))


def recent(moment: Moment) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who ordered in the last year (numbers), how many days ago for the last time, and how often."""
    size = moment.facts.customers
    placed = moment.orders.all.where(moment.orders.all.between(moment.year.start, moment.year.end))
    orders = np.bincount(placed.customer, minlength=size)
    who = np.flatnonzero(orders)
    days_ago = moment.days.today - moment.days.of(moment.orders.last_at[who])
    return who, days_ago, orders[who]


class Scores:
    """Who is better than how many others: by days since the last order, and by orders."""

    def __init__(self, tally: Tally) -> None:
        self.counts = {int(often): row for (often,), row in tally.moments.get(BY_RECENCY.name, {}).items()}
        self.orders = Standing({often: sum(row) for often, row in self.counts.items()})
        by_day = [sum(column) for column in zip(*self.counts.values(), strict=True)]
        self.days = Standing({-day: customers for day, customers in enumerate(by_day) if customers})

    @property
    def known(self) -> bool:
        """Whether anybody ordered in the last year, so that there is somebody to compare with."""
        return bool(self.counts)

    def segments(self) -> dict[str, int]:
        """How many customers each segment has, of those who ordered in the last year."""
        found = dict.fromkeys(SEGMENTS, 0)
        spans = self._spans() if self.known else {}
        for often, row in self.counts.items():
            frequency = self.orders.score(often)
            for recency, span in spans.items():
                found[segment(recency, frequency)] += sum(row[span])
        return found

    def _spans(self) -> dict[int, slice]:
        """The days of each score, which lie together."""
        scores = [self.days.score(-day) for day in range(DAYS)]
        firsts = {score: scores.index(score) for score in scores}
        return {score: slice(first, first + scores.count(score)) for score, first in firsts.items()}

    def segment(self, days_ago: int, orders: int) -> str:
        """The segment of a customer who last ordered so many days ago, and so often in the last year."""
        return segment(self.days.score(-days_ago), self.orders.score(min(orders, MOST_ORDERS)))


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
