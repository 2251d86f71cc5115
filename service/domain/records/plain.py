"""Plain orders: new ones of customers who have few, of whom there is nothing else to see to."""

from collections.abc import Sequence
from itertools import islice

from schemas import fast
from service.domain.records.customers import Buyer
from service.domain.records.identity import identity
from service.domain.records.ledger import Ledger
from service.domain.records.outcome import Outcome
from service.domain.records.rows import NUMBERS, order_row


class Kept:
    """What is noted of plain orders, to be told to the ledger all at once."""

    def __init__(self, oldest: int) -> None:
        """`oldest`: no order that is kept happened earlier."""
        self.names: list[str] = []
        self.fresh: list[str] = []  # of those that are matched with nothing
        self.rows = bytearray()  # theirs
        self.late, self.oldest = 0, oldest


def keep_plain(
    ledger: Ledger,
    room: int,
    events: Sequence[fast.OrderPlaced],
    first: int,
    horizon: int,
    kept: Kept,
    outcomes: list[Outcome],
) -> int:
    """Keep orders as long as they are plain, from the one at `first` on; adds the outcome of each.

    Returns the place of the next one, which is not plain, or the end. `room`: bytes of a log that is not
    short any more.

    All in one loop: one more call for each order would cost a tenth of what is done here. And `in` would
    cost another tenth: it tries the key as a number first, and raises inside. `plain_compiled.pyx` is this
    loop once more, compiled; what that saves stands in docs/performance.md.
    """
    before, oldest = len(outcomes), kept.oldest
    known, ripe_at = ledger.customers.held.get, ledger.ripeness.at
    marks, erased_at = ledger.marks.held, ledger.marks.erased_at
    ripening = ledger.oldest < horizon  # what is added below is not older than the horizon
    stocked = ledger.skus.most > 0
    for event in islice(events, first, None):
        name, at = event.customer_id, event.occurred_at
        customer = known(name) or Buyer()
        orders, key = customer.orders, identity(event.order_id)
        if (
            at < horizon
            or len(orders) >= room
            or orders.find(key) >= 0  # perhaps across two rows: looked at again by itself
            or (ripening and ripe_at(name, customer) < horizon)
            or (marks and (customer.back_since is not None or (not orders and erased_at(name) is not None)))
        ):
            break
        amount, channel = event.amount, event.channel
        row = order_row(key, at, amount.minor, NUMBERS[amount.currency])
        customer.orders = orders + row
        if not orders:
            ledger.customers.held[name] = customer
        if at >= customer.newest:
            customer.newest = at
        else:
            kept.late += 1
        if at < oldest:
            oldest = at
        if customer.refunds or customer.cancellations:
            ledger.undrawn_orders.add(name)  # one of them may have waited for this order
            ledger.ripeness.row_added(name, at)
        else:
            kept.fresh.append(name)
            kept.rows += row
        if channel is not None and at <= customer.any_channel_at:
            ledger.seen_on(name, customer, at, channel)
        if stocked and event.items:
            ledger.bought(name, ledger.customers[name], event)
        kept.names.append(name)
        outcomes.append(Outcome.APPLIED)
    kept.oldest = oldest
    return first + len(outcomes) - before
