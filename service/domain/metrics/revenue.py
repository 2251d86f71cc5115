"""Orders, revenue, refunds and average order value in a window (definitions, section 5)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major, mean, ratio
from service.domain.metrics.tally import Tally, present, sum_of
from service.domain.metrics.windows import Window

_BY_CURRENCY = ("window", "currency")
_BY_CUSTOMER = ("window", "currency", "customer")

ORDERS = Metric(
    "orders",
    "Orders placed in the window, amount above 0, not cancelled.",
    _BY_CUSTOMER,
    over_currencies=True,
)
GROSS = Metric(
    "gross_revenue",
    "Sum of the amounts of orders placed in the window, not cancelled, major units.",
    _BY_CUSTOMER,
)
REFUNDED = Metric("refunded_revenue", "Refunds by their own date, major units.", _BY_CURRENCY)
AOV = Metric("average_order_value", "Gross revenue / orders, major units.", _BY_CURRENCY)
EXISTING = Metric(
    "existing_customer_revenue_ratio",
    "Gross revenue of customers whose first order came before the window / gross revenue.",
    _BY_CURRENCY,
)
FREQUENCY = Metric("purchase_frequency", "Orders / customers who ordered in the window.", _BY_CURRENCY)
GUARANTEE = Metric(
    "guarantee_refund_ratio",
    "Share refunded within the guarantee period, of the orders whose period ended in the window.",
    _BY_CURRENCY,
)
FREE = Metric("free_orders", "Orders with amount 0 placed in the window, not cancelled.", ("window",))
BUYERS = internal("buyers", *_BY_CURRENCY)
GUARANTEED = internal("orders_guaranteed", *_BY_CURRENCY)
RETURNED = internal("orders_returned", *_BY_CURRENCY)
METRICS = (ORDERS, GROSS, REFUNDED, AOV, EXISTING, FREQUENCY, GUARANTEE, FREE, BUYERS, GUARANTEED, RETURNED)


def measure(moment: Moment, tally: Tally) -> None:
    """Count and add up orders and refunds, by currency."""
    _free_orders(moment, tally)
    for number in moment.order_currencies:
        code = moment.facts.currencies[number]
        _refunds(moment, number, code, tally)
        for window in moment.windows:
            _orders(moment, window, number, code, tally)
            _guarantee(moment, window, number, code, tally)


def _orders(moment: Moment, window: Window, number: int, code: str, tally: Tally) -> None:
    orders, rows = moment.orders, moment.orders.between(window.start, window.end)
    own = orders.currency[rows] == number
    customer, minor = orders.customer[rows][own], orders.minor[rows][own]
    existing = orders.first_at[customer] < window.start
    for label, mask in (("existing", existing), ("new", ~existing)):
        tally.add(ORDERS, (window.name, code, label), np.count_nonzero(mask))
        tally.add(GROSS, (window.name, code, label), sum_of(minor[mask]))
    buyers = np.count_nonzero(present(customer, moment.facts.customers))
    tally.add(BUYERS, (window.name, code), buyers)


def _guarantee(moment: Moment, window: Window, number: int, code: str, tally: Tally) -> None:
    orders, period = moment.orders, moment.definitions.guarantee
    rows = orders.between(window.start - period, window.end - period)
    own = orders.currency[rows] == number
    placed_at, refunded_at = orders.at[rows][own], orders.refunded_at[rows][own]
    returned = (refunded_at <= placed_at + period) & (refunded_at <= moment.as_of)
    tally.add(GUARANTEED, (window.name, code), len(placed_at))
    tally.add(RETURNED, (window.name, code), np.count_nonzero(returned))


def _refunds(moment: Moment, number: int, code: str, tally: Tally) -> None:
    refunds = moment.refunds
    own = refunds.currency == number
    for window in moment.windows:
        tally.add(REFUNDED, (window.name, code), sum_of(refunds.minor[own & window.holds(refunds.at)]))


def _free_orders(moment: Moment, tally: Tally) -> None:
    facts = moment.facts.orders
    free = (facts.orders["minor"] == 0) & (facts.cancelled_at[facts.orders["fate"]] > moment.as_of)
    at = facts.orders["at"][free]
    for window in moment.windows:
        tally.add(FREE, (window.name,), np.count_nonzero(window.holds(at)))


def figures(tally: Tally) -> Iterator[Figure]:
    """Counts, money in major units, and the ratios between them."""
    for metric in (ORDERS, FREE):
        yield from (metric.figure(labels, int(count)) for labels, count in tally[metric].items())
    for metric in (GROSS, REFUNDED):
        yield from (metric.figure(labels, major(minor, labels[1])) for labels, minor in tally[metric].items())
    for labels, buyers in tally[BUYERS].items():
        orders = sum(tally.get(ORDERS, *labels, customer) for customer in ("existing", "new"))
        existing, new = (tally.get(GROSS, *labels, customer) for customer in ("existing", "new"))
        yield AOV.figure(labels, mean(existing + new, orders, labels[1]))
        yield EXISTING.figure(labels, ratio(existing, existing + new))
        yield FREQUENCY.figure(labels, ratio(orders, buyers))
        yield GUARANTEE.figure(labels, ratio(tally.get(RETURNED, *labels), tally.get(GUARANTEED, *labels)))
