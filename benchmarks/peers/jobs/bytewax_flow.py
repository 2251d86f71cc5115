"""Count, sum and last time per customer in Bytewax, with recovery: each second a snapshot into SQLite.

Bytewax keeps its offsets in its own recovery store, so progress is printed: what has been processed, and,
when the last snapshot is written and the flow has ended, all of it.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

STEP = 50_000  # events between two lines of progress
Total = tuple[int, int, str]


class Nothing(StatelessSinkPartition[Any]):  # type: ignore[misc]
    """Takes no notice."""

    def write_batch(self, items: list[Any]) -> None:
        """Leave them."""


class Nowhere(DynamicSink[Any]):  # type: ignore[misc]
    """A flow has to have a sink."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Nothing:
        """One for each worker."""
        return Nothing()


def keyed(message: Any) -> tuple[str, dict[str, Any]]:
    """Customer and order."""
    order = orjson.loads(message.value)
    return order["customer_id"], order


class Adding:
    """Folds orders into totals, and says how many."""

    def __init__(self, count: int) -> None:
        self._count, self._added = count, 0

    def add(self, total: Total | None, order: dict[str, Any]) -> tuple[Total, None]:
        """One order into its customer's total."""
        count, amount, last = total or (0, 0, "")
        self._added += 1
        if self._added % STEP == 0 and self._added < self._count:
            print("COUNTED", self._added, flush=True)  # noqa: T201
        return (count + 1, amount + order["amount"]["minor"], max(last, order["occurred_at"])), None


def main() -> None:
    """Read the topic to its end."""
    folder, count = Path(os.environ["FOLDER"]), int(os.environ["COUNT"])
    init_db_dir(folder, 1)
    flow = Dataflow("totals")
    source = KafkaSource([os.environ["BOOTSTRAP"]], [os.environ["TOPIC"]], tail=False, batch_size=1_000)
    orders = op.map("keyed", op.input("orders", flow, source), keyed)
    op.output("nowhere", op.stateful_map("totals", orders, Adding(count).add), Nowhere())
    recovery = RecoveryConfig(folder, timedelta(0))
    cli_main(flow, epoch_interval=timedelta(seconds=1), recovery_config=recovery)
    print("COUNTED", count, flush=True)  # noqa: T201
    time.sleep(600)


main()
