"""Count, sum and last time per customer in Quix Streams: state in RocksDB, with its changelog topic."""

import os
from typing import Any

from quixstreams import Application, State


def add(order: dict[str, Any], state: State) -> None:
    """Fold one order into its customer's total."""
    count, total, last = state.get("total") or (0, 0, "")
    at = order["occurred_at"]
    state.set("total", [count + 1, total + order["amount"]["minor"], max(at, last)])


def main() -> None:
    """Run until killed; progress is seen in the group's offsets."""
    application = Application(
        broker_address=os.environ["BOOTSTRAP"],
        consumer_group=os.environ["GROUP"],
        auto_offset_reset="earliest",
        state_dir=os.environ["FOLDER"],
        processing_guarantee=os.environ["GUARANTEE"],
        commit_interval=1.0,
        loglevel="WARNING",
    )
    topic = application.topic(os.environ["TOPIC"], value_deserializer="json", key_deserializer="bytes")
    application.dataframe(topic).update(add, stateful=True)
    application.run()


main()
