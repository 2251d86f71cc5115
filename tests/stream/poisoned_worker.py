"""A worker with a bug: applying one certain event raises.  Run as a script in the place of `faust`."""

import os
import sys
from typing import Any

from faust.cli.faust import cli

from service.domain.records import Outcome, Partition

POISON = os.environ["TEST_POISON"]
good_apply = Partition.apply


def bad_apply(self: Partition, event: Any, horizon: int) -> Outcome:
    """Half applies the poisonous event, as a real bug would, and raises."""
    outcome = good_apply(self, event, horizon)
    if getattr(event, "event_id", None) == POISON:
        raise ZeroDivisionError("the bug that this test is about")
    return outcome


if __name__ == "__main__":
    Partition.apply = bad_apply  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
