"""The view: one summary of the whole business divided into figures."""

from collections.abc import Iterator
from typing import NamedTuple

from service.domain.metrics import customers, recurring, revenue, subscriptions, trials, value
from service.domain.metrics.catalogue import ALL
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.labels import bounded
from service.domain.metrics.metric import Figure
from service.domain.metrics.summary import Summary
from service.domain.metrics.tally import Tally


class View(NamedTuple):
    """Every figure of the business as known at `as_of` (microseconds), sorted by name and labels."""

    as_of: int
    figures: tuple[Figure, ...]


def view(summary: Summary, definitions: Definitions) -> View:
    """Divide a summary (of all partitions) into figures."""
    limits = {
        "plan": definitions.label_limit,
        "channel": definitions.label_limit,
        "currency": definitions.currency_limit,
    }
    tally = bounded(summary.tally, ALL, limits)
    figures = (
        figure for figure in _figures(tally, definitions, summary.as_of) if _shown(figure, definitions)
    )
    return View(summary.as_of, tuple(sorted(figures, key=lambda figure: (figure.name, figure.labels))))


def _figures(tally: Tally, definitions: Definitions, as_of: int) -> Iterator[Figure]:
    yield from customers.figures(tally, definitions, as_of)
    yield from subscriptions.figures(tally)
    yield from recurring.figures(tally)
    yield from trials.figures(tally)
    yield from revenue.figures(tally)
    yield from value.figures(tally, definitions)


def _shown(figure: Figure, definitions: Definitions) -> bool:
    """Windows that only other figures needed are not shown."""
    window = dict(figure.labels).get("window")
    return window is None or window in definitions.windows
