"""Cohorts by plain loops: customers by the month of their first activity (definitions.md, section 6)."""

from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.oracle.instants import local_day, start_of_day
from tests.oracle.people import Person

Row = tuple[int, str, bool, int, Fraction, dict[str, Fraction], dict[str, Fraction]]


def cohorts(
    people: dict[str, Person], as_of: int, horizon: int, zone: ZoneInfo, currencies: list[str]
) -> dict[tuple[str, str], tuple[int, list[Row]]]:
    """(basis, month) -> how many customers, and of each age: number, month, whether it is over, how many
    active, their share, and net revenue per customer in it and up to it."""
    today = local_day(as_of, zone)
    months = [_month(today, -back) for back in range(36, -1, -1)]
    months = [month for month in months if start_of_day(month, zone) >= as_of - horizon]
    found = {}
    for basis in ("orders", "subscription"):
        firsts = {
            name: person.first_order() if basis == "orders" else person.first_paying()
            for name, person in people.items()
        }
        for place, month in enumerate(months):
            members = [
                people[name]
                for name, first in firsts.items()
                if first is not None and _is_in(first, month, as_of, zone)
            ]
            if members:
                rows = _rows(basis, members, months[place:], as_of, zone, currencies)
                found[basis, f"{month:%Y-%m}"] = (len(members), rows)
    return found


def retained_figures(
    people: dict[str, Person], as_of: int, horizon: int, zone: ZoneInfo
) -> dict[tuple[str, str, str], Fraction]:
    """(basis, month, age) -> share; cohorts of the last twelve whole months, at months that are over."""
    today = local_day(as_of, zone)
    shown = {f"{_month(today, -back):%Y-%m}" for back in range(1, 13)}
    return {
        (basis, month, str(age)): share
        for (basis, month), (_, rows) in cohorts(people, as_of, horizon, zone, []).items()
        for age, _, over, _, share, _, _ in rows
        if month in shown and over
    }


def _rows(
    basis: str, members: list[Person], months: list[date], as_of: int, zone: ZoneInfo, currencies: list[str]
) -> list[Row]:
    rows: list[Row] = []
    so_far = dict.fromkeys(currencies, Fraction(0))
    for age, month in enumerate(months):
        over = month != months[-1]
        if basis == "orders":
            active = sum(any(_is_in(o.at, month, as_of, zone) for o in p.orders) for p in members)
        else:
            now = start_of_day(_month(month, 1), zone) - 1 if over else as_of
            active = sum(bool(p.paying_at(now)) for p in members)
        net = {
            currency: sum(
                (_net(p, currency, month, as_of, zone) for p in members), Fraction(0)
            ) / len(members)
            for currency in currencies
        }  # fmt: skip
        so_far = {currency: amount + net[currency] for currency, amount in so_far.items()}
        share = Fraction(active, len(members))
        rows.append((age, f"{month:%Y-%m}", over, active, share, net, so_far))
    return rows


def _net(person: Person, currency: str, month: date, as_of: int, zone: ZoneInfo) -> Fraction:
    def there(what: object) -> bool:
        return what.currency == currency and _is_in(what.at, month, as_of, zone)  # type: ignore[attr-defined]

    gross = sum((order.amount for order in person.orders if there(order)), Fraction(0))
    return gross - sum((refund.amount for refund in person.refunds if there(refund)), Fraction(0))


def _is_in(at: int, month: date, as_of: int, zone: ZoneInfo) -> bool:
    return start_of_day(month, zone) <= at < start_of_day(_month(month, 1), zone) and at <= as_of


def _month(day: date, later: int) -> date:
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)
