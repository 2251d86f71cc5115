"""Count, sum and last time per customer in stock Faust: an agent and a Table with its changelog."""

import os
from typing import Any

import faust


class Amount(faust.Record, serializer="json"):  # type: ignore[misc,call-arg]
    """Money."""

    minor: int
    currency: str


class Order(faust.Record, serializer="json"):  # type: ignore[misc,call-arg]
    """What the job needs of an order."""

    customer_id: str
    occurred_at: str
    amount: Amount


app = faust.App(
    os.environ["GROUP"],
    broker="kafka://" + os.environ["BOOTSTRAP"],
    datadir=os.environ["FOLDER"],
    store="memory://",
    topic_partitions=4,
    topic_replication_factor=1,
    topic_disable_leader=True,
    table_standby_replicas=0,
    broker_commit_interval=1.0,
)
totals = app.Table("totals", default=lambda: [0, 0, ""], partitions=4)


@app.agent(app.topic(os.environ["TOPIC"], key_type=str, value_type=Order))  # type: ignore[untyped-decorator]
async def add(orders: Any) -> None:
    """Fold orders into their customers' totals."""
    async for order in orders:
        count, amount, last = totals[order.customer_id]
        total = [count + 1, amount + order.amount.minor, max(last, order.occurred_at)]
        totals[order.customer_id] = total


if __name__ == "__main__":
    app.main()
