"""The demo's screen: a headline, the tables, and what one can do and open."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.text import Text

from service.demo.reading import Reading
from service.demo.table import figures_table, value_table

WINDOWS = ("24h", "7d", "30d", "90d", "365d", "last_month", "last_quarter")
_NAMES_WIDTH, _WINDOW_WIDTH, _FULL_HEIGHT = 34, 12, 44

FULL_WIDTH = _NAMES_WIDTH + _WINDOW_WIDTH * len(WINDOWS)
"""Characters a line needs to show all windows."""


@dataclass
class Story:
    """What the demo itself knows: the live mode and its knob."""

    addresses: tuple[str, ...]
    hours_a_second: float
    spike: float
    spiking: bool = False
    live_events: int = 0
    keys: bool = False


def tables(reading: Reading, console: Console, all_details: bool) -> RenderableType:
    """Return headline and tables: as many windows as the width allows, all lines if the height does.

    `all_details` gives all lines whatever the height.
    """
    windows = _windows(console)
    details = all_details or console.height >= _FULL_HEIGHT
    return Group(*_parts(reading, windows, details))


def screen(reading: Reading, console: Console, story: Story) -> RenderableType:
    """Return all of the live screen: the footer always, above it as much of the tables as there is room."""
    below = footer(story)
    height = len(console.render_lines(below))
    windows = _windows(console)
    plain = _parts(reading, windows, details=False)
    choices = [_parts(reading, windows, details=True), plain, plain[:2] + plain[3:], plain[:2]]
    room = max(0, console.height - height)
    fits = (Group(*parts) for parts in choices if len(console.render_lines(Group(*parts))) <= room)
    whole = Layout()
    whole.split_column(Layout(next(fits, Group(*plain[:2]))), Layout(below, size=height))
    return whole


def _windows(console: Console) -> tuple[str, ...]:
    return WINDOWS[: max(1, (console.width - _NAMES_WIDTH) // _WINDOW_WIDTH)]


def _parts(reading: Reading, windows: tuple[str, ...], details: bool) -> list[RenderableType]:
    return [_headline(reading), figures_table(reading, windows, details), value_table(reading), _now(reading)]


def _headline(reading: Reading) -> Text:
    as_of = reading.value("as_of_timestamp_seconds") or 0.0
    moment = datetime.fromtimestamp(as_of, UTC)
    line = Text("subpulse demo", "bold")
    line.append(f"  as of {moment:%Y-%m-%d %H:%M:%S} UTC", "default")
    line.append(f", {max(0.0, time.time() - as_of):.0f} s old", "dim")
    complete = reading.value("view_complete") == 1
    covered = reading.value("partitions_covered_ratio") or 0.0
    line.append(", complete" if complete else ", still reading", "green" if complete else "yellow")
    if covered < 1:
        line.append(f", {covered:.0%} of the partitions", "yellow")
    return line


def _now(reading: Reading) -> Text:
    """Return the subscriptions by status, and the early warning: cancellations yet to take effect."""
    statuses = reading.values_of("subscriptions", "status")
    counts = [f"{reading.total('subscriptions', status=status) or 0:,.0f} {status}" for status in statuses]
    line = Text(f"Subscriptions now: {', '.join(counts)}".replace("_", " "))
    line.append(
        f"; scheduled to cancel: {reading.total('subscriptions_scheduled_to_cancel') or 0:,.0f}", "bold"
    )
    return line


def footer(story: Story) -> Text:
    """Return the lines below the tables, those that a small terminal must show first."""
    text = Text()
    if story.spiking:
        text.append(f"CHURN SPIKE: {story.spike:g} times the usual.", "bold white on red")
    else:
        text.append("Churn is as usual.")
    text.append(" ")
    if story.keys:
        text.append("[c] churn spike on or off, [q] ", "bold")
        text.append("or ")
    text.append("Ctrl-C ends.\n", "bold")
    text.append("\n".join(addresses(story.addresses)), "dim")
    text.append(f"\n{time_lapse(story.hours_a_second)} {story.live_events:,} events so far.")
    return text


def time_lapse(hours_a_second: float) -> str:
    """Why so much happens in the demo's latest hours."""
    return f"Time-lapse: a second carries {hours_a_second:g} h of business, dated now."


def addresses(workers: tuple[str, ...]) -> list[str]:
    """Return a line on each worker, the one that speaks for the business on /metrics first."""
    first, *others = workers
    lines = [f"{first}/metrics and {first}/api/v1/figures"]
    return lines + [f"{other}/metrics (of that process) and {other}/api/v1/figures" for other in others]
