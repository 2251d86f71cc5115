"""Cells of many customers as a few points each, so that a likelihood need not be asked for every customer."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np


class Points(NamedTuple):
    """Points in the space of the numbers of a customer (one array for each number), with what each weighs."""

    weights: np.ndarray
    numbers: tuple[np.ndarray, ...]


def points_of(cells: Sequence[tuple[int, ...]], numbers: int) -> Points:
    """Two points for each number and cell, so placed that their mean and covariance are those of the cell.

    So the mean of a function over the points differs from its mean over the customers by terms of the third
    order in the width of the cells only (the unscented transformation of Julier, Uhlmann 1997, without its
    centre). A cell: how many customers, the sums of their `numbers`, and the sums of products by rows of the
    upper triangle.
    """
    width = 1 + numbers + numbers * (numbers + 1) // 2
    moments = np.array(cells, "f8").reshape(len(cells), width)
    customers = moments[:, 0]
    means = moments[:, 1 : numbers + 1] / customers[:, None]
    covariance = np.empty((len(cells), numbers, numbers))
    for place, (one, other) in enumerate(combinations_with_replacement(range(numbers), 2), numbers + 1):
        product = moments[:, place] / customers - means[:, one] * means[:, other]
        covariance[:, one, other] = covariance[:, other, one] = product
    spreads, directions = np.linalg.eigh(covariance)
    axes = np.sqrt(numbers * np.maximum(spreads, 0))[:, None, :] * directions
    offsets = np.concatenate([axes, -axes], axis=2)  # cell, number, point
    placed = means[:, :, None] + offsets
    weights = np.repeat(customers / (2 * numbers), 2 * numbers)
    return Points(weights, tuple(placed[:, number, :].ravel() for number in range(numbers)))
