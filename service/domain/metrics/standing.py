"""Where a customer stands among all (definitions, section 6): by the share of those who are worse."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate

import numpy as np

from service.domain.metrics.tally import Amount

MOST_ORDERS = 1000  # who ordered more often than that counts as one who ordered that often
WORST, BEST = 1, 5

Borders = tuple[int, ...]
"""From which value on one has each score from 2 up to 5."""


def scores_by(borders: Borders, values: np.ndarray) -> np.ndarray:
    """The scores of values, 1 to 5, by the borders between scores."""
    scores: np.ndarray = WORST + np.searchsorted(borders, values, side="right")
    return scores


class Standing:
    """How many customers (at least one) have each value; the higher a value is, the better."""

    def __init__(self, customers: Mapping[Amount, Amount] | Mapping[int, Amount]) -> None:
        self._values = sorted(customers)
        self._worse = [0, *accumulate(int(number) for _, number in sorted(customers.items()))]

    def better_than(self, value: Amount) -> float:
        """The share of customers with a strictly worse value."""
        return self._worse_than(value) / self._worse[-1]

    def score(self, value: Amount) -> int:
        """1 + floor(5 x share of customers with a strictly worse value); 5 for who is better than all."""
        return min(1 + BEST * self._worse_than(value) // self._worse[-1], BEST)

    def borders(self) -> Borders:
        """Between the scores, where values are whole numbers."""
        needed = [-(-self._worse[-1] * place // BEST) for place in range(1, BEST)]
        return tuple(int(self._values[bisect_left(self._worse, least) - 1]) + 1 for least in needed)

    def _worse_than(self, value: Amount) -> int:
        return self._worse[bisect_left(self._values, value)]
