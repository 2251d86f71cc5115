"""When a customer's record is ripe for folding: known without looking at every order at every event."""

from service.domain.records.customer import Customer
from service.domain.records.customers import Buyer
from service.domain.records.horizon import oldest, ripe_at
from service.domain.records.lengths import SHORT_BYTES


class Ripeness:
    """For customers with many orders, refunds and cancellations: a horizon up to which nothing is folded.

    What `ripe_at` finds holds until the record changes; a further row can bring it forward only to its own
    instant, and never before the horizon, because what arrives older than that is not kept as a row.
    """

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def at(self, name: str, customer: Customer | Buyer) -> int:
        """A horizon up to which there is nothing to fold; NEVER of a record without rows."""
        size = len(customer.orders) + len(customer.refunds) + len(customer.cancellations)
        if size < SHORT_BYTES:  # then it is cheap to see
            return oldest(customer)
        known = self.known.get(name)
        if known is None:
            known = self.known[name] = ripe_at(customer)
        return known

    def row_added(self, name: str, at: int) -> None:
        """A row of this instant was added to the customer's logs."""
        known = self.known.get(name)
        if known is not None and at < known:
            self.known[name] = at

    def forget(self, name: str) -> None:
        """The customer's logs have been folded, or an attempt has shown that the bound is too low."""
        self.known.pop(name, None)
