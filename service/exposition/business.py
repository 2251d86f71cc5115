"""Figures of the business as Prometheus families, and as rows for JSON. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import Metric

from service.domain.metrics import CATALOGUE, Figure, View
from service.domain.metrics.metric import Value

_SUFFIXES = ("_bucket", "_gcount", "_gsum")  # of a gauge histogram, in the order of its samples
OWNER: dict[str, str] = {
    name + suffix: name
    for name, metric in CATALOGUE.items()
    if metric.kind == "gaugehistogram"
    for suffix in _SUFFIXES
}
"""A sample's name -> that of its family, where they differ."""

SERIES_DROPPED = "subpulse_series_dropped"
STATE = {
    "subpulse_as_of_timestamp_seconds": "The instant for which all figures hold, Unix seconds.",
    "subpulse_view_complete": "1 when every partition has been read to its end, else 0.",
    "subpulse_partitions_covered_ratio": "Share of the partitions whose newest summary is fresh.",
    "subpulse_oldest_summary_timestamp_seconds": (
        "When the oldest of the partitions' newest summaries was made, Unix seconds."
    ),
    SERIES_DROPPED: "Series of the business that the setting `series_limit` keeps from being shown here.",
}
"""State of the view: name -> help. Gauges without labels."""


def families(figures: Iterable[Figure]) -> Iterator[Metric]:
    """One family per metric with all its samples; figures without a value are left out."""
    samples: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.value is not None:
            samples[OWNER.get(figure.name, figure.name)].append(figure)
    for name in sorted(samples):
        metric = CATALOGUE.get(name)
        family = Metric(name, metric.help if metric else STATE[name], metric.kind if metric else "gauge")
        for figure in (
            _ordered(samples[name]) if metric and metric.kind == "gaugehistogram" else samples[name]
        ):
            family.add_sample(figure.name, dict(figure.labels), float(figure.value or 0))
        yield family


def series_dropped(number: int) -> Metric:
    """How many series are missing; 0 says that none is."""
    family = Metric(SERIES_DROPPED, STATE[SERIES_DROPPED], "gauge")
    family.add_sample(SERIES_DROPPED, {}, number)
    return family


def _ordered(figures: list[Figure]) -> list[Figure]:
    """Histogram after histogram, each with its buckets by bound, as parsers want them."""

    def place(figure: Figure) -> Any:
        labels = dict(figure.labels)
        bound = float(labels.pop("le", "inf"))
        suffix = next(number for number, suffix in enumerate(_SUFFIXES) if figure.name.endswith(suffix))
        return sorted(labels.items()), suffix, bound

    return sorted(figures, key=place)


def rows(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """Figures as JSON objects, in their order; a figure without a value is null."""
    return [{"name": f.name, "labels": dict(f.labels), "value": f.value} for f in figures]


class Series:
    """Figures of several instants, instant by instant; a figure without a value is null, as is one that was
    not there yet."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, tuple[tuple[str, str], ...]], list[Value]] = {}
        self._instants = 0

    def add(self, figures: Iterable[Figure]) -> None:
        """The figures of the next instant."""
        for name, labels, value in figures:
            values = self._values.setdefault((name, labels), [])
            values += [None] * (self._instants - len(values))
            values.append(value)
        self._instants += 1

    def rows(self) -> list[dict[str, Any]]:
        """As JSON objects, sorted by name and labels."""
        return [
            {"name": name, "labels": dict(labels), "values": values + [None] * (self._instants - len(values))}
            for (name, labels), values in sorted(self._values.items(), key=lambda item: item[0])
        ]


def with_state(view: View | None, state: Iterable[Figure]) -> list[Figure]:
    """The figures of a view and those about it, sorted."""
    return sorted([*(view.figures if view else ()), *state], key=lambda f: (f.name, f.labels))
