"""The view: one summary of the whole business divided into figures."""

from collections.abc import Iterator
from typing import NamedTuple

from service.domain.metrics import (
    channels,
    cohorts,
    customers,
    magnets,
    predicted,
    recurring,
    referral,
    revenue,
    segments,
    subscriptions,
    trials,
    value,
)
from service.domain.metrics.catalogue import ALL
from service.domain.metrics.definitions import Definitions
from service.domain.metrics.fits import Attempt, Fits, fitted
from service.domain.metrics.labels import bounded
from service.domain.metrics.metric import Figure
from service.domain.metrics.summary import Summary
from service.domain.metrics.tally import Tally
from service.domain.metrics.thresholds import Thresholds


class View(NamedTuple):
    """Every figure of the business as known at `as_of` (microseconds), sorted by name and labels."""

    as_of: int
    figures: tuple[Figure, ...]


def view(summary: Summary, definitions: Definitions, fits: Fits | None = None) -> View:
    """Divide a summary (of all partitions) into figures.

    `fits`: the models in force; with them comes what is told of now alone.
    """
    tally = bounded_tally(summary, definitions)
    figures = [*_figures(tally, definitions, summary.as_of)]
    if fits is not None:
        figures += cohorts.figures(summary.tally, definitions, summary.as_of)
        figures += predicted.figures(tally, fits)
    shown = (figure for figure in figures if _shown(figure, definitions))
    return View(summary.as_of, tuple(sorted(shown, key=lambda figure: (figure.name, figure.labels))))


def fit(
    summary: Summary, definitions: Definitions, before: Fits | None = None
) -> tuple[Fits, tuple[Attempt, ...]]:
    """Fit the models of predicted value to a summary (of all partitions), much slower than a view; and what
    became of each.

    `before`: the fits, if any, that hold where a model cannot be fitted any more.
    """
    return fitted(bounded_tally(summary, definitions), summary.as_of, before or {})


def thresholds(summary: Summary, made_at: int) -> Thresholds | None:
    """The borders between the scores of a summary (of all partitions); None where nobody ordered in the last
    year. `made_at`: the wall clock, microseconds."""
    scores = segments.Scores(summary.tally)
    if not scores.known:
        return None
    net = magnets.borders(summary.tally)
    return Thresholds(made_at, summary.as_of, scores.days.borders(), scores.orders.borders(), net)


def bounded_tally(summary: Summary, definitions: Definitions) -> Tally:
    """The sums of a summary, with labels beyond the limits added up as `other`."""
    limits = {
        "plan": definitions.label_limit,
        "channel": definitions.label_limit,
        "currency": definitions.currency_limit,
    }
    return bounded(summary.tally, ALL, limits)


def _figures(tally: Tally, definitions: Definitions, as_of: int) -> Iterator[Figure]:
    yield from customers.figures(tally, definitions, as_of)
    yield from subscriptions.figures(tally)
    yield from recurring.figures(tally)
    yield from trials.figures(tally)
    yield from revenue.figures(tally)
    yield from value.figures(tally, definitions)
    yield from channels.figures(tally, definitions)
    yield from referral.figures(tally)
    yield from segments.figures(tally)
    yield from magnets.figures(tally, definitions)


def _shown(figure: Figure, definitions: Definitions) -> bool:
    """Windows that only other figures needed are not shown."""
    window = dict(figure.labels).get("window")
    return window is None or window in definitions.windows
