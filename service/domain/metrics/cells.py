"""Many customers with a few numbers each, as counts in cells with the moments of the numbers there.

The moments of a cell with k numbers a customer: how many customers, the k sums, and the k (k + 1) / 2 sums of
products, row by row of the upper triangle. All are integers, so cells of several partitions add up exactly.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from service.domain.metrics.metric import Metric
from service.domain.metrics.tally import Tally, sums_by

_WIDEST = 1000  # more than any class number


def measure(
    metric: Metric,
    currency: str,
    classes: Sequence[np.ndarray],
    numbers: Sequence[np.ndarray],
    tally: Tally,
    *,
    also: Sequence[np.ndarray] = (),
) -> None:
    """Add up customers by their `classes` (columns of numbers below 1,000): the moments of their `numbers`,
    and after them plain sums of what is in `also`."""
    code = np.zeros(len(classes[0]), "i8")
    for column in classes:
        code = code * _WIDEST + column
    cells, place, customers = np.unique(code, return_inverse=True, return_counts=True)
    products = [one * other for one, other in combinations_with_replacement(numbers, 2)]
    sums = [customers, *(sums_by(place, column, len(cells)) for column in (*numbers, *products, *also))]
    for cell, *moments in zip(cells.tolist(), *(column.tolist() for column in sums), strict=True):
        tally.add_moments(metric, (currency, *_classes(cell, len(classes))), tuple(moments))


def _classes(cell: int, number: int) -> tuple[str, ...]:
    return tuple(str(cell // _WIDEST**place % _WIDEST) for place in reversed(range(number)))
