"""Who leads in how often, who in how much, and who in whom they brought (definitions, section 6): value is
more than one thing.

Rankings of the customers with an order in a currency, apart from each other: by number of orders, by lifetime
net revenue, and, where that is wanted, by how many customers named them as referrer. What adds up is how many
customers have each pair of two of these values. So the view knows all rankings, and how many lead in one and
lag in another, whoever holds their records.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from service.domain.metrics import pairs
from service.domain.metrics.distribution import bucket_of
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.pairs import Counted, Pair
from service.domain.metrics.standing import BEST, MOST_ORDERS, Standing
from service.domain.metrics.tally import Amount, Tally

RANKINGS = FREQUENCY, REVENUE, REFERRAL = "frequency", "revenue", "referral"
LAGGING = 2  # the highest score of the lower two fifths
MOST_REFERRALS = 1_000  # who brought more counts as one who brought that many

UNEVEN = Metric(
    "customers_leading_and_lagging",
    "Customers with an order who are in the best fifth by one ranking (frequency: orders ever; revenue: "
    "lifetime net; referral, where referral_ranks is set: customers who named them) and in the lower two "
    "fifths by another.",
    ("currency", "leads_in", "lags_in"),
)
PAIRS = internal("customers_by_orders_and_net", "currency", "orders", "minor")
BUCKETS = internal("customers_by_orders_and_net_bucket", "currency", "orders", "row")
BY_ORDERS = internal("customers_by_orders_and_referrals", "currency", "orders", "referrals")
BY_ORDERS_ROWS = internal("customers_by_orders_and_referrals_row", "currency", "orders", "row")
BY_NET = internal("customers_by_referrals_and_net", "currency", "referrals", "minor")
BY_NET_BUCKETS = internal("customers_by_referrals_and_net_bucket", "currency", "referrals", "row")
METRICS = (UNEVEN, PAIRS, BUCKETS, BY_ORDERS, BY_ORDERS_ROWS, BY_NET, BY_NET_BUCKETS)

OFTEN_AND_MUCH = Pair((FREQUENCY, REVENUE), PAIRS, BUCKETS, bucket_of)
OFTEN_AND_MANY = Pair((FREQUENCY, REFERRAL), BY_ORDERS, BY_ORDERS_ROWS, lambda referrals: referrals)
MANY_AND_MUCH = Pair((REFERRAL, REVENUE), BY_NET, BY_NET_BUCKETS, bucket_of)


class Rank(NamedTuple):
    """Which share of customers is worse in a ranking, and the score that this makes, 1 to 5."""

    better_than: float
    score: int


def measure(
    orders: np.ndarray, net: np.ndarray, currency: str, tally: Tally, referrals: np.ndarray | None = None
) -> None:
    """Count customers by their orders and net revenue (minor units); with `referrals` by how many customers
    they brought, too."""
    often = np.minimum(orders, MOST_ORDERS)
    pairs.measure(OFTEN_AND_MUCH, often, net, currency, tally)
    if referrals is not None:
        many = np.minimum(referrals, MOST_REFERRALS)
        pairs.measure(OFTEN_AND_MANY, often, many, currency, tally)
        pairs.measure(MANY_AND_MUCH, many, net, currency, tally)


class Ranked:
    """The customers with an order in a currency, by each ranking."""

    def __init__(self, tally: Tally, currency: str, *, referral: bool = False) -> None:
        """`referral`: whether there is a ranking by referral."""
        wanted = (OFTEN_AND_MUCH, OFTEN_AND_MANY, MANY_AND_MUCH) if referral else (OFTEN_AND_MUCH,)
        self._counted = {pair.rankings: Counted(pair, tally, currency) for pair in wanted}
        self._referral = referral

    @property
    def empty(self) -> bool:
        """Whether nobody has an order in the currency."""
        return not len(self._counted[FREQUENCY, REVENUE].counts)

    def uneven(self) -> Iterator[tuple[tuple[str, str], int]]:
        """Of each two rankings, how many lead in the first and lag in the second."""
        for (one, other), counted in self._counted.items():
            first, second = counted.scores(0), counted.scores(1)
            for names, best, worst in (((one, other), first, second), ((other, one), second, first)):
                yield names, int(counted.counts[(best == BEST) & (worst <= LAGGING)].sum())

    def ranks(self, orders: int, net: int, referrals: int = 0) -> tuple[Rank, ...]:
        """Where a customer with so many orders, this net revenue (minor units) and so many referrals stands,
        by each ranking."""
        counted = self._counted[FREQUENCY, REVENUE]
        own = int(bucket_of(np.array([net]))[0]) if counted.in_buckets else net
        found = _rank(counted.standing(0), min(orders, MOST_ORDERS)), _rank(counted.standing(1), own)
        if not self._referral:
            return found
        by_referral = self._counted[FREQUENCY, REFERRAL].standing(1)
        return *found, _rank(by_referral, min(referrals, MOST_REFERRALS))


def _rank(standing: Standing, value: Amount) -> Rank:
    return Rank(standing.better_than(value), standing.score(value))


def leads_in(ranks: Sequence[Rank]) -> tuple[str, ...]:
    """The rankings in which a customer is in the best fifth."""
    return tuple(name for name, rank in zip(RANKINGS, ranks, strict=False) if rank.score == BEST)


def lags_in(ranks: Sequence[Rank]) -> tuple[str, ...]:
    """The rankings in which a customer is in the lower two fifths."""
    return tuple(name for name, rank in zip(RANKINGS, ranks, strict=False) if rank.score <= LAGGING)


def figures(tally: Tally, currencies: Iterable[str], *, referral: bool) -> Iterator[Figure]:
    """Who leads in one ranking and lags in another; `referral`: also by whom they brought."""
    for currency in currencies:
        for names, customers in Ranked(tally, currency, referral=referral).uneven():
            yield UNEVEN.figure((currency, *names), customers)
