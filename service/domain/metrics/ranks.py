"""Who leads in how often and who in how much (definitions, section 6): value is more than one thing.

Two rankings of the customers with an order in a currency, by number of orders and by lifetime net revenue,
apart from each other. One customer's places are found on demand, from the sums of all.
"""

from typing import NamedTuple

import numpy as np

from service.domain.metrics import pareto
from service.domain.metrics.metric import internal
from service.domain.metrics.standing import MOST_ORDERS, Standing
from service.domain.metrics.tally import Tally

BY_ORDERS = internal("customers_by_orders", "currency", "orders")
METRICS = (BY_ORDERS,)


class Rank(NamedTuple):
    """Which share of customers is worse in a ranking, and the score that this makes, 1 to 5."""

    better_than: float
    score: int


def measure(orders: np.ndarray, currency: str, tally: Tally) -> None:
    """Count customers by their orders."""
    counts = np.bincount(np.minimum(orders, MOST_ORDERS))
    for number in np.flatnonzero(counts).tolist():
        tally.add(BY_ORDERS, (currency, str(number)), counts[number])


def ranks(tally: Tally, currency: str, orders: int, net: int) -> tuple[Rank, Rank] | None:
    """Where a customer with so many orders and this net revenue (minor units) stands among all, by frequency
    and by revenue; None where no customer has an order in the currency."""
    by_orders = {int(number): n for (code, number), n in tally[BY_ORDERS].items() if code == currency}
    if not by_orders:
        return None
    frequency, revenue = Standing(by_orders), Standing(dict(pareto.CUSTOMERS.runs(tally, currency)))
    often = min(orders, MOST_ORDERS)
    return (
        Rank(frequency.better_than(often), frequency.score(often)),
        Rank(revenue.better_than(net), revenue.score(net)),
    )
