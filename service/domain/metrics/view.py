"""The view: one summary of the whole business divided into figures."""

from collections.abc import Iterable, Iterator
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
from service.domain.metrics.labels import bounded
from service.domain.metrics.metric import Figure
from service.domain.metrics.summary import Summary
from service.domain.metrics.tally import Tally
from service.domain.metrics.thresholds import Thresholds


class View(NamedTuple):
    """Every figure of the business as known at `as_of` (microseconds), sorted by name and labels."""

    as_of: int
    figures: tuple[Figure, ...]

    def with_figures(self, figures: Iterable[Figure]) -> "View":
        """The view with more figures in it."""
        return View(self.as_of, _sorted((*self.figures, *figures)))


def view(summary: Summary, definitions: Definitions) -> View:
    """Divide a summary (of all partitions) into figures."""
    tally = bounded_tally(summary, definitions)
    figures = _figures(tally, definitions, summary.as_of)
    return View(summary.as_of, _sorted(figure for figure in figures if _shown(figure, definitions)))


def of_now(summary: Summary, definitions: Definitions) -> Iterator[Figure]:
    """Figures that are told of now alone: cohorts, for which days that are over keep too little."""
    return cohorts.figures(summary.tally, definitions, summary.as_of)


def predict(
    summary: Summary, definitions: Definitions, before: predicted.Prediction = predicted.NONE
) -> predicted.Prediction:
    """Fit the models of predicted value to a summary (of all partitions): much slower than a view.

    `before`: the prediction whose parameters hold where a model cannot be fitted any more.
    """
    return predicted.predict(bounded_tally(summary, definitions), summary.as_of, before)


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


def _sorted(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(sorted(figures, key=lambda figure: (figure.name, figure.labels)))


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
