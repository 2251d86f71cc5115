"""Orders, revenue, AOV, refunds, guarantee (definitions.md section 5)."""

from tests.oracle.instants import HOUR
from tests.oracle.labels import Bound, Sheet, ratio
from tests.oracle.people import Person

Periods = dict[str, tuple[int, int, int]]


def order_figures(
    sheet: Sheet, people: dict[str, Person], periods: Periods, currencies: Bound, guarantee_hours: int
) -> None:
    seen = sorted({c for person in people.values() for c in person.order_currencies if c in currencies.kept})
    for window, (_, start, end) in periods.items():
        _rest(sheet, people, window, start, end, currencies)
        free = [o for p in people.values() for o in p.free_orders if start <= o.at < end]
        sheet.put("free_orders", len(free), window=window)
        for currency in seen:
            _one_currency(sheet, people, window, start, end, currency)
            _guarantee(sheet, people, window, start, end, currency, guarantee_hours * HOUR)
    numbers = [len(person.orders) for person in people.values() if person.orders]
    repeat = len([n for n in numbers if n >= 2])
    sheet.put("repeat_customers_ratio", ratio(repeat, len(numbers)))


def _one_currency(
    sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int, currency: str
) -> None:
    labels = {"window": window, "currency": currency}
    gross = {"existing": 0, "new": 0}
    number = {"existing": 0, "new": 0}
    buyers = 0
    refunded = 0
    for person in people.values():
        placed = [o for o in person.orders if o.currency == currency and start <= o.at < end]
        refunded += sum(r.amount for r in person.refunds if r.currency == currency and start <= r.at < end)
        if placed:
            buyers += 1
            kind = "existing" if person.first_order() < start else "new"
            gross[kind] += sum(order.amount for order in placed)
            number[kind] += len(placed)
    for kind in ("existing", "new"):
        sheet.put("orders", number[kind], customer=kind, **labels)
        sheet.put("gross_revenue", gross[kind], customer=kind, **labels)
    revenue, orders = sum(gross.values()), sum(number.values())
    sheet.put("refunded_revenue", refunded, **labels)
    sheet.put("average_order_value", ratio(revenue, orders), **labels)
    sheet.put("existing_customer_revenue_ratio", ratio(gross["existing"], revenue), **labels)
    sheet.put("purchase_frequency", ratio(orders, buyers), **labels)


def _rest(
    sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int, currencies: Bound
) -> None:
    """Orders in currencies beyond the limit: their number only, since money of two is never added."""
    if not any(c not in currencies.kept for person in people.values() for c in person.order_currencies):
        return
    number = {"existing": 0, "new": 0}
    for person in people.values():
        for order in person.orders:
            if order.currency not in currencies.kept and start <= order.at < end:
                number["existing" if person.first_order() < start else "new"] += 1
    for kind in ("existing", "new"):
        sheet.put("orders", number[kind], window=window, currency="other", customer=kind)


def _guarantee(
    sheet: Sheet, people: dict[str, Person], window: str, start: int, end: int, currency: str, length: int
) -> None:
    placed = refunded = 0
    for person in people.values():
        for order in person.orders:
            if order.currency == currency and start - length <= order.at < end - length:
                placed += 1
                in_time = [
                    r for r in person.refunds if r.order_id == order.order_id and r.at <= order.at + length
                ]
                refunded += bool(in_time)
    sheet.put("guarantee_refund_ratio", ratio(refunded, placed), window=window, currency=currency)
