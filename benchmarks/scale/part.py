"""A part of the curves: what is measured, at which sizes, and how it is told."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from benchmarks.measured import Speed

Row = Mapping[str, float]
"""What one case came to, by column."""


class Sizes(NamedTuple):
    """How much is asked for."""

    customers: tuple[int, ...] = (10_000, 100_000, 200_000, 1_000_000, 3_000_000)
    events: int = 3_000_000
    backlog: int = 10_000_000
    rate: int = 10_000  # events a second that arrive meanwhile
    weeks: int = 13
    seconds: float = 60.0
    rounds: int = 3


QUICK = Sizes(
    customers=(2_000, 10_000),
    events=200_000,
    backlog=400_000,
    rate=1_000,
    weeks=3,
    seconds=10.0,
    rounds=1,
)


class Case(NamedTuple):
    """One measurement: `measure` gets `sizes` and a broker of its own topics, and ends all that it starts.

    It returns a row, or if `several` are measured together, rows by their names.
    """

    name: str
    measure: Callable[..., Any]
    sizes: tuple[float, ...]
    rounds: int = 1
    several: bool = False

    def rows(self, found: Any) -> Mapping[str, Row]:
        """What was measured, by the names of rows."""
        rows: Mapping[str, Row] = found if self.several else {self.name: found}
        return rows


class Column(NamedTuple):
    """How a value is told: `form` as for `format`."""

    name: str
    form: str = ",.0f"


SPEED = (Column("events/s"), Column("events per CPU s"))


def speed_row(speed: Speed) -> Row:
    """A speed, by these columns."""
    return {column.name: value for column, value in zip(SPEED, speed, strict=True)}


class Part(NamedTuple):
    """One table of the page."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    cases: Callable[[Sizes], list[Case]]
