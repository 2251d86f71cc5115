"""Which products a customer bought: of each the first time, of the first so many.

Those bought first are kept, so neither the order in which events come nor their repetition matters, and what
is known of an instant is what would be if nothing had happened since. Records keep hashes; of so many of them
a partition knows the names.
"""

from collections.abc import Iterable, Sequence
from struct import Struct

from schemas import fast
from service.domain.records.customer import NEVER, Customer, Record, Told
from service.domain.records.identity import identity

MOST_NAMED = 10_000  # of more products than these a partition does not know the names

_ROW = Struct("<Qq")  # hash and instant; as SKU in rows.py


class Sku(Record, array_like=True, gc=False):
    """The name of a product, kept under its hash (hexadecimal)."""

    name: str = ""


class Skus:
    """The products of one partition number."""

    def __init__(self, most: int, changed: Told, gone: Told) -> None:
        """`most`: how many are kept of a customer, 0 of nobody any. `changed` and `gone` are told what is to
        be written, and what is to be deleted."""
        self.most, self.held = most, dict[str, Sku]()
        self.undrawn = False  # whether names have come or gone since they were drawn
        self._changed, self._gone = changed, gone
        self._hashes: dict[str, int] = {}
        self._last: str | None = None  # the greatest of `held`, once there is no room for more

    def bought(self, customer: Customer, items: Iterable[fast.Item], at: int) -> bool:
        """Note what a customer bought at an instant; whether that tells anything new."""
        before = customer.skus
        customer.skus = first_bought(before, [self._hash(item.sku) for item in items], at, self.most)
        return customer.skus is not before

    def came_back(self) -> None:
        """Note that `held` came from the changelog."""
        self.undrawn, self._last = True, None

    def names(self) -> dict[int, str]:
        """The names that are known, by hash."""
        self.undrawn = False
        return {int(hashed, 16): sku.name for hashed, sku in self.held.items()}

    def _hash(self, name: str) -> int:
        number = self._hashes.get(name)
        if number is None:
            number = int.from_bytes(identity(name), "big")
            if self._named(f"{number:016x}", name):
                self._hashes[name] = number
        return number

    def _named(self, hashed: str, name: str) -> bool:
        """Know the name of a hash, if it is among the first; which ones are known hangs on them alone."""
        if hashed in self.held:
            return True
        if len(self.held) >= MOST_NAMED:
            self._last = self._last or max(self.held)
            if hashed > self._last:
                return False
            self._hashes.pop(self.held.pop(self._last).name, None)
            self._gone(Sku, self._last)
            self._last = None
        self.held[hashed], self.undrawn = Sku(name=name), True
        self._changed(Sku, hashed)
        return True


def first_bought(skus: bytes, hashes: Sequence[int], at: int, most: int) -> bytes:
    """The rows of the products that were bought first, by instant, once these were bought too; the same
    object where that changes nothing."""
    known: dict[int, int] = dict(_ROW.iter_unpack(skus))
    new = {number: at for number in hashes if at < known.get(number, NEVER)}
    if not new:
        return skus
    first = sorted((when, number) for number, when in {**known, **new}.items())[:most]
    rows = b"".join([_ROW.pack(number, when) for when, number in first])
    return skus if rows == skus else rows
