"""The results as a table, for the terminal and for the page."""

from rich.table import Table

from benchmarks.peers.results import Result, Spread
from benchmarks.peers.settings import SETTINGS
from keeping import page

HEADINGS = (
    "engine",
    "variant",
    "events/s",
    "events per CPU s",
    "of the floor",
    "resident MiB",
    "first result s",
    "rounds",
)


def rows(told: list[Result]) -> list[tuple[str, ...]]:
    """A row for each variant."""
    return [
        (
            result.variant.engine,
            result.variant.name,
            _spread(result.events_per_second),
            _spread(result.events_per_cpu_second),
            "" if result.of_floor is None else f"{result.of_floor:.0%}",
            f"{result.resident / 2**20:,.0f}",
            f"{result.first_result:.1f}",
            str(result.rounds),
        )
        for result in told
    ]


def terminal(told: list[Result]) -> Table:
    """For the terminal."""
    table = Table(*HEADINGS)
    for row in rows(told):
        table.add_row(*row)
    return table


def markdown(told: list[Result]) -> str:
    """For the page."""
    return page.table(HEADINGS, rows(told), words=2)


def settings(told: list[Result]) -> str:
    """What each engine of the results got, and why."""
    engines = {result.variant.engine for result in told}
    return "".join(f"- **{engine}**: {text}\n" for engine, text in SETTINGS.items() if engine in engines)


def _spread(spread: Spread) -> str:
    if spread.lowest == spread.highest:
        return f"{spread.middle:,.0f}"
    return f"{spread.middle:,.0f} ({spread.lowest:,.0f} … {spread.highest:,.0f})"
