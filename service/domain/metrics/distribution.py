"""How a quantity of money is distributed, as counts of equal values while there are few of them, and as
buckets one per cent wide where there are many, so that a summary stays small. Whether buckets are used
depends on the business alone, not on how it is split into partitions: a part never has more distinct values
than the whole.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from service.domain.metrics.metric import internal
from service.domain.metrics.tally import Amount, Tally, dtype_for, sums_by

Run = tuple[Amount, int]  # a value in minor units, and how many have it

_WIDTH = np.log(1.01)
_DENSE = 4  # so many places for each value may be counted in before sorting is quicker


class Distribution:
    """The measures of one distribution, exact up to a number of `distinct` values in the whole business."""

    def __init__(self, values: str, distinct: int) -> None:
        self.values = internal(values, "currency", "minor")
        self.buckets = internal(f"{values}_bucket", "currency", "bucket")
        self.sums = internal(f"{values}_bucket_sum", "currency", "bucket")
        self.metrics = (self.values, self.buckets, self.sums)
        self._distinct = distinct

    def measure(self, minor: np.ndarray, currency: str, tally: Tally) -> None:
        """Count values (minor units)."""
        values, counts = counted(minor)
        if len(values) <= self._distinct:
            for value, count in zip(values.tolist(), counts.tolist(), strict=True):
                tally.add(self.values, (currency, str(value)), count)
            return
        buckets, place = np.unique(bucket_of(values), return_inverse=True)
        numbers = sums_by(place, counts, len(buckets))
        products = values.astype(dtype_for(values, int(counts.max()))) * counts
        sums = sums_by(place, products, len(buckets))
        for bucket, number, total in zip(buckets.tolist(), numbers.tolist(), sums.tolist(), strict=True):
            tally.add(self.buckets, (currency, str(bucket)), number)
            tally.add(self.sums, (currency, str(bucket)), total)

    def runs(self, tally: Tally, currency: str) -> Iterator[Run]:
        """Values and how often each occurs, in no order; of a bucket its mean."""
        exact = [(int(value), int(n)) for (c, value), n in tally[self.values].items() if c == currency]
        numbers = {int(b): int(count) for (c, b), count in tally[self.buckets].items() if c == currency}
        if len(exact) <= self._distinct and not numbers:
            yield from exact
            return
        sums = {bucket: tally.get(self.sums, currency, str(bucket)) for bucket in numbers}
        for value, count in exact:
            bucket = int(bucket_of(np.array([value]))[0])
            numbers[bucket] = numbers.get(bucket, 0) + count
            sums[bucket] = sums.get(bucket, 0) + value * count
        for bucket, count in numbers.items():
            yield Fraction(sums[bucket]) / count, count


def counted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct values and how often each occurs; without sorting where they are small."""
    if len(values) and values.dtype != object and values.min() >= 0 and values.max() < _DENSE * len(values):
        counts = np.bincount(values)
        distinct = np.flatnonzero(counts)
        return distinct, counts[distinct]
    return np.unique(values, return_counts=True)


def bucket_of(values: np.ndarray) -> np.ndarray:
    """Which one-per-cent bucket each value falls into; negative ones mirror the positive ones."""
    size = np.abs(values).astype("f8")
    bucket: np.ndarray = np.sign(values) * (1 + np.floor(np.log(np.maximum(size, 1)) / _WIDTH))
    return bucket.astype("i8")
