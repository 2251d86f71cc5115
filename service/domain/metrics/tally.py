"""The table of additive measures behind every figure, and exact sums over columns."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import add

import numpy as np

from service.domain.metrics.metric import Metric

Labels = tuple[str, ...]
Amount = int | Fraction
Moments = tuple[int, ...]

_EXACT_BITS = 62
_DENSE = 8


class Tally:
    """Sums by measure and labels, moments likewise, and earliest instants by name. Tallies of different
    partitions add up."""

    def __init__(self) -> None:
        self.sums: dict[str, dict[Labels, Amount]] = defaultdict(dict)
        self.moments: dict[str, dict[Labels, Moments]] = defaultdict(dict)
        self.earliest: dict[str, int] = {}

    def add(self, metric: Metric, labels: Labels, amount: Amount | np.integer) -> None:
        """Add `amount` to a sum; 0 makes sure that it exists."""
        exact = amount if isinstance(amount, Fraction) else int(amount)
        sums = self.sums[metric.name]
        sums[labels] = sums.get(labels, 0) + exact

    def count(
        self,
        metric: Metric,
        places: np.ndarray,
        names: Sequence[str],
        before: Labels = (),
        after: Labels = (),
    ) -> None:
        """Add how often each place in `names` occurs; the name stands between the other labels."""
        counts = np.bincount(places, minlength=len(names))
        for name, count in zip(names, counts, strict=True):
            self.add(metric, (*before, name, *after), count)

    def add_moments(self, metric: Metric, labels: Labels, moments: Moments) -> None:
        """Add several sums that belong together, place by place."""
        rows = self.moments[metric.name]
        rows[labels] = _added(rows[labels], moments) if labels in rows else moments

    def moments_of(self, metric: Metric, currency: str) -> dict[Labels, Moments]:
        """The rows of a measure whose first label is this currency, in the order of their labels."""
        rows = self.moments.get(metric.name, {})
        return {labels: rows[labels] for labels in sorted(rows) if labels[0] == currency}

    def first(self, name: str, at: int) -> None:
        """Note that `name` happened at this instant, if never earlier."""
        self.earliest[name] = min(at, self.earliest.get(name, at))

    def __getitem__(self, metric: Metric) -> dict[Labels, Amount]:
        return self.sums.get(metric.name, {})

    def get(self, metric: Metric, *labels: str) -> Amount:
        """One sum; 0 if nothing was ever added to it."""
        return self[metric].get(labels, 0)


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies, in any order."""
    result = Tally()
    for tally in tallies:
        for name, sums in tally.sums.items():
            into = result.sums[name]
            for labels, amount in sums.items():
                into[labels] = into.get(labels, 0) + amount
        for name, rows in tally.moments.items():
            into_rows = result.moments[name]
            for labels, moments in rows.items():
                into_rows[labels] = _added(into_rows[labels], moments) if labels in into_rows else moments
        for name, at in tally.earliest.items():
            result.first(name, at)
    return result


def _added(one: Moments, other: Moments) -> Moments:
    return tuple(map(add, one, other))


def sums_by(groups: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Exact sums of integer `values` by group below `size`: in 64 bits, or Python's own where need be."""
    sums: np.ndarray = np.zeros(size, dtype_for(values))
    np.add.at(sums, groups, values)
    return sums


def total_by(size: int, *parts: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Exact sums by group below `size` over several pairs of groups and integer values."""
    sums = [sums_by(groups, values, size) for groups, values in parts if len(groups)]
    fits = sum(largest(part) for part in sums).bit_length() <= _EXACT_BITS
    return np.add.reduce(sums, dtype=np.int64 if fits else object) if sums else np.zeros(size, "i8")


def sum_of(values: np.ndarray) -> int:
    """The exact sum of integers."""
    return int(values.sum(dtype=dtype_for(values)))


def running_sum(values: np.ndarray) -> np.ndarray:
    """The exact sums of the first 0, 1, 2 … integers."""
    sums: np.ndarray = np.zeros(len(values) + 1, dtype_for(values))
    np.cumsum(values, out=sums[1:])
    return sums


def dtype_for(values: np.ndarray, factor: int = 1) -> type:
    """The type in which `values` times `factor` can be added up without passing 64 bits."""
    if values.dtype == object:
        return object
    fits = (largest(values) * max(len(values), 1) * factor).bit_length() <= _EXACT_BITS
    return np.int64 if fits else object


def largest(values: np.ndarray) -> int:
    """The greatest size of an integer, whatever its sign; 0 of none."""
    return max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))


def distinct(numbers: np.ndarray, below: int) -> np.ndarray:
    """Each of the numbers once, ascending; without sorting where there are not many more places below the
    bound than numbers."""
    if below <= _DENSE * len(numbers):
        return np.flatnonzero(present(numbers, below))
    ascending = np.sort(numbers)
    first: np.ndarray = np.append(True, ascending[1:] != ascending[:-1])[: len(ascending)]
    once: np.ndarray = ascending[first]
    return once


def present(customers: np.ndarray, size: int) -> np.ndarray:
    """A mask by customer: who occurs in `customers`."""
    mask = np.zeros(size, bool)
    mask[customers] = True
    return mask


def first_value(customers: np.ndarray, values: np.ndarray, size: int, missing: int) -> np.ndarray:
    """Each customer's value in the first of its rows; `missing` where there is none."""
    firsts = np.full(size, missing, values.dtype)
    firsts[customers[::-1]] = values[::-1]  # of repeated places numpy keeps the last assignment
    return firsts


def last_value(customers: np.ndarray, values: np.ndarray, size: int, missing: int) -> np.ndarray:
    """Each customer's value in the last of its rows; `missing` where there is none."""
    lasts = np.full(size, missing, values.dtype)
    lasts[customers] = values
    return lasts
