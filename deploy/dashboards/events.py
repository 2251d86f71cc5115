"""What the workers took in, and what they could not use: the middle of the operations dashboard."""

from typing import Final

from grafana_foundation_sdk.models import units

from deploy.dashboards.frame import Part
from deploy.dashboards.panels import NO_SAMPLES, lines
from deploy.dashboards.queries import Query, figure, quantile, rate, selector, total

THIRD: Final = (8, 8)
IDLE: Final = "nothing happened in the range"


def events() -> list[Part]:
    """What came in: how much, how late, and what became of it."""
    return [
        lines(
            7,
            "Events a second, by topic",
            "What all workers took in, whatever became of it.",
            [Query(rate("events_total", by=("topic",)), "{{topic}}")],
            units.EventsPerSecond,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            8,
            "Events a second, by outcome",
            "Applied, duplicate (identity known), rejected, erased, or beyond the horizon.",
            [Query(rate("events_total", by=("outcome",)), "{{outcome}}")],
            units.EventsPerSecond,
            no_value=NO_SAMPLES,
        ),
        lines(
            9,
            "Dead letters a second, by reason",
            "Records that cannot be used, as they come.",
            [Query(f"{rate('events_rejected_total', by=('reason',))} > 0", "{{reason}}")],
            units.EventsPerSecond,
            no_value="none in the range",
            size=THIRD,
        ),
        lines(
            21,
            "Dead letters that wait",
            "Records that could not be used and wait to be sent back or dropped: `subpulse rejects`.",
            [Query(f"sum by (topic, reason) ({selector('dead_letters')}) > 0", "{{topic}}: {{reason}}")],
            units.LocaleFormat,
            no_value="none waits",
            stacked=True,
            size=THIRD,
        ),
        lines(
            22,
            "Age of the oldest dead letter",
            "How long the one that waits longest has been waiting.",
            [Query(f"time() - min({selector('oldest_dead_letter_timestamp_seconds')})", "age")],
            units.Seconds,
            no_value="none waits",
            size=THIRD,
        ),
        lines(
            10,
            "Late events a second, by topic",
            "Events older than the newest one of their customer. They count as all others do.",
            [Query(rate("late_events_total", by=("topic",)), "{{topic}}")],
            units.EventsPerSecond,
            no_value=NO_SAMPLES,
        ),
        lines(
            23,
            "Records behind, by topic",
            "Records of the source topics that were not yet applied at the last refresh, all partitions.",
            [Query(total("lag_records", ("partition",), by=("topic",)), "{{topic}}")],
            units.LocaleFormat,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
        lines(
            11,
            "Delay of events",
            "From occurred_at to applied; half of the events and 99 % of them are quicker.",
            halves("event_delay_seconds"),
            units.Seconds,
            no_value=IDLE,
        ),
        lines(
            12,
            "Age of the newest event, by partition",
            "How far the newest occurred_at of a partition lies back.",
            [Query(f"time() - {figure('watermark_timestamp_seconds', by=('partition',))}", "{{partition}}")],
            units.Seconds,
            no_value=NO_SAMPLES,
        ),
    ]


def halves(histogram: str) -> list[Query]:
    """What half of the observations, and 99 % of them, stay below."""
    return [Query(quantile(0.5, histogram), "half"), Query(quantile(0.99, histogram), "99 %")]
