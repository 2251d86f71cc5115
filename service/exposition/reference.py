"""Every exported metric with its labels and meaning: `subpulse metrics` and docs/metrics.md."""

from collections.abc import Iterator
from typing import NamedTuple

from service.domain.metrics import CATALOGUE
from service.exposition import business, process

BUSINESS, STATE, PROCESS = "The business", "The view", "The worker"

INTRODUCTIONS = {
    BUSINESS: (
        "Figures of the whole business, all partitions together. Gauges; exported by one worker (the owner\n"
        "of partition 0), so that a sum over workers counts once. A ratio whose denominator is 0 has no\n"
        "sample here and is null in the API. Money is in major units of its `currency`. `basis` is\n"
        "`subscription` (who pays) or `orders` (who buys); `window` is one of the setting `windows`.\n\n"
        "How many series there are follows from the labels: below 5,000 with 10 plans, 20 channels and 3\n"
        "currencies. `label_limit` bounds the labels, `series_limit` what is shown: beyond it, the metrics\n"
        "with the most labels are left out, each as a whole; `subpulse_series_dropped` counts their series."
    ),
    STATE: "How much the figures above can be trusted. Gauges, exported beside them.",
    PROCESS: "What each worker exports about itself since it started.",
}


class Entry(NamedTuple):
    """One metric."""

    part: str
    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def entries() -> Iterator[Entry]:
    """Every metric, part by part."""
    kinds = {"gaugehistogram": "gauge histogram"}
    for name, metric in sorted(CATALOGUE.items()):
        labels = tuple(label for label in metric.labels if label != "le")
        yield Entry(BUSINESS, name, kinds.get(metric.kind, metric.kind), labels, metric.help)
    for name, meaning in business.STATE.items():
        yield Entry(STATE, name, "gauge", (), meaning)
    for name, meaning in process.HELP.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        kind = "histogram" if name in process.HISTOGRAMS else kind
        yield Entry(PROCESS, f"subpulse_{name}", kind, process.LABELS.get(name, ()), meaning)


def markdown() -> str:
    """docs/metrics.md."""
    found = list(entries())
    parts = [_section(part, [entry for entry in found if entry.part == part]) for part in INTRODUCTIONS]
    return "\n".join([_TITLE, *parts])


def _section(part: str, found: list[Entry]) -> str:
    rows = [
        f"| `{entry.name}` | {', '.join(entry.labels)} | {entry.kind} | {entry.meaning} |" for entry in found
    ]
    heading = ["| name | labels | kind | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## {part}", "", INTRODUCTIONS[part], "", *heading, *rows, ""])


_TITLE = """\
# Metrics

<!-- Written by `subpulse metrics --markdown`; a test fails when it differs. -->

What stands on `/metrics`; the business and the view also on `/api/v1/figures` and in `subpulse replay`.
"""
