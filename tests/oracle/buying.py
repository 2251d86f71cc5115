"""What customers buy again, how lately and for how much, and how long they have paid: by plain loops over
days.

What the models of predicted value are fitted to (definitions.md, section 9). Everything holds as the local
day of as_of begins, and looks no further back than the horizon.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.oracle.instants import local_day, start_of_day
from tests.oracle.lives import Life
from tests.oracle.money import EXPONENTS
from tests.oracle.people import Person

FREQUENCIES = (1, 2, 3, 4, 6, 9, 13, 19, 28, 42, 63, 94, 141, 211, 316, 474, 711, 1066, 1599)
WEEKS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)

Cells = dict[tuple[str, ...], list[int]]


class Bought(NamedTuple):
    """Repeat purchases of one customer in one currency; times in days, money in minor units."""

    frequency: int
    recency: int
    gap: int
    spend: int


class Tenure(NamedTuple):
    """How many months of a tenure have begun; whether it goes on, and whether its beginning is known."""

    months: int
    goes_on: bool
    known: bool


def bought(person: Person, currency: str, as_of: int, horizon: int, zone: ZoneInfo) -> Bought | None:
    """None where a customer has bought nothing before today, or did so first before the horizon."""
    today = local_day(as_of, zone)
    first_ever = person.first_order()
    if first_ever is None or first_ever < as_of - horizon:
        return None
    spent: dict[date, int] = defaultdict(int)
    for order in person.orders:
        if order.currency == currency and order.at < start_of_day(today, zone):
            spent[local_day(order.at, zone)] += order.minor
    if not spent:
        return None
    first, last = min(spent), max(spent)
    yesterday = today - timedelta(days=1)
    return Bought(
        len(spent) - 1,
        (last - first).days,
        (yesterday - last).days,
        sum(minor for day, minor in spent.items() if day != first),
    )


def cells_by_recency(all_bought: dict[str, list[Bought]]) -> Cells:
    """Counts, sums and sums of products of (frequency, recency, gap), and spend, by classes of these."""
    cells: Cells = {}
    for currency, customers in all_bought.items():
        for one in customers:
            classes = (
                bisect_right(FREQUENCIES, one.frequency),
                bisect_right(WEEKS, one.recency / 7),
                bisect_right(WEEKS, one.gap / 7),
            )
            f, r, g = one.frequency, one.recency, one.gap
            products = [f * f, f * r, f * g, r * r, r * g, g * g]
            _add(cells, (currency, *map(str, classes)), [1, f, r, g, *products, one.spend])
    return cells


def cells_by_spend(all_bought: dict[str, list[Bought]]) -> Cells:
    """Likewise of (frequency, thousandths of the logarithm of mean spend), for who bought again."""
    cells: Cells = {}
    for currency, customers in all_bought.items():
        for one in customers:
            if one.frequency:
                f, log = one.frequency, round(1000 * math.log(one.spend / one.frequency))
                classes = (str(bisect_right(FREQUENCIES, f)), str(log // 500))
                _add(cells, (currency, *classes), [1, f, log, f * f, f * log, log * log])
    return cells


def _add(cells: Cells, key: tuple[str, ...], row: list[int]) -> None:
    known = cells.setdefault(key, [0] * len(row))
    cells[key] = [one + other for one, other in zip(known, row, strict=True)]


def tenures(person: Person, currency: str, as_of: int, horizon: int, zone: ZoneInfo) -> list[Tenure]:
    """Runs of days on which the customer paid in the currency, from the horizon's day to yesterday."""
    first, today = local_day(as_of - horizon, zone), local_day(as_of, zone)
    paid = _paid(person, currency, start_of_day(today, zone))
    days = {
        day
        for start, end in paid
        for day in _days(max(local_day(start, zone), first), local_day(end - 1, zone))
    }
    now = any(end == start_of_day(today, zone) for _, end in paid)
    found = []
    for day in sorted(days):
        if day - timedelta(days=1) in days:
            continue
        last = day
        while last + timedelta(days=1) in days:
            last += timedelta(days=1)
        begun_at = start_of_day(first, zone)
        older = day == first and any(start < begun_at < end for start, end in paid)
        goes_on = now and last == today - timedelta(days=1)
        found.append(Tenure(_months(day, today if goes_on else last), goes_on, not older))
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _paid(person: Person, currency: str, until: int) -> list[tuple[int, int]]:
    """Times [start, end) before `until` in which some subscription was paying in the currency."""
    return [
        (start, min(end, until))
        for life in person.lives.values()
        for start, end in _in_currency(life, currency)
        if start < min(end, until)
    ]


def _in_currency(life: Life, currency: str) -> list[tuple[int, int]]:
    ends = [state.since for state in life.states[1:]] + [10**30]
    return [
        (state.since, end)
        for state, end in zip(life.states, ends, strict=True)
        if state.paying and state.currency == currency
    ]


def _months(first: date, last: date) -> int:
    """Counted one by one: the month that ends on the n-th anniversary is over on the day after it."""
    months = 1
    while _anniversary(first, months) < last:
        months += 1
    return months


def _anniversary(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    number = day.day
    while True:
        try:
            return date(year, month + 1, number)
        except ValueError:
            number -= 1


def paid_by_renewals(
    people: dict[str, Person], currency: str, as_of: int, horizon: int, zone: ZoneInfo
) -> dict[int, list[Fraction]]:
    """MRR in minor units of each customer paying as today begins, by how often it has renewed."""
    found: dict[int, list[Fraction]] = defaultdict(list)
    now = start_of_day(local_day(as_of, zone), zone) - 1
    for person in people.values():
        for tenure in tenures(person, currency, as_of, horizon, zone):
            if tenure.goes_on:
                monthly = person.mrr_at(now)[currency] * 10 ** EXPONENTS[currency]
                months = tenure.months if tenure.known else _months_before_horizon(as_of, horizon, zone)
                found[months - 1].append(monthly)
    return found


def _months_before_horizon(as_of: int, horizon: int, zone: ZoneInfo) -> int:
    """A tenure older than the horizon counts as one that began on the day before it."""
    return _months(local_day(as_of - horizon, zone) - timedelta(days=1), local_day(as_of, zone))
