"""Customers who have ordered, as changelog rows, and the orders that they place next."""

from collections.abc import Iterator

from benchmarks.load import SPREAD
from schemas import fast
from service.domain.records.customer import Customer
from service.domain.records.identity import identity
from service.domain.records.packing import Row, pack
from service.domain.records.rows import NUMBERS, order_row

SLICE = 1_000  # as many orders as an agent is handed at once
ORDERS_EACH = 12
DAY = 86_400_000_000  # microseconds
CHANNEL = "email"
EUR = "EUR"


def rows(customers: int) -> Iterator[list[Row]]:
    """What the changelog holds of so many customers with twelve orders each, slice by slice."""
    for begin in range(0, customers, SLICE):
        yield [row for n in range(begin, min(begin + SLICE, customers)) for row in _packed(n)]


def orders(customers: int, count: int) -> Iterator[list[fast.OrderPlaced]]:
    """The next orders, by customers in no order, slice by slice."""
    for begin in range(0, count, SLICE):
        yield [_order(n * SPREAD % customers, n) for n in range(begin, min(begin + SLICE, count))]


def _packed(number: int) -> list[Row]:
    log = b"".join(
        order_row(identity(f"o-{number}-{n}"), n * DAY, 1_900 + n, NUMBERS[EUR]) for n in range(ORDERS_EACH)
    )
    newest = (ORDERS_EACH - 1) * DAY
    customer = Customer(newest=newest, orders=log, any_channel_at=0, any_channel=CHANNEL)
    return [*pack(_name(number), customer, rewritten=False)]


def _order(customer: int, number: int) -> fast.OrderPlaced:
    return fast.OrderPlaced(
        event_id=f"e-{number}",
        occurred_at=ORDERS_EACH * DAY + number,
        customer_id=_name(customer),
        order_id=f"o-{number}",
        amount=fast.Money(minor=1_900, currency=EUR),
        channel=CHANNEL,
    )


def _name(number: int) -> str:
    return f"c-{number:07d}"
