"""Order facts: every order, refund and folded total of a partition, in columns."""

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


class OrderFacts:
    """Orders and refunds by time. An order that was cancelled or refunded is `fated`; its fate, when that was
    for the first time, stands in the same place among the fates as it does among such orders."""

    def __init__(self, currencies: Names) -> None:
        self._currencies = currencies
        self._currency_numbers: dict[int, int] = {}
        self._numbers_by_currency = np.full(CURRENCIES, UNKNOWN, "i2")
        self.orders = Table("at", at="i8", minor="u4", currency="i1", fated="?")
        self.fates = Table("at", at="i8", cancelled_at="i8", refunded_at="i8")
        self.refunds = Table("at", at="i8", minor="i8", currency="i2", void_at="i8")
        self.folded = Table(currency="i2", orders="i8", gross="i8", refunded="i8")
        self.folded_first_at = np.empty(0, "i8")

    def placed_by(self, as_of: int) -> int:
        """How many orders were placed at an instant or before; they are the first rows."""
        return int(np.searchsorted(self.orders["at"], as_of, side="right"))

    def extend(self, customers: np.ndarray, rows: bytes | bytearray) -> None:
        """Add new orders, one of each of the `customers`, that nothing has happened to."""
        self.orders.extend(self._rows(customers, columns(rows, ORDER)))

    def _rows(self, customers: np.ndarray, orders: np.ndarray) -> dict[str, np.ndarray]:
        return {
            "customer": customers,
            "at": orders["at"],
            "minor": orders["minor"],
            "currency": self._numbers(orders["currency"]),
            "fated": np.zeros(len(orders), bool),
        }

    def update(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """Replace the facts of the `touched` customers (a mask by customer) by those of `drafts`."""
        indexes = np.fromiter(drafts, "i4", len(drafts))
        orders, counts = joined([c.orders for c in drafts.values()], ORDER)
        rows = self._rows(np.repeat(indexes, counts), orders)
        ends, fates, refunds = np.cumsum(counts), list[tuple[int, ...]](), list[tuple[int, ...]]()
        for place, (index, customer) in enumerate(drafts.items()):
            if customer.refunds or customer.cancellations:
                fated = rows["fated"][ends[place] - counts[place] : ends[place]]
                refunds += self._meet(index, customer, fated, fates)
        self.orders.replace(touched, rows)
        self.fates.replace(touched, self.fates.columns(fates))
        self.refunds.replace(touched, self.refunds.columns(refunds))
        self._replace_totals(touched, drafts)

    def _meet(
        self, index: int, customer: Customer, fated: np.ndarray, fates: list[tuple[int, ...]]
    ) -> list[tuple[int, ...]]:
        """Match a customer's refunds and cancellations with the orders; marks orders as `fated`, adds their
        fates, returns refund rows."""
        orders, refunds = columns(customer.orders, ORDER), columns(customer.refunds, REFUND)
        cancellations = columns(customer.cancellations, CANCELLATION)
        placed = dict(zip(orders["id"].tolist(), orders["at"].tolist(), strict=True))
        cancelled = _earliest(cancellations["order"].tolist(), cancellations["at"].tolist())
        refunded = _earliest(refunds["order"].tolist(), refunds["at"].tolist())
        for place, (order, at) in enumerate(placed.items()):
            if order in cancelled or order in refunded:
                fated[place] = True
                fates.append((index, at, cancelled.get(order, NEVER), refunded.get(order, NEVER)))
        rows: list[tuple[int, ...]] = []
        for order, row in zip(refunds["order"].tolist(), refunds.tolist(), strict=True):
            void_at = NEVER
            if order in placed and order in cancelled:
                void_at = max(cancelled[order], placed[order])
            _, _, at, minor, currency = row
            rows.append((index, at, minor, self._number(currency), void_at))
        return rows

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
