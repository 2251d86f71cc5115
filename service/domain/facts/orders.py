"""Order facts: every order, refund and folded total of a partition, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from service.domain.facts.names import Names
from service.domain.facts.table import Table
from service.domain.records.customer import NEVER, Customer
from service.domain.records.rows import (
    CANCELLATION,
    CURRENCIES,
    ORDER,
    REFUND,
    columns,
    currency_code,
    joined,
)

UNKNOWN = -1  # a currency that has no number here yet


@dataclass
class Fates:
    """Fates that are new, numbered from `first`: gathered, because a column is copied whenever it grows."""

    first: int
    cancelled_at: list[int] = field(default_factory=list)
    refunded_at: list[int] = field(default_factory=list)


class OrderFacts:
    """Orders and refunds by time. An order's `fate` points to when it was cancelled and first refunded; fate
    0 is that of an order to which neither has happened."""

    def __init__(self, currencies: Names) -> None:
        self._currencies = currencies
        self._currency_numbers: dict[int, int] = {}
        self._numbers_by_currency = np.full(CURRENCIES, UNKNOWN, "i2")
        self.orders = Table("at", at="i8", minor="i8", currency="i2", fate="i4")
        self.refunds = Table("at", at="i8", minor="i8", currency="i2", void_at="i8")
        self.folded = Table(currency="i2", orders="i8", gross="i8", refunded="i8")
        self.cancelled_at = np.array([NEVER])
        self.refunded_at = np.array([NEVER])
        self.folded_first_at = np.empty(0, "i8")
        self._tidy_at = 1000

    def placed_by(self, as_of: int) -> int:
        """How many orders were placed at an instant or before; they are the first rows."""
        return int(np.searchsorted(self.orders["at"], as_of, side="right"))

    def extend(self, customers: Sequence[int], rows: bytes | bytearray) -> None:
        """Add new orders, one of each of the `customers`, that nothing has happened to."""
        self.orders.extend(self._rows(np.array(customers, "i4"), columns(rows, ORDER)))

    def _rows(self, customers: np.ndarray, orders: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "customer": customers,
            "at": orders["at"],
            "minor": orders["minor"],
            "currency": self._numbers(orders["currency"]),
            "fate": np.zeros(len(orders), "i4"),
        }

    def update(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """Replace the facts of the `touched` customers (a mask by customer) by those of `drafts`."""
        indexes = np.fromiter(drafts, "i4", len(drafts))
        orders, counts = joined([c.orders for c in drafts.values()], ORDER)
        rows = self._rows(np.repeat(indexes, counts), orders)
        ends, fates, refunds = np.cumsum(counts), Fates(len(self.cancelled_at)), list[tuple[int, ...]]()
        for place, (index, customer) in enumerate(drafts.items()):
            if customer.refunds or customer.cancellations:
                fate = rows["fate"][ends[place] - counts[place] : ends[place]]
                refunds += self._meet(index, customer, fate, fates)
        self.cancelled_at = np.append(self.cancelled_at, np.array(fates.cancelled_at, "i8"))
        self.refunded_at = np.append(self.refunded_at, np.array(fates.refunded_at, "i8"))
        self.orders.replace(touched, rows)
        self.refunds.replace(touched, self.refunds.columns(refunds))
        self._forget_fates()
        self._replace_totals(touched, drafts)

    def _meet(
        self, index: int, customer: Customer, fate: np.ndarray, fates: "Fates"
    ) -> list[tuple[int, ...]]:
        """Match a customer's refunds and cancellations with the orders; sets the orders' `fate`, adds to
        `fates`, returns refund rows."""
        orders, refunds = columns(customer.orders, ORDER), columns(customer.refunds, REFUND)
        cancellations = columns(customer.cancellations, CANCELLATION)
        known = dict(zip(orders["id"].tolist(), range(len(orders)), strict=True))
        cancelled = _earliest(cancellations["order"].tolist(), cancellations["at"].tolist())
        refunded = _earliest(refunds["order"].tolist(), refunds["at"].tolist())
        met = [order for order in {**cancelled, **refunded} if order in known]
        first = fates.first + len(fates.cancelled_at)
        fate[[known[order] for order in met]] = np.arange(first, first + len(met))
        fates.cancelled_at += [cancelled.get(order, NEVER) for order in met]
        fates.refunded_at += [refunded.get(order, NEVER) for order in met]
        rows: list[tuple[int, ...]] = []
        for order, row in zip(refunds["order"].tolist(), refunds.tolist(), strict=True):
            void_at = NEVER
            if order in known and order in cancelled:
                void_at = max(cancelled[order], int(orders["at"][known[order]]))
            _, _, at, minor, currency = row
            rows.append((index, at, minor, self._number(currency), void_at))
        return rows

    def _forget_fates(self) -> None:
        """Drop the fates that no order points to any more, whenever their number has doubled."""
        if len(self.cancelled_at) < self._tidy_at:
            return
        live, places = np.unique(np.append(0, self.orders["fate"]), return_inverse=True)
        self.orders.set("fate", places[1:].astype("i4"))
        self.cancelled_at, self.refunded_at = self.cancelled_at[live], self.refunded_at[live]
        self._tidy_at = 2 * len(live) + 1000

    def _replace_totals(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """What lies beyond the horizon: totals by currency, and when it began."""
        self.folded_first_at = np.append(
            self.folded_first_at, np.full(len(touched) - len(self.folded_first_at), NEVER)
        )
        rows = []
        self.folded_first_at[list(drafts)] = [_or_never(c.folded_first_at) for c in drafts.values()]
        for index, customer in [(i, c) for i, c in drafts.items() if c.folded]:
            for code, total in (customer.folded or {}).items():
                rows.append(
                    (
                        index,
                        self._currencies.number(code),
                        total.orders,
                        int(total.gross),
                        int(total.refunded),
                    )
                )
        self.folded.replace(touched, self.folded.columns(rows))

    def _number(self, currency: int) -> int:
        """The partition's number for a currency as rows keep it."""
        number = self._currency_numbers.get(currency)
        if number is None:
            number = self._currency_numbers[currency] = self._currencies.number(currency_code(currency))
        return number

    def _numbers(self, packed: np.ndarray) -> np.ndarray:
        numbers: np.ndarray = self._numbers_by_currency[packed]
        if (numbers == UNKNOWN).any():
            for currency in np.unique(packed).tolist():
                self._numbers_by_currency[currency] = self._number(currency)
            numbers = self._numbers_by_currency[packed]
        return numbers


def _or_never(at: int | None) -> int:
    return NEVER if at is None else at


def _earliest(keys: list[int], instants: list[int]) -> dict[int, int]:
    earliest: dict[int, int] = {}
    for key, at in zip(keys, instants, strict=True):
        earliest[key] = min(at, earliest.get(key, NEVER))
    return earliest
