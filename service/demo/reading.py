"""One answer of a worker's /api/v1/figures, and the questions that the table asks of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

_SECONDS = 2.0
_PREFIX = "subpulse_"
_SPOKEN = b"subpulse_view_complete "

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reading:
    """Figures by name (without the prefix) and labels; None where a figure has no value."""

    figures: dict[str, dict[Labels, float | None]]

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> "Reading":
        """Return the reading of the API's rows: {name, labels, value}."""
        figures: dict[str, dict[Labels, float | None]] = {}
        for row in rows:
            of_name = figures.setdefault(row["name"].removeprefix(_PREFIX), {})
            of_name[tuple(sorted(row["labels"].items()))] = row["value"]
        return cls(figures)

    def value(self, name: str, **labels: str) -> float | None:
        """Return the figure with exactly these labels; None if it has no value or is not there."""
        return self.figures.get(name, {}).get(tuple(sorted(labels.items())))

    def total(self, name: str, **labels: str) -> float | None:
        """Return the sum of a count or amount over all labels but these; None if there is none at all."""
        wanted = labels.items()
        values = [
            value
            for key, value in self.figures.get(name, {}).items()
            if value is not None and wanted <= dict(key).items()
        ]
        return sum(values) if values else None

    def values_of(self, name: str, label: str) -> list[str]:
        """Return the values that a label takes among the figures of that name, sorted."""
        return sorted({dict(key)[label] for key in self.figures.get(name, {})})

    def is_complete_since(self, instant: float) -> bool:
        """Whether the figures hold for a time after `instant` (Unix seconds) and rest on all there was."""
        as_of = self.value("as_of_timestamp_seconds")
        return as_of is not None and as_of > instant and self.value("view_complete") == 1


def fetch(address: str) -> Reading | None:
    """Ask a worker at `address` (http://host:port) for its figures; None while it has none to give."""
    try:
        with urlopen(f"{address}/api/v1/figures", timeout=_SECONDS) as answer:
            return Reading.of(json.load(answer)["figures"])
    except (URLError, TimeoutError, ConnectionError):
        return None


def speaks_for_the_business(address: str) -> bool:
    """Whether this worker exports the figures of the business on /metrics: only one of them does."""
    try:
        with urlopen(f"{address}/metrics", timeout=_SECONDS) as answer:
            return any(line.startswith(_SPOKEN) for line in answer)
    except (URLError, TimeoutError, ConnectionError):
        return False
