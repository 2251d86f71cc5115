"""Without the fence: each process has transactional ids of its own."""

import os
import sys
from dataclasses import replace

from faust.cli.faust import cli

from service.stream.checkpoint import Checkpoint
from service.stream.owned import Owned

good_fence = Checkpoint.fence


async def start_only(self: Checkpoint, owned: Owned) -> None:
    """Start the partition's producer under a name that no other process has."""
    await good_fence(replace(self, group=f"{self.group}-{os.getpid()}"), owned)


if __name__ == "__main__":
    Checkpoint.fence = start_only  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
