"""What a worker counts about itself. Plain numbers: the exposition reads them, nobody here knows Prometheus.

All updates come from the event loop's thread, a few per chunk of records, so nothing is locked.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

DURATION_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
LAG_BOUNDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DELAY_BOUNDS = (
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0, 86_400.0, 604_800.0, 2_592_000.0,
)  # fmt: skip


class Histogram:
    """Counts of observations up to each bound, in seconds; the last count is of those beyond all bounds."""

    def __init__(self, bounds: Sequence[float] = DURATION_BOUNDS) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds

    def observe_delays(self, instants: Sequence[int], now: int) -> None:
        """Count the delay from each of `instants` to `now` (microseconds since 1970); negative ones as 0."""
        longest, shortest = now - min(instants), now - max(instants)
        first = bisect_left(self.bounds, shortest / 1e6)
        if shortest >= 0 and first == bisect_left(self.bounds, longest / 1e6):  # as nearly always in history
            self.counts[first] += len(instants)
            self.sum += (now * len(instants) - sum(instants)) / 1e6
            return
        delays = np.maximum(now - np.asarray(instants, dtype=np.int64), 0) / 1e6
        places = np.bincount(np.searchsorted(self.bounds, delays), minlength=len(self.counts))
        for place in np.flatnonzero(places):
            self.counts[place] += int(places[place])
        self.sum += float(delays.sum())

    @property
    def count(self) -> int:
        """Number of observations."""
        return sum(self.counts)


@dataclass
class PartitionGauges:
    """State of one owned partition, as of the last refresh."""

    customers_held: int = 0
    watermark: int | None = None  # greatest occurred_at applied, microseconds since 1970
    lag: Mapping[str, int] = field(default_factory=dict)  # topic -> records not yet applied


@dataclass
class Telemetry:
    """Process metrics of definitions.md, section 8; `topic` is always the topic's real name."""

    events: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, outcome)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)  # (topic, reason)
    late: Counter[str] = field(default_factory=Counter)  # topic
    delay: dict[str, Histogram] = field(default_factory=dict)  # topic -> seconds from occurred_at to applied
    refresh: Histogram = field(default_factory=Histogram)
    checkpoint: Histogram = field(default_factory=Histogram)
    recovery: Histogram = field(default_factory=Histogram)
    loop_lag: Histogram = field(default_factory=lambda: Histogram(LAG_BOUNDS))
    letters: Counter[tuple[str, str]] = field(default_factory=Counter)  # that wait, by (topic, reason)
    oldest_letter: int | None = None  # when it was written, microseconds since 1970
    insights: Counter[str] = field(default_factory=Counter)  # written, by type
    fits: Counter[tuple[str, str]] = field(default_factory=Counter)  # (model, outcome)
    prediction: Histogram = field(default_factory=Histogram)
    partitions: dict[int, PartitionGauges] = field(default_factory=dict)  # exactly the owned ones

    @classmethod
    def of(cls, topics: Sequence[str]) -> "Telemetry":
        """A fresh one for these source topics, so that each series exists from the start."""
        return cls(delay={topic: Histogram(DELAY_BOUNDS) for topic in topics})
