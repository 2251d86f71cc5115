"""Customers counted by two values of theirs, so that both can be ranked by whoever adds the counts up.

Counts of pairs are exact as long as there are few different pairs; of more, the second value is told by its
bucket.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from service.domain.metrics.distribution import counted
from service.domain.metrics.metric import Metric
from service.domain.metrics.standing import Standing
from service.domain.metrics.tally import Tally, distinct

DISTINCT = 4_096  # so many pairs are told apart
_ROW = 64  # buckets of the second value in a row


class Pair(NamedTuple):
    """Two rankings, and how they are counted: `cells` by currency and both values, `rows` by currency, the
    first value and a row of buckets of the second. First values are whole numbers, not large."""

    rankings: tuple[str, str]
    cells: Metric
    rows: Metric
    bucket_of: Callable[[np.ndarray], np.ndarray]


def measure(pair: Pair, first: np.ndarray, second: np.ndarray, currency: str, tally: Tally) -> None:
    """Count customers by both values."""
    values, _ = counted(second)
    if len(values) <= DISTINCT:
        place = np.searchsorted(values, second)
        cells, counts = np.unique(first * max(len(values), 1) + place, return_counts=True)
        if len(cells) <= DISTINCT:
            for cell, count in zip(cells.tolist(), counts.tolist(), strict=True):
                one, where = divmod(cell, len(values))
                tally.add(pair.cells, (currency, str(one), str(int(values[where]))), count)
            return
    _measure_rows(pair.rows, first, pair.bucket_of(second), currency, tally)


def _measure_rows(rows: Metric, first: np.ndarray, bucket: np.ndarray, currency: str, tally: Tally) -> None:
    """In rows of neighbouring buckets, for most of a row is in use where any of it is."""
    row, place = bucket // _ROW, bucket % _ROW
    lowest = int(row.min())
    width = int(row.max()) - lowest + 1
    cell, below = first * width + row - lowest, (int(first.max()) + 1) * width
    cells, numbers = distinct(cell, below), np.zeros(below, "i8")
    numbers[cells] = np.arange(len(cells))
    counts = np.bincount(numbers[cell] * _ROW + place, minlength=len(cells) * _ROW).reshape(-1, _ROW)
    for one, customers in zip(cells.tolist(), counts.tolist(), strict=True):
        value, where = divmod(one, width)
        tally.add_moments(rows, (currency, str(value), str(lowest + where)), tuple(customers))


class Counted:
    """The customers of a business with an order in a currency, by a pair of values: cells, each with its two
    values and a count."""

    def __init__(self, pair: Pair, tally: Tally, currency: str) -> None:
        cells = [
            (int(n), int(m), int(count)) for (c, n, m), count in tally[pair.cells].items() if c == currency
        ]
        rows = tally.moments_of(pair.rows, currency)
        self.in_buckets = bool(rows) or len(cells) > DISTINCT
        first, second, counts = (
            (np.array(column) for column in zip(*cells, strict=True)) if cells else _NOTHING
        )
        if self.in_buckets:
            parts = [(first, pair.bucket_of(second), counts), *_cells(rows)]
            first, second, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        self.values, self.counts = (first, second), counts

    def scores(self, which: int) -> np.ndarray:
        """The score of each cell by its first (0) or second (1) value."""
        standing = self.standing(which)
        different, place = np.unique(self.values[which], return_inverse=True)
        return np.array([standing.score(value) for value in different.tolist()], "i1")[place]

    def standing(self, which: int) -> Standing:
        """How many customers have each first (0) or second (1) value."""
        different, place = np.unique(self.values[which], return_inverse=True)
        customers = np.zeros(len(different), "i8")
        np.add.at(customers, place, self.counts)
        return Standing(dict(zip(different.tolist(), customers.tolist(), strict=True)))


_NOTHING = (np.empty(0, "i8"), np.empty(0, "i8"), np.empty(0, "i8"))


def _cells(rows: dict[tuple[str, ...], tuple[int, ...]]) -> Iterator[tuple[np.ndarray, ...]]:
    """First value, bucket of the second and count of the places in use, row by row."""
    for (_, first, row), customers in rows.items():
        counts = np.array(customers)
        used = np.flatnonzero(counts)
        yield np.full(len(used), int(first)), int(row) * _ROW + used, counts[used]
