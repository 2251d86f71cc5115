"""Models fitted to the sums of the whole business, so that they depend on one summary alone: whoever has that
summary comes to the same parameters. A model that cannot be fitted keeps the parameters it had before, if
any.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct

from schemas.currencies import exponent
from service.domain.metrics import purchases, recurring, tenures, value
from service.domain.metrics.metric import Metric
from service.domain.metrics.tally import Labels, Moments, Tally
from service.domain.prediction import bg_nbd, gamma_gamma, sbg
from service.domain.prediction.maximum import Maximum, NoFitError
from service.domain.prediction.points import points_of
from service.domain.records.customer import EVER

WEEK = 7  # days
MINIMUM = 30  # customers who came back, or tenures that ended: fewer say too little about the rest

MODELS = BG_NBD, GAMMA_GAMMA, SBG = "bg_nbd", "gamma_gamma", "sbg"
OUTCOMES = ("fitted", "failed", "too_few")
Outcome = Literal["fitted", "failed", "too_few"]


class Fit(NamedTuple):
    """A fitted model: of one currency, to so many customers, by the figures of an instant (microseconds)."""

    parameters: tuple[float, ...]
    log_likelihood: float
    customers: int
    as_of: int


class Attempt(NamedTuple):
    """What became of fitting a model, and why."""

    model: str
    currency: str
    outcome: Outcome
    reason: str = ""


Fits = Mapping[tuple[str, str], Fit]
"""By model and currency."""


class Models(Struct, array_like=True, frozen=True):
    """The fits that all go by, and when they were made (wall clock, microseconds)."""

    made_at: int = EVER
    fits: dict[tuple[str, str], Fit] = {}


class TooFewError(NoFitError):
    """Not enough has happened yet to fit a model to."""


def fitted(tally: Tally, as_of: int, before: Fits) -> tuple[Fits, tuple[Attempt, ...]]:
    """All models of all currencies, and what became of fitting each."""
    fits: dict[tuple[str, str], Fit] = {}
    attempts = []
    for model, currency in _wanted(tally):
        try:
            found, number = _FITTING[model](tally, currency)
        except TooFewError as error:
            attempts.append(Attempt(model, currency, "too_few", str(error)))
        except NoFitError as error:
            attempts.append(Attempt(model, currency, "failed", str(error)))
            if (model, currency) in before:
                fits[model, currency] = before[model, currency]
        else:
            attempts.append(Attempt(model, currency, "fitted"))
            fits[model, currency] = Fit(found.parameters, found.log_likelihood, number, as_of)
    return fits, tuple(attempts)


def _wanted(tally: Tally) -> Iterator[tuple[str, str]]:
    for model, metric in ((BG_NBD, value.NET), (GAMMA_GAMMA, value.NET), (SBG, recurring.PAYING)):
        yield from ((model, currency) for (currency,) in sorted(tally[metric]))


class Buyers(NamedTuple):
    """Points for BG/NBD, times in weeks; and the cells they come from, each of so many `points`."""

    weights: np.ndarray
    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    cells: Mapping[Labels, Moments]


def buyers_of(tally: Tally, currency: str) -> Buyers:
    """The buyers of a currency."""
    cells = tally.moments_of(purchases.BUYERS, currency)
    weights, (frequency, recency, gap) = points_of([moments[:10] for moments in cells.values()], 3)
    again = np.repeat(
        np.array([labels[1] != "0" for labels in cells], bool), len(weights) // max(len(cells), 1)
    )
    frequency, recency = np.where(again, frequency, 0), np.where(again, np.maximum(recency, 0), 0)
    age = recency + np.maximum(gap, 0)
    return Buyers(weights, frequency, recency / WEEK, age / WEEK, cells)


def _fit_buying(tally: Tally, currency: str) -> tuple[Maximum, int]:
    buyers = buyers_of(tally, currency)
    came_back = sum(moments[0] for labels, moments in buyers.cells.items() if labels[1] != "0")
    _require(came_back, "customers who bought again")
    found = bg_nbd.fit(buyers.frequency, buyers.recency, buyers.age, buyers.weights)
    return found, sum(moments[0] for moments in buyers.cells.values())


def _fit_spending(tally: Tally, currency: str) -> tuple[Maximum, int]:
    cells = tally.moments_of(purchases.SPENDERS, currency)
    customers = sum(moments[0] for moments in cells.values())
    _require(customers, "customers who bought again")
    weights, (frequency, log) = points_of(list(cells.values()), 2)
    spend = np.exp(log / purchases.LOG_STEP) / 10 ** exponent(currency)
    return gamma_gamma.fit(np.maximum(frequency, 1), spend, weights), customers


def _fit_staying(tally: Tally, currency: str) -> tuple[Maximum, int]:
    left, stayed = (by_months(tally, metric, currency) for metric in (tenures.LEFT, tenures.STAYED))
    _require(int(left.sum()), "tenures that ended")
    return sbg.fit(left[1:], stayed), int(left.sum() + stayed.sum())


def _require(number: int, what: str) -> None:
    if number < MINIMUM:
        raise TooFewError(f"{number} {what}, at least {MINIMUM} are needed")


def by_months(tally: Tally, metric: Metric, currency: str) -> np.ndarray:
    """Amounts of a measure by months, from 0 on."""
    amounts = {int(months): amount for (code, months), amount in tally[metric].items() if code == currency}
    return np.array([float(amounts.get(months, 0)) for months in range(max(amounts, default=0) + 1)])


_FITTING: dict[str, Callable[[Tally, str], tuple[Maximum, int]]] = {
    BG_NBD: _fit_buying, GAMMA_GAMMA: _fit_spending, SBG: _fit_staying,
}  # fmt: skip
