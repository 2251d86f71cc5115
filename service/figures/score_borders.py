"""Which thresholds all partitions go by: those of a view that was complete, renewed now and then.

The owner of partition 0 tells them with its summaries, so they outlive it, and everybody has the same.
"""

from service.domain.metrics import Summary, thresholds
from service.domain.metrics.thresholds import Thresholds

APART = 12  # refreshes between two thresholds, so that all workers have long read the ones before
KEPT = 2  # the last ones, and those before, by which somebody may still go


def renewed(told: tuple[Thresholds, ...], summary: Summary, now: int, apart: int) -> tuple[Thresholds, ...]:
    """What to tell at the instant `now` of the wall clock, the newest last.

    `told`: what was told last. `summary`: of all partitions, each read to its end. `apart`: the
    least time between two renewals, microseconds. They are renewed only when a border has moved.
    """
    if told and now < told[-1].made_at + apart:
        return told
    found = thresholds(summary, now)
    if found is None or (told and found.same_borders(told[-1])):
        return told
    return (*told, found)[-KEPT:]
