"""Positions apart from the state: the head record and the group's offsets follow in a transaction of their
own, so whoever ends in between has written what the positions do not know of."""

import sys
from collections.abc import Mapping

from faust.cli.faust import cli

from service.stream.checkpoint import Batch, Checkpoint, batches, head_row
from service.stream.head import FORMAT, CrashMark, Head, Position
from service.stream.owned import Owned

good_snapshot, good_commit = Checkpoint._snapshot, Checkpoint._commit


def snapshot(
    self: Checkpoint, owned: Owned, positions: dict[str, Position], crashes: tuple[CrashMark, ...]
) -> list[Batch]:
    """The rows with the head as it was."""
    return good_snapshot(self, owned, owned.positions, crashes)


async def commit(self: Checkpoint, owned: Owned, rows: list[Batch], positions: Mapping[str, Position]) -> int:
    """First the rows, then the positions."""
    end = await good_commit(self, owned, rows, {})
    if not positions:
        return end
    row = head_row(Head(FORMAT, owned.partitions, dict(positions)))
    later = [*batches(owned.producer, self.changelog, owned.number, [row])]
    return await good_commit(self, owned, later, positions)


if __name__ == "__main__":
    Checkpoint._snapshot = snapshot  # type: ignore[method-assign]
    Checkpoint._commit = commit  # type: ignore[method-assign]
    sys.exit(cli(["--quiet", "-A", "service.app", "worker"]))
