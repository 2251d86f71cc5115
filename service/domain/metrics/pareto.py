"""How much of the lifetime revenue comes from how few (definitions, section 6, Pareto share).

Customers are kept as counts of equal values, up to 4,096 of them in the whole business; beyond that as
buckets one per cent wide, so that a summary stays small. Whether buckets are used depends on the business
alone, not on how it is split into partitions: a part never has more distinct values than the whole.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.tally import Amount, Tally, sums_by

REVENUE_SHARE = Metric(
    "pareto_revenue_share", "Share of lifetime net revenue from the top 20 % of customers.", ("currency",)
)
CUSTOMER_SHARE = Metric(
    "pareto_customer_share",
    "Smallest share of customers that makes 80 % of lifetime net revenue.",
    ("currency",),
)
VALUES = internal("customers_by_value", "currency", "minor")
BUCKETS = internal("customers_by_value_bucket", "currency", "bucket")
BUCKET_NET = internal("net_by_value_bucket", "currency", "bucket")
METRICS = (REVENUE_SHARE, CUSTOMER_SHARE, VALUES, BUCKETS, BUCKET_NET)

DISTINCT = 4096
_WIDTH = np.log(1.01)

Run = tuple[Amount, int]  # so many customers with this value each


def measure(net: np.ndarray, currency: str, tally: Tally) -> None:
    """Count customers by net revenue (minor units)."""
    values, counts = np.unique(net, return_counts=True)
    if len(values) <= DISTINCT:
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            tally.add(VALUES, (currency, str(value)), count)
        return
    buckets, place = np.unique(_bucket(values), return_inverse=True)
    numbers = sums_by(place, counts, len(buckets))
    nets = sums_by(place, values.astype(object) * counts, len(buckets))
    for bucket, number, total in zip(buckets.tolist(), numbers.tolist(), nets.tolist(), strict=True):
        tally.add(BUCKETS, (currency, str(bucket)), number)
        tally.add(BUCKET_NET, (currency, str(bucket)), total)


def _bucket(values: np.ndarray) -> np.ndarray:
    """Which one-per-cent bucket each value falls into; negative ones mirror the positive ones."""
    size = np.abs(values).astype("f8")
    bucket: np.ndarray = np.sign(values) * (1 + np.floor(np.log(np.maximum(size, 1)) / _WIDTH))
    return bucket.astype("i8")


def figures(tally: Tally, currencies: Iterable[str]) -> Iterator[Figure]:
    """Both shares for each currency; no value where the total is not positive."""
    for currency in currencies:
        runs = sorted(_runs(tally, currency), reverse=True)
        total = sum(Fraction(value) * count for value, count in runs)
        shares = _shares(runs, total) if total > 0 else (None, None)
        yield REVENUE_SHARE.figure((currency,), shares[0])
        yield CUSTOMER_SHARE.figure((currency,), shares[1])


def _runs(tally: Tally, currency: str) -> Iterator[Run]:
    exact = [(int(value), int(count)) for (c, value), count in tally[VALUES].items() if c == currency]
    bucketed = {int(b): int(count) for (c, b), count in tally[BUCKETS].items() if c == currency}
    if len(exact) <= DISTINCT and not bucketed:
        yield from exact
        return
    nets = {bucket: tally.get(BUCKET_NET, currency, str(bucket)) for bucket in bucketed}
    for value, count in exact:
        bucket = int(_bucket(np.array([value]))[0])
        bucketed[bucket] = bucketed.get(bucket, 0) + count
        nets[bucket] = nets.get(bucket, 0) + value * count
    for bucket, count in bucketed.items():
        yield Fraction(nets[bucket]) / count, count


def _shares(runs: list[Run], total: Amount) -> tuple[float, float]:
    """Revenue share of the top fifth of customers; share of customers that makes four fifths of revenue."""
    customers = sum(count for _, count in runs)
    fifth = ceil(Fraction(customers, 5))
    top: Amount = 0
    needed, reached = 0, Fraction(0)
    for value, count in runs:
        taken = min(count, fifth)
        top, fifth = top + value * taken, fifth - taken
        missing = Fraction(4, 5) * total - reached
        if missing > 0:
            enough = min(count, ceil(missing / value)) if value > 0 else count
            needed, reached = needed + enough, reached + Fraction(value) * enough
    return float(Fraction(top) / total), float(Fraction(needed, customers))
