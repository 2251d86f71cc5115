"""Who leads in how often and who in how much (definitions, section 6): value is more than one thing.

Rankings of the customers with an order in a currency, apart from each other: by number of orders, and by
lifetime net revenue. What adds up is how many customers have each pair of the two. So the view knows both
rankings, and how many lead in one of them and lag in the other, whoever holds their records.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

from service.domain.metrics.distribution import bucket_of, counted
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.standing import BEST, MOST_ORDERS, Standing
from service.domain.metrics.tally import Amount, Tally, distinct

RANKINGS = ("frequency", "revenue")
LAGGING = 2  # the highest score of the lower two fifths
DISTINCT = 4_096  # so many pairs are told apart; if there are more, net revenue is told to one per cent
_ROW = 64  # buckets of net revenue in a row

UNEVEN = Metric(
    "customers_leading_and_lagging",
    "Customers with an order who are in the best fifth by one ranking (frequency: orders ever; revenue: "
    "lifetime net) and in the lower two fifths by another.",
    ("currency", "leads_in", "lags_in"),
)
PAIRS = internal("customers_by_orders_and_net", "currency", "orders", "minor")
BUCKETS = internal("customers_by_orders_and_net_bucket", "currency", "orders", "row")
METRICS = (UNEVEN, PAIRS, BUCKETS)


class Rank(NamedTuple):
    """Which share of customers is worse in a ranking, and the score that this makes, 1 to 5."""

    better_than: float
    score: int


def measure(orders: np.ndarray, net: np.ndarray, currency: str, tally: Tally) -> None:
    """Count customers by their orders and net revenue (minor units)."""
    often = np.minimum(orders, MOST_ORDERS)
    values, _ = counted(net)
    if len(values) <= DISTINCT:
        place = np.searchsorted(values, net)
        pairs, counts = np.unique(often * max(len(values), 1) + place, return_counts=True)
        if len(pairs) <= DISTINCT:
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
                many, where = divmod(pair, len(values))
                tally.add(PAIRS, (currency, str(many), str(int(values[where]))), count)
            return
    _measure_buckets(often, bucket_of(net), currency, tally)


def _measure_buckets(often: np.ndarray, bucket: np.ndarray, currency: str, tally: Tally) -> None:
    """In rows of neighbouring buckets, for most of a row is in use where any of it is."""
    row, place = bucket // _ROW, bucket % _ROW
    first = int(row.min())
    width = int(row.max()) - first + 1
    pair, below = often * width + row - first, (int(often.max()) + 1) * width
    pairs, numbers = distinct(pair, below), np.zeros(below, "i8")
    numbers[pairs] = np.arange(len(pairs))
    counts = np.bincount(numbers[pair] * _ROW + place, minlength=len(pairs) * _ROW).reshape(-1, _ROW)
    for one, customers in zip(pairs.tolist(), counts.tolist(), strict=True):
        many, where = divmod(one, width)
        tally.add_moments(BUCKETS, (currency, str(many), str(first + where)), tuple(customers))


class Ranked:
    """The customers with an order in a currency, by each ranking."""

    def __init__(self, tally: Tally, currency: str) -> None:
        pairs = [(int(n), int(m), int(count)) for (c, n, m), count in tally[PAIRS].items() if c == currency]
        rows = tally.moments_of(BUCKETS, currency)
        self._in_buckets = bool(rows) or len(pairs) > DISTINCT
        often, net, counts = (np.array(column) for column in zip(*pairs, strict=True)) if pairs else _NOTHING
        if self._in_buckets:
            net = bucket_of(net)
            parts = [(often, net, counts), *_cells(rows)]
            often, net, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        self._values, self._counts = (often, net), counts

    @property
    def empty(self) -> bool:
        """Whether nobody has an order in the currency."""
        return not len(self._counts)

    def uneven(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Of each two rankings, how many lead in the first and lag in the second."""
        scores = [self._scores(values) for values in self._values]
        for (best, leading), (worst, lagging) in permutations(zip(RANKINGS, scores, strict=True), 2):
            yield (best, worst), int(self._counts[(leading == BEST) & (lagging <= LAGGING)].sum())

    def ranks(self, orders: int, net: int) -> tuple[Rank, ...]:
        """Where a customer with so many orders and this net revenue (minor units) stands, by each ranking."""
        own = int(bucket_of(np.array([net]))[0]) if self._in_buckets else net
        found = zip(self._values, (min(orders, MOST_ORDERS), own), strict=True)
        return tuple(_rank(self._standing(values), value) for values, value in found)

    def _scores(self, values: np.ndarray) -> np.ndarray:
        """The score of each cell."""
        standing = self._standing(values)
        different, place = np.unique(values, return_inverse=True)
        return np.array([standing.score(value) for value in different.tolist()], "i1")[place]

    def _standing(self, values: np.ndarray) -> Standing:
        different, place = np.unique(values, return_inverse=True)
        customers = np.zeros(len(different), "i8")
        np.add.at(customers, place, self._counts)
        return Standing(dict(zip(different.tolist(), customers.tolist(), strict=True)))


_NOTHING = (np.empty(0, "i8"), np.empty(0, "i8"), np.empty(0, "i8"))


def _cells(rows: dict[tuple[str, ...], tuple[int, ...]]) -> Iterator[tuple[np.ndarray, ...]]:
    """Orders, bucket and count of the places in use, row by row."""
    for (_, many, row), customers in rows.items():
        counts = np.array(customers)
        used = np.flatnonzero(counts)
        yield np.full(len(used), int(many)), int(row) * _ROW + used, counts[used]


def _rank(standing: Standing, value: Amount) -> Rank:
    return Rank(standing.better_than(value), standing.score(value))


def leads_in(ranks: Sequence[Rank]) -> tuple[str, ...]:
    """The rankings in which a customer is in the best fifth."""
    return tuple(name for name, rank in zip(RANKINGS, ranks, strict=True) if rank.score == BEST)


def lags_in(ranks: Sequence[Rank]) -> tuple[str, ...]:
    """The rankings in which a customer is in the lower two fifths."""
    return tuple(name for name, rank in zip(RANKINGS, ranks, strict=True) if rank.score <= LAGGING)


def figures(tally: Tally, currencies: Iterable[str]) -> Iterator[Figure]:
    """Who leads in one ranking and lags in another."""
    for currency in currencies:
        for names, customers in Ranked(tally, currency).uneven():
            yield UNEVEN.figure((currency, *names), customers)
