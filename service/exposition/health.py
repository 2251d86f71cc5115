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

    @classmethod
    def of(cls, refresh_interval: float, commit_interval: float) -> "Patience":
        """The broker is asked at each refresh, and progress is committed at each commit interval."""
        return cls(max(15.0, 3 * refresh_interval), max(15.0, 5 * commit_interval))


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
    if status.recovered and (stuck := age(status.committed_at)) > patience.commit:
        yield f"nothing has been committed for {_seconds(stuck)}"


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


def _rounded(moment: float | None) -> float | None:
    return None if moment is None else round(age(moment), 1)


def _seconds(silent: float) -> str:
    return "as long as this worker runs" if silent == float("inf") else f"{silent:.0f} s"
