"""Subscriptions as they stand now, and failed payments in a window (definitions, section 4)."""

from collections.abc import Iterator

from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.moment import Moment
from service.domain.metrics.tally import Tally
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
    plan, status = moment.plans.places(stretches["plan"][live]), stretches["status"][live]
    failed = moment.plans.places(failures["plan"])
    names = moment.plans.names
    for number, name in enumerate(STATUSES):
        tally.count(SUBSCRIPTIONS, plan[status == number], names, after=(name,))
    tally.count(SCHEDULED, plan[stretches["scheduled"][live]], names)
    for window in moment.windows:
        tally.count(FAILURES, failed[window.holds(failures["at"])], names, before=(window.name,))


def figures(tally: Tally) -> Iterator[Figure]:
    """The counts as they are."""
    for metric in METRICS:
        yield from (metric.figure(labels, int(count)) for labels, count in tally[metric].items())
