"""What single orders are worth: the actual distribution, which a minimum order would change."""

from service.domain.metrics.distribution import Distribution
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally

ORDERS = Distribution("orders_by_value", distinct=512)
METRICS = ORDERS.metrics


def measure(moment: Moment, tally: Tally) -> None:
    """Count the orders of the last year by their amount, by currency."""
    for number in moment.order_currencies:
        placed = moment.orders.of(number)
        minor = placed.minor[placed.between(moment.year.start, moment.year.end)]
        ORDERS.measure(minor, moment.facts.currencies[number], tally)
