"""Whether a worker is alive, and whether it is ready: assigned, recovered, broker reachable, committing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.stream.status import Status, age


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, silence is no reason for alarm."""

    broker: float
    commit: float
    refresh: float

    @classmethod
    def of(cls, patience: float, refresh_interval: float, commit_interval: float) -> "Patience":
        """`patience` for the broker, which is asked every second; for what happens at intervals, some more of
        them where that is longer."""
        return cls(patience, max(patience, 5 * commit_interval), max(patience, 3 * refresh_interval))


def reasons(status: Status, patience: Patience) -> Iterator[str]:
    """Why the worker is not ready, one sentence each; nothing when it is."""
    if status.stopping:
        yield "the worker is stopping: it saves, and lets its partitions go"
        return
    if status.assigned is None:
        yield f"no partitions have been assigned yet: {status.phase}"
    elif not status.recovered:
        yield f"the state of the assigned partitions is not there yet: {status.phase}"
    if (silent := age(status.broker_seen_at)) > patience.broker:
        yield f"the broker has not answered for {_seconds(silent)}"
    if not status.recovered:
        return
    if (stuck := _idle(status, status.committed_at)) > patience.commit:
        yield f"nothing has been committed for {stuck:.0f} s, while records wait"
    if status.refresh_failed is not None:
        yield f"the figures cannot be computed ({status.refresh_failed}; the log says more)"
    elif (old := _idle(status, status.refreshed_at)) > max(patience.refresh, 3 * status.refresh_every):
        yield f"no figures have been computed for {old:.0f} s"


def document(status: Status, patience: Patience) -> dict[str, Any]:
    """The answer of /readyz."""
    found = list(reasons(status, patience))
    return {
        "ready": not found,
        "reasons": found,
        "phase": status.phase,
        "partitions": sorted(status.assigned or ()),
        "seconds_since": {
            "broker_answered": _rounded(status.broker_seen_at),
            "committed": _rounded(status.committed_at),
            "refreshed": _rounded(status.refreshed_at),
        },
    }


def _idle(status: Status, moment: float | None) -> float:
    """Seconds without this having happened, while it could have."""
    return min(age(moment), age(status.taken_at))


def _rounded(moment: float | None) -> float | None:
    return None if moment is None else round(age(moment), 1)


def _seconds(silent: float) -> str:
    return "as long as this worker runs" if silent == float("inf") else f"{silent:.0f} s"
