"""The facts of one partition: which customers there are, and the tables about them."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from service.domain.facts.credits import CreditFacts
from service.domain.facts.lives import LifeFacts
from service.domain.facts.names import Names
from service.domain.facts.orders import OrderFacts
from service.domain.facts.skus import SkuFacts
from service.domain.facts.spend import SpendFacts
from service.domain.records.customer import Customer
from service.domain.records.draft import Draft, Referrers
from service.domain.records.ledger import FreshOrders

PIECE = 16_384  # names that are looked up in one call: no other thread gets a turn meanwhile


class Facts:
    """Columns that follow a partition's records, draft by draft. Only the newest draft of a customer counts,
    so the facts depend on the records alone and not on how often they were drawn."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._indexes: dict[str, int] = {}
        self.plans, self.currencies, self.channels, self.reasons = Names(), Names(), Names(), Names()
        self.orders = OrderFacts(self.currencies)
        self.lives = LifeFacts(self.plans, self.currencies, self.channels, self.reasons)
        self.spend = SpendFacts(self.channels, self.currencies)
        self.skus = SkuFacts()
        self.credits = CreditFacts()

    @property
    def customers(self) -> int:
        """How many customers there are; they are numbered from 0."""
        return len(self._indexes)

    def numbers(self, names: Iterable[str]) -> list[int]:
        """The numbers of those customers who are still called so."""
        known = self._indexes
        return [known[name] for name in names if name in known]

    def names(self, numbers: Collection[int]) -> dict[int, str]:
        """The names of some customers, by number."""
        return {number: name for name, number in self._indexes.items() if number in numbers}

    def update(self, draft: Draft) -> None:
        """Add the new orders of `draft`, then replace the facts of the customers and channels in its
        snapshots."""
        if draft.anew:
            self._begin()
        numbers = self._numbers(draft.fresh)
        if len(numbers):
            self.orders.extend(numbers, draft.fresh.rows)
        orders, lives = self._numbered(draft.orders), self._numbered(draft.lives)
        if orders:
            self.orders.update(self._mask(orders), orders)
        if lives:
            self.lives.update(self._mask(lives), lives)
        if draft.channels:
            self.spend.update(draft.channels)
        if draft.skus:
            skus = self._numbered(draft.skus)
            self.skus.update(self._mask(skus), skus)
        if draft.sku_names is not None:
            self.skus.named = dict(draft.sku_names)
        if draft.referrers is not None:
            self._credit(draft.referrers, [new for _, _, new in draft.fresh.renamed])

    def _credit(self, referrers: Referrers, renamed: Iterable[str]) -> None:
        """Follow the credits of `referrers`, and know all customers by the hashes of their names."""
        old = {name: self._indexes[name] for name in renamed if name in self._indexes}
        called = {**dict(self._new_names(len(self.credits.hashes))), **old}
        self.credits.call({number: referrers.hash(name) for name, number in called.items()})
        self.credits.update(referrers.credits)

    def _new_names(self, first: int) -> Iterator[tuple[str, int]]:
        """The names of customers numbered from `first` on: they, and those who were renamed, stand last."""
        left = self.customers - first
        for name, number in reversed(self._indexes.items()) if left else ():
            if number >= first:
                yield name, number
                left -= 1
            if not left:
                break

    def _numbers(self, fresh: FreshOrders) -> np.ndarray:
        """The customer of each new order, told by the name that the customer had when it came."""
        indexes, pieces, begin = self._indexes, [np.empty(0, "i4")], 0
        for until, old, new in [*fresh.renamed, (len(fresh.names), "", "")]:
            for first in range(begin, until, PIECE):
                names = fresh.names[first : min(first + PIECE, until)]
                known = list(map(indexes.get, names))  # nearly always all of them
                if None in known:
                    known = [indexes.setdefault(name, len(indexes)) for name in names]
                pieces.append(np.array(known, "i4"))
            begin = until
            if old in indexes:
                indexes[new] = indexes.pop(old)
        return np.concatenate(pieces)

    def _numbered(self, drafts: Mapping[str, Customer]) -> dict[int, Customer]:
        indexes = self._indexes
        return {indexes.setdefault(name, len(indexes)): customer for name, customer in drafts.items()}

    def _mask(self, drafts: Mapping[int, Customer]) -> np.ndarray:
        touched = np.zeros(self.customers, bool)
        touched[list(drafts)] = True
        return touched
