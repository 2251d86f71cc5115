"""The curves as a part of docs/performance.md, and the plot beside it."""

from collections.abc import Mapping
from statistics import median

from benchmarks.machine import broker, machine
from benchmarks.scale import plan
from benchmarks.scale.part import Part, Row
from keeping import page

NAME, PLOT = "scale", "performance-scale.svg"
ROUNDS = "Of workers and mixed stream medians of their rounds are told; all else is one run each."

Told = Mapping[str, Mapping[str, Row]]
"""Part -> case -> medians by column."""


def medians(rounds: list[Row]) -> Row:
    """Column by column."""
    return {name: median([one[name] for one in rounds]) for name in rounds[0]}


def rows(part: Part, found: Mapping[str, Row]) -> list[tuple[str, ...]]:
    """A row for each case."""
    return [
        (name, *(format(values[column.name], column.form) for column in part.columns))
        for name, values in found.items()
    ]


def headings(part: Part) -> tuple[str, ...]:
    """Of the columns; the first one is that of the cases."""
    return (part.title.lower(), *(column.name for column in part.columns))


def write(parts: list[Part], told: Told) -> None:
    """Put the tables on the page, and the plot of what the number of customers does."""
    from benchmarks.scale import plot  # not at the top: the plotting library takes its time to be there

    text = f"Measured on: {machine()}, Kafka {broker()}. {ROUNDS}\n"
    for part in parts:
        if found := told[part.name]:
            text += f"\n**{part.title}.** {part.about}\n\n{page.table(headings(part), rows(part, found))}"
        if part.name == "customers" and len(found) > 1:
            plot.draw(found, page.DOCS / PLOT)
            text += f"\n![Speed, memory, refresh and recovery by the number of customers]({PLOT})\n"
    page.put(NAME, text)
    if told.get("customers") and len(told.get("mixed", {})) == 2:
        plan.write(told["customers"], told["mixed"])
