"""Facts of referrals: who was named as referrer when, and which of the customers that is."""

from collections.abc import Mapping

import numpy as np

from service.domain.facts.names import NONE
from service.domain.facts.table import Table
from service.domain.records.credits import latest
from service.domain.records.customer import Credits


class CreditFacts:
    """One row for each customer who named somebody, with NEVER where that was taken back. Referrers are
    numbered in the order in which they are met, whether they are customers or not."""

    def __init__(self) -> None:
        self.named = Table(owner="referrer", at="i8")
        self.hashes = np.empty(0, "<u8")  # of the customers' names, by number
        self._numbers: dict[str, int] = {}  # of referrers, by hash
        self._customers: np.ndarray | None = None  # number of each referrer's; None: to be found out anew

    def call(self, hashes: Mapping[int, bytes]) -> None:
        """Know customers by the hashes of their names; their numbers leave no gap."""
        if not hashes:
            return
        numbers = np.fromiter(hashes, "i8", len(hashes))
        grown = np.zeros(max(len(self.hashes), int(numbers.max()) + 1), "<u8")
        grown[: len(self.hashes)] = self.hashes
        grown[numbers] = np.frombuffer(b"".join(hashes.values()), "<u8")
        self.hashes, self._customers = grown, None

    def update(self, drafts: Mapping[str, Credits]) -> None:
        """Replace the facts of the referrers in `drafts`, which are called by their hashes."""
        if not drafts:
            return
        numbers = [self._numbers.setdefault(name, len(self._numbers)) for name in drafts]
        touched = np.zeros(len(self._numbers), bool)
        touched[numbers] = True
        instants = [list(latest(credits.rows).values()) for credits in drafts.values()]
        at = np.array([one for own in instants for one in own], "i8")
        referrers = np.repeat(np.array(numbers, "i4"), [len(own) for own in instants])
        self.named.replace(touched, {"referrer": referrers, "at": at})
        self._customers = None

    def brought(self, as_of: int, customers: int) -> np.ndarray:
        """How many customers each of the first `customers` had been named by at an instant or before."""
        counts = np.bincount(self.named["referrer"][self.named["at"] <= as_of], minlength=len(self._numbers))
        if self._customers is None:
            self._customers = self._found()
        known = self._customers != NONE
        brought = np.zeros(customers, "i8")
        brought[self._customers[known]] = counts[known]
        return brought

    def _found(self) -> np.ndarray:
        """The customer of each referrer; NONE where there is none of that name."""
        wanted = np.frombuffer(bytes.fromhex("".join(self._numbers)), "<u8")
        if not len(self.hashes):
            return np.full(len(wanted), NONE)
        order = np.argsort(self.hashes)
        place = np.searchsorted(self.hashes, wanted, sorter=order)
        nearest = order[np.minimum(place, len(order) - 1)]
        found: np.ndarray = np.where(self.hashes[nearest] == wanted, nearest, NONE)
        return found
