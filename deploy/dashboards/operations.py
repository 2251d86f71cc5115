"""Operations: whether the workers keep up, and whether what they say is whole and fresh."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models import units

from deploy.dashboards.frame import Part, filled, frame
from deploy.dashboards.panels import AMBER, GREEN, NO_SAMPLES, RED, lines, single, steps
from deploy.dashboards.queries import Query, figure, quantile, rate, selector

IDLE = "nothing happened in the range"


def operations() -> Dashboard:
    """The dashboard."""
    empty = frame(
        "subpulse-operations",
        "subpulse: Operations",
        "Whether the workers keep up, and whether what they say is whole and fresh.",
        since="now-1h",
    )
    parts = [*_state(), Row("Events").id(100), *_events(), Row("Work").id(200), *_work()]
    return filled(empty, [*parts, Row("Workers").id(300), *_workers()])


def _state() -> list[Part]:
    whole = steps((None, RED), (1, GREEN))
    aged = steps((None, GREEN), (60, AMBER), (300, RED))
    return [
        single(
            1,
            "Workers up",
            "Workers that Prometheus can scrape.",
            Query('sum(up{job="$job"})', "up"),
            units.NoUnit,
            thresholds=whole,
            no_value="no targets: what does Prometheus scrape?",
        ),
        single(
            2,
            "Partitions covered",
            "Share of the partitions whose newest summary is fresh.",
            Query(figure("partitions_covered_ratio"), "covered"),
            units.PercentUnit,
            thresholds=whole,
            no_value=NO_SAMPLES,
        ),
        single(
            3,
            "View complete",
            "1 when every partition has been read to its end.",
            Query(figure("view_complete"), "complete"),
            units.NoUnit,
            thresholds=whole,
            no_value=NO_SAMPLES,
        ),
        single(
            4,
            "Age of the oldest summary",
            "How long ago the partition that is furthest behind was computed.",
            Query(f"time() - {figure('oldest_summary_timestamp_seconds')}", "age"),
            units.Seconds,
            thresholds=aged,
            no_value=NO_SAMPLES,
        ),
        single(
            5,
            "Figures hold for",
            "How far back the instant lies for which all figures hold. Large in a replay of history.",
            Query(f"time() - {figure('as_of_timestamp_seconds')}", "ago"),
            units.Seconds,
            no_value=NO_SAMPLES,
        ),
        single(
            6,
            "Customers held",
            "Customers with a record, all partitions.",
            Query(f"sum({figure('customers_held', by=('partition',))})", "customers"),
            units.LocaleFormat,
            no_value=NO_SAMPLES,
        ),
    ]


def _events() -> list[Part]:
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
            "Records that cannot be used; `subpulse rejects` shows them.",
            [Query(f"{rate('events_rejected_total', by=('reason',))} > 0", "{{reason}}")],
            units.EventsPerSecond,
            no_value="none in the range",
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
            11,
            "Delay of events",
            "From occurred_at to applied; half of the events and 99 % of them are quicker.",
            _quantiles("event_delay_seconds"),
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


def _work() -> list[Part]:
    third = (8, 8)
    return [
        lines(
            13,
            "Checkpoints",
            "Time to commit what had changed, all partitions of a worker together.",
            _quantiles("checkpoint_seconds"),
            units.Seconds,
            no_value=IDLE,
            size=third,
        ),
        lines(
            14,
            "Refreshes",
            "Time to compute the figures of all partitions of a worker.",
            _quantiles("refresh_seconds"),
            units.Seconds,
            no_value=IDLE,
            size=third,
        ),
        lines(
            15,
            "Recoveries",
            "Mean time to take over partitions (fence, read the changelog, compare with the sources), since "
            "the workers started.",
            [Query(f"{_sum('recovery_seconds_sum')} / ({_sum('recovery_seconds_count')} > 0)", "mean")],
            units.Seconds,
            no_value="no worker has recovered",
            size=third,
        ),
        lines(
            16,
            "Checkpoints and refreshes a second",
            "A worker that is alive and has work does both all the time.",
            [
                Query(rate("checkpoint_seconds_count"), "checkpoints"),
                Query(rate("refresh_seconds_count"), "refreshes"),
            ],
            units.OpsPerSecond,
            no_value=NO_SAMPLES,
        ),
        lines(
            17,
            "Partitions owned, by worker",
            "A partition of nobody is read by nobody; one of two workers is on the move.",
            [Query(f"sum by (instance) ({selector('partition_owned')})", "{{instance}}")],
            units.NoUnit,
            no_value=NO_SAMPLES,
            stacked=True,
        ),
    ]


def _workers() -> list[Part]:
    third = (8, 8)
    return [
        lines(
            18,
            "Processor",
            "Seconds of processor time a second: 1 is a whole core.",
            [
                Query(
                    'sum by (instance) (rate(process_cpu_seconds_total{job="$job"}[$__rate_interval]))',
                    "{{instance}}",
                )
            ],
            units.NoUnit,
            no_value="no samples: workers export this on Linux only",
            size=third,
        ),
        lines(
            19,
            "Memory",
            "Resident memory.",
            [Query('max by (instance) (process_resident_memory_bytes{job="$job"})', "{{instance}}")],
            units.BytesIEC,
            no_value="no samples: workers export this on Linux only",
            size=third,
        ),
        lines(
            20,
            "Versions",
            "How many workers run which version and revision. Two at a time: somebody is deploying.",
            [Query(f"count by (version, revision) ({selector('build_info')})", "{{version}} {{revision}}")],
            units.NoUnit,
            no_value=NO_SAMPLES,
            size=third,
        ),
    ]


def _quantiles(histogram: str) -> list[Query]:
    return [Query(quantile(0.5, histogram), "half"), Query(quantile(0.99, histogram), "99 %")]


def _sum(name: str) -> str:
    return f"sum({selector(name)})"
