"""How much of the lifetime revenue comes from how few (definitions, section 6, Pareto share)."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

import numpy as np

from service.domain.metrics.distribution import Distribution, Run
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.tally import Amount, Tally

REVENUE_SHARE = Metric(
    "pareto_revenue_share", "Share of lifetime net revenue from the top 20 % of customers.", ("currency",)
)
CUSTOMER_SHARE = Metric(
    "pareto_customer_share",
    "Smallest share of customers that makes 80 % of lifetime net revenue.",
    ("currency",),
)
CUSTOMERS = Distribution("customers_by_value", distinct=4096)
METRICS = (REVENUE_SHARE, CUSTOMER_SHARE, *CUSTOMERS.metrics)


def measure(net: np.ndarray, currency: str, tally: Tally) -> None:
    """Count customers by net revenue (minor units)."""
    CUSTOMERS.measure(net, currency, tally)


def figures(tally: Tally, currencies: Iterable[str]) -> Iterator[Figure]:
    """Both shares for each currency; no value where the total is not positive."""
    for currency in currencies:
        runs = sorted(CUSTOMERS.runs(tally, currency), reverse=True)
        total = sum(Fraction(value) * count for value, count in runs)
        shares = _shares(runs, total) if total > 0 else (None, None)
        yield REVENUE_SHARE.figure((currency,), shares[0])
        yield CUSTOMER_SHARE.figure((currency,), shares[1])


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
