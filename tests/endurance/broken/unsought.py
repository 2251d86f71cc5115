"""Without the seek of an era: reading goes on where the consumer happens to stand."""

import sys

from faust.cli.faust import cli

from service.stream.consumer import Consumer


async def stay(self: Consumer) -> bool:
    """Trust the consumer's own position."""
    return True


if __name__ == "__main__":
    Consumer._seek_to_state = stay  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
