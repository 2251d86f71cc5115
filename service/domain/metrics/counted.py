"""Which orders and refunds count at an instant (definitions, section 5), by time and by currency."""

from typing import NamedTuple

import numpy as np

from service.domain.facts import Facts
from service.domain.metrics.tally import first_value, last_value, present, sums_by
from service.domain.records.customer import EVER, NEVER


class Entries(NamedTuple):
    """Orders or refunds by time, in columns: whose (numbers), when, and how much (minor units)."""

    customer: np.ndarray
    at: np.ndarray
    minor: np.ndarray

    def between(self, start: int, end: int) -> slice:
        """The rows with `start <= at < end`."""
        return slice(*np.searchsorted(self.at, (start, end)).tolist())

    def where(self, rows: np.ndarray | slice) -> "Entries":
        """Some of the rows, a slice or a mask of them; nothing is copied where the mask holds everywhere."""
        whole = not isinstance(rows, slice) and rows.all()
        return self if whole else Entries(*(column[rows] for column in self))


class Counted:
    """Entries in all currencies, and in each."""

    def __init__(self, entries: Entries, currency: np.ndarray) -> None:
        self.all, self._currency = entries, currency
        self._by_currency: dict[int, Entries] = {}

    def of(self, currency: int) -> Entries:
        """Those in one currency (a number)."""
        if currency not in self._by_currency:
            self._by_currency[currency] = self.all.where(self._currency == currency)
        return self._by_currency[currency]


class Bought(NamedTuple):
    """Customers with orders in one currency (numbers): how many each has, their sum in minor units, and when
    the last one was placed."""

    customer: np.ndarray
    orders: np.ndarray
    minor: np.ndarray
    last_at: np.ndarray


class Refunded(NamedTuple):
    """Orders that count and were refunded, by time; `refunded_at`: for the first time."""

    at: np.ndarray
    currency: np.ndarray
    refunded_at: np.ndarray


class CountedOrders(Counted):
    """Orders with an amount above 0, placed and not cancelled as known at `as_of`."""

    def __init__(self, facts: Facts, as_of: int) -> None:
        table, until = facts.orders.orders, facts.orders.placed_by(as_of)
        fated = np.flatnonzero(table["fated"][:until])  # few are ever cancelled or refunded
        fates = {name: facts.orders.fates[name][: len(fated)] for name in ("cancelled_at", "refunded_at")}
        counted = table["minor"][:until] > 0
        counted[fated] &= fates["cancelled_at"] > as_of
        # Numpy follows places twice as fast when they have its own width; money needs it to be added up.
        customer, minor = (table[name][:until].astype(np.int64) for name in ("customer", "minor"))
        entries = Entries(customer, table["at"][:until], minor).where(counted)
        currency = table["currency"][:until]
        super().__init__(entries, currency if counted.all() else currency[counted])
        still = counted[fated]
        self.refunded = Refunded(
            table["at"][fated[still]], currency[fated[still]], fates["refunded_at"][still]
        )
        first_at = first_value(entries.customer, entries.at, facts.customers, NEVER)
        folded = facts.orders.folded_first_at
        first_at[: len(folded)] = np.minimum(first_at[: len(folded)], folded)
        self.first_at = first_at  # of each customer; NEVER where there is none
        self.last_at = _last_at(entries, facts.customers)  # of each, without what is folded; EVER
        self._as_of, self._bought = as_of, dict[int, Bought]()

    def by_customer(self, currency: int) -> Bought:
        """What customers have bought in one currency (a number)."""
        if currency not in self._bought:
            placed, size = self.of(currency), len(self.first_at)
            orders = np.bincount(placed.customer, minlength=size)
            minor = sums_by(placed.customer, placed.minor, size)
            last_at = self.last_at if placed is self.all else _last_at(placed, size)
            who = np.flatnonzero(orders)
            self._bought[currency] = Bought(who, orders[who], minor[who], last_at[who])
        return self._bought[currency]

    def reaches(self, end: int) -> bool:
        """Whether nothing that counts is placed at `end` or later. Then what a customer has bought since an
        instant hangs on the last order alone, or, of who came since, is all that they ever bought."""
        return end > self._as_of

    def active(self, start: int, end: int) -> np.ndarray:
        """A mask by customer: who placed an order in `[start, end)`."""
        if self.reaches(end):
            since: np.ndarray = self.last_at >= start
            return since
        return present(self.all.customer[self.all.between(start, end)], len(self.first_at))


def _last_at(placed: Entries, size: int) -> np.ndarray:
    return last_value(placed.customer, placed.at, size, EVER)


class CountedRefunds(Counted):
    """Refunds up to `as_of`, but none of orders that are known and cancelled then."""

    def __init__(self, facts: Facts, as_of: int) -> None:
        table = facts.orders.refunds
        counted = (table["at"] <= as_of) & (as_of < table["void_at"])
        customer, at, minor, currency = (
            table[name][counted] for name in ("customer", "at", "minor", "currency")
        )
        super().__init__(Entries(customer, at, minor), currency)
