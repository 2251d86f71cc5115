"""How the worker is doing, for the health endpoints. Times are `time.monotonic()` seconds."""

import time
from dataclasses import dataclass
from typing import Literal

Phase = Literal[
    "starting", "waiting for the broker", "joining the group", "recovering", "running", "stopping"
]


@dataclass
class Status:
    """Written by the stream, read by the exposition; single-threaded."""

    phase: Phase = "starting"
    assigned: frozenset[int] | None = None  # partition numbers; None before the first assignment
    recovered: bool = False  # the assigned partitions hold all that their changelog says
    broker_seen_at: float | None = None  # the broker last answered
    taken_at: float | None = None  # partitions were last handed out for processing
    committed_at: float | None = None  # last commit that made progress, or that had nothing to wait for
    refreshed_at: float | None = None  # figures of the own partitions were last computed
    refresh_every: float = 0.0  # seconds between two refreshes, as they are at present
    refresh_failed: str | None = None  # why the last refresh did not succeed

    def enter(self, phase: Phase) -> None:
        """What the worker does from now on; one that is stopping goes back to nothing else."""
        if not self.stopping:
            self.phase = phase

    @property
    def stopping(self) -> bool:
        """True from when the worker was told to end, until it has."""
        return self.phase == "stopping"

    def saw_broker(self) -> None:
        """The broker has just answered."""
        self.broker_seen_at = time.monotonic()

    def took(self, numbers: frozenset[int]) -> None:
        """These partitions are recovered, and handed out."""
        self.assigned, self.recovered = numbers, True
        self.taken_at = time.monotonic()
        self.saw_broker()

    def committed(self) -> None:
        """Everything applied so far is committed, and more than before, or nothing is waiting."""
        self.committed_at = time.monotonic()

    def refreshed(self) -> None:
        """The figures of all owned partitions have just been computed."""
        self.refreshed_at, self.refresh_failed = time.monotonic(), None


def age(moment: float | None) -> float:
    """Seconds since `moment`; infinite when it never was."""
    return float("inf") if moment is None else time.monotonic() - moment
