"""What the exposition shows: the newest figures of the whole business, swapped as one immutable object."""

from dataclasses import dataclass

from service.domain.metrics import Summary, View
from service.domain.metrics.tally import Tally
from service.stream.status import Status, age


@dataclass(frozen=True)
class Shown:
    """Figures and how much they can be trusted."""

    view: View | None = None  # None until all partitions have a summary of the same instant
    complete: bool = False  # every partition had been read to where it ended one refresh earlier
    covered: float = 0.0  # share of partitions whose newest summary is fresh
    oldest_summary: int | None = None  # when the oldest of the newest was made, microseconds since 1970
    refused: tuple[str, ...] = ()  # summaries that could not be added, one sentence each
    summary: Summary | None = None  # what the view was made from, for questions that no metric answers

    @property
    def sums(self) -> Tally:
        """What the view was made from; nothing as long as there is none."""
        return self.summary.tally if self.summary else Tally()


class Views:
    """The holder of the newest `Shown`. Written by the stream, read by the exposition."""

    def __init__(self, status: Status, interval: float) -> None:
        self.latest = Shown()
        self._status, self._interval = status, interval

    def show(self, shown: Shown) -> None:
        """Replace what is shown."""
        self.latest = shown

    @property
    def exporting(self) -> bool:
        """Whether this worker speaks for the whole business on /metrics.

        It owns partition 0, so that a sum over workers counts once, and it is not cut off, so that a former
        owner falls silent.
        """
        assigned = self._status.assigned or frozenset()
        heard = min(age(self._status.broker_seen_at), age(self._status.committed_at))
        return 0 in assigned and heard <= max(2 * self._interval, 3.0)
