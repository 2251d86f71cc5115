"""Folding: what lies beyond the horizon becomes lifetime totals, so that a record cannot grow for ever.

An order is folded when it, its cancellation and all its refunds are older than the horizon: then no figure of
an as_of inside the horizon can tell the difference.
"""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from service.domain.records.customer import NEVER, Customer, Folded, earliest
from service.domain.records.customers import Buyer
from service.domain.records.rows import CANCELLATION, ORDER, REFUND, columns, currency_code


def oldest(customer: Customer | Buyer) -> int:
    """The earliest instant of an order, refund or cancellation; NEVER without any. For short logs."""
    logs = ((customer.orders, ORDER), (customer.refunds, REFUND), (customer.cancellations, CANCELLATION))
    return min((int(columns(log, dtype)["at"].min()) for log, dtype in logs if log), default=NEVER)


def oldest_of(customers: Iterable[Customer]) -> int:
    """As `oldest`, of many customers at once."""
    found, waiting = NEVER, iter(customers)
    while some := list(islice(waiting, 4_096)):
        for log, dtype in (("orders", ORDER), ("refunds", REFUND), ("cancellations", CANCELLATION)):
            rows = columns(b"".join(getattr(customer, log) for customer in some), dtype)
            found = min(found, int(rows["at"].min(initial=NEVER)))
    return found


def ripe_at(customer: Customer | Buyer) -> int:
    """The latest horizon for which `fold` finds nothing: where the first order is done with, and all that
    happened to it, or the first refund or cancellation whose order is not known. NEVER without any."""
    orders, ripe = columns(customer.orders, ORDER), NEVER
    by_id = np.argsort(orders["id"])
    ids, done_at = orders["id"][by_id], orders["at"][by_id]
    for log, dtype in ((customer.refunds, REFUND), (customer.cancellations, CANCELLATION)):
        rows = columns(log, dtype)
        after = np.searchsorted(ids, rows["order"], side="right")  # where the order lies if it is known
        known = (after > 0) & (ids[after - 1] == rows["order"]) if len(ids) else np.zeros(len(rows), bool)
        np.maximum.at(done_at, after[known] - 1, rows["at"][known])
        ripe = min(ripe, int(rows["at"][~known].min(initial=NEVER)))
    return min(ripe, int(done_at.min(initial=NEVER)))


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

    gone = set(np.intersect1d(orders["id"][old_orders], cancellations["order"]).tolist())
    for order, at, minor, currency in orders[old_orders].tolist():
        count_order(customer, at, minor, currency, cancelled=order in gone)
    for _, order, _, minor, currency in refunds[old_refunds].tolist():
        count_refund(customer, 0 if order in gone else minor, currency)
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
    """Count a refund beyond the horizon, of 0 where its order was cancelled; `currency` is a number."""
    _add(customer, currency, refunded=int(minor))


def _add(customer: Customer, currency: int, orders: int = 0, gross: int = 0, refunded: int = 0) -> None:
    code, folded = currency_code(currency), customer.folded or {}
    customer.folded = {**folded, code: folded.get(code, Folded()).plus(orders, gross, refunded)}
