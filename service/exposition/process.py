"""What a worker exports about itself, as Prometheus families made from plain counters."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

from schemas.insights import INSIGHTS
from schemas.topics import type_of
from schemas.verdict import REASONS
from service.domain.metrics.fits import MODELS
from service.domain.metrics.fits import OUTCOMES as FIT_OUTCOMES
from service.domain.records import Outcome
from service.stream.telemetry import Histogram, Telemetry

INSIGHT_TYPES = tuple(type_of(model) for model in INSIGHTS)
OUTCOMES = (*(outcome.value for outcome in Outcome if outcome is not Outcome.LIMIT), "rejected")
"""What becomes of an event; one beyond a limit is rejected like any that cannot be used."""

HELP = {
    "watermark_timestamp_seconds": "Newest occurred_at applied on an owned partition, Unix seconds.",
    "partition_owned": "1 for each partition that this worker owns.",
    "customers_held": "Customers with a record on an owned partition.",
    "lag_records": "Records of a topic's owned partition that were not yet applied at the last refresh.",
    "events_total": "Events taken in since this worker started, by what became of them.",
    "events_rejected_total": "Records sent to the dead letters since this worker started, by reason.",
    "dead_letters": "Dead letters of owned partitions that wait to be redriven or dropped, by reason.",
    "oldest_dead_letter_timestamp_seconds": "When the longest waiting of them was written, Unix seconds.",
    "late_events_total": "Events older than the newest event of their customer, since this worker started.",
    "event_delay_seconds": "Time from occurred_at to applied.",
    "refresh_seconds": "Time to compute the figures of all owned partitions.",
    "checkpoint_seconds": "Time to commit what had changed, all owned partitions together.",
    "recovery_seconds": "Time to take over partitions: fence, read the changelog, compare with the sources.",
    "event_loop_lag_seconds": "How late the worker's event loop woke who had asked for a moment's sleep: "
    "fetches and probes waited meanwhile too.",
    "insights_total": "Insights about single customers written since this worker started.",
    "prediction_fits_total": "Fits of the models of predicted value since this worker started, by what "
    "became of them; a failed one leaves the former parameters in force.",
    "prediction_seconds": "Time to fit the models of predicted value, all currencies together.",
    "build_info": "1, with the version and the revision that is running.",
}
"""Name without prefix -> help."""

HISTOGRAMS = (
    "event_delay_seconds", "refresh_seconds", "checkpoint_seconds", "recovery_seconds",
    "event_loop_lag_seconds", "prediction_seconds",
)  # fmt: skip

LABELS = {
    "watermark_timestamp_seconds": ("partition",),
    "partition_owned": ("partition",),
    "customers_held": ("partition",),
    "lag_records": ("topic", "partition"),
    "events_total": ("topic", "outcome"),
    "events_rejected_total": ("topic", "reason"),
    "dead_letters": ("topic", "reason"),
    "late_events_total": ("topic",),
    "event_delay_seconds": ("topic",),
    "insights_total": ("kind",),
    "prediction_fits_total": ("model", "outcome"),
    "build_info": ("version", "revision"),
}
"""Name without prefix -> labels, where there are any."""


def families(
    telemetry: Telemetry, topics: Iterable[str], owned: Iterable[int], build: tuple[str, str]
) -> Iterator[Metric]:
    """Families of `telemetry`; all series of `topics` exist from the start. `build`: version, revision."""
    yield _counter("events_total", _every(telemetry.events.items(), topics, OUTCOMES))
    yield _counter("events_rejected_total", _every(telemetry.rejected.items(), topics, REASONS))
    yield _gauge("dead_letters", _every(telemetry.letters.items(), topics, REASONS))
    oldest = telemetry.oldest_letter
    yield _gauge("oldest_dead_letter_timestamp_seconds", {} if oldest is None else {(): oldest / 1e6})
    yield _counter("late_events_total", {(topic,): telemetry.late[topic] for topic in topics})
    held = telemetry.partitions
    yield _gauge("partition_owned", {(str(number),): 1 for number in sorted(owned)})
    yield _gauge("customers_held", {(str(n),): held[n].customers_held for n in sorted(held)})
    yield _gauge(
        "lag_records", {(topic, str(n)): lag for n in sorted(held) for topic, lag in held[n].lag.items()}
    )
    marks = {n: mark for n in sorted(held) if (mark := held[n].watermark) is not None}
    yield _gauge("watermark_timestamp_seconds", {(str(n),): mark / 1e6 for n, mark in marks.items()})
    yield _histogram("event_delay_seconds", {(topic,): found for topic, found in telemetry.delay.items()})
    yield _histogram("refresh_seconds", {(): telemetry.refresh})
    yield _histogram("checkpoint_seconds", {(): telemetry.checkpoint})
    yield _histogram("recovery_seconds", {(): telemetry.recovery})
    yield _histogram("event_loop_lag_seconds", {(): telemetry.loop_lag})
    yield _counter("insights_total", {(kind,): telemetry.insights[kind] for kind in INSIGHT_TYPES})
    yield _counter("prediction_fits_total", _every(telemetry.fits.items(), MODELS, FIT_OUTCOMES))
    yield _histogram("prediction_seconds", {(): telemetry.prediction})
    yield _gauge("build_info", {build: 1})


def _every(
    counts: Iterable[tuple[tuple[str, str], int]], topics: Iterable[str], values: Iterable[str]
) -> dict[tuple[str, ...], float]:
    known: dict[tuple[str, ...], float] = {(topic, value): 0 for topic in topics for value in values}
    known.update(counts)
    return known


def _counter(name: str, values: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(f"subpulse_{name}", HELP[name], labels=LABELS[name])
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _gauge(name: str, values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"subpulse_{name}", HELP[name], labels=LABELS.get(name, ()))
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _histogram(name: str, values: Mapping[tuple[str, ...], Histogram]) -> Metric:
    family = HistogramMetricFamily(f"subpulse_{name}", HELP[name], labels=LABELS.get(name, ()))
    for labels, found in values.items():
        bounds = [*map(str, found.bounds), "+Inf"]
        family.add_metric(labels, list(zip(bounds, accumulate(found.counts), strict=True)), found.sum)
    return family
