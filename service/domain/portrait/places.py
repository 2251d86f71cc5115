"""Where a customer stands among all (definitions, section 6), by the sums of the latest figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.metrics.moment import Moment
from service.domain.metrics.ranks import Ranked, lags_in, leads_in
from service.domain.metrics.segments import LOST, Scores, recent
from service.domain.metrics.tally import Tally
from service.domain.metrics.value import lifetimes


@dataclass(frozen=True)
class Place:
    """Among the customers with an order in a currency: the share of those who ordered less often, of those
    who brought less net revenue, and of those who referred fewer customers (None where nobody is ranked by
    that). One leads in the best fifth, and lags in the lower two fifths."""

    currency: str
    frequency_better_than: float
    revenue_better_than: float
    referral_better_than: float | None
    leads_in: tuple[str, ...]
    lags_in: tuple[str, ...]


def segment(moment: Moment, tally: Tally) -> str | None:
    """The RFM segment; None for who has never ordered, or where there is nobody to compare with."""
    who, days_ago, orders = recent(moment)
    if not len(who):
        return LOST if moment.orders.first_at[0] <= moment.as_of else None
    scores = Scores(tally)
    return scores.segment(int(days_ago[0]), int(orders[0])) if scores.known else None


def places(moment: Moment, tally: Tally) -> Iterator[Place]:
    """By currency, of those in which the customer has an order."""
    names, referral = moment.facts.currencies, moment.definitions.referral_ranks
    for number in sorted(moment.order_currencies, key=names.__getitem__):
        (orders,), (net,) = lifetimes(moment, number)
        ranked = Ranked(tally, names[number], referral=referral)
        if orders and not ranked.empty:
            frequency, revenue, *by_referral = found = ranked.ranks(
                int(orders), int(net), int(moment.brought[0])
            )
            yield Place(
                names[number],
                frequency.better_than,
                revenue.better_than,
                by_referral[0].better_than if by_referral else None,
                leads_in(found),
                lags_in(found),
            )
