"""Orders, revenue, refunds and average order value in a window (definitions, section 5)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.counted import Bought, Entries
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major, mean, ratio
from service.domain.metrics.tally import Tally, present, running_sum, sum_of

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
        _orders(moment, number, code, tally)
        _guarantee(moment, number, code, tally)


def _orders(moment: Moment, number: int, code: str, tally: Tally) -> None:
    placed, bought = moment.orders.of(number), moment.orders.by_customer(number)
    first_at, so_far = moment.orders.first_at, running_sum(placed.minor)
    came_at = first_at[bought.customer]
    for window in moment.windows:
        rows = placed.between(window.start, window.end)
        orders, gross = rows.stop - rows.start, so_far[rows.stop] - so_far[rows.start]
        if moment.orders.reaches(window.end):
            buyers, new_orders, new_gross = _since(window.start, bought, came_at)
        else:
            buyers, new_orders, new_gross = _within(window.start, placed.where(rows), first_at)
        for label, count, minor in (
            ("existing", orders - new_orders, gross - new_gross),
            ("new", new_orders, new_gross),
        ):
            tally.add(ORDERS, (window.name, code, label), count)
            tally.add(GROSS, (window.name, code, label), minor)
        tally.add(BUYERS, (window.name, code), buyers)


def _since(start: int, bought: Bought, came_at: np.ndarray) -> tuple[int, int, int]:
    """How many customers have ordered since `start`; orders and gross revenue of those who came since;
    `came_at`: when each of `bought` came."""
    new = came_at >= start
    return (
        int(np.count_nonzero(bought.last_at >= start)),
        sum_of(bought.orders[new]),
        sum_of(bought.minor[new]),
    )


def _within(start: int, placed: Entries, first_at: np.ndarray) -> tuple[int, int, int]:
    """The same of the orders `placed` in a window that begins at `start`; `first_at`: when each of all
    customers came."""
    new = first_at[placed.customer] >= start
    buyers = np.count_nonzero(present(placed.customer, len(first_at)))
    return int(buyers), int(np.count_nonzero(new)), sum_of(placed.minor[new])


def _guarantee(moment: Moment, number: int, code: str, tally: Tally) -> None:
    placed, refunded, period = moment.orders.of(number), moment.orders.refunded, moment.definitions.guarantee
    in_time = refunded.refunded_at <= np.minimum(refunded.at + period, moment.as_of)
    returned_at = refunded.at[in_time & (refunded.currency == number)]
    for window in moment.windows:
        start, end = window.start - period, window.end - period
        rows, returned = placed.between(start, end), (returned_at >= start) & (returned_at < end)
        tally.add(GUARANTEED, (window.name, code), rows.stop - rows.start)
        tally.add(RETURNED, (window.name, code), np.count_nonzero(returned))


def _refunds(moment: Moment, number: int, code: str, tally: Tally) -> None:
    refunds = moment.refunds.of(number)
    so_far = running_sum(refunds.minor)
    for window in moment.windows:
        rows = refunds.between(window.start, window.end)
        tally.add(REFUNDED, (window.name, code), so_far[rows.stop] - so_far[rows.start])


def _free_orders(moment: Moment, tally: Tally) -> None:
    orders, fates = moment.facts.orders.orders, moment.facts.orders.fates
    free = orders["minor"] == 0
    free[orders["fated"]] &= fates["cancelled_at"] > moment.as_of
    at = orders["at"][free]
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
