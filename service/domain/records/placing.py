"""Many orders at once: nearly all events are plain orders, and these are noted together."""

from collections.abc import Callable, Iterable

from schemas import fast
from service.domain.records.ledger import Ledger
from service.domain.records.lengths import SHORT_BYTES
from service.domain.records.outcome import Limits, Outcome
from service.domain.records.plain import Kept
from service.domain.records.rows import ORDER

try:
    from service.domain.records.plain_compiled import keep_plain

    COMPILED = True
except ImportError:  # not compiled where this was installed, or not for this machine
    from service.domain.records.plain import keep_plain

    COMPILED = False


class Placing:
    """Adds plain orders to their logs, and notes them together; any other order is kept by itself."""

    def __init__(
        self, ledger: Ledger, limits: Limits, by_itself: Callable[[fast.OrderPlaced, int], Outcome]
    ) -> None:
        """`by_itself`: keeps an order whatever there is to see to, at this horizon (`Ordering.placed`)."""
        self._ledger, self._by_itself = ledger, by_itself
        self._room = min(SHORT_BYTES, limits.orders * ORDER.itemsize)

    def place(self, events: Iterable[fast.OrderPlaced], horizon: int, outcomes: list[Outcome]) -> None:
        """Keep many orders; adds the outcome of each to `outcomes`."""
        ledger, orders, at = self._ledger, list(events), 0
        kept = Kept(ledger.oldest)
        while (at := keep_plain(ledger, self._room, orders, at, horizon, kept, outcomes)) < len(orders):
            outcomes.append(self._by_itself(orders[at], horizon))
            at += 1
        ledger.orders_added(kept.names, kept.late, kept.oldest)
        ledger.fresh.extend(kept.fresh, kept.rows)
