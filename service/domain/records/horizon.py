"""Folding: what lies beyond the horizon becomes lifetime totals, so that a record cannot grow for ever.

An order is folded when it, its cancellation and all its refunds are older than the horizon: then no figure of
an as_of inside the horizon can tell the difference.
"""

import numpy as np

from service.domain.records.customer import Customer, Folded, earliest
from service.domain.records.rows import CANCELLATION, ORDER, REFUND, columns, currency_code, first_at


def starts_beyond(customer: Customer, horizon: int) -> bool:
    """A cheap hint that there is something to fold: the first order to arrive is older than `horizon`."""
    return bool(customer.orders) and first_at(customer.orders) < horizon


def fold(customer: Customer, horizon: int) -> bool:
    """Move what is older than `horizon` (an instant) into the totals; whether there was any."""
    orders, refunds = columns(customer.orders, ORDER), columns(customer.refunds, REFUND)
    cancellations = columns(customer.cancellations, CANCELLATION)
    recent = np.concatenate(
        [refunds["order"][refunds["at"] >= horizon], cancellations["order"][cancellations["at"] >= horizon]]
    )
    old_orders = (orders["at"] < horizon) & ~np.isin(orders["id"], recent)
    kept = orders["id"][~old_orders]
    old_refunds = (refunds["at"] < horizon) & ~np.isin(refunds["order"], kept)
    old_cancellations = (cancellations["at"] < horizon) & ~np.isin(cancellations["order"], kept)
    if not (old_orders.any() or old_refunds.any() or old_cancellations.any()):
        return False

    gone = np.intersect1d(orders["id"][old_orders], cancellations["order"])
    for row in orders[old_orders]:
        count_order(customer, row["at"], row["minor"], row["currency"], cancelled=row["id"] in gone)
    for row in refunds[old_refunds]:
        if row["order"] not in gone:
            count_refund(customer, row["minor"], row["currency"])
    customer.orders = orders[~old_orders].tobytes()
    customer.refunds = refunds[~old_refunds].tobytes()
    customer.cancellations = cancellations[~old_cancellations].tobytes()
    return True


def count_order(customer: Customer, at: int, minor: int, currency: int, *, cancelled: bool = False) -> None:
    """Count an order beyond the horizon. Its currency (a number) has been seen, whatever else is true."""
    if minor > 0 and not cancelled:
        _add(customer, currency, orders=1, gross=int(minor))
        customer.folded_first_at = earliest(customer.folded_first_at, int(at))
    else:
        _add(customer, currency)


def count_refund(customer: Customer, minor: int, currency: int) -> None:
    """Count a refund beyond the horizon; `currency` is a number."""
    _add(customer, currency, refunded=int(minor))


def _add(customer: Customer, currency: int, orders: int = 0, gross: int = 0, refunded: int = 0) -> None:
    code, folded = currency_code(currency), customer.folded or {}
    customer.folded = {**folded, code: folded.get(code, Folded()).plus(orders, gross, refunded)}
