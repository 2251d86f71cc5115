"""Facts of products: who bought which one first when."""

import numpy as np

from service.domain.facts.table import Table
from service.domain.records.customer import Customer
from service.domain.records.rows import SKU, joined


class SkuFacts:
    """One row for each customer and product; products are numbered in the order in which they are met."""

    def __init__(self) -> None:
        self.bought = Table(sku="i4", at="i8")
        self.named: dict[int, str] = {}  # the names that are known, by hash
        self._numbers: dict[int, int] = {}

    def update(self, touched: np.ndarray, drafts: dict[int, Customer]) -> None:
        """Replace the facts of the `touched` customers (a mask by customer) by those of `drafts`."""
        rows, counts = joined([customer.skus for customer in drafts.values()], SKU)
        hashes, place = np.unique(rows["sku"], return_inverse=True)
        numbers = [self._numbers.setdefault(one, len(self._numbers)) for one in hashes.tolist()]
        self.bought.replace(
            touched,
            {
                "customer": np.repeat(np.fromiter(drafts, "i4", len(drafts)), counts),
                "sku": np.array(numbers, "i4")[place],
                "at": rows["at"],
            },
        )

    def names(self) -> list[str | None]:
        """The name of each product by number; None of those that are not known by name."""
        return [self.named.get(hashed) for hashed in self._numbers]
