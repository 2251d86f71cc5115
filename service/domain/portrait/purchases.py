"""What a customer ordered, got back, and has been worth so far (definitions, sections 5 and 6)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import major
from service.domain.metrics.tally import sum_of
from service.domain.records.customer import NEVER, Customer, Folded
from service.domain.records.rows import CANCELLATION, ORDER, REFUND, columns, currency_code


@dataclass(frozen=True)
class Refund:
    """Money given back."""

    at: int
    amount: float
    currency: str


@dataclass(frozen=True)
class Order:
    """One order. Its identifier is not kept, only a hash of it."""

    placed_at: int
    amount: float
    currency: str
    cancelled_at: int | None
    refunds: tuple[Refund, ...]


@dataclass(frozen=True)
class Worth:
    """Lifetime revenue in one currency, what lies beyond the horizon included: orders that count (amount
    above 0, not cancelled), their amounts, refunds that count, and the difference."""

    currency: str
    orders: int
    gross_revenue: float
    refunded_revenue: float
    net_revenue: float


def orders(customer: Customer, as_of: int) -> list[Order]:
    """The orders placed by then and not folded, the newest first, with what had become of each."""
    cancelled: dict[int, int] = {}
    for _, order, at in columns(customer.cancellations, CANCELLATION).tolist():
        if at <= as_of:
            cancelled[order] = min(at, cancelled.get(order, NEVER))
    refunds = _refunds(customer, as_of)
    found = [
        Order(
            at,
            major(minor, currency_code(currency)),
            currency_code(currency),
            cancelled.get(order),
            tuple(refunds.get(order, ())),
        )
        for order, at, minor, currency in columns(customer.orders, ORDER).tolist()
        if at <= as_of
    ]
    return sorted(found, key=lambda order: -order.placed_at)


def strays(customer: Customer, as_of: int) -> list[Refund]:
    """Refunds of orders that are not known (yet, or any more), the newest first."""
    placed = {order for order, at, *_ in columns(customer.orders, ORDER).tolist() if at <= as_of}
    found = [
        refund
        for order, refunds in _refunds(customer, as_of).items()
        if order not in placed
        for refund in refunds
    ]
    return sorted(found, key=lambda refund: -refund.at)


def _refunds(customer: Customer, as_of: int) -> dict[int, list[Refund]]:
    """By order, in their order."""
    found: dict[int, list[Refund]] = defaultdict(list)
    for _, order, at, minor, number in sorted(columns(customer.refunds, REFUND).tolist(), key=lambda r: r[2]):
        if at <= as_of:
            found[order].append(Refund(at, major(minor, currency_code(number)), currency_code(number)))
    return found


def worth(customer: Customer, moment: Moment) -> Iterator[Worth]:
    """What the customer has been worth so far, by currency."""
    names = moment.facts.currencies
    for number in sorted(moment.order_currencies, key=names.__getitem__):
        code = names[number]
        old = (customer.folded or {}).get(code, Folded())
        amounts = moment.orders.of(number).minor
        gross = sum_of(amounts) + int(old.gross)
        refunded = sum_of(moment.refunds.of(number).minor) + int(old.refunded)
        yield Worth(
            code,
            len(amounts) + old.orders,
            major(gross, code),
            major(refunded, code),
            major(gross - refunded, code),
        )
