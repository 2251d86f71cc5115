"""subpulse restricted to the job: its stream layer as it is, and count, sum and last time per customer in
the place of records. No facts, summaries or exposition. `faust -A benchmarks.peers.restricted worker`."""

from collections.abc import Sequence
from typing import cast

import msgspec

from service import logs
from service.domain.records import Limits, Partition
from service.domain.records.packing import Row
from service.settings import Settings, load
from service.stream import lean
from service.stream.checkpoint import Checkpoint
from service.stream.connection import client_options
from service.stream.engine import Engine, add_agent, new_engine, take_on_rebalance
from service.stream.intake import Intake
from service.stream.lean import Record
from service.stream.owned import Owned
from service.stream.recovery import Recovery
from service.stream.sharing import Deployment
from service.stream.startup import reach
from service.stream.status import Status
from service.stream.store import Store
from service.stream.telemetry import Telemetry


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


class Totals:
    """All that the store asks of a partition's records."""

    def __init__(self) -> None:
        self._totals: dict[str, Total] = {}
        self._changed: set[str] = set()

    @property
    def customers_held(self) -> int:
        """How many customers have a total."""
        return len(self._totals)

    @property
    def unwritten(self) -> int:
        """How many rows `changes` would return."""
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

    def changes(self) -> list[Row]:
        """The changelog rows of what changed since the last call."""
        changed, self._changed = self._changed, set()
        return [(name.encode(), pack(self._totals[name])) for name in changed]

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
    one.records = cast(Partition, Totals())
    return one


def create_app(settings: Settings) -> Engine:
    """As `service.app`, with the stream layer only."""
    lean.install()
    client, topic, group = client_options(settings), settings.orders_topic, settings.application
    own = settings.own_topics
    telemetry, status = Telemetry.of((topic,)), Status()
    checkpoint = Checkpoint(client, group, *own)
    recovery = Recovery(client, group, own.changelog, (topic,))
    engine = new_engine(settings, logs.config(settings.log_level))
    engine.store = Store(owned, checkpoint, recovery, telemetry, status)
    engine.sources, engine.chunk, engine.client_options = (topic,), settings.chunk, client
    take_on_rebalance(engine)
    add_agent(engine, Adding("orders", topic, telemetry, lambda: 0, settings.max_record_bytes))

    async def prepare(engine: Engine) -> None:
        ours = Deployment(group, own.changelog, (topic,), (own.dead_letters, own.summaries))
        engine.partitions, changelog = await reach(client, ours, engine, status)
        engine.store.use(changelog)

    engine.prepare = prepare
    return engine


app = create_app(load())
