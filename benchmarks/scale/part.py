"""A part of the curves: what is measured, at which sizes, and how it is told."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from service.embedded import Broker

Row = Mapping[str, float]
"""What one case came to, by column."""


class Sizes(NamedTuple):
    """How much is asked for."""

    customers: tuple[int, ...] = (10_000, 100_000, 1_000_000, 3_000_000)
    events: int = 3_000_000
    backlog: int = 10_000_000
    rate: int = 10_000  # events a second that arrive meanwhile
    weeks: int = 13
    seconds: float = 60.0
    rounds: int = 3


QUICK = Sizes((2_000, 10_000), 200_000, 400_000, 1_000, 3, 10.0, 1)


class Case(NamedTuple):
    """One measurement; `run` takes a broker of its own topics and ends all that it starts."""

    name: str
    run: Callable[[Broker], Row]
    rounds: int = 1


class Column(NamedTuple):
    """How a value is told: `form` as for `format`."""

    name: str
    form: str = ",.0f"


class Part(NamedTuple):
    """One table of the page."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    cases: Callable[[Sizes], list[Case]]
