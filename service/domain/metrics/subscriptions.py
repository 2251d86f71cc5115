"""Subscriptions as they stand now, and failed payments in a window (definitions, section 4)."""

from collections.abc import Iterator

import numpy as np

from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Labels, Tally
from service.domain.records.life import STATUSES

SUBSCRIPTIONS = Metric("subscriptions", "Live subscriptions now by status.", ("plan", "status"))
SCHEDULED = Metric(
    "subscriptions_scheduled_to_cancel", "Live subscriptions now whose cancellation is scheduled.", ("plan",)
)
FAILURES = Metric(
    "payment_failures", "Payments that failed in the window (active -> past due).", ("window", "plan")
)
METRICS = (SUBSCRIPTIONS, SCHEDULED, FAILURES)


def measure(moment: Moment, tally: Tally) -> None:
    """Count live subscriptions, scheduled cancellations and failed payments by plan."""
    stretches, failures = moment.facts.lives.stretches, moment.facts.lives.failures
    live = (stretches["start"] <= moment.as_of) & (moment.as_of < stretches["end"])
    plan, status = stretches["plan"][live], stretches["status"][live]
    for number, name in enumerate(STATUSES):
        _count(moment, tally, SUBSCRIPTIONS, plan[status == number], after=(name,))
    _count(moment, tally, SCHEDULED, plan[stretches["scheduled"][live]])
    for window in moment.windows:
        inside = (failures["at"] >= window.start) & (failures["at"] < window.end)
        _count(moment, tally, FAILURES, failures["plan"][inside], before=(window.name,))


def _count(
    moment: Moment, tally: Tally, metric: Metric, plans: np.ndarray, before: Labels = (), after: Labels = ()
) -> None:
    """Add the number of rows of each plan; the plan stands between the other labels."""
    counts = np.bincount(moment.plans.places(plans), minlength=len(moment.plans))
    for plan, count in zip(moment.plans.names, counts, strict=True):
        tally.add(metric, (*before, plan, *after), count)


def figures(tally: Tally) -> Iterator[Figure]:
    """The counts as they are."""
    for metric in METRICS:
        yield from (metric.figure(labels, int(count)) for labels, count in tally[metric].items())
