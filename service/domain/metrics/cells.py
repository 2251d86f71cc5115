"""Many customers with a few numbers each, as counts in cells with the moments of the numbers there.

The moments of a cell with k numbers a customer: how many customers, the k sums, and the k (k + 1) / 2 sums of
products, row by row of the upper triangle. All are integers, so cells of several partitions add up exactly.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from math import prod

import numpy as np

from service.domain.metrics.metric import Metric
from service.domain.metrics.tally import Tally, sums_by


def measure(
    metric: Metric,
    currency: str,
    classes: Sequence[np.ndarray],
    numbers: Sequence[np.ndarray],
    tally: Tally,
    *,
    also: Sequence[np.ndarray] = (),
) -> None:
    """Add up customers by their `classes` (columns of small numbers): the moments of their `numbers`, and
    after them plain sums of what is in `also`."""
    shape = [int(column.max(initial=0)) + 1 for column in classes]
    cell, cells = np.ravel_multi_index(classes, shape), prod(shape)
    customers = np.bincount(cell, minlength=cells)
    products = [one * other for one, other in combinations_with_replacement(numbers, 2)]
    sums = [customers, *(sums_by(cell, column, cells) for column in (*numbers, *products, *also))]
    met = np.flatnonzero(customers)
    labels = np.stack(np.unravel_index(met, shape), axis=1).tolist()
    for row, *moments in zip(labels, *(column[met].tolist() for column in sums), strict=True):
        tally.add_moments(metric, (currency, *map(str, row)), tuple(moments))
