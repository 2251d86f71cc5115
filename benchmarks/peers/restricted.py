"""subpulse restricted to the job: its stream layer as it is, and count, sum and last time per customer in
the place of records. No facts, summaries or exposition. `faust -A benchmarks.peers.restricted worker`."""

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec

from benchmarks.bare import create_app
from service.domain.records import Limits, Partition
from service.domain.records.packing import Row
from service.settings import load
from service.stream.intake import Intake
from service.stream.lean import Record
from service.stream.owned import Owned


class Amount(msgspec.Struct, gc=False):
    """Money."""

    minor: int


class Order(msgspec.Struct, gc=False):
    """What the job needs of an order."""

    customer_id: str
    occurred_at: str
    amount: Amount


class Total(msgspec.Struct, array_like=True, gc=False):
    """What is kept of a customer."""

    count: int = 0
    sum: int = 0
    last: str = ""


read = msgspec.json.Decoder(list[Order]).decode
pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Total).decode


class Totals(Partition):
    """A partition's records, and nothing in them but totals."""

    def __init__(self) -> None:
        super().__init__()
        self._totals: dict[str, Total] = {}
        self._changed: set[str] = set()

    @property
    def customers_held(self) -> int:
        """How many customers have a total."""
        return len(self._totals)

    @property
    def unwritten(self) -> int:
        """How many rows `each_change` would return."""
        return len(self._changed)

    def add(self, orders: Sequence[Order]) -> None:
        """Fold orders into their customers' totals."""
        totals, changed = self._totals, self._changed
        for order in orders:
            name = order.customer_id
            total = totals.get(name)
            if total is None:
                total = totals[name] = Total()
            total.count += 1
            total.sum += order.amount.minor
            if order.occurred_at > total.last:
                total.last = order.occurred_at
            changed.add(name)

    def each_change(self) -> Iterator[Row]:
        """The changelog rows of what changed since the last call."""
        changed, self._changed = self._changed, set()
        return ((name.encode(), pack(self._totals[name])) for name in changed)

    def restore(self, rows: Sequence[Row]) -> None:
        """Take rows of the changelog, in its order."""
        self._totals.update((key.decode(), unpack(value)) for key, value in rows if value is not None)

    def restored(self) -> None:
        """Nothing is left to be done."""


class Adding(Intake):
    """Takes orders without judging them: one that cannot be read ends the process, as with the peers."""

    def take(self, owned: Owned, records: Sequence[Record]) -> None:
        """Fold `records` into the totals."""
        records = self._new_ones(owned, records)
        if records:
            totals = cast(Totals, owned.records)
            totals.add(read(b"[" + b",".join([record.value or b"" for record in records]) + b"]"))
            self._advance(owned, records)


def owned(number: int) -> Owned:
    """A partition number that holds totals."""
    one = Owned(number, Limits())
    one.records = Totals()
    return one


app = create_app(load(), Adding, owned)
