"""The two places for records: what is done in each for a slice of orders."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteBatch, WriteOptions

from schemas import fast
from service.domain.records import Outcome, Partition
from service.domain.records.customer import EVER, Customer, appended
from service.domain.records.customers import Customers
from service.domain.records.identity import identity
from service.domain.records.packing import KINDS, Assembly, Row, head_key, pack
from service.domain.records.rows import NUMBERS, order_row

BLOCK_CACHE = 64 * 2**20  # bytes; the pages of the system's cache come on top, unasked
BLOOM_BITS = 10  # for each key


class Place(Protocol):
    """Where records are."""

    def fill(self, rows: Sequence[Row]) -> None:
        """Take records as the changelog has them."""

    def filled(self) -> None:
        """All are there."""

    def add(self, orders: Sequence[fast.OrderPlaced]) -> None:
        """Add a slice of orders to their customers' records."""

    def checkpoint(self) -> None:
        """Have the changelog rows of what has changed since the last."""

    def customer(self, name: str) -> Customer | None:
        """A record; None if there is none."""


class Memory:
    """A partition as a worker holds it, with all that it sees to."""

    def __init__(self, folder: Path) -> None:
        """`folder` stays empty."""
        self._partition = Partition()

    def fill(self, rows: Sequence[Row]) -> None:
        self._partition.restore(rows)
        self._partition.draw()

    def filled(self) -> None:
        self._partition.restored()

    def add(self, orders: Sequence[fast.OrderPlaced]) -> None:
        outcomes: list[Outcome] = []
        self._partition.apply_all(orders, EVER, outcomes)

    def checkpoint(self) -> None:
        self._partition.changes()
        self._partition.draw()

    def customer(self, name: str) -> Customer | None:
        return self._partition.customer(name)


class RocksDB:
    """Packed records in RocksDB: fetched a slice at a time, unpacked, changed, packed and put back.

    It does less than a worker has to: no order is looked for in its log, nothing is matched with refunds, and
    what a checkpoint would have to send is taken to be at hand.
    """

    def __init__(self, folder: Path) -> None:
        """`folder`: for its files."""
        table, options = BlockBasedOptions(), Options(raw_mode=True)
        table.set_block_cache(Cache(BLOCK_CACHE))
        table.set_bloom_filter(BLOOM_BITS, block_based=False)
        options.create_if_missing(True)
        options.set_block_based_table_factory(table)
        self._db = Rdict(str(folder), options)
        self._options = WriteOptions()
        # Durable is what the changelog holds. (To the package's stubs this is a method.)
        self._options.disable_wal = True  # type: ignore[method-assign, assignment]

    def fill(self, rows: Sequence[Row]) -> None:
        self._put(rows)

    def filled(self) -> None:
        self._db.flush()

    def add(self, orders: Sequence[fast.OrderPlaced]) -> None:
        customers = self._fetched({order.customer_id for order in orders})
        for order in orders:
            customer, at, amount = customers[order.customer_id], order.occurred_at, order.amount
            row = order_row(identity(order.order_id), at, amount.minor, NUMBERS[amount.currency])
            customer.orders = appended(customer.orders, row)
            customer.newest = max(customer.newest, at)
        self._put([row for name in customers for row in pack(name, customers[name], rewritten=False)])

    def checkpoint(self) -> None:
        pass

    def customer(self, name: str) -> Customer | None:
        return self._fetched({name}).get(name)

    def _fetched(self, names: set[str]) -> Customers:
        keys: list[Any] = [head_key(Customer, name) for name in names]
        found: Any = self._db[keys]
        customers = Customers()
        held: dict[Any, Any] = {kind: {} for kind in KINDS.values()} | {Customer: customers}
        assembly = Assembly(held)
        assembly.add([*zip(keys, found, strict=True)])
        assembly.end()
        return customers

    def _put(self, rows: Sequence[Row]) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in rows:
            batch.put(key, value)
        self._db.write(batch, self._options)
