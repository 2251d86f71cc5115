"""Order events: placed, refunded, cancelled. Nothing is matched here; rows are kept, facts match them."""

from schemas import fast
from service.domain.records import horizon as beyond
from service.domain.records.customer import Customer, replaced
from service.domain.records.identity import identity
from service.domain.records.keyed_rows import ROW_BYTES
from service.domain.records.ledger import Ledger
from service.domain.records.outcome import Limits, Outcome
from service.domain.records.rows import (
    NUMBERS,
    ORDER,
    amount_at,
    amount_row,
    cancellation_row,
)


class Ordering:
    """Applies order events to the records of a ledger. `horizon`: before it, orders are no longer matched."""

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger, self._limits = ledger, limits

    def placed(self, event: fast.OrderPlaced, horizon: int) -> Outcome:
        """Keep an order; the same one placed twice is one, the earliest."""
        name, at, amount = event.customer_id, event.occurred_at, event.amount
        if self._ledger.too_late(name, at):
            return Outcome.ERASED
        customer = self._ledger.customer(name)
        self._fold(name, customer, horizon)
        if at < horizon:
            beyond.count_order(customer, at, amount.minor, NUMBERS[amount.currency])
            return self._touched(event, customer, Outcome.BEYOND_HORIZON)
        key = identity(event.order_id)
        row = amount_row(key, at, amount.minor, amount.currency)
        position = self._ledger.rows.position(name, customer, "orders", key)
        if position >= 0:
            self._keep_earliest(name, customer, position, row)
            return self._touched(event, customer, Outcome.DUPLICATE)
        if len(customer.orders) >= self._limits.orders * ORDER.itemsize:
            return Outcome.LIMIT
        self._ledger.rows.append(name, customer, "orders", key, row)
        self._ledger.row_added(name, at)
        return self._touched(event, customer, Outcome.APPLIED)

    def refunded(self, event: fast.OrderRefunded, horizon: int) -> Outcome:
        """Keep a refund, whether its order is known or not."""
        name, at, amount = event.customer_id, event.occurred_at, event.amount
        customer = self._ledger.customer(name)
        self._fold(name, customer, horizon)
        if at < horizon:
            beyond.count_refund(customer, amount.minor, NUMBERS[amount.currency])
            return self._touched(event, customer, Outcome.BEYOND_HORIZON)
        key = identity(event.event_id)
        row = amount_row(key + identity(event.order_id), at, amount.minor, amount.currency)
        return self._added_once(event, customer, "refunds", key, row)

    def cancelled(self, event: fast.OrderCancelled, horizon: int) -> Outcome:
        """Keep a cancellation, whether its order is known or not."""
        customer = self._ledger.customer(event.customer_id)
        self._fold(event.customer_id, customer, horizon)
        if event.occurred_at < horizon:
            return self._touched(event, customer, Outcome.BEYOND_HORIZON)
        key = identity(event.event_id)
        row = cancellation_row(key + identity(event.order_id), event.occurred_at)
        return self._added_once(event, customer, "cancellations", key, row)

    def _keep_earliest(self, name: str, customer: Customer, position: int, row: bytes) -> None:
        """Of one order placed twice keep the earliest, then the largest, then the last by currency."""
        at, minor, currency = amount_at(customer.orders, position)
        new_at, new_minor, new_currency = amount_at(row, 0)
        if (new_at, -new_minor, -new_currency) < (at, -minor, -currency):
            customer.orders = replaced(customer.orders, position, row)
            self._ledger.row_added(name, new_at)
            self._ledger.rewrote(name)

    def _added_once(
        self,
        event: fast.OrderRefunded | fast.OrderCancelled,
        customer: Customer,
        log: str,
        key: bytes,
        row: bytes,
    ) -> Outcome:
        name, rows = event.customer_id, self._ledger.rows
        if rows.holds(name, customer, log, key):
            return self._touched(event, customer, Outcome.DUPLICATE)
        if len(getattr(customer, log)) >= self._limits.orders * ROW_BYTES[log]:
            return Outcome.LIMIT
        rows.append(name, customer, log, key, row)
        self._ledger.row_added(name, event.occurred_at)
        return self._touched(event, customer, Outcome.APPLIED)

    def _touched(
        self,
        event: fast.OrderPlaced | fast.OrderRefunded | fast.OrderCancelled,
        customer: Customer,
        outcome: Outcome,
    ) -> Outcome:
        name, at = event.customer_id, event.occurred_at
        self._ledger.touched(name, customer, at, "orders")
        if isinstance(event, fast.OrderPlaced):
            self._ledger.seen_on(name, customer, at, event.channel)
            self._ledger.bought(name, customer, event)
        return outcome

    def _fold(self, name: str, customer: Customer, horizon: int) -> None:
        """Fold what is beyond the horizon; most events find by a look at one number that there is nothing."""
        ripeness = self._ledger.ripeness
        if self._ledger.oldest < horizon and ripeness.at(name, customer) < horizon:
            ripeness.forget(name)
            if beyond.fold(customer, horizon):
                self._ledger.folded(name)
