"""Many orders at once: nearly all events are new orders of customers who have few."""

from collections.abc import Callable, Iterable

from schemas import fast
from service.domain.records.customers import Buyer
from service.domain.records.identity import identity
from service.domain.records.ledger import Ledger
from service.domain.records.lengths import SHORT_BYTES
from service.domain.records.outcome import Limits, Outcome
from service.domain.records.rows import NUMBERS, ORDER, order_row


class Placing:
    """Adds new orders to short logs, and notes them together; any other order is kept by itself."""

    def __init__(
        self, ledger: Ledger, limits: Limits, by_itself: Callable[[fast.OrderPlaced, int], Outcome]
    ) -> None:
        """`by_itself`: keeps an order whatever there is to see to, at this horizon (`Ordering.placed`)."""
        self._ledger, self._by_itself = ledger, by_itself
        self._room = min(SHORT_BYTES, limits.orders * ORDER.itemsize)

    def place(self, events: Iterable[fast.OrderPlaced], horizon: int, outcomes: list[Outcome]) -> None:
        """Keep many orders; adds the outcome of each to `outcomes`.

        All in one loop: one more call for each order would cost a tenth of what is done here. And `in` would
        cost another tenth: it tries the key as a number first, and raises inside.
        """
        ledger, room = self._ledger, self._room
        known, ripe_at = ledger.customers.held.get, ledger.ripeness.at
        marks, erased_at = ledger.marks.held, ledger.marks.erased_at
        ripening = ledger.oldest < horizon  # what is added below is not older than the horizon
        stocked = ledger.skus.most > 0
        names, fresh, rows, late, oldest = list[str](), list[str](), bytearray(), 0, ledger.oldest
        for event in events:
            name, at = event.customer_id, event.occurred_at
            customer = known(name) or Buyer()
            orders, key = customer.orders, identity(event.order_id)
            if (
                at < horizon
                or len(orders) >= room
                or orders.find(key) >= 0  # perhaps across two rows: looked at again by itself
                or (ripening and ripe_at(name, customer) < horizon)
                or (
                    marks
                    and (customer.back_since is not None or (not orders and erased_at(name) is not None))
                )
            ):
                outcomes.append(self._by_itself(event, horizon))
                continue
            amount, channel = event.amount, event.channel
            row = order_row(key, at, amount.minor, NUMBERS[amount.currency])
            customer.orders = orders + row
            if not orders:
                ledger.customers.held[name] = customer
            if at >= customer.newest:
                customer.newest = at
            else:
                late += 1
            if at < oldest:
                oldest = at
            if customer.refunds or customer.cancellations:
                ledger.undrawn_orders.add(name)  # one of them may have waited for this order
                ledger.ripeness.row_added(name, at)
            else:
                fresh.append(name)
                rows += row
            if channel is not None and at <= customer.any_channel_at:
                ledger.seen_on(name, customer, at, channel)
            if stocked and event.items:
                ledger.bought(name, ledger.customers[name], event)
            names.append(name)
            outcomes.append(Outcome.APPLIED)
        ledger.orders_added(names, late, oldest)
        ledger.fresh.extend(fresh, rows)
