"""Cohorts (definitions, section 6): customers by the month of their first activity, and what became of them.

The cohorts of the last 36 whole months and of the running one, as far as they begin inside the horizon. What
is added up of a cohort is a row with a place for each age in months: how many were active, and net revenue.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, starmap
from zoneinfo import ZoneInfo

import numpy as np

from service.domain.metrics import value
from service.domain.metrics.customers import BASES, ORDERS, SUBSCRIPTION
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.metric import Figure, Metric, internal
from service.domain.metrics.moment import Moment
from service.domain.metrics.ratio import mean, ratio
from service.domain.metrics.tally import Tally, present, total_by
from service.domain.metrics.windows import local_date, start_of_day
from service.domain.records.customer import NEVER

AGES = 36  # months, after that of the first activity
SHOWN = 12  # whole months whose cohorts have figures of their own

RETAINED = Metric(
    "cohort_retained_ratio",
    "Of the customers whose first activity lies in a month, the share that was active so many months later "
    "(orders: who ordered in that month; subscription: who paid at its end); of the last 12 whole months.",
    ("basis", "month", "age"),
)
ACTIVE = internal("cohort_active", "basis", "month")
NET = internal("cohort_net_revenue", "currency", "basis", "month")
METRICS = (RETAINED, ACTIVE, NET)


class Months:
    """The calendar months whose cohorts are looked at; the last one is not over. One boundary more than there
    are months: each lies between two of them."""

    def __init__(self, names: Sequence[str], boundaries: np.ndarray) -> None:
        self.names, self.boundaries = names, boundaries

    @classmethod
    def known(cls, as_of: int, definitions: Definitions) -> "Months":
        """The running month and the 36 before it, as far as they begin inside the horizon."""
        zone = ZoneInfo(definitions.time_zone)
        today = local_date(as_of, zone)
        this = today.year * 12 + today.month - 1
        days = [date(m // 12, m % 12 + 1, 1) for m in range(max(this - AGES, 12), this + 1)]
        starts = {day: start_of_day(day, zone) for day in days}
        inside = [day for day in days if starts[day] >= as_of - definitions.horizon]
        return cls(
            [day.isoformat()[:7] for day in inside],
            np.array([*(starts[day] for day in inside), as_of + 1]),
        )

    def since(self, first_at: np.ndarray) -> "Months":
        """Without the months before anybody was active: they have no cohort."""
        before = int(np.searchsorted(self.boundaries, first_at.min(initial=NEVER), side="right")) - 1
        before = min(max(before, 0), len(self))
        return Months(self.names[before:], self.boundaries[before:])

    def __len__(self) -> int:
        return len(self.names)

    def cohort(self, first_at: np.ndarray) -> np.ndarray:
        """In which month each customer was first active, counted from 1; 0 for none of these."""
        month = np.searchsorted(self.boundaries, first_at, side="right")
        return np.where(month <= len(self), month, 0)

    def rows(self, at: np.ndarray) -> Iterator[slice]:
        """The rows of each month, of instants that ascend."""
        return starmap(slice, pairwise(np.searchsorted(at, self.boundaries).tolist()))


def measure(moment: Moment, tally: Tally) -> None:
    """Count who was active, and add up net revenue, by cohort and age."""
    known = Months.known(moment.as_of, moment.definitions)
    for basis, first_at in ((ORDERS, moment.orders.first_at), (SUBSCRIPTION, moment.paying.first_at)):
        months = known.since(first_at)
        cohort = months.cohort(first_at)
        customers = np.bincount(cohort, minlength=len(months) + 1)
        cohorts = (np.flatnonzero(customers[1:]) + 1).tolist()
        if not cohorts:
            continue
        active = _ordered(moment, months) if basis == ORDERS else _paid(moment, months)
        counts = [np.bincount(cohort[np.flatnonzero(who)], minlength=len(months) + 1) for who in active]
        for place in cohorts:
            by_age = [int(count[place]) for count in counts[place - 1 :]]
            tally.add_moments(ACTIVE, (basis, months.names[place - 1]), (int(customers[place]), *by_age))
        for number in moment.order_currencies:
            net = _net(moment, number, months, cohort)
            for place in cohorts:
                labels = (moment.facts.currencies[number], basis, months.names[place - 1])
                tally.add_moments(NET, labels, tuple(int(sums[place]) for sums in net[place - 1 :]))


def _ordered(moment: Moment, months: Months) -> Iterator[np.ndarray]:
    """Who ordered in each month, as masks by customer."""
    placed = moment.orders.all
    for rows in months.rows(placed.at):
        yield present(placed.customer[rows], moment.facts.customers)


def _paid(moment: Moment, months: Months) -> Iterator[np.ndarray]:
    """Who was paying at the end of each month; in the running one, now."""
    paying, ends = moment.paying, months.boundaries[1:]
    # A stretch holds at the boundaries from the first after its start to the last up to its end.
    first, beyond = (
        np.searchsorted(ends, at, side="right").astype("i2") for at in (paying.start, paying.end)
    )
    for place in range(len(months)):
        yield present(paying.customer[(first <= place) & (place < beyond)], moment.facts.customers)


def _net(moment: Moment, currency: int, months: Months, cohort: np.ndarray) -> list[np.ndarray]:
    """Net revenue of each month (minor units) in a currency (a number), by cohort."""
    placed, refunds, size = moment.orders.of(currency), moment.refunds.of(currency), len(months) + 1
    return [
        total_by(
            size,
            (cohort[placed.customer[bought]], placed.minor[bought]),
            (cohort[refunds.customer[returned]], -refunds.minor[returned]),
        )
        for bought, returned in zip(months.rows(placed.at), months.rows(refunds.at), strict=True)
    ]


def figures(tally: Tally, definitions: Definitions, as_of: int) -> Iterator[Figure]:
    """The retained shares of the latest cohorts, at every age whose month is over."""
    over = Months.known(as_of, definitions).names[:-1]
    for basis in BASES:
        for place, month in enumerate(over[-SHOWN:], start=max(len(over) - SHOWN, 0)):
            row = tally.moments.get(ACTIVE.name, {}).get((basis, month))
            if row is not None:
                customers, *active = row
                for age, number in enumerate(active[: len(over) - place]):
                    yield RETAINED.figure((basis, month, str(age)), ratio(number, customers))


@dataclass(frozen=True)
class Cell:
    """A cohort at one age. Money is in major units, by currency; not `complete`: its month is not over."""

    age: int
    month: str
    complete: bool
    active: int
    retained: float | None
    net_revenue_per_customer: dict[str, float | None]
    cumulative_net_revenue_per_customer: dict[str, float | None]


@dataclass(frozen=True)
class Cohort:
    """The customers whose first activity lies in a month."""

    basis: str
    month: str
    customers: int
    cells: tuple[Cell, ...]


def cohorts(tally: Tally, definitions: Definitions, as_of: int) -> Iterator[Cohort]:
    """All cohorts with at least one customer, by basis and month."""
    names = Months.known(as_of, definitions).names
    for basis in BASES:
        for place, month in enumerate(names):
            counts = tally.moments.get(ACTIVE.name, {}).get((basis, month))
            if counts is not None:
                yield _cohort(tally, basis, names[place:], *counts)


def _cohort(tally: Tally, basis: str, months: Sequence[str], customers: int, *active: int) -> Cohort:
    net = tally.moments.get(NET.name, {})
    nothing = (0,) * len(months)
    by_currency = {
        currency: net.get((currency, basis, months[0]), nothing) for (currency,) in sorted(tally[value.NET])
    }
    so_far = dict.fromkeys(by_currency, 0)
    cells = []
    for age, month in enumerate(months):
        now = {currency: amounts[age] for currency, amounts in by_currency.items()}
        so_far = {currency: amount + now[currency] for currency, amount in so_far.items()}
        cells.append(
            Cell(
                age,
                month,
                age < len(months) - 1,
                active[age],
                active[age] / customers,
                {currency: mean(amount, customers, currency) for currency, amount in now.items()},
                {currency: mean(amount, customers, currency) for currency, amount in so_far.items()},
            )
        )
    return Cohort(basis, months[0], customers, tuple(cells))
