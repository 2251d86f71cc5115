"""Operations: whether the workers keep up, and whether what they say is whole and fresh."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models import units

from deploy.dashboards.events import IDLE, THIRD, events, halves
from deploy.dashboards.frame import Part, filled, frame
from deploy.dashboards.panels import AMBER, GREEN, NO_SAMPLES, RED, lines, sign, single, steps
from deploy.dashboards.queries import Query, figure, rate, selector


def operations() -> Dashboard:
    """The dashboard."""
    empty = frame(
        "subpulse-operations",
        "subpulse: Operations",
        "Whether the workers keep up, and whether what they say is whole and fresh.",
        since="now-1h",
    )
    parts = [*_state(), Row("Events").id(100), *events(), Row("Work").id(200), *_work()]
    return filled(empty, [*parts, Row("Workers").id(300), *_workers()])


def _state() -> list[Part]:
    whole = steps((None, RED), (1, GREEN))
    aged = steps((None, GREEN), (60, AMBER), (300, RED))
    return [
        sign(
            1,
            "Workers up",
            "Workers that Prometheus can scrape.",
            Query('sum(up{job="$job"})', "up"),
            units.NoUnit,
            thresholds=whole,
            no_value="no targets: what does Prometheus scrape?",
        ),
        sign(
            2,
            "Partitions covered",
            "Share of the partitions whose newest summary is fresh.",
            Query(figure("partitions_covered_ratio"), "covered"),
            units.PercentUnit,
            thresholds=whole,
        ),
        sign(
            3,
            "View complete",
            "1 when every partition has been read to its end.",
            Query(figure("view_complete"), "complete"),
            units.NoUnit,
            thresholds=whole,
        ),
        sign(
            4,
            "Age of the oldest summary",
            "How long ago the partition that is furthest behind was computed.",
            Query(f"time() - {figure('oldest_summary_timestamp_seconds')}", "age"),
            units.Seconds,
            thresholds=aged,
        ),
        sign(
            5,
            "Figures hold for",
            "How far back the instant lies for which all figures hold. Large in a replay of history.",
            Query(f"time() - {figure('as_of_timestamp_seconds')}", "ago"),
            units.Seconds,
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


def _work() -> list[Part]:
    return [
        lines(
            13,
            "Checkpoints",
            "Time to commit what had changed, all partitions of a worker together.",
            halves("checkpoint_seconds"),
            units.Seconds,
            no_value=IDLE,
            size=THIRD,
        ),
        lines(
            14,
            "Refreshes",
            "Time to compute the figures of all partitions of a worker.",
            halves("refresh_seconds"),
            units.Seconds,
            no_value=IDLE,
            size=THIRD,
        ),
        lines(
            15,
            "Recoveries",
            "Mean time to take over partitions (fence, read the changelog, compare with the sources), since "
            "the workers started.",
            [Query(f"{_sum('recovery_seconds_sum')} / ({_sum('recovery_seconds_count')} > 0)", "mean")],
            units.Seconds,
            no_value="no worker has recovered",
            size=THIRD,
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
        lines(
            24,
            "Fits of the models",
            "Fits of the models of predicted value since the workers started, by what came of them. A failed "
            "one leaves the former parameters in force.",
            [
                Query(
                    f"sum by (model, outcome) ({selector('prediction_fits_total')}) > 0",
                    "{{model}}: {{outcome}}",
                )
            ],
            units.LocaleFormat,
            no_value="no model was fitted yet",
        ),
        lines(
            25,
            "Age of the prediction",
            "How far the figures lie back that a model was last fitted to.",
            [
                Query(
                    f"time() - {figure('prediction_fitted_timestamp_seconds', by=('model', 'currency'))}",
                    "{{model}} {{currency}}",
                )
            ],
            units.Seconds,
            no_value="no model was fitted yet",
        ),
    ]


def _workers() -> list[Part]:
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
            size=THIRD,
        ),
        lines(
            19,
            "Memory",
            "Resident memory.",
            [Query('max by (instance) (process_resident_memory_bytes{job="$job"})', "{{instance}}")],
            units.BytesIEC,
            no_value="no samples: workers export this on Linux only",
            size=THIRD,
        ),
        lines(
            20,
            "Versions",
            "How many workers run which version and revision. Two at a time: somebody is deploying.",
            [Query(f"count by (version, revision) ({selector('build_info')})", "{{version}} {{revision}}")],
            units.NoUnit,
            no_value=NO_SAMPLES,
            size=THIRD,
        ),
    ]


def _sum(name: str) -> str:
    return f"sum({selector(name)})"
