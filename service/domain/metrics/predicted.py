"""Predicted lifetime value: what customers will bring in the next 365 days (definitions, section 6).

The models are fitted to the sums of the whole business, so all of this depends on one summary alone: whoever
has that summary comes to the same figures. A model that cannot be fitted keeps the parameters it had before,
if any.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Literal, NamedTuple

import numpy as np

from schemas.currencies import exponent
from service.domain.metrics import purchases, recurring, tenures, value
from service.domain.metrics.customers import ORDERS, SUBSCRIPTION
from service.domain.metrics.metric import Figure, Metric
from service.domain.metrics.tally import Labels, Moments, Tally
from service.domain.prediction import bg_nbd, gamma_gamma, sbg
from service.domain.prediction.maximum import Maximum, NoFitError
from service.domain.prediction.points import points_of

MEAN = Metric(
    "predicted_ltv_mean",
    "Revenue expected of a customer in the next 365 days, mean over customers with an order (basis orders: "
    "BG/NBD x Gamma-Gamma) or paying now (basis subscription: sBG x MRR), major units.",
    ("basis", "currency"),
)
PURCHASES_MEAN = Metric(
    "predicted_purchases_mean",
    "Purchases (days with an order) expected of a customer in the next 365 days, mean over customers "
    "with an order.",
    ("currency",),
)
ALIVE_MEAN = Metric(
    "probability_alive_mean",
    "Probability that a customer will buy again some day, mean over customers with an order.",
    ("currency",),
)
_BY_MODEL = ("model", "currency")
PARAMETER = Metric(
    "prediction_parameter",
    "Parameters of the models behind predicted value, money in major units, time in weeks (bg_nbd) or "
    "months (sbg).",
    (*_BY_MODEL, "parameter"),
)
LOG_LIKELIHOOD = Metric(
    "prediction_log_likelihood", "Logarithm of the likelihood of the data under a fitted model.", _BY_MODEL
)
FITTED = Metric("prediction_customers", "Customers (sbg: tenures) that a model was fitted to.", _BY_MODEL)
FITTED_AT = Metric(
    "prediction_fitted_timestamp_seconds",
    "The as_of of the figures that a model was last fitted to, Unix seconds.",
    _BY_MODEL,
)
METRICS = (MEAN, PURCHASES_MEAN, ALIVE_MEAN, PARAMETER, LOG_LIKELIHOOD, FITTED, FITTED_AT)

WEEK = 7  # days
AHEAD_WEEKS, AHEAD_MONTHS = 365 / WEEK, 12
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


class Prediction(NamedTuple):
    """The fits by model and currency, what became of the latest attempts, and the figures they give."""

    fits: Mapping[tuple[str, str], Fit]
    attempts: tuple[Attempt, ...]
    figures: tuple[Figure, ...]


class TooFewError(NoFitError):
    """Not enough has happened yet to fit a model to."""


NONE = Prediction({}, (), ())


def predict(tally: Tally, as_of: int, before: Prediction = NONE) -> Prediction:
    """Fit all models of all currencies to the sums of the business at `as_of`, and predict with them."""
    fits: dict[tuple[str, str], Fit] = {}
    attempts = []
    for model, currency in _wanted(tally):
        try:
            found, number = _FITTING[model](tally, currency)
        except TooFewError as error:
            attempts.append(Attempt(model, currency, "too_few", str(error)))
        except NoFitError as error:
            attempts.append(Attempt(model, currency, "failed", str(error)))
            if (model, currency) in before.fits:
                fits[model, currency] = before.fits[model, currency]
        else:
            attempts.append(Attempt(model, currency, "fitted"))
            fits[model, currency] = Fit(found.parameters, found.log_likelihood, number, as_of)
    return Prediction(fits, tuple(attempts), tuple(_figures(tally, fits)))


def _wanted(tally: Tally) -> Iterator[tuple[str, str]]:
    for model, metric in ((BG_NBD, value.NET), (GAMMA_GAMMA, value.NET), (SBG, recurring.PAYING)):
        yield from ((model, currency) for (currency,) in sorted(tally[metric]))


class _Buyers(NamedTuple):
    """Points for BG/NBD, times in weeks; and the cells they come from, each of so many `points`."""

    weights: np.ndarray
    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    cells: Mapping[Labels, Moments]


def _buyers(tally: Tally, currency: str) -> _Buyers:
    cells = tally.moments_of(purchases.BUYERS, currency)
    weights, (frequency, recency, gap) = points_of([moments[:10] for moments in cells.values()], 3)
    again = np.repeat(
        np.array([labels[1] != "0" for labels in cells], bool), len(weights) // max(len(cells), 1)
    )
    frequency, recency = np.where(again, frequency, 0), np.where(again, np.maximum(recency, 0), 0)
    age = recency + np.maximum(gap, 0)
    return _Buyers(weights, frequency, recency / WEEK, age / WEEK, cells)


def _fit_buying(tally: Tally, currency: str) -> tuple[Maximum, int]:
    buyers = _buyers(tally, currency)
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
    left, stayed = (_by_months(tally, metric, currency) for metric in (tenures.LEFT, tenures.STAYED))
    _require(int(left.sum()), "tenures that ended")
    return sbg.fit(left[1:], stayed), int(left.sum() + stayed.sum())


def _require(number: int, what: str) -> None:
    if number < MINIMUM:
        raise TooFewError(f"{number} {what}, at least {MINIMUM} are needed")


def _by_months(tally: Tally, metric: Metric, currency: str) -> np.ndarray:
    """Amounts of a measure by months, from 0 on."""
    amounts = {int(months): amount for (code, months), amount in tally[metric].items() if code == currency}
    return np.array([float(amounts.get(months, 0)) for months in range(max(amounts, default=0) + 1)])


_FITTING: dict[str, Callable[[Tally, str], tuple[Maximum, int]]] = {
    BG_NBD: _fit_buying, GAMMA_GAMMA: _fit_spending, SBG: _fit_staying,
}  # fmt: skip


def _figures(tally: Tally, fits: Mapping[tuple[str, str], Fit]) -> Iterator[Figure]:
    for (currency,) in tally[value.NET]:
        yield from _buying(tally, currency, fits)
    for (currency,) in tally[recurring.PAYING]:
        yield MEAN.figure((SUBSCRIPTION, currency), _staying(tally, currency, fits.get((SBG, currency))))
    for (model, currency), fit in fits.items():
        labels = (model, currency)
        yield LOG_LIKELIHOOD.figure(labels, fit.log_likelihood)
        yield FITTED.figure(labels, fit.customers)
        yield FITTED_AT.figure(labels, fit.as_of / 1e6)
        for name, parameter in zip(_NAMES[model], fit.parameters, strict=True):
            yield PARAMETER.figure((*labels, name), parameter)


_NAMES = {
    BG_NBD: bg_nbd.BgNbd._fields, GAMMA_GAMMA: gamma_gamma.GammaGamma._fields, SBG: sbg.Sbg._fields,
}  # fmt: skip


def _buying(tally: Tally, currency: str, fits: Mapping[tuple[str, str], Fit]) -> Iterator[Figure]:
    """Means over customers with an order; cell by cell, because value is spend times number of purchases."""
    expected = alive = worth = None
    fit, spending = fits.get((BG_NBD, currency)), fits.get((GAMMA_GAMMA, currency))
    buyers = _buyers(tally, currency)
    if fit and buyers.cells:
        model = bg_nbd.BgNbd(*fit.parameters)
        people = (buyers.frequency, buyers.recency, buyers.age)
        coming = buyers.weights * bg_nbd.expected_purchases(model, *people, AHEAD_WEEKS)
        customers = buyers.weights.sum()
        expected = _number(coming.sum() / customers)
        alive = _number(np.dot(buyers.weights, bg_nbd.probability_alive(model, *people)) / customers)
        if spending:
            spend = _expected_spend(spending, buyers.cells.values(), currency)
            worth = _number(np.dot(coming.reshape(len(spend), -1).sum(axis=1), spend) / customers)
    yield MEAN.figure((ORDERS, currency), worth)
    yield PURCHASES_MEAN.figure((currency,), expected)
    yield ALIVE_MEAN.figure((currency,), alive)


def _expected_spend(fit: Fit, cells: Iterable[Moments], currency: str) -> np.ndarray:
    """What a purchase of the customers of each cell will be worth, major units."""
    customers, bought, *_, minor = np.array(list(cells), "f8").T
    mean = minor / np.maximum(bought, 1) / 10 ** exponent(currency)
    return gamma_gamma.expected_spend(gamma_gamma.GammaGamma(*fit.parameters), bought / customers, mean)


def _staying(tally: Tally, currency: str, fit: Fit | None) -> float | None:
    """Expected renewals x MRR of customers paying now, by how often they have renewed, per customer."""
    customers, monthly = (
        _by_months(tally, metric, currency) for metric in (tenures.CUSTOMERS, tenures.MONTHLY)
    )
    if fit is None or not customers.sum():
        return None
    renewals = sbg.expected_renewals(sbg.Sbg(*fit.parameters), np.arange(len(monthly)), AHEAD_MONTHS)
    return _number(np.dot(renewals, monthly) / customers.sum() / 10 ** exponent(currency))


def _number(value: float) -> float | None:
    """A figure, or none where the model has no finite answer."""
    return float(value) if isfinite(value) else None
