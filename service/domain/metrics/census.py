"""By how many customers each plan, channel and currency was ever had: what bounds the labels."""

import numpy as np

from service.domain.metrics.labels import CHANNELS, CURRENCIES, PLANS
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally, present


def measure(moment: Moment, tally: Tally) -> None:
    """Count customers by label."""
    for metric, labels in ((PLANS, moment.plans), (CHANNELS, moment.channels)):
        for name, customers in labels.customers.items():
            tally.add(metric, (name,), customers)
    for number in {*moment.order_currencies, *moment.subscription_currencies}:
        tally.add(CURRENCIES, (moment.facts.currencies[number],), _customers(moment, number))
    for number in moment.spend_currencies:
        tally.add(CURRENCIES, (moment.facts.currencies[number],), 0)


def _customers(moment: Moment, currency: int) -> int:
    """How many customers ever met a currency, in orders, refunds or subscriptions."""
    facts = moment.facts
    orders = facts.orders.orders
    until = facts.orders.placed_by(moment.as_of)
    met = present(orders["customer"][:until][orders["currency"][:until] == currency], facts.customers)
    for table in (facts.lives.mentions, facts.orders.refunds):
        met[table["customer"][(table["currency"] == currency) & (table["at"] <= moment.as_of)]] = True
    met[facts.orders.folded["customer"][facts.orders.folded["currency"] == currency]] = True
    return int(np.count_nonzero(met))
