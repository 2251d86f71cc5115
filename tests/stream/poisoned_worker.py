"""A worker with a bug: applying one certain event raises. Run as a script in the place of `faust`."""

import os
import sys
from typing import Any

from faust.cli.faust import cli

from service.domain.records import Outcome, Partition

POISON = os.environ["TEST_POISON"]
good_apply_all = Partition.apply_all


def bad_apply_all(self: Partition, events: list[Any], horizon: int, outcomes: list[Outcome]) -> None:
    """Half applies the poisonous event, as a real bug would, and raises."""
    for event in events:
        if event.event_id == POISON:
            good_apply_all(self, [event], horizon, [])
            raise ZeroDivisionError("the bug that this test is about")
        own: list[Outcome] = []
        good_apply_all(self, [event], horizon, own)
        outcomes += own


if __name__ == "__main__":
    Partition.apply_all = bad_apply_all  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
