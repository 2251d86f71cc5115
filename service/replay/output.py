"""The figures of a replay as JSON, as Prometheus text, and as tables for the eye."""

import json
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from prometheus_client.core import CounterMetricFamily
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.instants import format_instant
from service.domain.metrics import Figure
from service.exposition.business import families, rows, with_state
from service.exposition.encoding import encode
from service.replay.replay import Replayed

NO_VALUE = "–"
WIDTH = 200  # characters, where nobody says how wide the output is


def as_json(replayed: Replayed) -> bytes:
    """`as_of`, the sorted figures, and how many lines were used or refused."""
    document = {
        "as_of": format_instant(replayed.view.as_of),
        "figures": rows(replayed.view.figures),
        "events": dict(sorted(replayed.outcomes.items())),
        "rejected": dict(sorted(replayed.refused.items())),
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def as_prometheus(replayed: Replayed) -> bytes:
    """The text that /metrics would show."""
    as_of = Figure("subpulse_as_of_timestamp_seconds", (), replayed.view.as_of / 1e6)
    refused = CounterMetricFamily(
        "subpulse_events_rejected_total", "Lines that cannot be used, by reason.", labels=("topic", "reason")
    )
    for reason, count in sorted(replayed.refused.items()):
        refused.add_metric(("-", reason), count)
    return encode([*families(with_state(replayed.view, [as_of])), refused])[0]


def print_table(replayed: Replayed, time_zone: str) -> None:
    """A table of what has a window, a column each, and one of the rest."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=replayed.view.as_of)
    used = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(replayed.outcomes.items())) or "none"
    console.print(f"as of {moment.astimezone(ZoneInfo(time_zone)).isoformat()} ({time_zone})", style="bold")
    console.print(f"events: {used}; rejected: {replayed.refused.total():,}")
    windowed: dict[tuple[str, str], dict[str, Figure]] = defaultdict(dict)
    others: list[Figure] = []
    for figure in replayed.view.figures:
        labels = dict(figure.labels)
        if window := labels.pop("window", None):
            windowed[_short(figure.name), _told(labels)][window] = figure
        elif not figure.name.endswith("_bucket"):  # for programs, not for eyes
            others.append(figure)
    console.print(_by_window(windowed))
    console.print(_plain(others))


def _by_window(figures: dict[tuple[str, str], dict[str, Figure]]) -> Table:
    windows = sorted({window for row in figures.values() for window in row}, key=_length)
    table = _table(("figure", "of"), windows)
    for (name, labels), row in figures.items():
        table.add_row(name, Text(labels, "dim"), *(_value(row.get(window)) for window in windows))
    return table


def _plain(figures: list[Figure]) -> Table:
    table = _table(("figure", "of"), ("value",))
    for figure in figures:
        table.add_row(_short(figure.name), Text(_told(dict(figure.labels)), "dim"), _value(figure))
    return table


def _table(texts: tuple[str, ...], numbers: tuple[str, ...] | list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in texts:
        table.add_column(heading, overflow="fold")
    for heading in numbers:
        table.add_column(heading.replace("_", " "), justify="right", no_wrap=True)
    return table


def _length(window: str) -> tuple[int, str]:
    """Hours first, then days, then calendar periods."""
    hours = {"h": 1, "d": 24}.get(window[-1])
    if hours and window[:-1].isdigit():
        return hours * int(window[:-1]), window
    return 1 << 32, window


def _short(name: str) -> str:
    return name.removeprefix("subpulse_")


def _told(labels: dict[str, str]) -> str:
    return ", ".join(labels.values())


def _value(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.value is None:
        return NO_VALUE
    return f"{figure.value:,}" if isinstance(figure.value, int) else f"{figure.value:,.4f}"
